// Package persons has people say which contacts are one person, and take that back. Nothing that a decision reads, and nothing that goes out, looks at it: whoever
// opens a ticket sees what the same customer wrote by other ways. Each of its methods takes who acts or looks: of what he may not read he learns not even that it is there.
package persons

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"frontdesk/pipeline/domain"
	command "frontdesk/pipeline/domain/commands/persons"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/find"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
	"frontdesk/workers/store/view"
	"frontdesk/workers/store/viewer"
	"frontdesk/workers/store/viewer/veil"
)

// Store is this room of the store. It is safe for concurrent use.
type Store struct {
	base  *base.Store
	lists *base.Store // for what people look at
	plans *plans.Store
	find  *find.Store
}

// New makes the room. It acts on b, and looks on lists.
func New(b, lists *base.Store, p *plans.Store, f *find.Store) *Store {
	return &Store{base: b, lists: lists, plans: p, find: f}
}

// Bounds of what a page shows.
const (
	mostTickets = 50 // of each contact, and of all
	mostSteps   = 8
)

// Contact is one who is the same person as a ticket's contact.
type Contact struct {
	ID    int64
	Name  string
	Kind  message.AddressKind // of the address that it has proven first; empty: it has proven none
	Value string              // masked where it looks like a card number, and hidden from whom the house keeps addresses from
}

// Step is something that was done with who is one person, and that stands.
type Step struct {
	ID        int64
	Kind      string // contacts.StepJoin, StepPart or StepApart
	Who, With Contact
	Why       string // of the closed list in package contacts
	By        string
	At        time.Time
}

// Person is who wrote a ticket, as far as the viewer may know.
type Person struct {
	Own      Contact       // the ticket's
	Contacts []Contact     // whom it is beside that
	Tickets  []view.Ticket // of theirs, the newest first
	Steps    []Step        // the newest first
	May      bool          // the viewer may join, part and take back here
}

// may reports whether the viewer says who is one person, on tickets of that queue: he directs work there, or looks after the desk.
func may(v viewer.Viewer, queue string) bool {
	return v.May(viewer.Direct, queue) || v.May(viewer.Administer, queue) && v.May(viewer.Read, queue)
}

// subject is the ticket on whose page somebody acts or looks.
type subject struct {
	contact int64
	queue   string
}

// read reads a ticket that the viewer may read.
func read(ctx context.Context, t sql.Tx, v viewer.Viewer, ticket int64) (s subject, err error) {
	queues, every := v.Where(viewer.Read)
	err = t.Run(ctx, sql.Ask(sql.Into(&s.contact, &s.queue), `SELECT contact, queue FROM tickets WHERE id = $1 AND ($2 OR queue = ANY($3))`, ticket, every, sql.OrNone(queues)))
	if err == nil && s.contact == 0 {
		err = sql.ErrNotFound
	}
	return s, err
}

// directed is read, where the viewer says who is one person.
func directed(ctx context.Context, t sql.Tx, v viewer.Viewer, ticket int64) (subject, error) {
	s, err := read(ctx, t, v, ticket)
	if err == nil && !may(v, s.queue) {
		err = sql.ErrNotFound
	}
	return s, err
}

// askPerson asks for the contacts that are one person with that one ($1), itself among them.
const askPerson = `SELECT CAST($1 AS bigint) UNION SELECT root FROM contact_pointers WHERE contact = $1
UNION SELECT o.contact FROM contact_pointers p JOIN contact_pointers o ON o.root = p.root WHERE p.contact = $1 UNION SELECT contact FROM contact_pointers WHERE root = $1`

// person are the contacts that are one person with that one, it first.
func person(ctx context.Context, t sql.Tx, contact int64) ([]int64, error) {
	all := []int64{contact}
	err := t.Run(ctx, sql.Ask(sql.Value(func(id int64) {
		if !slices.Contains(all, id) {
			all = append(all, id)
		}
	}), askPerson, contact))
	slices.Sort(all[1:])
	return all, err
}

// seen are those of contacts of whom the viewer may read a ticket.
func seen(ctx context.Context, t sql.Tx, v viewer.Viewer, all []int64) (map[int64]bool, error) {
	queues, every := v.Where(viewer.Read)
	out := map[int64]bool{}
	err := t.Run(ctx, sql.Ask(sql.Value(func(id int64) { out[id] = true }), `SELECT c.value FROM EACH($1::bigint[]) AS c
WHERE EXISTS (SELECT 1 FROM tickets t WHERE t.contact <> 0 AND t.contact = c.value AND ($2 OR t.queue = ANY($3)))`, sql.Sorted(all), every, sql.OrNone(queues)))
	return out, err
}

