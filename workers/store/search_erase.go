package store

import (
	"context"
	"slices"

	"frontdesk/pipeline/search"
)

// unsearch takes tickets out of the index in the transaction that erases something in them; what is left in them is indexed
// anew. which is a query of tickets over arg. It comes before the statements that change texts, as the turn to index does.
func (s *Store) unsearch(which string, arg any) []call {
	var calls []call
	if s.Dialect() == "sqlite" {
		calls = append(calls, do(`DELETE FROM search_words WHERE rowid {in `+which+`}`, arg))
	} else {
		calls = append(calls, ask(func(scanner) error { return nil }, `SELECT pg_advisory_xact_lock($1)`, int64(searchLock)))
	}
	return append(calls, do(`DELETE FROM searched WHERE ticket {in `+which+`}`, arg),
		do(`INSERT INTO unsearched (ticket, message) SELECT DISTINCT t.id, 0 FROM tickets t WHERE t.id {in `+which+`} ON CONFLICT (ticket, message) DO NOTHING`, arg))
}

// Queries of tickets for unsearch.
const (
	ticketsOf = `SELECT ticket FROM messages WHERE id = ANY($1) AND ticket <> 0`
	ticketsBy = `SELECT id FROM tickets WHERE id = ANY($1)`
)

// indexed takes tickets out of the index whose words are not theirs any more.
func (e *eraser) indexed(ctx context.Context, ids []int64) error {
	e.out.Mentions += len(ids)
	return e.s.write(ctx, func(t tx) error { return t.run(ctx, e.s.unsearch(ticketsBy, ids)...) })
}

// searchedAtMost bounds the tickets that are looked at for one address.
const searchedAtMost = 1000

// searched asks the index for the person's addresses. A ticket that it names though none of them stands there is a finding;
// one in which it stands is found by what stands there.
func (w *sweep) searched(ctx context.Context) error {
	asked := map[string]bool{}
	for _, a := range w.p.Addresses {
		words := w.s.Reader().Words()
		words.Address(a.Kind, a.Value)
		for _, word := range words.List() {
			if search.Address(word) || word == a.Value {
				asked[word] = true
			}
		}
	}
	for _, word := range keysOf(asked) {
		looked, stale, err := w.s.stale(ctx, word)
		if err != nil {
			return err
		}
		w.found.Searched["searched"] += int64(looked)
		for _, id := range stale {
			if !slices.Contains(w.found.Others.Indexed, id) {
				w.found.Others.Indexed = append(w.found.Others.Indexed, id)
			}
		}
	}
	w.tell("searched", w.found.Searched["searched"])
	return nil
}

// stale looks at the tickets that the index names for a word, and finds those in which it does not stand.
func (s *Store) stale(ctx context.Context, word string) (looked int, stale []int64, err error) {
	k := Seek{Query: search.Query{Terms: []search.Term{{Ways: [][]search.Word{{{Text: word}}}}}}, Limit: searchedAtMost}
	f := Found{}
	if err := s.fitting(ctx, k, &f); err != nil {
		return 0, nil, err
	}
	for part := range slices.Chunk(f.Tickets, fillTicketsAtOnce) {
		docs := map[int64]*doc{}
		for _, t := range part {
			docs[t.ID] = &doc{words: s.folder.Words()}
		}
		if err := s.list(ctx, "tickets that name the person", readDocs(docs, true)...); err != nil {
			return 0, nil, err
		}
		for _, t := range part {
			if !slices.Contains(docs[t.ID].words.List(), word) {
				stale = append(stale, t.ID)
			}
		}
	}
	return len(f.Tickets), stale, nil
}

// Merging SQLite's index, which keeps deleted words until it writes their part of the index anew.
const (
	mergePages = 256 // in one transaction
	mergeSteps = 100_000
)

// mergeWords writes the whole index of words anew, in short transactions, so that deleted words leave the file.
func (s *Store) mergeWords(ctx context.Context) error {
	if s.Dialect() != "sqlite" {
		return nil // see the operations page: REINDEX
	}
	pages := -mergePages // the first step takes all parts of the index together
	for range mergeSteps {
		var before, after int64
		err := s.write(Patient(ctx), func(t tx) error {
			return t.run(ctx, ask(into(&before), `SELECT total_changes()`), do(`INSERT INTO search_words (search_words, rank) VALUES ('merge', $1)`, int64(pages)),
				ask(into(&after), `SELECT total_changes()`))
		})
		if err != nil {
			return err
		}
		if after-before < 2 {
			return nil
		}
		pages = mergePages
	}
	return ctx.Err()
}
