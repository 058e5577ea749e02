// Package logbook keeps who did and read what at the desk, so that a change of it is seen. What happens is noted at once; one writer at a time puts
// the notes into a chain, in which each row's hash rests upon the one before. The hash is keyed, under a key that every process of the installation
// has, also one with the intake key alone: who may write the database, and has none of these keys, can make no row that fits. What it cannot show by itself is that rows at the end are missing: whoever wants to know that keeps the head that an
// audit prints. Rows that are old enough are cut off at a checkpoint, which is keyed, too.
//
// A row names logins, acts and numbers of tickets, and no word of a customer: so an erasure leaves the chain as it is.
package logbook

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
	"frontdesk/workers/store/viewer"
)

// Store is this room of the store. It is safe for concurrent use.
type Store struct{ base *base.Store }

// New makes the room.
func New(b *base.Store) *Store { return &Store{base: b} }

// Line is something that somebody did or read.
type Line struct {
	N      int64 // its place in the chain; 0: it waits for one
	At     time.Time
	Who    string // a login
	Act    string // such as "tickets-close", "read-tickets"
	Object string // such as "T-12"; empty: none
	Detail string // such as the session; nothing of a customer
	Hash   string
}

// What the program does to the log by itself.
const (
	Program = "frontdesk" // who does it
	ActCut  = "log-cut"   // lines up to the one that Object names were cut off by their age
	// CommandLine begins who acts by the command line; the user of the operating system is behind it.
	CommandLine = "command line, "
)

// longest bounds each part of a line, in bytes.
const longest = 200

// Note keeps a line that has yet to be chained. It is committed when it returns: what is noted before it is done was not done in secret.
func (s *Store) Note(ctx context.Context, l Line) error {
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 1)
	if err != nil {
		return err
	}
	return s.base.Do(ctx, "noting what is done", note(ids[0], l))
}

func note(id int64, l Line) sql.Call {
	return sql.Do(`INSERT INTO logbook_waiting (id, at, who, act, object, detail) VALUES ($1, $2, $3, $4, $5, $6)`,
		id, sql.Micros(l.At), bound(l.Who), bound(l.Act), bound(l.Object), bound(l.Detail))
}

func bound(text string) string {
	if text = sql.Clean(text); len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "")
	}
	return text
}

const columns = `n, at, who, act, object, detail, hash`

func scan(row sql.Row) (l Line, err error) {
	var at int64
	err = row.Scan(&l.N, &at, &l.Who, &l.Act, &l.Object, &l.Detail, &l.Hash)
	l.At = sql.Moment(at)
	return l, err
}

// hash rests upon every part of the line and on the hash before it. The digest keeps parts apart.
func (s *Store) hash(before string, l Line) string {
	return s.base.Digest([]byte("desk logbook"), []byte(before), strconv.AppendInt(nil, l.N, 10), strconv.AppendInt(nil, sql.Micros(l.At), 10), []byte(l.Who), []byte(l.Act), []byte(l.Object), []byte(l.Detail))
}

// Chain puts waiting lines into the chain, at most so many, and tells how many there were. Any number of processes may call it: they wait for each
// other. A line that was noted under a clock of the future is of now: nothing behind it would grow old enough to be cut off else.
func (s *Store) Chain(ctx context.Context, most int, now time.Time) (n int, err error) {
	waits := false // mostly nothing does, and then nobody's writing is held up
	if err := s.base.Read(ctx, "looking for what waits for the log", sql.Ask(sql.Value(func(int64) { waits = true }), `SELECT id FROM logbook_waiting ORDER BY id LIMIT 1`)); err != nil || !waits {
		return 0, err
	}
	err = s.base.DB.Alone(ctx, func(t sql.Tx) error {
		var last Line
		var waiting []Line
		var ids []int64
		err := t.Run(ctx, sql.Ask(func(row sql.Row) (err error) {
			last, err = scan(row)
			return err
		}, `SELECT `+columns+` FROM logbook ORDER BY n DESC LIMIT 1`), sql.Ask(func(row sql.Row) error {
			var l Line
			var id, at int64
			err := row.Scan(&id, &at, &l.Who, &l.Act, &l.Object, &l.Detail)
			l.At = sql.Moment(at)
			ids, waiting = append(ids, id), append(waiting, l)
			return err
		}, `SELECT id, at, who, act, object, detail FROM logbook_waiting ORDER BY at, id LIMIT $1`, int64(most)))
		if n = len(waiting); err != nil || n == 0 {
			return err
		}
		calls := []sql.Call{}
		for _, l := range waiting {
			l.N = last.N + 1
			if l.At.After(now) {
				l.At = now
			}
			l.Hash = s.hash(last.Hash, l)
			calls, last = append(calls, sql.Do(`INSERT INTO logbook (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)`, l.N, sql.Micros(l.At), l.Who, l.Act, l.Object, l.Detail, l.Hash)), l
		}
		return t.Run(ctx, append(calls, sql.Do(`DELETE FROM logbook_waiting WHERE id = ANY($1)`, sql.Sorted(ids)))...)
	})
	if err != nil {
		return 0, fmt.Errorf("chaining the log: %w", err)
	}
	return n, nil
}

