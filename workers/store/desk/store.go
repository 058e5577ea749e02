// Package desk is what agents see of tickets and do with them. Each of its methods takes who looks or acts, and leaves out what he has no
// right to: of a ticket in a queue that is not his he learns not even that it is there.
package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/route/assign"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
	"frontdesk/workers/store/view"
	"frontdesk/workers/store/viewer"
)

// Store is this room of the store. It is safe for concurrent use.
type Store struct {
	base  *base.Store
	lists *base.Store // for what people look at
	plans *plans.Store
	view  *view.Store

	tallies tallies
}

// New makes the room. It acts on b, and looks on lists.
func New(b, lists *base.Store, p *plans.Store, v *view.Store) *Store {
	return &Store{base: b, lists: lists, plans: p, view: v}
}

// ErrOwned says that somebody else has the ticket. It is an ErrNotFound, too.
var ErrOwned = domain.ErrOwned

// ErrFull says that the user has as much in hand as he should. It is an ErrNotFound, too.
var ErrFull = domain.ErrFull

// ErrAbsent says that the user to whom something is given is not there. It is an ErrNotFound, too.
var ErrAbsent = domain.ErrAbsent

// ErrInOrder says that agents choose no ticket in its queue. It is an ErrNotFound, too.
var ErrInOrder = domain.ErrInOrder

// act carries out a command upon a ticket in whose queue the viewer has the right. make is told the queue.
// ErrNotFound: there is no such ticket, it is not his, or the act means nothing in the state in which it is.
func (s *Store) act(ctx context.Context, doing string, v viewer.Viewer, right viewer.Right, ticket int64, now time.Time, make func(queue string) domain.Command) error {
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 1)
	if err != nil {
		return err
	}
	err = s.base.Write(ctx, func(t sql.Tx) error {
		queue, err := queueOf(ctx, t, v, right, ticket)
		if err != nil {
			return err
		}
		return s.plans.Carried(ctx, t, []domain.Command{make(queue)}, ids, now)
	})
	if err != nil {
		return fmt.Errorf("%s ticket %d: %w", doing, ticket, err)
	}
	return nil
}

// queueOf is the queue of a ticket in which the viewer has the right; ErrNotFound where it is in no such one.
func queueOf(ctx context.Context, t sql.Tx, v viewer.Viewer, right viewer.Right, ticket int64) (queue string, err error) {
	found := false
	queues, every := v.Where(right)
	err = t.Run(ctx, sql.Ask(func(row sql.Row) error {
		found = true
		return row.Scan(&queue)
	}, `SELECT t.queue FROM tickets t WHERE t.id = $1 AND ($2 OR t.queue = ANY($3))`, ticket, every, sql.OrNone(queues)))
	if err == nil && !found {
		err = sql.ErrNotFound
	}
	return queue, err
}

// Readable is ErrNotFound where the viewer may not read a ticket, or there is none.
func (s *Store) Readable(ctx context.Context, v viewer.Viewer, ticket int64) error {
	err := s.lists.DB.Read(ctx, func(t sql.Tx) error {
		_, err := queueOf(ctx, t, v, viewer.Read, ticket)
		return err
	})
	if err != nil {
		return fmt.Errorf("looking for ticket %d: %w", ticket, err)
	}
	return nil
}

// Take gives a ticket that nobody has to the viewer. ErrOwned: somebody has it. ErrFull: his hands are full. ErrInOrder: the tickets of its
// queue are taken by "next", but for those that he had before, and by who directs.
func (s *Store) Take(ctx context.Context, v viewer.Viewer, ticket int64, r assign.Rules, now time.Time) error {
	return s.act(ctx, "taking", v, viewer.Answer, ticket, now, func(queue string) domain.Command {
		return commands.TakeTicket{Ticket: ticket, User: v.User, Actor: v.Login, Weights: r.Weights, Limit: r.Limit, InOrder: r.Queues[queue].InOrder && !v.May(viewer.Direct, queue)}
	})
}

// Give gives a ticket to a user, whoever has it; the viewer directs in its queue. Whether that user answers there is for the caller to know.
// ErrAbsent: he is not there. What does not fit into his hands is given all the same, and its entry says so.
func (s *Store) Give(ctx context.Context, v viewer.Viewer, ticket, to int64, r assign.Rules, now time.Time) error {
	return s.act(ctx, "giving", v, viewer.Direct, ticket, now, func(string) domain.Command {
		return commands.GiveTicket{Ticket: ticket, To: to, Actor: v.Login, Weights: r.Weights, Limit: r.Limit}
	})
}