// Join says that the customers of two tickets are one person. why is one of contacts.Joins. sql.ErrNotFound: they are one already, one of them is erased, there is no such reason, or
// the viewer says nothing of the kind in the queue of either.
func (s *Store) Join(ctx context.Context, v viewer.Viewer, ticket, other int64, why string, now time.Time) error {
	if !slices.Contains(contacts.Joins(), why) {
		return fmt.Errorf("joining the customers of tickets %d and %d: %w", ticket, other, sql.ErrNotFound)
	}
	err := s.act(ctx, now, func(t sql.Tx, step int64) (domain.Command, error) {
		to, err := directed(ctx, t, v, ticket)
		if err != nil {
			return nil, err
		}
		from, err := directed(ctx, t, v, other)
		return command.Join{Step: step, Ticket: ticket, Contact: from.contact, Into: to.contact, Why: why, Actor: v.Login}, err
	})
	if err != nil {
		return fmt.Errorf("joining the customers of tickets %d and %d: %w", ticket, other, err)
	}
	return nil
}

// Part says that a contact is not the person who wrote a ticket; it may be the ticket's own. why is one of contacts.Parts. sql.ErrNotFound: it is not, there is no such reason, or the viewer
// says nothing of the kind there.
func (s *Store) Part(ctx context.Context, v viewer.Viewer, ticket, contact int64, why string, now time.Time) error {
	if !slices.Contains(contacts.Parts(), why) {
		return fmt.Errorf("parting a contact from the customer of ticket %d: %w", ticket, sql.ErrNotFound)
	}
	err := s.act(ctx, now, func(t sql.Tx, step int64) (domain.Command, error) {
		of, err := directed(ctx, t, v, ticket)
		if err != nil {
			return nil, err
		}
		all, err := person(ctx, t, of.contact)
		if err != nil {
			return nil, err
		}
		mine, err := seen(ctx, t, v, all)
		if err == nil && (!mine[contact] || len(all) < 2) {
			err = sql.ErrNotFound
		}
		return command.Part{Step: step, Ticket: ticket, Contact: contact, Why: why, Actor: v.Login}, err
	})
	if err != nil {
		return fmt.Errorf("parting a contact from the customer of ticket %d: %w", ticket, err)
	}
	return nil
}

// Distinct says that the customers of two tickets are not the same person, though something speaks for it: neither is suggested to the other any more, and no code joins them. sql.ErrNotFound: they
// are one person, that was said already, or the viewer says nothing of the kind in the queue of either.
func (s *Store) Distinct(ctx context.Context, v viewer.Viewer, ticket, other int64, now time.Time) error {
	err := s.act(ctx, now, func(t sql.Tx, step int64) (domain.Command, error) {
		of, err := directed(ctx, t, v, ticket)
		if err != nil {
			return nil, err
		}
		from, err := directed(ctx, t, v, other)
		if err != nil {
			return nil, err
		}
		if said, err := parted(ctx, t, []int64{of.contact}, []int64{from.contact}); err != nil || said {
			return nil, cmp.Or(err, sql.ErrNotFound)
		}
		return command.Distinct{Step: step, Ticket: ticket, Contact: from.contact, From: of.contact, Actor: v.Login}, nil
	})
	if err != nil {
		return fmt.Errorf("telling the customers of tickets %d and %d apart: %w", ticket, other, err)
	}
	return nil
}

// Undo takes a step back that concerns the customer of a ticket. sql.ErrNotFound: it is taken back already, what it made has changed since, or the viewer says nothing of the kind there.
func (s *Store) Undo(ctx context.Context, v viewer.Viewer, ticket, step int64, now time.Time) error {
	err := s.act(ctx, now, func(t sql.Tx, _ int64) (domain.Command, error) {
		of, err := directed(ctx, t, v, ticket)
		if err != nil {
			return nil, err
		}
		all, err := person(ctx, t, of.contact)
		if err != nil {
			return nil, err
		}
		steps, err := standing(ctx, t, v, all, step)
		if err == nil && len(steps) == 0 {
			err = sql.ErrNotFound
		}
		return command.Undo{Step: step, Ticket: ticket, Actor: v.Login}, err
	})
	if err != nil {
		return fmt.Errorf("taking back who the customer of ticket %d is: %w", ticket, err)
	}
	return nil
}

// act carries out a command that is made in its transaction; step is an id for one.
func (s *Store) act(ctx context.Context, now time.Time, make func(t sql.Tx, step int64) (domain.Command, error)) error {
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 2)
	if err != nil {
		return err
	}
	return s.base.Write(ctx, func(t sql.Tx) error {
		c, err := make(t, ids[1])
		if err != nil {
			return err
		}
		return s.plans.Carried(ctx, t, []domain.Command{c}, ids[:1], now)
	})
}

