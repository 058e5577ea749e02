// Package views keeps what people have looked for under a name: for themselves, or for all who read in a queue. What a view shows is searched for by
// whoever opens it, by his own rights.
package views

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
	"frontdesk/workers/store/viewer"
)

// View is a search under a name.
type View struct {
	ID     int64
	Person int64  // whose it is
	Queue  string // for whom, too; empty: for nobody else
	Name   string
	Query  string // as it was typed
	State  string // "open", "closed"; empty: all
}

// Bounds of what is kept.
const (
	most         = 50 // of one person, and of one queue's that somebody sees
	longestName  = 60
	longestQuery = 200
)

// ErrRefused says that a view has no name or no words, is too long, that its person has too many, or that he does not answer in its queue.
var ErrRefused = errors.New("the view is not kept")

// Store is this room of the store. It is safe for concurrent use.
type Store struct {
	base  *base.Store
	lists *base.Store // for what people look at
}

// New makes the room. It acts on b, and looks on lists.
func New(b, lists *base.Store) *Store { return &Store{base: b, lists: lists} }

// All are the viewer's own, then those that are shared in queues that he reads.
func (s *Store) All(ctx context.Context, v viewer.Viewer) (out []View, err error) {
	queues, every := v.Where(viewer.Read)
	read := func(row sql.Row) error {
		var one View
		err := row.Scan(&one.ID, &one.Person, &one.Queue, &one.Name, &one.Query, &one.State)
		if !slices.ContainsFunc(out, func(o View) bool { return o.ID == one.ID }) {
			out = append(out, one)
		}
		return err
	}
	const columns = `SELECT id, person, queue, name, query, state FROM views WHERE `
	err = s.lists.Read(ctx, "listing views", sql.Ask(read, columns+`person = $1 ORDER BY id LIMIT $2`, v.User, most),
		sql.Ask(read, columns+`queue <> '' AND queue > '' AND ($1 OR queue = ANY($2)) ORDER BY queue, id LIMIT $3`, every, sql.OrNone(queues), most))
	return out, err
}

// Save keeps a view of the viewer's. ErrRefused: nothing was done.
func (s *Store) Save(ctx context.Context, v viewer.Viewer, one View, now time.Time) error {
	one.Name, one.Query = strings.TrimSpace(one.Name), strings.TrimSpace(one.Query)
	switch {
	case v.User == 0, one.Name == "", one.Query == "", utf8.RuneCountInString(one.Name) > longestName, utf8.RuneCountInString(one.Query) > longestQuery,
		!slices.Contains([]string{"", "open", "closed"}, one.State), one.Queue != "" && !v.May(viewer.Answer, one.Queue):
		return ErrRefused
	}
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 1)
	if err != nil {
		return fmt.Errorf("saving a view: %w", err)
	}
	err = s.base.Write(ctx, func(t sql.Tx) error {
		var n int64
		if err := t.Run(ctx, sql.Ask(sql.Into(&n), `SELECT count(*) FROM views WHERE person = $1`, v.User)); err != nil {
			return err
		}
		if n >= most {
			return ErrRefused
		}
		return t.Run(ctx, sql.Do(`INSERT INTO views (id, person, queue, name, query, state, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`, ids[0], v.User, sql.Clip(one.Queue), sql.Clean(one.Name), sql.Clean(one.Query), one.State, sql.Micros(now)))
	})
	if err != nil {
		return fmt.Errorf("saving a view: %w", err)
	}
	return nil
}

// Remove takes a view away: the viewer's own, or one of a queue that he directs. sql.ErrNotFound: there is none, or it is neither.
func (s *Store) Remove(ctx context.Context, v viewer.Viewer, id int64) error {
	queues, every := v.Where(viewer.Direct)
	gone := false
	err := s.base.Write(ctx, func(t sql.Tx) error {
		gone = false
		return t.Run(ctx, sql.Ask(sql.Value(func(int64) { gone = true }), `DELETE FROM views WHERE id = $1 AND (person = $2 OR queue <> '' AND ($3 OR queue = ANY($4))) RETURNING id`, id, v.User, every, sql.OrNone(queues)))
	})
	if err == nil && !gone {
		err = sql.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("removing a view: %w", err)
	}
	return nil
}
