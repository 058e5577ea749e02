package find

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"frontdesk/pipeline/message"
	"frontdesk/pipeline/search"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// Bounds of indexing. A few tickets at a time: the transaction holds SQLite's writer while texts are cut into words.
const (
	fillTicketsAtOnce = 32
	// What is indexed of one ticket: the newest messages, so many and so many bytes of them.
	fillMessages = 1000
	fillBytes    = 1 << 20
	// searchLock lets one process index at a time, and an erasure never beside ("fdsearch" in ASCII).
	searchLock = 0x6664736561726368
)

// Facts of a ticket that are words of the index, beside its texts.
const (
	factStatus = "status"
	factQueue  = "queue"
	factInbox  = "inbox"
)

// Unfound reports whether tickets wait to be indexed. It is asked each half second, so it reads one row.
func (s *Store) Unfound(ctx context.Context) (waiting bool, err error) {
	err = s.base.Read(ctx, "looking for what is to be indexed", sql.Ask(func(sql.Row) error { waiting = true; return nil }, `SELECT ticket FROM unsearched ORDER BY ticket DESC LIMIT 1`))
	return waiting, err
}

// Index makes the tickets findable that have changed, the newest first, a few at a time, and tells how many. Any
// number of processes may call it: one of them does it. What it was doing when it died is done anew, because the rows
// of unsearched go in the same transaction as the entries come. A ticket that changes meanwhile leaves a new row
// there, and comes again.
func (s *Store) Index(ctx context.Context) (n int, err error) {
	var data *sql.DataError
	n, err = s.index(ctx, fillTicketsAtOnce, true)
	if errors.As(err, &data) { // one of them cannot be taken: each goes on alone, and that one without its texts
		n, err = s.index(ctx, 1, true)
	}
	if errors.As(err, &data) {
		n, err = s.index(ctx, 1, false)
	}
	if err != nil {
		return 0, fmt.Errorf("indexing tickets: %w", err)
	}
	return n, nil
}

// texts false indexes facts and no text, for a ticket whose texts the database refuses: it is found by its number and
// state at least.
func (s *Store) index(ctx context.Context, most int, texts bool) (n int, err error) {
	err = s.base.Write(sql.Patient(ctx), func(t sql.Tx) error {
		n = 0
		mine, err := s.mayIndex(ctx, t)
		if err != nil || !mine {
			return err
		}
		docs := map[int64]*doc{}
		if err := t.Run(ctx, sql.Ask(sql.Value(func(id int64) {
			if docs[id] == nil {
				docs[id] = &doc{words: s.folder.Words()}
			}
		}), `DELETE FROM unsearched WHERE ticket {in SELECT DISTINCT ticket FROM unsearched ORDER BY ticket DESC LIMIT $1} RETURNING ticket`, int64(most))); err != nil {
			return err
		}
		n = len(docs)
		if n == 0 {
			return nil
		}
		if err := t.Run(ctx, readDocs(docs, texts)...); err != nil {
			return err
		}
		return t.Last(ctx, s.writeDocs(docs)...)
	})
	return n, err
}

// mayIndex takes the turn to index until the transaction ends, if nobody else has it. It does not wait: whoever has
// it does all there is.
func (s *Store) mayIndex(ctx context.Context, t sql.Tx) (mine bool, err error) {
	if s.base.Dialect() == "sqlite" {
		return true, nil // there is one writer
	}
	err = t.Run(ctx, sql.Ask(sql.Into(&mine), `SELECT pg_try_advisory_xact_lock($1)`, int64(searchLock)))
	return mine, err
}

// doc is what is indexed of one ticket.
type doc struct {
	there   bool
	version int64
	words   *search.Words
	bytes   int
}