// standing are the steps that stand and concern one of these contacts, and of whose both sides the viewer may read a ticket: the newest, or the one with that id alone.
func standing(ctx context.Context, t sql.Tx, v viewer.Viewer, all []int64, only int64) ([]Step, error) {
	var steps []Step
	ids := sql.Sorted(all)
	err := t.Run(ctx, sql.Ask(func(row sql.Row) error {
		var one Step
		var root, heir, at int64
		err := row.Scan(&one.ID, &one.Kind, &one.Who.ID, &root, &heir, &one.Why, &one.By, &at)
		one.With.ID, one.At = cmp.Or(heir, root), sql.Moment(at)
		steps = append(steps, one)
		return err
	}, `SELECT s.id, s.kind, s.contact, s.root, s.heir, s.why, s.actor, s.at FROM contact_steps s WHERE s.id {in SELECT id FROM contact_steps WHERE contact = ANY($1)
UNION SELECT id FROM contact_steps WHERE root = ANY($1)} AND s.stands AND ($2 = 0 OR s.id = $2) ORDER BY s.at DESC, s.id DESC LIMIT $3`, ids, only, int64(mostSteps)))
	if err != nil || len(steps) == 0 {
		return nil, err
	}
	var concerned []int64
	for _, one := range steps {
		concerned = append(concerned, one.Who.ID, one.With.ID)
	}
	mine, err := seen(ctx, t, v, concerned)
	return slices.DeleteFunc(steps, func(one Step) bool { return !mine[one.Who.ID] || !mine[one.With.ID] }), err
}

// Of tells who wrote a ticket. sql.ErrNotFound: the viewer may not read it, or nobody is known.
func (s *Store) Of(ctx context.Context, v viewer.Viewer, ticket int64) (p Person, err error) {
	err = s.lists.DB.Read(ctx, func(t sql.Tx) error {
		p = Person{}
		of, err := read(ctx, t, v, ticket)
		if err != nil {
			return err
		}
		p.May = may(v, of.queue)
		all, err := person(ctx, t, of.contact)
		if err != nil {
			return err
		}
		if p.Steps, err = standing(ctx, t, v, all, 0); err != nil {
			return err
		}
		if p.Tickets, err = ticketsOf(ctx, t, v, all[1:]); err != nil {
			return err
		}
		known, err := describe(ctx, t, v.May(viewer.Contact, of.queue), append(concerning(p.Steps), all...))
		p.Own = known[of.contact]
		for _, id := range all[1:] {
			if slices.ContainsFunc(p.Tickets, func(k view.Ticket) bool { return k.Contact == id }) {
				p.Contacts = append(p.Contacts, known[id])
			}
		}
		for i := range p.Steps {
			p.Steps[i].Who, p.Steps[i].With = known[p.Steps[i].Who.ID], known[p.Steps[i].With.ID]
		}
		return err
	})
	if err != nil {
		return Person{}, fmt.Errorf("reading who wrote ticket %d: %w", ticket, err)
	}
	return p, nil
}

func concerning(steps []Step) (out []int64) {
	for _, one := range steps {
		out = append(out, one.Who.ID, one.With.ID)
	}
	return out
}

// ticketsOf are the newest tickets of contacts that the viewer may read.
func ticketsOf(ctx context.Context, t sql.Tx, v viewer.Viewer, all []int64) (out []view.Ticket, err error) {
	queues, every := v.Where(viewer.Read)
	var calls []sql.Call
	for _, contact := range all {
		calls = append(calls, sql.Ask(func(row sql.Row) error {
			k, err := sql.Read[tables.TicketsRow](row)
			out = append(out, view.TicketLine(k))
			return err
		}, `SELECT `+tables.TicketColumns+` FROM tickets t WHERE t.contact <> 0 AND t.contact = $1 AND ($2 OR t.queue = ANY($3)) ORDER BY t.opened_at DESC, t.id DESC LIMIT $4`,
			contact, every, sql.OrNone(queues), int64(mostTickets)))
	}
	if len(calls) > 0 {
		err = t.Run(ctx, calls...)
	}
	slices.SortFunc(out, func(a, b view.Ticket) int {
		return cmp.Or(b.OpenedAt.Compare(a.OpenedAt.Time), cmp.Compare(b.ID, a.ID))
	})
	return out, err
}

// describe reads the names of contacts, and of each the address that it has proven first.
func describe(ctx context.Context, t sql.Tx, shown bool, all []int64) (map[int64]Contact, error) {
	out := map[int64]Contact{}
	ids := sql.Sorted(slices.Compact(sql.Sorted(all)))
	err := t.Run(ctx, sql.Ask(sql.Pair(func(id int64, name string) { out[id] = Contact{ID: id, Name: name} }), `SELECT id, name FROM contacts WHERE id = ANY($1)`, ids),
		sql.Ask(func(row sql.Row) error {
			var id int64
			var kind message.AddressKind
			var value string
			err := row.Scan(&id, &kind, &value)
			if c := out[id]; c.Kind == "" {
				c.ID, c.Kind, c.Value = id, kind, base.Shown(value)
				if !shown {
					c.Value = veil.Value(c.Value)
				}
				out[id] = c
			}
			return err
		}, `SELECT contact, kind, value FROM identities WHERE contact <> 0 AND contact = ANY($1) AND verified ORDER BY contact, created_at, address`, ids))
	return out, err
}
