// Package commands is all that may happen to what was decided: each command says what must be known, and what becomes of it.
// The word of a provider, the clock and the acts of people are commands alike.
package commands

import (
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/tickets"
)

// CloseTicket is a person who closes a ticket.
type CloseTicket struct {
	Ticket int64
	Actor  string
	Reason string // a key of the desk's; empty: none is given
}

// Needs are the ticket, its promises and its work item.
func (c CloseTicket) Needs(k *domain.Known) domain.Needs { return ofTicket(k, c.Ticket) }

// ofTicket are a ticket, its work item, and the promises of it and of what is merged into it.
func ofTicket(k *domain.Known, id int64) domain.Needs {
	n := domain.Needs{Tickets: []int64{id}}
	n.Whole(k, id)
	return n
}

// Decide closes it, and settles its promises. It is nobody's work any more.
func (c CloseTicket) Decide(d *domain.Draft) error {
	return move(d, c.Ticket, tickets.Close, entries.Entry{Kind: entries.ActClose, Actor: c.Actor, Detail: c.Reason}, closing(d))
}

func closing(d *domain.Draft) promises.Step {
	return func(p promises.Promise) (promises.Promise, bool) { return promises.OnClose(p, d.Now) }
}

// ReopenTicket takes back that a person has closed a ticket: it is open again, whoever had it has it, and what its closing has settled
// counts again from when it was due.
type ReopenTicket struct {
	Ticket int64
	Actor  string
}

// Needs are the ticket, its promises, and when it was closed, with its work item then.
func (r ReopenTicket) Needs(k *domain.Known) domain.Needs {
	n := ofTicket(k, r.Ticket)
	n.Closed = []int64{r.Ticket}
	return n
}

// Decide opens it again, and gives back what its closing took.
func (r ReopenTicket) Decide(d *domain.Draft) error {
	closed, byPerson := d.Closed[r.Ticket]
	if t := d.Tickets[r.Ticket]; !byPerson || t.MergedInto != 0 || t.Erased { // to nobody anything can be owed again
		return domain.ErrNotSo
	}
	return move(d, r.Ticket, tickets.Reopen, entries.Entry{Kind: entries.ActReopen, Actor: r.Actor}, func(p promises.Promise) (promises.Promise, bool) {
		return promises.OnReopen(p, closed, d.Now)
	})
}

// move moves a ticket and takes a step of each of its promises, then of its work item.
func move(d *domain.Draft, ticket int64, on tickets.Event, e entries.Entry, step promises.Step) error {
	before, there := d.Tickets[ticket]
	to, means := tickets.Machine.Next(before.State, on)
	if !there || !means {
		return domain.ErrNotSo
	}
	after := before
	after.State = to
	after.Version++
	d.SetTicket(before, after)
	e.Ticket = ticket
	d.Enter(e, entries.Snapshot{Ticket: before.State}, entries.Snapshot{Ticket: to}, func() {
		d.StepWhole(ticket, step)
		follow(d, after)
	})
	return nil
}

// ReleaseMessage lets a parked message out: it is decided anew from its original.
type ReleaseMessage struct {
	Message int64
	Actor   string
	Cause   string // only where it is parked for it; empty: whatever it is parked for
	Unseen  bool   // no person has looked at it: it is decided as if it had just come
}

// Needs are the message.
func (r ReleaseMessage) Needs(*domain.Known) domain.Needs {
	return domain.Needs{Messages: []int64{r.Message}}
}

// Decide brings it to where it was recorded.
func (r ReleaseMessage) Decide(d *domain.Draft) error {
	m := d.Messages[r.Message]
	switch _, means := messages.Machine.Next(m.State, messages.LetOut); {
	case !means || r.Cause != "" && m.Cause != r.Cause:
		return domain.ErrNotSo
	case !m.Original:
		return domain.ErrOriginalGone
	}
	seen := m
	seen.Seen = !r.Unseen
	return carry(d, m, seen, messages.LetOut, entries.Entry{Kind: entries.ActRelease, Actor: r.Actor})
}

// DismissMessage is a person who drops a parked message after having looked at it.
type DismissMessage struct {
	Message int64
	Actor   string
}

// Needs are the message.
func (m DismissMessage) Needs(*domain.Known) domain.Needs {
	return domain.Needs{Messages: []int64{m.Message}}
}

