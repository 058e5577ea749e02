package commands

import (
	"cmp"
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/tickets"
)

// RouteTicket says of an open ticket where it belongs: somebody corrects what was decided, or it has waited too long in its queue. Doing
// it the other way round takes it back.
type RouteTicket struct {
	Ticket                    int64
	Queue, Category, Priority string // "" leaves it as it is
	Unowned                   bool   // only while it waits and nobody has it
	Actor, Reason             string // why, where the desk does it: route/assign.ReasonOverflow
	Confirms                  bool   // a person says that it belongs where it is: what changes nothing is entered, as an example

	Learned bool // a later message of its customer says the category for sure: only while that is a guess; where somebody has begun the ticket it stays in its queue

	Owed *Owed // where it is done about a promise that is still owed: Priority is then the least that the ticket gets, and what changes nothing is entered, too
}

// Owed is a promise about which something is done at a step, and the step that follows.
type Owed struct {
	Promise    promises.Key
	Step, Next time.Time
}

// owes takes the step, and reports whether the promise is still owed.
func (c *RouteTicket) owes(d *domain.Draft, before tickets.Status) bool {
	p, there := d.Promises[c.Owed.Promise]
	_, still := p.Escalated(c.Owed.Step, c.Owed.Next)
	if c.Priority != "" {
		c.Priority = desk.Higher(before.Priority, c.Priority)
	}
	return there && still && d.Within(c.Owed.Promise.Ticket, c.Ticket)
}

// Needs are the ticket, its promises and its work item.
func (c RouteTicket) Needs(k *domain.Known) domain.Needs { return ofTicket(k, c.Ticket) }

// Decide says it. In another queue nobody has it any more, who was of the one before; it keeps its place in the order of work. What was
// promised stays promised.
func (c RouteTicket) Decide(d *domain.Draft) error {
	before, there := d.Tickets[c.Ticket]
	item := d.Item(c.Ticket)
	if !there || before.State != tickets.Open || c.Unowned && (item.State != desk.Waiting || item.Owner != 0) {
		return domain.ErrNotSo
	}
	if c.Owed != nil && !c.owes(d, before) || c.Learned && before.Guesses == "" {
		return domain.ErrNotSo
	}
	if c.Learned && begun(item) {
		c.Queue = ""
	}
	after := before
	if c.Learned || c.Actor != entries.Service { // the desk's own reasons say nothing of what it is about
		after.Guesses = ""
	}
	after.Queue, after.Category, after.Priority = cmp.Or(c.Queue, before.Queue), cmp.Or(c.Category, before.Category), cmp.Or(c.Priority, before.Priority)
	if after == before && c.Owed == nil && !c.Confirms {
		return domain.ErrNotSo
	}
	e := entries.Entry{Kind: entries.ActRoute, Ticket: c.Ticket, Actor: c.Actor, Detail: c.Reason}
	if c.Owed != nil {
		e.Kind = promises.ActEscalate
	}
	moves := after != before
	if moves {
		after.Version++
	}
	d.Enter(e, routed(before), routed(after), func() {
		if c.Owed != nil {
			d.Step(c.Owed.Promise, func(p promises.Promise) (promises.Promise, bool) { return p.Escalated(c.Owed.Step, c.Owed.Next) })
		}
		if !moves {
			return
		}
		d.SetTicket(before, after)
		if item.Gone() { // an older program has opened it
			d.SetDesk(item, d.Fresh(after))
			return
		}
		moved := item.As(after.Queue, item.Language, after.Category, after.Priority)
		if after.Queue != before.Queue && item.Owner != 0 {
			moved = moved.HandedBack(false)
		}
		d.SetDesk(item, d.Owing(moved))
	})
	return nil
}

// begun reports whether somebody has begun the work on an item: its owner has looked at it, or had it before its customer's turn ended.
func begun(i desk.Item) bool {
	return i.Owner != 0 && (!i.Begun.IsZero() || i.Given.Before(i.Since))
}

// routed is of a ticket where it belongs.
func routed(t tickets.Status) entries.Snapshot {
	return entries.Snapshot{Ticket: t.State, Version: t.Version, Queue: t.Queue, Category: t.Category, Priority: t.Priority, Guesses: t.Guesses}
}
