// Package effects is the outbox row: what is to be done outside, where that stands, and what its sending makes of it.
package effects

import (
	"time"

	"frontdesk/pipeline/domain/machine"
)

// State is where an outbox row stands.
type State string

// The states of an outbox row. Due and Sending are open; a Failed acknowledgement is open until its fallback is decided.
const (
	Due       State = "due"
	Sending   State = "sending"
	Sent      State = "sent"
	Delivered State = "delivered"
	Failed    State = "failed"
	Fallback  State = "fallback" // failed, and another row went on at another address
	Withheld  State = "withheld" // it does not go; the cause says why
)

// Event is an event in the life of an outbox row.
type Event string

// The events that a provider tells.
const (
	HandOver Event = "hand over" // the provider has it
	Deliver  Event = "deliver"   // the provider says that it arrived
	Fail     Event = "fail"      // it will never arrive
)

// The other events.
const (
	claim    Event = "claim"     // a worker takes it up
	retry    Event = "retry"     // the attempt failed, and there will be another one
	fallBack Event = "fall back" // another row goes on at another address
	withhold Event = "withhold"  // it does not go after all
	release  Event = "release"   // a person lets it go
	holdBack Event = "hold back" // a release, or a send that has not begun, is taken back
	again    Event = "again"     // a person tries once more what has failed
)

// Machine is the state machine of an outbox row. A failure that is told later than an arrival is a failure: mail comes
// back, and a telephone number is given up, after a server has taken the message.
var Machine = machine.Table[State, Event]{
	{From: Due, On: claim, To: Sending},
	{From: Sending, On: claim, To: Sending}, // its claim has run out
	{From: Failed, On: claim, To: Failed},   // for its fallback: nothing is sent
	{From: Due, On: retry, To: Due},
	{From: Sending, On: retry, To: Due},
	{From: Failed, On: retry, To: Failed}, // its fallback is asked for again
	{From: Due, On: HandOver, To: Sent},
	{From: Sending, On: HandOver, To: Sent},
	{From: Due, On: Deliver, To: Delivered},
	{From: Sending, On: Deliver, To: Delivered},
	{From: Sent, On: Deliver, To: Delivered},
	{From: Due, On: Fail, To: Failed},
	{From: Sending, On: Fail, To: Failed},
	{From: Sent, On: Fail, To: Failed},
	{From: Delivered, On: Fail, To: Failed},
	{From: Failed, On: Fail, To: Failed}, // no address is left for its fallback
	{From: Due, On: fallBack, To: Fallback},
	{From: Sending, On: fallBack, To: Fallback},
	{From: Sent, On: fallBack, To: Fallback},
	{From: Delivered, On: fallBack, To: Fallback},
	{From: Failed, On: fallBack, To: Fallback},
	{From: Due, On: withhold, To: Withheld},
	{From: Sending, On: withhold, To: Withheld},
	{From: Failed, On: withhold, To: Withheld},
	{From: Withheld, On: release, To: Due},
	{From: Due, On: holdBack, To: Withheld},
	{From: Failed, On: again, To: Due},
	{From: Withheld, On: again, To: Due},
}

// Effect is what an outbox row knows of its sending. Recipient and Provider are keys of the store: equal ones mean the same.
type Effect struct {
	ID                       int64
	Key, Kind                string
	State                    State
	Ticket, Message, Contact int64
	Inbox, Recipient         string
	Attempts                 int
	Due                      time.Time // from when it counts as late
	Next                     time.Time // when to try, or when its claim runs out; zero: never
	Wake                     time.Time // when the sweep looks at it; zero: never
	Sent                     time.Time // when the provider had it for the first time; zero: never
	Provider                 string    // the provider's name for it
	Parts                    int       // parts of it that are done
	Unknown                  bool      // an attempt may have been done
	NeedsFallback            bool      // it has failed, and another address is to be looked for
	Erased                   bool      // its person was erased
	Counted                  bool      // it counts for the caps of its recipient
	Cause, LastError         string
	Holder                   string // who has claimed it
}

// Took reports whether the provider has it.
func (e Effect) Took() bool { return e.State == Sent || e.State == Delivered }

// after moves the row to the state that an event leads to.
func (e *Effect) after(on Event) (ok bool) {
	e.State, ok = Machine.Next(e.State, on)
	return ok
}

// close takes the row out of the sweep's sight.
func (e *Effect) close() { e.Next, e.Wake, e.NeedsFallback = time.Time{}, time.Time{}, false }

// Claimed takes a row up until that time. What a claim that has run out had begun may have been sent.
func (e Effect) Claimed(holder string, until time.Time) (_ Effect, ok bool) {
	before := e.State
	if !e.after(claim) {
		return e, false
	}
	e.Unknown = e.Unknown || before == Sending
	if before != Failed {
		e.Attempts++
	}
	e.Next, e.Wake, e.Holder = until, until, holder
	return e, true
}

// HandedOver is a row that the provider has taken, and has delivered where it could say so at once. Where it has said
// meanwhile that it will never arrive, it was handed over all the same, as if that word had come a moment later.
func (e *Effect) HandedOver(delivered bool, now time.Time) {
	if e.Sent.IsZero() {
		e.Sent = now
	}
	on := HandOver
	if delivered {
		on = Deliver
	}
	e.after(on)
	if e.State != Failed {
		e.close()
		e.LastError = ""
	}
}

// Retried is a row whose attempt has failed and that is tried again at that time.
func (e *Effect) Retried(next time.Time, why string) {
	e.after(retry)
	e.Next, e.Wake, e.LastError = next, next, why
}

// FellBack is a row in whose place another one goes on at another address.
func (e *Effect) FellBack(why string) {
	e.after(fallBack)
	e.close()
	e.LastError = why
}

// Ended is a row that is over without success: failed for good, or withheld after all.
func (e *Effect) Ended(withheld bool, cause, why string) {
	on := Fail
	if withheld {
		on = withhold
	}
	e.after(on)
	e.close()
	e.Cause, e.LastError = cause, why
}

// Withhold is a row that does not go, for that cause.
func (e *Effect) Withhold(cause string) {
	e.after(withhold)
	e.close()
	e.Cause = cause
}

// NoFallback gives up looking for another address.
func (e *Effect) NoFallback() { e.close() }

// Released is a withheld row that a person lets go, after so long a wait; ok is false where it is not withheld.
func (e *Effect) Released(wait time.Duration, now time.Time) (ok bool) {
	if !e.after(release) {
		return false
	}
	next := now.Add(wait)
	e.Cause, e.Next, e.Wake, e.Due, e.Counted = "", next, next, now, true
	return true
}

// Again is a row that a person tries once more, now; ok is false where it has not ended without success. What an earlier attempt may
// have done stays unknown: the provider is asked first.
func (e *Effect) Again(now time.Time) (ok bool) {
	if !e.after(again) {
		return false
	}
	e.Cause, e.LastError, e.NeedsFallback = "", "", false
	e.Next, e.Wake, e.Due = now, now, now
	return true
}

// HeldBack is a row of which nothing was sent yet, and which is withheld for that cause; ok is false where it is too late.
func (e *Effect) HeldBack(cause string) (ok bool) {
	if e.Attempts > 0 || !e.after(holdBack) {
		return false
	}
	e.close()
	e.Cause, e.Counted = cause, false
	return true
}
