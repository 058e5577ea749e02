// Package promises is the promise: a deadline that the desk owes the customer of a ticket, and where that stands.
package promises

import (
	"time"

	"frontdesk/pipeline/domain/machine"
)

// State is where a promise stands.
type State string

// The states of a promise. Due and Warned are open: the clock still moves them. A broken promise is owed until it is settled.
const (
	Due    State = "due"
	Warned State = "warned"
	Kept   State = "kept"
	Broken State = "broken"
	Void   State = "void" // rightly not owed; the cause says why
)

// Kinds of promise about which there are rules of their own. pipeline/promise has all kinds.
const (
	Acknowledgement = "acknowledgement"
	Resolution      = "resolution"
	FirstReply      = "first-reply" // the first words of a person
	NextReply       = "next-reply"  // our answer to what the customer writes after an answer: one a turn
)

// event is an event in the life of a promise.
type event string

// The events of a promise.
const (
	remind   event = "remind"    // the moment of a warning has come
	expire   event = "expire"    // the deadline has come
	doInTime event = "do"        // what was promised is done, by the deadline
	doLate   event = "do late"   // it is done after the deadline
	withdraw event = "withdraw"  // it is rightly owed no more
	giveBack event = "take back" // what settled it is taken back
)

// Machine is the state machine of a promise.
var Machine = machine.Table[State, event]{
	{From: Due, On: remind, To: Warned},
	{From: Due, On: expire, To: Broken},
	{From: Due, On: doInTime, To: Kept},
	{From: Due, On: doLate, To: Broken},
	{From: Due, On: withdraw, To: Void},
	{From: Warned, On: remind, To: Warned},
	{From: Warned, On: expire, To: Broken},
	{From: Warned, On: doInTime, To: Kept},
	{From: Warned, On: doLate, To: Broken},
	{From: Warned, On: withdraw, To: Void},
	{From: Broken, On: doInTime, To: Broken}, // what is broken stays so, and is settled
	{From: Broken, On: doLate, To: Broken},
	{From: Broken, On: withdraw, To: Broken}, // with the cause
	{From: Kept, On: giveBack, To: Due},
	{From: Void, On: giveBack, To: Due},
}

// Promise is one deadline that the desk owes the customer of a ticket.
type Promise struct {
	Ticket   int64
	Kind     string
	Turn     int64 // of a next reply: which of the ticket's turns it is for, from 1; 0 for what a ticket is promised once
	State    State
	Cause    string // why it is void
	Calendar string // in whose hours it was counted; empty: by the wall clock
	Start    time.Time
	Due      time.Time
	Half     time.Time   // when half of the time until then is used, in the same hours; zero: by the wall clock
	Warn     []time.Time // earliest first
	Next     time.Time   // when the clock has something to do; zero: never again
	Settled  time.Time   // zero while it is open or owed

	// Of one whose clock stands still while it is the customer's turn. Due, Half and Warn are then as they were, and are counted anew when it
	// runs again.
	Paused time.Time // since when; zero: it runs
	From   time.Time // from when it has run since it stood still for the last time; zero: from Start
	Used   int64     // how much of its time was used by From, in microseconds of its own clock

	Step time.Time // when something is done about it if it is still owed then; zero: never
}

// Key names a promise.
type Key struct {
	Ticket int64
	Kind   string
	Turn   int64 // of a next reply
}

// Key is its name.
func (p Promise) Key() Key { return Key{p.Ticket, p.Kind, p.Turn} }

// Reply reports whether it promises words of a person.
func (p Promise) Reply() bool { return p.Kind == FirstReply || p.Kind == NextReply }

// Step is what something makes of a promise; changed is false where it concerns it not.
type Step = func(Promise) (_ Promise, changed bool)

// Moved is one step of a promise that the clock has brought.
type Moved struct {
	Ticket int64
	Kind   string
	Event  State     // Warned or Broken
	Start  time.Time // when the message that it is owed for was received
	At     time.Time // the moment that has come: of the warning, or the deadline
	Due    time.Time
}

// New makes a promise: due, or void from the beginning where there is a cause.
func New(made Promise, cause string, now time.Time) Promise {
	made.State, made.Cause = Due, cause
	made.Next = made.next(time.Time{})
	if cause != "" {
		made.State, made.Next, made.Settled = Void, time.Time{}, now
	}
	return made
}

