package domain

import "time"

// TicketState is where a ticket stands.
type TicketState string

// The states of a ticket.
const (
	TicketOpen   TicketState = "open"
	TicketClosed TicketState = "closed"
)

// TicketHappening is an event in the life of a ticket.
type TicketHappening string

// The events of a ticket.
const (
	Close    TicketHappening = "close"    // a person closes it, or takes out the message that had opened it again
	Continue TicketHappening = "continue" // a message wants something of it; what machines write only lies with it
	Reopen   TicketHappening = "reopen"   // a person takes the closing back
)

// TicketMachine is the state machine of a ticket.
var TicketMachine = Machine[TicketState, TicketHappening]{
	{TicketOpen, Close, TicketClosed},
	{TicketOpen, Continue, TicketOpen},
	{TicketClosed, Continue, TicketOpen},
	{TicketClosed, Reopen, TicketOpen},
}

// TicketStatus is a ticket as people act upon it.
type TicketStatus struct {
	ID       int64
	Version  int64
	State    TicketState
	Priority string
	Messages int
}

// CauseClosed voids what was still owed when a person closed the ticket.
const CauseClosed = "closed"

// OnClose is what closing its ticket makes of a promise: its resolution is reached, and a reply that was still owed is
// owed no more. The acknowledgement is not concerned.
func OnClose(p Promise, now time.Time) (_ Promise, changed bool) {
	switch {
	case p.Kind == Resolution:
		return p.Done(now)
	case p.Kind != Acknowledgement && p.Open():
		return p.Withdrawn(CauseClosed, now)
	}
	return p, false
}

// OnReopen takes back what closing the ticket at that time has made of a promise. A resolution that was reached after its
// deadline was broken before, and stays so.
func OnReopen(p Promise, closed, now time.Time) (_ Promise, changed bool) {
	byIt := p.State == PromiseVoid && p.Cause == CauseClosed || p.Kind == Resolution && p.State == PromiseKept
	if !byIt || !p.Settled.Equal(closed) {
		return p, false
	}
	return p.Returned(now)
}

// OnErase is what erasing the customer makes of a promise: the acknowledgement is owed no more, and nothing is where nobody
// is left whom the ticket concerns.
func OnErase(p Promise, cause string, nobodyLeft bool, now time.Time) (_ Promise, changed bool) {
	if !p.Open() || !nobodyLeft && p.Kind != Acknowledgement {
		return p, false
	}
	return p.Withdrawn(cause, now)
}

// OnRelease makes the acknowledgement's promise count again that was void for the cause for which the acknowledgement was
// withheld, when a person lets that go.
func OnRelease(p Promise, cause string, now time.Time) (_ Promise, changed bool) {
	if p.State != PromiseVoid || p.Cause != cause {
		return p, false
	}
	return p.Returned(now)
}
