// Package merging has people merge tickets, and take that back. Each of its methods takes who acts: he needs the right to answer in the queues of
// both tickets, and of what is not his he learns not even that it is there.
package merging

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands/merge"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
	"frontdesk/workers/store/viewer"
)

// Store is this room of the store. It is safe for concurrent use.
type Store struct {
	base  *base.Store
	lists *base.Store // for what people look at
	plans *plans.Store
}

// New makes the room. It acts on b, and looks on lists.
func New(b, lists *base.Store, p *plans.Store) *Store { return &Store{base: b, lists: lists, plans: p} }

// ErrForeign says that the two tickets are of different customers, and that whoever merges them has not been told.
var ErrForeign = errors.New("the tickets are of different customers")

// Pair is two tickets that somebody wants to merge.
type Pair struct {
	Source, Target int64 // tickets of their own; what was called for by a merged one is the ticket in which that is worked on
	// Foreign says that their customers are not the same person, as far as anything proves it. What is answered then goes to the target's customer
	// alone.
	Foreign bool
}

// Look tells what would be merged. sql.ErrNotFound: one of them is not there, is not his, or both are worked on as one already.
func (s *Store) Look(ctx context.Context, v viewer.Viewer, source, target int64) (p Pair, err error) {
	err = s.lists.DB.Read(ctx, func(t sql.Tx) (err error) {
		p, err = pair(ctx, t, v, source, target)
		return err
	})
	if err != nil {
		return Pair{}, fmt.Errorf("looking at tickets %d and %d: %w", source, target, err)
	}
	return p, nil
}

// askRoots asks for the tickets in which two are worked on, as far as the viewer answers there.
const askRoots = `SELECT t.id, r.id, r.contact FROM tickets t JOIN tickets r ON r.id = CASE WHEN t.merged_into <> 0 THEN t.merged_into ELSE t.id END
WHERE t.id = ANY($1) AND ($2 OR r.queue = ANY($3))`

func pair(ctx context.Context, t sql.Tx, v viewer.Viewer, source, target int64) (p Pair, err error) {
	queues, every := v.Where(viewer.Answer)
	contacts := map[int64]int64{}
	err = t.Run(ctx, sql.Ask(func(row sql.Row) error {
		var id, root, contact int64
		if err := row.Scan(&id, &root, &contact); err != nil {
			return err
		}
		if contacts[root] = contact; id == source {
			p.Source = root
		}
		if id == target {
			p.Target = root
		}
		return nil
	}, askRoots, sql.Sorted([]int64{source, target}), every, sql.OrNone(queues)))
	if err == nil && (p.Source == 0 || p.Target == 0 || p.Source == p.Target) {
		err = sql.ErrNotFound
	}
	p.Foreign = contacts[p.Source] != contacts[p.Target]
	return p, err
}

// Merge merges a ticket into another one; of one that is merged, the ticket in which it is worked on. foreign: whoever merges them knows that
// their customers are different ones; else that is ErrForeign.
func (s *Store) Merge(ctx context.Context, v viewer.Viewer, source, target int64, foreign bool, now time.Time) (p Pair, err error) {
	err = s.act(ctx, now, func(t sql.Tx) (domain.Command, error) {
		if p, err = pair(ctx, t, v, source, target); err == nil && p.Foreign && !foreign {
			err = ErrForeign
		}
		return merge.Tickets{Source: p.Source, Target: p.Target, Actor: v.Login}, err
	})
	if err != nil {
		return Pair{}, fmt.Errorf("merging ticket %d into %d: %w", source, target, err)
	}
	return p, nil
}

// Undo takes the merging of a ticket back, and tells in which one it was worked on.
func (s *Store) Undo(ctx context.Context, v viewer.Viewer, source int64, now time.Time) (root int64, err error) {
	err = s.act(ctx, now, func(t sql.Tx) (domain.Command, error) {
		queues, every := v.Where(viewer.Answer)
		root = 0
		err := t.Run(ctx, sql.Ask(sql.Into(&root), `SELECT r.id FROM tickets t JOIN tickets r ON r.id = t.merged_into WHERE t.id = $1 AND t.merged_into <> 0
AND ($2 OR t.queue = ANY($3)) AND ($2 OR r.queue = ANY($3))`, source, every, sql.OrNone(queues)))
		if err == nil && root == 0 {
			err = sql.ErrNotFound
		}
		return merge.Undo{Source: source, Root: root, Actor: v.Login}, err
	})
	if err != nil {
		return 0, fmt.Errorf("taking the merging of ticket %d back: %w", source, err)
	}
	return root, nil
}

// act carries out a command that is made in its transaction.
func (s *Store) act(ctx context.Context, now time.Time, make func(sql.Tx) (domain.Command, error)) error {
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 2)
	if err != nil {
		return err
	}
	return s.base.Write(ctx, func(t sql.Tx) error {
		c, err := make(t)
		if err != nil {
			return err
		}
		return s.plans.Carried(ctx, t, []domain.Command{c}, ids, now)
	})
}

// Merged is a ticket that is worked on in another one.
type Merged struct {
	Ticket, Into int64 // Into: what it was merged into itself, which may be merged, too
	Subject      string
	Foreign      bool // its customer is not the one to whom an answer goes
	By           string
	At           time.Time
	Undo         bool // the viewer may take it back
}

// Of lists what is merged into a ticket that the viewer may read, the last one first.
func (s *Store) Of(ctx context.Context, v viewer.Viewer, root int64) (out []Merged, err error) {
	queues, every := v.Where(viewer.Read)
	err = s.lists.Read(ctx, "listing what is merged into a ticket", sql.Ask(func(row sql.Row) error {
		var m Merged
		var queue, into string
		var at int64
		if err := row.Scan(&m.Ticket, &m.Into, &m.Subject, &queue, &into, &m.Foreign, &m.By, &at); err != nil {
			return err
		}
		m.At, m.Undo = sql.Moment(at), v.May(viewer.Answer, queue) && v.May(viewer.Answer, into)
		out = append(out, m)
		return nil
	}, `SELECT t.id, m.target, t.display, t.queue, r.queue, t.contact <> r.contact, m.actor, m.at FROM tickets r JOIN tickets t ON t.merged_into = r.id AND t.merged_into <> 0
JOIN merges m ON m.source = t.id AND m.undone_at = 0 WHERE r.id = $1 AND ($2 OR r.queue = ANY($3)) ORDER BY m.at DESC, t.id DESC`, root, every, sql.OrNone(queues)))
	return out, err
}

// Root is the ticket in which one is worked on, as far as the viewer may read it: itself, where it is merged into no other. 0: he may not.
func (s *Store) Root(ctx context.Context, v viewer.Viewer, ticket int64) (root int64, err error) {
	queues, every := v.Where(viewer.Read)
	err = s.lists.Read(ctx, "looking where a ticket is worked on", sql.Ask(func(row sql.Row) error {
		var id, contact int64
		return row.Scan(&id, &root, &contact)
	}, askRoots, []int64{ticket}, every, sql.OrNone(queues)))
	return root, err
}