// readDocs reads the tickets with what was written in them. The texts are masked, and addresses are indexed as pages show them.
func readDocs(docs map[int64]*doc, texts bool) []sql.Call {
	ids := sql.KeysOf(docs)
	calls := []sql.Call{sql.Ask(func(row sql.Row) error {
		var id, version int64
		var display, status, queue, inbox string
		if err := row.Scan(&id, &version, &display, &status, &queue, &inbox); err != nil {
			return err
		}
		d := docs[id]
		d.there, d.version = true, version
		d.words.Fact(factStatus, status)
		d.words.Fact(factQueue, queue)
		d.words.Fact(factInbox, inbox)
		if texts {
			d.text(display)
		}
		return nil
	}, `SELECT id, version, display, status, queue, inbox FROM tickets WHERE id = ANY($1)`, ids)}
	if !texts {
		return calls
	}
	for _, id := range ids {
		calls = append(calls, sql.Ask(docs[id].message, `SELECT sender_name, sender_kind, sender_value, subject, visible, fields FROM messages
WHERE ticket <> 0 AND ticket = $1 ORDER BY id DESC LIMIT $2`, id, int64(fillMessages)))
	}
	for _, id := range ids {
		calls = append(calls, sql.Ask(sql.Value(docs[id].text), `SELECT text FROM replies WHERE ticket = $1 ORDER BY id DESC LIMIT $2`, id, int64(fillMessages)))
	}
	return append(calls, sql.Ask(func(row sql.Row) error {
		var id int64
		var address string
		if err := row.Scan(&id, &address); err != nil {
			return err
		}
		kind, value, _ := strings.Cut(address, ":")
		docs[id].words.Address(message.AddressKind(kind), base.Shown(value))
		return nil
	}, `SELECT m.ticket, c.address FROM messages m JOIN claims c ON c.message = m.id WHERE m.ticket <> 0 AND m.ticket = ANY($1)`, ids))
}

// message adds what one message brings: the sender as lists show him, subject, text, fields. The query gives the
// newest first, so that bytes run out at the old.
func (d *doc) message(row sql.Row) error {
	var name, subject, visible, fields string
	var from message.Identity
	if err := row.Scan(&name, &from.Kind, &from.Value, &subject, &visible, &fields); err != nil {
		return err
	}
	given, err := sql.Unlist[tables.Field](fields)
	if err != nil {
		return fmt.Errorf("reading fields: %w", err)
	}
	d.words.Address(from.Kind, base.Shown(from.Value))
	d.text(name)
	d.text(subject)
	d.text(visible)
	for _, f := range given {
		d.text(f.Value)
	}
	return nil
}

// text adds a text until there is enough of them.
func (d *doc) text(s string) {
	if d.bytes += len(s); d.bytes <= fillBytes {
		d.words.Text(s)
	}
}

// writeDocs puts what was read in the place of what was indexed before. SQLite's FTS5 table has no content of its
// own, so a row is deleted and written anew; in PostgreSQL it is one upsert.
func (s *Store) writeDocs(docs map[int64]*doc) []sql.Call {
	ids := sql.KeysOf(docs)
	if s.base.Dialect() != "sqlite" {
		var calls []sql.Call
		for _, id := range ids {
			if d := docs[id]; d.there {
				calls = append(calls, sql.Do(`INSERT INTO searched (ticket, version, words) VALUES ($1, $2, array_to_tsvector($3::text[]))
ON CONFLICT (ticket) DO UPDATE SET version = excluded.version, words = excluded.words`, id, d.version, d.words.List()))
			} else {
				calls = append(calls, sql.Do(`DELETE FROM searched WHERE ticket = $1`, id))
			}
		}
		return calls
	}
	calls := []sql.Call{sql.Do(`DELETE FROM search_words WHERE rowid = ANY($1)`, ids), sql.Do(`DELETE FROM searched WHERE ticket = ANY($1)`, ids)}
	for _, id := range ids {
		if d := docs[id]; d.there {
			calls = append(calls, sql.Do(`INSERT INTO searched (ticket, version) VALUES ($1, $2)`, id, d.version),
				sql.Do(`INSERT INTO search_words (rowid, words) VALUES ($1, $2)`, id, strings.Join(d.words.List(), " ")))
		}
	}
	return calls
}

// Walking over all tickets.
const (
	// walkTickets are compared in one step, some milliseconds; walkAgain is for what an older program beside us
	// changes without a word to unsearched.
	walkTickets = 500
	walkAgain   = 24 * time.Hour
)

// Walked tells how far all tickets have been looked at.
type Walked struct {
	Done bool
	// Left is about which part of the tickets has not been looked at since the walk began, from 1 to 0.
	Left float64
}