// Decide drops it.
func (m DismissMessage) Decide(d *domain.Draft) error {
	before := d.Messages[m.Message]
	return carry(d, before, before, messages.Dismiss, entries.Entry{Kind: entries.ActDismiss, Actor: m.Actor})
}

// UndismissMessage takes back that a person has dismissed a message, as long as its original is here: without it nothing could be
// decided anew.
type UndismissMessage struct {
	Message int64
	Actor   string
}

// Needs are the message, and whether a person has dismissed it.
func (u UndismissMessage) Needs(*domain.Known) domain.Needs {
	return domain.Needs{Messages: []int64{u.Message}, Dismissed: []int64{u.Message}}
}

// Decide parks it again.
func (u UndismissMessage) Decide(d *domain.Draft) error {
	m := d.Messages[u.Message]
	if m.Erased || !m.Original || !d.Dismissed[u.Message] {
		return domain.ErrNotSo
	}
	return carry(d, m, m, messages.Undismiss, entries.Entry{Kind: entries.ActUndismiss, Actor: u.Actor})
}

// carry brings a message to another state.
func carry(d *domain.Draft, before, after messages.Status, on messages.Event, e entries.Entry) error {
	to, means := messages.Machine.Next(before.State, on)
	if !means {
		return domain.ErrNotSo
	}
	after.State = to
	d.SetMessage(before, after)
	e.Message, e.Detail = before.ID, before.Cause
	d.Enter(e, entries.Snapshot{Message: before.State}, entries.Snapshot{Message: to}, func() {})
	return nil
}

// TakeOutMessage takes an append back: the message belongs to another matter than the ticket that it continued. It is decided anew,
// apart from that ticket, and what it changed there is as before, as far as nobody has changed it since.
type TakeOutMessage struct {
	Message int64
	Actor   string
}

// Needs are the message, its ticket with what the message has changed there, and the ticket's promises and work item.
func (c TakeOutMessage) Needs(k *domain.Known) domain.Needs {
	m, ok := k.Messages[c.Message]
	if !ok || m.Ticket == 0 {
		return domain.Needs{Messages: []int64{c.Message}, Appends: []int64{c.Message}}
	}
	return ofTicket(k, m.Ticket)
}

// Decide takes it out, with what it has changed in the ticket.
func (c TakeOutMessage) Decide(d *domain.Draft) error {
	m := d.Messages[c.Message]
	to, means := messages.Machine.Next(m.State, messages.TakeOut)
	before, there := d.Tickets[m.Ticket]
	entry := d.Appends[c.Message]
	switch {
	case !means || m.Erased || !there:
		return domain.ErrNotSo
	case !m.Original:
		return domain.ErrOriginalGone
	case entry.After.Queue != "" || entry.After.Contact != 0: // it says what the ticket is about, or whose it is
		return domain.ErrNotSo
	}
	out := m
	out.State, out.Apart, out.Ticket = to, m.Ticket, 0
	d.SetMessage(m, out)
	after := without(before, entry)
	d.SetTicket(before, after)
	d.Enter(entries.Entry{Kind: entries.ActTakeOut, Actor: c.Actor, Message: m.ID, Ticket: m.Ticket},
		entries.Snapshot{Message: m.State, Ticket: before.State, Priority: before.Priority, Version: before.Version},
		entries.Snapshot{Message: out.State, Ticket: after.State, Priority: after.Priority, Version: after.Version}, func() {
			d.StepWhole(after.ID, func(p promises.Promise) (promises.Promise, bool) {
				if after.State == before.State {
					return p, false
				}
				return closing(d)(p)
			})
			follow(d, after)
		})
	return nil
}

// without is a ticket without what a message has changed in it: a priority that it has raised and that stands, and that it has opened
// it again, if nothing has come since.
func without(t tickets.Status, e entries.Entry) tickets.Status {
	if e.After.Priority != "" && e.After.Priority == t.Priority {
		t.Priority = e.Before.Priority
	}
	if t.MergedInto == 0 && e.Before.Ticket == tickets.Closed && e.After.Ticket == tickets.Open && e.After.Version == t.Version {
		t.State, _ = tickets.Machine.Next(t.State, tickets.Close)
	}
	t.Version++
	t.Messages--
	return t
}
