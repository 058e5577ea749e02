// Package changes is what has changed in tickets lately, in an order without gaps, so that whoever has them before his eyes can ask from his
// last place on. Rows are written by those who change tickets (tables.InsertChanges), in their transactions.
package changes

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
)

// KeptFor is how long a change is kept: a page that has missed more is loaded anew.
const KeptFor = time.Hour

// Store is this room of the store. It is safe for concurrent use.
type Store struct{ base *base.Store }

// New makes the room.
func New(b *base.Store) *Store { return &Store{base: b} }

// Mark is a place in the order of changes. On PostgreSQL Turn is the number of the transaction: numbers of rows are no order there, since
// commits overtake each other. On SQLite, which has one writer, it is 0.
type Mark struct{ Turn, N int64 }

// Compare orders marks.
func (m Mark) Compare(o Mark) int { return cmp.Or(cmp.Compare(m.Turn, o.Turn), cmp.Compare(m.N, o.N)) }

// Change is something that has changed.
type Change struct {
	Mark
	At     time.Time
	Ticket int64  // 0 where a ticket has left the queue
	Queue  string // where the ticket is now, or the queue that it has left
	Kind   string // that of the entry, or one of package tables, such as tables.ChangeSent
	Actor  string // who has done it
	Owner  int64  // who has the ticket now; 0: nobody
	Effect int64  // of what did not go out: its outbox row; 0: an older program has noted it, or it is something else
}

// settled is a place before which nothing can appear any more: all transactions before it have ended.
const settled = `CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)`

// ahead is what the numbers of this database's transactions have not reached: what is numbered above it came from another one.
const ahead = `CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)`

const (
	afterLite = `SELECT 0, c.n, c.at, c.ticket, CASE WHEN c.ticket = 0 THEN c.queue ELSE t.queue END, c.kind, c.actor, coalesce(d.owner, 0), c.effect
FROM changes c LEFT JOIN tickets t ON t.id = c.ticket LEFT JOIN desk d ON d.ticket = c.ticket
WHERE c.n > $2 AND $1 = 0 AND (c.ticket = 0 OR t.id IS NOT NULL) ORDER BY c.n LIMIT $3`
	afterPostgres = `SELECT c.xid, c.n, c.at, c.ticket, CASE WHEN c.ticket = 0 THEN c.queue ELSE t.queue END, c.kind, c.actor, coalesce(d.owner, 0), c.effect
FROM changes c LEFT JOIN tickets t ON t.id = c.ticket LEFT JOIN desk d ON d.ticket = c.ticket
WHERE (c.xid, c.n) > ($1, $2) AND c.xid < ` + settled + ` AND (c.ticket = 0 OR t.id IS NOT NULL) ORDER BY c.xid, c.n LIMIT $3`
)

// After reads what has changed behind a place, in its order. Nothing will appear later before what it has given: on PostgreSQL what is
// committed behind a transaction that is still open waits for that.
func (s *Store) After(ctx context.Context, m Mark, limit int) (out []Change, err error) {
	text := afterPostgres
	if s.lite() {
		text = afterLite
	}
	err = s.base.Read(ctx, "reading what has changed", sql.Ask(func(row sql.Row) error {
		var c Change
		var at int64
		err := row.Scan(&c.Turn, &c.N, &at, &c.Ticket, &c.Queue, &c.Kind, &c.Actor, &c.Owner, &c.Effect)
		c.At = sql.Moment(at)
		out = append(out, c)
		return err
	}, text, m.Turn, m.N, int64(limit)))
	return out, err
}

// Now is a place behind which everything stands that is committed from now on. It may lie before a little that is there already.
func (s *Store) Now(ctx context.Context) (m Mark, err error) {
	if s.lite() {
		err = s.base.Read(ctx, "reading where changes are", sql.Ask(sql.Into(&m.N), `SELECT coalesce(max(n), 0) FROM changes`))
		return m, err
	}
	err = s.base.Read(ctx, "reading where changes are", sql.Ask(sql.Into(&m.Turn), `SELECT `+settled))
	return m, err
}