// Open reports whether the clock still moves it.
func (p Promise) Open() bool { return p.State == Due || p.State == Warned }

// Wake brings an open promise to where it stands now. Of several warnings that were missed the last one is told. A
// promise breaks at its deadline, not after it.
func (p Promise) Wake(now time.Time) (Promise, Moved) {
	on, at := remind, p.Next
	if !now.Before(p.Due) {
		on, at = expire, p.Due
	}
	p, _ = p.after(on)
	if on == expire {
		p.Next = time.Time{}
	} else {
		for _, w := range p.Warn {
			if !w.After(now) {
				at = w
			}
		}
		p.Next = p.next(now)
	}
	return p, Moved{Ticket: p.Ticket, Kind: p.Kind, Event: p.State, Start: p.Start, At: at, Due: p.Due}
}

// Done settles a promise by the moment at which what it promises was done; changed is false where it was settled before.
func (p Promise) Done(at time.Time) (_ Promise, changed bool) {
	if !p.Settled.IsZero() {
		return p, false
	}
	on := doInTime
	if at.After(p.Due) && p.Paused.IsZero() {
		on = doLate
	}
	p, changed = p.after(on)
	return p.settle(at, changed), changed
}

// Withdrawn makes a promise void for a cause; one that is broken already stays so, with the cause.
func (p Promise) Withdrawn(cause string, at time.Time) (_ Promise, changed bool) {
	if !p.Settled.IsZero() {
		return p, false
	}
	if p, changed = p.after(withdraw); changed {
		p.Cause = cause
	}
	return p.settle(at, changed), changed
}

// Returned makes a promise count again, when what settled it is taken back.
func (p Promise) Returned(now time.Time) (_ Promise, changed bool) {
	if p, changed = p.after(giveBack); changed {
		p.Cause, p.Settled, p.Next = "", time.Time{}, p.next(now)
	}
	return p, changed
}

// Hastened takes over the time of a promise that was made anew, such as when a greeting's ticket learns its matter. A time that
// may have been told to the customer moves earlier, never later.
func (p Promise) Hastened(made Promise, now time.Time) (_ Promise, changed bool) {
	if !p.Open() || !made.Due.Before(p.Due) {
		return p, false
	}
	p.Start, p.Due, p.Half, p.Warn, p.Step, p.Calendar = made.Start, made.Due, made.Half, made.Warn, made.Step, made.Calendar
	p.Paused, p.From, p.Used = time.Time{}, time.Time{}, 0
	p.Next = p.next(now)
	return p, true
}

// Recounted takes over the time of a promise that was counted anew from its own start, since calendars or policies have changed. What the customer
// was told moves earlier, never later; nothing moves to a time that has passed, or had when it was paused.
func (p Promise) Recounted(made Promise, now time.Time) (_ Promise, changed bool) {
	told := p.Kind == Acknowledgement || p.Kind == FirstReply
	until := now
	if !p.Paused.IsZero() {
		until = p.Paused
	}
	switch {
	case !p.Open(), !made.Start.Equal(p.Start), !made.Due.After(until), told && made.Due.After(p.Due):
		return p, false
	case made.Due.Equal(p.Due): // what is done about it when may be otherwise
		changed = !made.Step.Equal(p.Step)
		p.Step = made.Step
		return p, changed
	}
	p.Due, p.Half, p.Warn, p.Step, p.Calendar = made.Due, made.Half, made.Warn, made.Step, made.Calendar
	p.Next = p.next(now)
	return p, true
}

func (p Promise) after(on event) (_ Promise, ok bool) {
	p.State, ok = Machine.Next(p.State, on)
	return p, ok
}

func (p Promise) settle(at time.Time, changed bool) Promise {
	if changed {
		p.Settled, p.Next = at, time.Time{}
	}
	return p
}

// next is the next moment at which the clock moves it: its first warning after that time, or its deadline. One that is paused it moves not.
func (p Promise) next(after time.Time) time.Time {
	if !p.Paused.IsZero() {
		return time.Time{}
	}
	for _, w := range p.Warn {
		if w.After(after) && w.Before(p.Due) {
			return w
		}
	}
	return p.Due
}

// Plan is one promise that is to be made.
type Plan struct {
	Kind     string
	Due      time.Time
	Half     time.Time // as in Promise
	Warn     []time.Time
	Step     time.Time // likewise
	Calendar string
	Void     string // cause; empty: it is due
}