// Walk looks at the next older tickets, and has those indexed that are not as they are: those of before this version,
// and what an older program has changed. After the oldest it rests for a day. Where it stands lies in search_walk, so
// that a restart goes on there.
func (s *Store) Walk(ctx context.Context, now time.Time) (w Walked, err error) {
	err = s.base.Write(sql.Patient(ctx), func(t sql.Tx) error {
		mine, err := s.mayIndex(ctx, t)
		if err != nil || !mine {
			w.Done = true
			return err
		}
		p, err := walkAt(ctx, t, now)
		if err != nil || p.done {
			w.Done = true
			return err
		}
		if err := p.step(ctx, t); err != nil {
			return err
		}
		ended := int64(0)
		if w.Done = p.below == 0; w.Done {
			ended = sql.Micros(now)
		}
		w.Left = float64(p.below) / float64(max(1, p.above))
		return t.Last(ctx, sql.Do(`INSERT INTO search_walk (one, below, above, ended_at) VALUES (1, $1, $2, $3)
ON CONFLICT (one) DO UPDATE SET below = excluded.below, above = excluded.above, ended_at = excluded.ended_at`, p.below, p.above, ended))
	})
	if err != nil {
		return w, fmt.Errorf("looking for tickets that are not indexed: %w", err)
	}
	return w, nil
}

// walk is where the walk is: tickets with a number below are to be looked at.
type walk struct {
	below, above int64
	done         bool
}

// walkAt reads where the walk stands. A walk that has ended begins anew after walkAgain, from the newest ticket of
// then.
func walkAt(ctx context.Context, t sql.Tx, now time.Time) (w walk, err error) {
	var ended, newest int64
	err = t.Run(ctx, sql.Ask(sql.Into(&w.below, &w.above, &ended), `SELECT below, above, ended_at FROM search_walk WHERE one = 1`),
		sql.Ask(sql.Into(&newest), `SELECT coalesce(max(id), 0) FROM tickets`))
	switch {
	case err != nil:
		return w, err
	case ended > 0 && now.Sub(sql.Moment(ended)) < walkAgain:
		w.done = true
	case w.above == 0 || ended > 0:
		w.below, w.above = newest+1, newest+1
	}
	return w, nil
}

// step compares the next tickets with what is indexed. Both tables are walked down their primary keys.
func (w *walk) step(ctx context.Context, t sql.Tx) error {
	var stale []tables.UnsearchedRow
	last, n := int64(0), 0
	err := t.Run(ctx, sql.Ask(func(row sql.Row) error {
		var id, version, indexed int64
		if err := row.Scan(&id, &version, &indexed); err != nil {
			return err
		}
		last = id
		n++
		if version != indexed {
			stale = append(stale, tables.UnsearchedRow{Ticket: id})
		}
		return nil
	}, `SELECT t.id, t.version, coalesce(i.version, 0) FROM tickets t LEFT JOIN searched i ON i.ticket = t.id WHERE t.id < $1 ORDER BY t.id DESC LIMIT $2`,
		w.below, int64(walkTickets)))
	if err != nil {
		return err
	}
	slices.Reverse(stale) // rows are locked in the order of their ids everywhere
	w.below = last
	if n < walkTickets {
		w.below = 0
	}
	return t.Run(ctx, tables.InsertUnsearched.Put(stale...))
}

// Findable tells how far tickets can be found: whether some wait to be indexed, and how far all have been looked at.
func (s *Store) Findable(ctx context.Context) (waiting bool, w Walked, err error) {
	var below, above, ended, tickets int64
	err = s.base.Read(ctx, "listing how far tickets are indexed",
		sql.Ask(func(sql.Row) error { waiting = true; return nil }, `SELECT ticket FROM unsearched ORDER BY ticket DESC LIMIT 1`),
		sql.Ask(sql.Into(&below, &above, &ended), `SELECT below, above, ended_at FROM search_walk WHERE one = 1`),
		sql.Ask(sql.Into(&tickets), `SELECT coalesce(max(id), 0) FROM tickets`))
	switch {
	case above == 0 && tickets > 0:
		w.Left = 1
	case ended == 0 && above > 0:
		w.Left = float64(below) / float64(above)
	}
	w.Done = w.Left == 0
	return waiting, w, err
}