// Begin notes that the viewer looks at a ticket that he was given. It does nothing where there is nothing to note.
func (s *Store) Begin(ctx context.Context, v viewer.Viewer, ticket int64, now time.Time) error {
	err := s.base.Write(ctx, func(t sql.Tx) error {
		return s.plans.Carried(ctx, t, []domain.Command{commands.BeginTicket{Ticket: ticket, User: v.User}}, nil, now)
	})
	if err != nil && !errors.Is(err, sql.ErrNotFound) {
		return fmt.Errorf("beginning ticket %d: %w", ticket, err)
	}
	return nil
}

// HandBack gives a ticket back, which is then in the place that it had; one of somebody else's, where the viewer directs in its queue.
func (s *Store) HandBack(ctx context.Context, v viewer.Viewer, ticket int64, now time.Time) error {
	return s.act(ctx, "handing back", v, viewer.Answer, ticket, now, func(queue string) domain.Command {
		c := commands.HandBack{Ticket: ticket, User: v.User, Actor: v.Login}
		if v.May(viewer.Direct, queue) {
			c.User = 0
		}
		return c
	})
}

// Snooze puts a ticket away until a time; a zero one: until its customer writes.
func (s *Store) Snooze(ctx context.Context, v viewer.Viewer, ticket int64, until, now time.Time) error {
	return s.act(ctx, "putting away", v, viewer.Answer, ticket, now, func(string) domain.Command {
		return commands.SnoozeTicket{Ticket: ticket, Until: until, Actor: v.Login}
	})
}

// Wake brings a ticket back that was put away.
func (s *Store) Wake(ctx context.Context, v viewer.Viewer, ticket int64, now time.Time) error {
	return s.act(ctx, "waking", v, viewer.Answer, ticket, now, func(string) domain.Command { return commands.WakeTicket{Ticket: ticket, Actor: v.Login} })
}

// SetPending says that nothing is to be answered in a ticket.
func (s *Store) SetPending(ctx context.Context, v viewer.Viewer, ticket int64, now time.Time) error {
	return s.act(ctx, "setting aside", v, viewer.Answer, ticket, now, func(string) domain.Command { return commands.SetPending{Ticket: ticket, Actor: v.Login} })
}

// SetWaiting takes SetPending back.
func (s *Store) SetWaiting(ctx context.Context, v viewer.Viewer, ticket int64, now time.Time) error {
	return s.act(ctx, "calling up", v, viewer.Answer, ticket, now, func(string) domain.Command { return commands.SetWaiting{Ticket: ticket, Actor: v.Login} })
}

// Close closes an open ticket.
func (s *Store) Close(ctx context.Context, v viewer.Viewer, ticket int64, now time.Time) error {
	return s.act(ctx, "closing", v, viewer.Answer, ticket, now, func(string) domain.Command { return commands.CloseTicket{Ticket: ticket, Actor: v.Login} })
}

// CloseFor closes an open ticket for a reason of the desk's list.
func (s *Store) CloseFor(ctx context.Context, v viewer.Viewer, ticket int64, reason string, now time.Time) error {
	return s.act(ctx, "closing", v, viewer.Answer, ticket, now, func(string) domain.Command {
		return commands.CloseTicket{Ticket: ticket, Actor: v.Login, Reason: reason}
	})
}

// Belongs is where a ticket belongs; "" leaves a part as it is.
type Belongs struct {
	Queue, Category, Priority string
	Confirms                  bool // a person says so also where it changes nothing: that is an example, too
}

// Route says where an open ticket belongs. In another queue nobody has it who was of the one before. Whether there is such a queue is for the
// caller to know.
func (s *Store) Route(ctx context.Context, v viewer.Viewer, ticket int64, b Belongs, now time.Time) error {
	return s.act(ctx, "routing", v, viewer.Answer, ticket, now, func(string) domain.Command {
		return commands.RouteTicket{Ticket: ticket, Queue: b.Queue, Category: b.Category, Priority: b.Priority, Confirms: b.Confirms, Actor: v.Login}
	})
}

// Reopen takes back that a person has closed a ticket.
func (s *Store) Reopen(ctx context.Context, v viewer.Viewer, ticket int64, now time.Time) error {
	return s.act(ctx, "reopening", v, viewer.Answer, ticket, now, func(string) domain.Command { return commands.ReopenTicket{Ticket: ticket, Actor: v.Login} })
}
