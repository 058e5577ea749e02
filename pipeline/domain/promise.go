package domain

import "time"

// PromiseState is where a promise stands.
type PromiseState string

// The states of a promise. Due and Warned are open: the clock still moves them. A broken promise is owed until it is settled.
const (
	PromiseDue    PromiseState = "due"
	PromiseWarned PromiseState = "warned"
	PromiseKept   PromiseState = "kept"
	PromiseBroken PromiseState = "broken"
	PromiseVoid   PromiseState = "void" // rightly not owed; the cause says why
)

// Kinds of promise about which there are rules of their own. pipeline/promise has all kinds.
const (
	Acknowledgement = "acknowledgement"
	Resolution      = "resolution"
)

// PromiseHappening is an event in the life of a promise.
type PromiseHappening string

// The events of a promise.
const (
	Remind   PromiseHappening = "remind"    // the moment of a warning has come
	Expire   PromiseHappening = "expire"    // the deadline has come
	DoInTime PromiseHappening = "do"        // what was promised is done, by the deadline
	DoLate   PromiseHappening = "do late"   // it is done after the deadline
	Withdraw PromiseHappening = "withdraw"  // it is rightly owed no more
	Return   PromiseHappening = "take back" // what settled it is taken back
)

// PromiseMachine is the state machine of a promise.
var PromiseMachine = Machine[PromiseState, PromiseHappening]{
	{PromiseDue, Remind, PromiseWarned},
	{PromiseDue, Expire, PromiseBroken},
	{PromiseDue, DoInTime, PromiseKept},
	{PromiseDue, DoLate, PromiseBroken},
	{PromiseDue, Withdraw, PromiseVoid},
	{PromiseWarned, Remind, PromiseWarned},
	{PromiseWarned, Expire, PromiseBroken},
	{PromiseWarned, DoInTime, PromiseKept},
	{PromiseWarned, DoLate, PromiseBroken},
	{PromiseWarned, Withdraw, PromiseVoid},
	{PromiseBroken, DoInTime, PromiseBroken}, // what is broken stays so, and is settled
	{PromiseBroken, DoLate, PromiseBroken},
	{PromiseBroken, Withdraw, PromiseBroken}, // with the cause
	{PromiseKept, Return, PromiseDue},
	{PromiseVoid, Return, PromiseDue},
}

// Promise is one deadline that the desk owes the customer of a ticket.
type Promise struct {
	Ticket   int64
	Kind     string
	State    PromiseState
	Cause    string // why it is void
	Calendar string // in whose hours it was counted; empty: by the wall clock
	Start    time.Time
	Due      time.Time
	Warn     []time.Time // earliest first
	Next     time.Time   // when the clock has something to do; zero: never again
	Settled  time.Time   // zero while it is open or owed
}

// Moved is one step of a promise that the clock has brought.
type Moved struct {
	Ticket int64
	Kind   string
	Event  PromiseState // PromiseWarned or PromiseBroken
	Start  time.Time    // when the message that it is owed for was received
	At     time.Time    // the moment that has come: of the warning, or the deadline
	Due    time.Time
}

// NewPromise makes a promise: due, or void from the beginning where there is a cause.
func NewPromise(made Promise, cause string, now time.Time) Promise {
	made.State, made.Cause = PromiseDue, cause
	made.Next = made.next(time.Time{})
	if cause != "" {
		made.State, made.Next, made.Settled = PromiseVoid, time.Time{}, now
	}
	return made
}

// Open reports whether the clock still moves it.
func (p Promise) Open() bool { return p.State == PromiseDue || p.State == PromiseWarned }

// Wake brings an open promise to where it stands now. Of several warnings that were missed the last one is told. A
// promise breaks at its deadline, not after it.
func (p Promise) Wake(now time.Time) (Promise, Moved) {
	on, at := Remind, p.Next
	if !now.Before(p.Due) {
		on, at = Expire, p.Due
	}
	p, _ = p.after(on)
	if on == Expire {
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
	on := DoInTime
	if at.After(p.Due) {
		on = DoLate
	}
	p, changed = p.after(on)
	return p.settle(at, changed), changed
}

// Withdrawn makes a promise void for a cause; one that is broken already stays so, with the cause.
func (p Promise) Withdrawn(cause string, at time.Time) (_ Promise, changed bool) {
	if !p.Settled.IsZero() {
		return p, false
	}
	if p, changed = p.after(Withdraw); changed {
		p.Cause = cause
	}
	return p.settle(at, changed), changed
}

// Returned makes a promise count again, when what settled it is taken back.
func (p Promise) Returned(now time.Time) (_ Promise, changed bool) {
	if p, changed = p.after(Return); changed {
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
	p.Start, p.Due, p.Warn, p.Calendar = made.Start, made.Due, made.Warn, made.Calendar
	p.Next = p.next(now)
	return p, true
}

func (p Promise) after(on PromiseHappening) (_ Promise, ok bool) {
	p.State, ok = PromiseMachine.Next(p.State, on)
	return p, ok
}

func (p Promise) settle(at time.Time, changed bool) Promise {
	if changed {
		p.Settled, p.Next = at, time.Time{}
	}
	return p
}

// next is the next moment at which the clock moves it: its first warning after that time, or its deadline.
func (p Promise) next(after time.Time) time.Time {
	for _, w := range p.Warn {
		if w.After(after) && w.Before(p.Due) {
			return w
		}
	}
	return p.Due
}
