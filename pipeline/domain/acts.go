package domain

import (
	"fmt"
	"time"
)

// Names of acts, as entries and the journal bear them.
const (
	ActClose       = "close"
	ActReopen      = "reopen"
	ActRelease     = "release"
	ActDismiss     = "dismiss"
	ActUndismiss   = "undismiss"
	ActReleaseHeld = "release-held"
	ActHoldBack    = "hold-back"
	ActTakeOut     = "take-out"
)

// CloseTicket is a person who closes a ticket.
type CloseTicket struct {
	Ticket int64
	Actor  string
}

// Needs are the ticket and its promises.
func (c CloseTicket) Needs(*Known) Needs { return ofTicket(c.Ticket) }

func ofTicket(id int64) Needs { return Needs{Tickets: []int64{id}, Promises: []int64{id}} }

func (c CloseTicket) decide(d *deciding) error {
	return d.act(c.Ticket, Close, Entry{Kind: ActClose, Actor: c.Actor}, func(p Promise) (Promise, bool) { return OnClose(p, d.now) })
}

// ReopenTicket takes back that a person has closed a ticket: it is open again, and what its closing has settled counts again from when
// it was due.
type ReopenTicket struct {
	Ticket int64
	Actor  string
}

// Needs are the ticket, its promises, and when it was closed.
func (r ReopenTicket) Needs(*Known) Needs {
	n := ofTicket(r.Ticket)
	n.Closed = []int64{r.Ticket}
	return n
}

func (r ReopenTicket) decide(d *deciding) error {
	closed, byPerson := d.Closed[r.Ticket]
	if !byPerson {
		return ErrNotSo
	}
	return d.act(r.Ticket, Reopen, Entry{Kind: ActReopen, Actor: r.Actor}, func(p Promise) (Promise, bool) { return OnReopen(p, closed, d.now) })
}

// act moves a ticket and takes a step of each of its promises.
func (d *deciding) act(ticket int64, on TicketHappening, e Entry, step func(Promise) (Promise, bool)) error {
	before, there := d.Tickets[ticket]
	to, means := TicketMachine.Next(before.State, on)
	if !there || !means {
		return ErrNotSo
	}
	after := before
	after.State = to
	after.Version++
	d.Tickets[ticket] = after
	d.plan.Tickets = append(d.plan.Tickets, Change[TicketStatus]{before, after})
	e.Ticket = ticket
	d.entry(e, Snapshot{Ticket: before.State}, Snapshot{Ticket: to}, func() { d.each(ticket, step) })
	return nil
}

// ReleaseMessage lets a parked message out: it is decided anew from its original.
type ReleaseMessage struct {
	Message int64
	Actor   string
	Cause   string // only where it is parked for it; empty: whatever it is parked for
	Unseen  bool   // no person has looked at it: it is decided as if it had just come
}

// ErrOriginalGone says that a message cannot be decided anew.
var ErrOriginalGone = fmt.Errorf("its original is gone: %w", ErrNotSo)

// Needs are the message.
func (r ReleaseMessage) Needs(*Known) Needs { return Needs{Messages: []int64{r.Message}} }

func (r ReleaseMessage) decide(d *deciding) error {
	m := d.Messages[r.Message]
	switch _, means := MessageMachine.Next(m.State, LetOut); {
	case !means || r.Cause != "" && m.Cause != r.Cause:
		return ErrNotSo
	case !m.Original:
		return ErrOriginalGone
	}
	seen := m
	seen.Seen = !r.Unseen
	return d.move(m, seen, LetOut, Entry{Kind: ActRelease, Actor: r.Actor})
}

// DismissMessage is a person who drops a parked message after having looked at it.
type DismissMessage struct {
	Message int64
	Actor   string
}

// Needs are the message.
func (m DismissMessage) Needs(*Known) Needs { return Needs{Messages: []int64{m.Message}} }

func (m DismissMessage) decide(d *deciding) error {
	before := d.Messages[m.Message]
	return d.move(before, before, Dismiss, Entry{Kind: ActDismiss, Actor: m.Actor})
}

// UndismissMessage takes back that a person has dismissed a message, as long as its original is here: without it nothing could be
// decided anew.
type UndismissMessage struct {
	Message int64
	Actor   string
}

// Needs are the message, and whether a person has dismissed it.
func (u UndismissMessage) Needs(*Known) Needs {
	return Needs{Messages: []int64{u.Message}, Dismissed: []int64{u.Message}}
}

func (u UndismissMessage) decide(d *deciding) error {
	m := d.Messages[u.Message]
	if m.Erased || !m.Original || !d.Dismissed[u.Message] {
		return ErrNotSo
	}
	return d.move(m, m, Undismiss, Entry{Kind: ActUndismiss, Actor: u.Actor})
}

// move brings a message to another state.
func (d *deciding) move(before, after Message, on MessageHappening, e Entry) error {
	to, means := MessageMachine.Next(before.State, on)
	if !means {
		return ErrNotSo
	}
	after.State = to
	d.Messages[after.ID] = after
	d.plan.Messages = append(d.plan.Messages, Change[Message]{before, after})
	e.Message, e.Detail = before.ID, before.Cause
	d.entry(e, Snapshot{Message: before.State}, Snapshot{Message: to}, func() {})
	return nil
}

// TakeOutMessage takes an append back: the message belongs to another matter than the ticket that it continued. It is decided anew,
// apart from that ticket, and what it changed there is as before, as far as nobody has changed it since.
type TakeOutMessage struct {
	Message int64
	Actor   string
}