// Checked is what a look along the chain has found.
type Checked struct {
	Rows   int64  // that are there and fit
	Head   string // hash of the last row; whoever keeps it sees later whether rows at the end were taken away
	Cut    int64  // the number of the last row that was cut off by its age; 0: none was
	CutAt  time.Time
	Broken int64  // the first row that does not fit; 0: all do
	Why    string // in words
}

// verified is how many rows are read at a time.
const verified = 5000

// Verify looks along the whole chain, from its first row, or from where the older ones were cut off. It stops at the first one that does not fit.
func (s *Store) Verify(ctx context.Context) (c Checked, err error) {
	for {
		var from, after checkpoint
		if err := s.base.Read(ctx, "reading where the log begins", askCheckpoint(&from)); err != nil {
			return c, err
		}
		if c, err = s.verify(ctx, from); err != nil || c.Broken == 0 {
			return c, err
		}
		if err := s.base.Read(ctx, "reading where the log begins", askCheckpoint(&after)); err != nil || after.mark == from.mark {
			return c, err
		}
		// It was cut while it was looked at: what seems to be missing is gone by right.
	}
}

// verify looks along the chain behind a checkpoint.
func (s *Store) verify(ctx context.Context, from checkpoint) (c Checked, err error) {
	if !s.ours(from) {
		return Checked{Broken: max(1, from.last.N), Why: changedCut}, nil
	}
	c.Cut, c.CutAt = from.last.N, from.at
	last := from.last
	left := int64(0)
	err = s.base.Read(ctx, "reading the log", sql.Ask(sql.Value(func(n int64) { left = n }), `SELECT n FROM logbook WHERE n <= $1 ORDER BY n LIMIT 1`, last.N))
	if err == nil && left != 0 {
		c.Broken, c.Why = left, fmt.Sprintf("row %d is there, which was cut off with all up to row %d", left, last.N)
	}
	if err != nil || left != 0 {
		return c, err
	}
	for {
		var page []Line
		err = s.base.Read(ctx, "reading the log", sql.Ask(func(row sql.Row) error {
			l, err := scan(row)
			page = append(page, l)
			return err
		}, `SELECT `+columns+` FROM logbook WHERE n > $1 ORDER BY n LIMIT $2`, last.N, int64(verified)))
		if err != nil {
			return c, err
		}
		for _, l := range page {
			if c.Why = s.unfit(last, l); c.Why != "" {
				c.Broken = last.N + 1
				return c, nil
			}
			last = l
			c.Rows, c.Head = c.Rows+1, l.Hash
		}
		if len(page) < verified {
			return c, nil
		}
	}
}

// unfit says why a row does not fit behind the one before; empty: it does.
func (s *Store) unfit(last, l Line) string {
	switch {
	case l.N != last.N+1:
		return fmt.Sprintf("row %d is missing: row %d comes next", last.N+1, l.N)
	case l.Hash != s.hash(last.Hash, l):
		return fmt.Sprintf("row %d was changed, or a row before it was", l.N)
	}
	return ""
}

// Seek says which lines are looked for; empty parts say nothing.
type Seek struct {
	Who, Act, Object string
	From, To         time.Time
	Before           int64 // only lines before that place
	Limit            int
}

// May reports whether a viewer reads the log: it holds what was done in all queues.
func May(v viewer.Viewer) bool { return v.May(viewer.Audit, viewer.Every) }

// List gives lines, the newest first. sql.ErrNotFound: the viewer may not read them.
func (s *Store) List(ctx context.Context, v viewer.Viewer, k Seek) (out []Line, err error) {
	if !May(v) {
		return nil, fmt.Errorf("reading the log: %w", sql.ErrNotFound)
	}
	where, args := []string{}, []any{}
	add := func(condition string, value any) {
		args = append(args, value)
		where = append(where, fmt.Sprintf(condition, len(args)))
	}
	if k.Who != "" {
		add("who = $%d", sql.Clip(k.Who))
	}
	if k.Act != "" {
		add("act = $%d", sql.Clip(k.Act))
	}
	if k.Object != "" {
		add("object = $%d", sql.Clip(k.Object))
	}
	if !k.From.IsZero() {
		add("at >= $%d", sql.Micros(k.From))
	}
	if !k.To.IsZero() {
		add("at < $%d", sql.Micros(k.To))
	}
	if k.Before > 0 {
		add("n < $%d", k.Before)
	}
	text := `SELECT ` + columns + ` FROM logbook`
	if len(where) > 0 {
		text += ` WHERE ` + strings.Join(where, ` AND `)
	}
	args = append(args, int64(k.Limit))
	err = s.base.Read(ctx, "listing the log", sql.Ask(func(row sql.Row) error {
		l, err := scan(row)
		out = append(out, l)
		return err
	}, text+fmt.Sprintf(` ORDER BY n DESC LIMIT $%d`, len(args)), args...))
	return out, err
}
