package find

import (
	"context"
	"slices"

	"frontdesk/pipeline/search"
	"frontdesk/workers/store/sql"
)

// Unsearch takes tickets out of the index in the transaction that erases something in them; what is left in them is
// indexed anew. which is a query of tickets over arg. It comes before the statements that change texts, as the turn
// to index does: on PostgreSQL its lock waits for whoever indexes, so that no entry is written afterwards that was
// read before the erasure.
func (s *Store) Unsearch(which string, arg any) []sql.Call {
	var calls []sql.Call
	if s.base.Dialect() == "sqlite" {
		calls = append(calls, sql.Do(`DELETE FROM search_words WHERE rowid {in `+which+`}`, arg))
	} else {
		calls = append(calls, sql.Ask(func(sql.Row) error { return nil }, `SELECT pg_advisory_xact_lock($1)`, int64(searchLock)))
	}
	return append(calls, sql.Do(`DELETE FROM searched WHERE ticket {in `+which+`}`, arg),
		sql.Do(`INSERT INTO unsearched (ticket, message) SELECT DISTINCT t.id, 0 FROM tickets t WHERE t.id {in `+which+`} ON CONFLICT (ticket, message) DO NOTHING`, arg))
}

// Queries of tickets for unsearch.
const (
	TicketsOf = `SELECT ticket FROM messages WHERE id = ANY($1) AND ticket <> 0`
	TicketsBy = `SELECT id FROM tickets WHERE id = ANY($1)`
)

// searchedAtMost bounds the tickets that are looked at for one address: a person with more has them found by what
// stands in them.
const searchedAtMost = 1000

// Stale looks at the tickets that the index names for a word, and finds those in which it does not stand.
// It costs one query of the index, and reads the tickets that it names.
func (s *Store) Stale(ctx context.Context, word string) (looked int, stale []int64, err error) {
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
		if err := s.base.Read(ctx, "listing tickets that name the person", readDocs(docs, true)...); err != nil {
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

// MergeWords writes the whole index of words anew, in short transactions, so that deleted words leave the file
// (SQLite FTS5: the 'merge' command). Fewer than two changes say that nothing is left to merge. It may be broken off
// and called again.
func (s *Store) MergeWords(ctx context.Context) error {
	if s.base.Dialect() != "sqlite" {
		return nil // see the operations page: REINDEX
	}
	pages := -mergePages // the first step takes all parts of the index together
	for range mergeSteps {
		var before, after int64
		err := s.base.Write(sql.Patient(ctx), func(t sql.Tx) error {
			return t.Run(ctx, sql.Ask(sql.Into(&before), `SELECT total_changes()`), sql.Do(`INSERT INTO search_words (search_words, rank) VALUES ('merge', $1)`, int64(pages)),
				sql.Ask(sql.Into(&after), `SELECT total_changes()`))
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