// Needs are the message, its ticket with what the message has changed there, and the ticket's promises.
func (c TakeOutMessage) Needs(k *Known) Needs {
	m, ok := k.Messages[c.Message]
	if !ok || m.Ticket == 0 {
		return Needs{Messages: []int64{c.Message}, Appends: []int64{c.Message}}
	}
	return ofTicket(m.Ticket)
}

func (c TakeOutMessage) decide(d *deciding) error {
	m := d.Messages[c.Message]
	before, there := d.Tickets[m.Ticket]
	entry := d.Appends[c.Message]
	switch {
	case m.State != Appended || m.Erased || !there:
		return ErrNotSo
	case !m.Original:
		return ErrOriginalGone
	case entry.After.Queue != "" || entry.After.Contact != 0: // it says what the ticket is about, or whose it is
		return ErrNotSo
	}
	out := m
	out.State, out.Apart, out.Ticket = Recorded, m.Ticket, 0
	d.Messages[m.ID] = out
	d.plan.Messages = append(d.plan.Messages, Change[Message]{m, out})
	after := before.without(entry)
	d.Tickets[after.ID] = after
	d.plan.Tickets = append(d.plan.Tickets, Change[TicketStatus]{before, after})
	d.entry(Entry{Kind: ActTakeOut, Actor: c.Actor, Message: m.ID, Ticket: m.Ticket},
		Snapshot{Message: m.State, Ticket: before.State, Priority: before.Priority}, Snapshot{Message: out.State, Ticket: after.State, Priority: after.Priority}, func() {
			if after.State != before.State {
				d.each(after.ID, func(p Promise) (Promise, bool) { return OnClose(p, d.now) })
			}
		})
	return nil
}

// without is a ticket without what a message has changed in it: a priority that it has raised and that stands, and that it has opened
// it again, if nothing has come since.
func (t TicketStatus) without(e Entry) TicketStatus {
	if e.After.Priority != "" && e.After.Priority == t.Priority {
		t.Priority = e.Before.Priority
	}
	if e.Before.Ticket == TicketClosed && e.After.Ticket == TicketOpen && e.After.Version == t.Version {
		t.State, _ = TicketMachine.Next(t.State, Close)
	}
	t.Version++
	t.Messages--
	return t
}

// ReleaseHeld is a person who lets a withheld acknowledgement go: it is due, and its promise counts again.
type ReleaseHeld struct {
	Effect int64
	Actor  string
	Wait   time.Duration // so long nothing is sent, and HoldBackHeld can take it back
}

// Needs are the row and its promise.
func (r ReleaseHeld) Needs(k *Known) Needs { return ofEffect(k, r.Effect) }

func ofEffect(k *Known, id int64) (n Needs) {
	if e, ok := k.Effects[id]; ok {
		n.Acknowledgements = []int64{e.Ticket}
		return n
	}
	n.Effects = []int64{id}
	return n
}

func (r ReleaseHeld) decide(d *deciding) error {
	before := d.Effects[r.Effect]
	e := before
	if !e.after(Release) {
		return ErrNotSo
	}
	next := d.now.Add(r.Wait)
	e.Cause, e.Next, e.Wake, e.Due, e.Counted = "", next, next, d.now, true
	d.held(before, e, Entry{Kind: ActReleaseHeld, Actor: r.Actor, Detail: before.Cause}, func(p Promise) (Promise, bool) { return OnRelease(p, before.Cause, d.now) })
	return nil
}

// HoldBackHeld takes a release back of which nothing was sent yet: the row is withheld again for what it was withheld for.
type HoldBackHeld struct {
	Effect int64
	Actor  string
	Cause  string
}

// Needs are the row and its promise.
func (h HoldBackHeld) Needs(k *Known) Needs { return ofEffect(k, h.Effect) }

func (h HoldBackHeld) decide(d *deciding) error {
	before := d.Effects[h.Effect]
	e := before
	if e.Attempts > 0 || !e.after(HoldBack) {
		return ErrNotSo
	}
	e.close()
	e.Cause, e.Counted = h.Cause, false
	d.held(before, e, Entry{Kind: ActHoldBack, Actor: h.Actor, Detail: h.Cause}, func(p Promise) (Promise, bool) { return p.Withdrawn(h.Cause, d.now) })
	return nil
}

// held writes what an act makes of an acknowledgement and its promise.
func (d *deciding) held(before, after Effect, e Entry, step func(Promise) (Promise, bool)) {
	d.setEffect(before, after)
	e.Message, e.Ticket = after.Message, after.Ticket
	d.entry(e, Snapshot{Effect: before.State}, Snapshot{Effect: after.State}, func() { d.acknowledgement(after.Ticket, step) })
}

// NeverSend says of a withheld acknowledgement that nothing may ever go to its address: it waits for nobody.
type NeverSend struct {
	Effect int64
	Cause  string
}

// Needs are the row and its promise.
func (n NeverSend) Needs(k *Known) Needs { return ofEffect(k, n.Effect) }

func (n NeverSend) decide(d *deciding) error {
	before := d.Effects[n.Effect]
	if before.State != EffectWithheld {
		return ErrNotSo
	}
	e := before
	e.Cause = n.Cause
	d.setEffect(before, e)
	d.acknowledgement(e.Ticket, func(p Promise) (Promise, bool) {
		changed := p.State == PromiseVoid && p.Cause != n.Cause
		if changed {
			p.Cause = n.Cause
		}
		return p, changed
	})
	return nil
}