// Knows reports whether everything behind a place is still there, so that After gives all that was missed. It does not know a place of
// another database, such as one from before a backup was played back.
func (s *Store) Knows(ctx context.Context, m Mark) (bool, error) {
	var first Mark
	end := int64(0)
	calls := []sql.Call{sql.Ask(sql.Into(&first.Turn, &first.N), `SELECT xid, n FROM changes ORDER BY xid, n LIMIT 1`),
		sql.Ask(sql.Into(&end), `SELECT `+ahead)}
	if s.lite() {
		calls = []sql.Call{sql.Ask(sql.Into(&first.N), `SELECT n FROM changes ORDER BY n LIMIT 1`), sql.Ask(sql.Into(&end), `SELECT coalesce(max(n), 0) FROM changes`)}
	}
	if err := s.base.Read(ctx, "looking for a place among changes", calls...); err != nil {
		return false, err
	}
	known := first != Mark{} && first.Compare(m) <= 0
	if s.lite() {
		return known && m.Turn == 0 && m.N <= end, nil
	}
	return known && m.Turn <= end, nil
}

// Walks over changes, each of which keeps its place in a table of one row.
const (
	ToldWalk  = "told_walk"  // webhooks are told of tickets
	AlertWalk = "alert_walk" // people are told
)

// ErrRestored says that a walk stood at a place of another database, from which this one was restored, and now goes on from here.
var ErrRestored = errors.New("the database was restored from another one: what happens from now on is told, what was not told before the backup stays untold")

// Here sets a walk that stands ahead of the database to where it is now, and returns ErrRestored then, to one process. A dump that is played back into
// a new PostgreSQL carries numbers of transactions that the new one reaches years later: until then the walk would find nothing. Changes that carry
// such numbers go as well, so that they are no news then. It does nothing where the walk has been moved meanwhile, or stands right.
func (s *Store) Here(ctx context.Context, walk string, from Mark) error {
	if s.lite() || from.Turn == 0 {
		return nil
	}
	end := int64(0)
	if err := s.base.Read(ctx, "looking whether a place is of this database", sql.Ask(sql.Into(&end), `SELECT `+ahead)); err != nil || from.Turn <= end {
		return err
	}
	now, err := s.Now(ctx)
	if err != nil {
		return err
	}
	moved := false
	err = s.base.Write(ctx, func(t sql.Tx) error {
		moved = false
		if err := t.Run(ctx, sql.Ask(sql.Value(func(int64) { moved = true }), `UPDATE `+walk+` SET turn = $3, n = $4 WHERE one = 1 AND turn = $1 AND n = $2 RETURNING one`, from.Turn, from.N, now.Turn, now.N)); err != nil || !moved {
			return err
		}
		return t.Run(ctx, sql.Do(`DELETE FROM changes WHERE xid > `+ahead))
	})
	if err != nil {
		return fmt.Errorf("beginning anew behind a restored backup: %w", err)
	}
	if moved {
		return ErrRestored
	}
	return nil
}

// Forget drops changes of before a moment, so many at most, and says how many. They go from the first one on, and one of them stays: it says
// that nothing behind it is gone.
func (s *Store) Forget(ctx context.Context, before time.Time, most int) (gone int, err error) {
	text := `SELECT xid, n, at FROM changes ORDER BY xid, n LIMIT $1`
	if s.lite() {
		text = `SELECT 0, n, at FROM changes ORDER BY n LIMIT $1`
	}
	err = s.base.Write(sql.Patient(ctx), func(t sql.Tx) error {
		gone = -1 // the last of them stays
		var last Mark
		var told []Mark
		old := true
		err := t.Run(ctx, sql.Ask(func(row sql.Row) error {
			var m Mark
			err := row.Scan(&m.Turn, &m.N)
			told = append(told, m)
			return err
		}, `SELECT turn, n FROM told_walk WHERE one = 1 UNION ALL SELECT turn, n FROM alert_walk WHERE one = 1`), sql.Ask(func(row sql.Row) error {
			var m Mark
			var at int64
			err := row.Scan(&m.Turn, &m.N, &at)
			if old = old && at < sql.Micros(before) && !slices.ContainsFunc(told, func(until Mark) bool { return m.Compare(until) > 0 }); old { // webhooks and people are told first
				last = m
				gone++
			}
			return err
		}, text, int64(most)))
		if err != nil || gone <= 0 {
			gone = max(gone, 0)
			return err
		}
		if s.lite() {
			return t.Run(ctx, sql.Do(`DELETE FROM changes WHERE n < $1`, last.N))
		}
		return t.Run(ctx, sql.Do(`DELETE FROM changes WHERE (xid, n) < ($1, $2)`, last.Turn, last.N))
	})
	if err != nil {
		return 0, fmt.Errorf("forgetting changes: %w", err)
	}
	return gone, nil
}

// Heard gives a channel that has something in it after each transaction of this process that has changed something; leave ends it. What
// other processes change it does not tell.
func (s *Store) Heard() (heard <-chan struct{}, leave func()) { return s.base.Changed.Listen() }

func (s *Store) lite() bool { return s.base.Dialect() == "sqlite" }
