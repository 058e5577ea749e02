package domain

import "time"

// EffectState is where an outbox row stands.
type EffectState string

// The states of an outbox row. Due and Sending are open; a Failed acknowledgement is open until its fallback is decided.
const (
	EffectDue       EffectState = "due"
	EffectSending   EffectState = "sending"
	EffectSent      EffectState = "sent"
	EffectDelivered EffectState = "delivered"
	EffectFailed    EffectState = "failed"
	EffectFallback  EffectState = "fallback" // failed, and another row went on at another address
	EffectWithheld  EffectState = "withheld" // it does not go; the cause says why
)

// Kinds of effect.
const (
	KindAcknowledgement = "acknowledgement"
	KindDigest          = "digest"
	KindMark            = "mark"
	KindMedia           = "media"
	KindNotice          = "notice"
)

// EffectHappening is an event in the life of an outbox row.
type EffectHappening string

// The events of an outbox row.
const (
	Claim    EffectHappening = "claim"     // a worker takes it up
	Retry    EffectHappening = "retry"     // the attempt failed, and there will be another one
	HandOver EffectHappening = "hand over" // the provider has it
	Deliver  EffectHappening = "deliver"   // the provider says that it arrived
	Fail     EffectHappening = "fail"      // it will never arrive
	FallBack EffectHappening = "fall back" // another row goes on at another address
	Withhold EffectHappening = "withhold"  // it does not go after all
	Release  EffectHappening = "release"   // a person lets it go
	HoldBack EffectHappening = "hold back" // a release is taken back
)

// EffectMachine is the state machine of an outbox row. A failure that is told later than an arrival is a failure: mail comes
// back, and a telephone number is given up, after a server has taken the message.
var EffectMachine = Machine[EffectState, EffectHappening]{
	{EffectDue, Claim, EffectSending},
	{EffectSending, Claim, EffectSending}, // its claim has run out
	{EffectFailed, Claim, EffectFailed},   // for its fallback: nothing is sent
	{EffectDue, Retry, EffectDue},
	{EffectSending, Retry, EffectDue},
	{EffectFailed, Retry, EffectFailed}, // its fallback is asked for again
	{EffectDue, HandOver, EffectSent},
	{EffectSending, HandOver, EffectSent},
	{EffectDue, Deliver, EffectDelivered},
	{EffectSending, Deliver, EffectDelivered},
	{EffectSent, Deliver, EffectDelivered},
	{EffectDue, Fail, EffectFailed},
	{EffectSending, Fail, EffectFailed},
	{EffectSent, Fail, EffectFailed},
	{EffectDelivered, Fail, EffectFailed},
	{EffectFailed, Fail, EffectFailed}, // no address is left for its fallback
	{EffectDue, FallBack, EffectFallback},
	{EffectSending, FallBack, EffectFallback},
	{EffectSent, FallBack, EffectFallback},
	{EffectDelivered, FallBack, EffectFallback},
	{EffectFailed, FallBack, EffectFallback},
	{EffectDue, Withhold, EffectWithheld},
	{EffectSending, Withhold, EffectWithheld},
	{EffectFailed, Withhold, EffectWithheld},
	{EffectWithheld, Release, EffectDue},
	{EffectDue, HoldBack, EffectWithheld},
}

// Effect is what an outbox row knows of its sending. Recipient and Provider are keys of the store: equal ones mean the same.
type Effect struct {
	ID                       int64
	Key, Kind                string
	State                    EffectState
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
func (e Effect) Took() bool { return e.State == EffectSent || e.State == EffectDelivered }

// after moves the row to the state that an event leads to.
func (e *Effect) after(on EffectHappening) (ok bool) {
	e.State, ok = EffectMachine.Next(e.State, on)
	return ok
}

// close takes the row out of the sweep's sight.
func (e *Effect) close() { e.Next, e.Wake, e.NeedsFallback = time.Time{}, time.Time{}, false }

// Claimed takes a row up until that time. What a claim that has run out had begun may have been sent.
func (e Effect) Claimed(holder string, until time.Time) (_ Effect, ok bool) {
	before := e.State
	if !e.after(Claim) {
		return e, false
	}
	e.Unknown = e.Unknown || before == EffectSending
	if before != EffectFailed {
		e.Attempts++
	}
	e.Next, e.Wake, e.Holder = until, until, holder
	return e, true
}

// failed notes why, and wakes a failed acknowledgement at once for its fallback.
func (e *Effect) failed(reason string, now time.Time) {
	e.LastError = reason
	if e.Kind == KindAcknowledgement {
		e.NeedsFallback, e.Next, e.Wake = true, now, now
	}
}

// told applies what a provider says of a row by itself. A row for which another attempt is on its way is closed as well: the
// provider has it. Whoever says that it failed has had it, too: the order in which words come must not decide.
func (e *Effect) told(r Receipt, now time.Time) {
	if e.Provider == "" {
		e.Provider = r.Provider
	}
	if r.Event == HandOver && e.State == EffectSending {
		return // the attempt under way will say so itself
	}
	before := e.State
	if !e.after(r.Event) || e.State == before {
		return
	}
	e.close()
	e.Unknown = false
	if e.Sent.IsZero() {
		e.Sent = notLater(r.At, now)
	}
	if e.State == EffectFailed {
		e.failed(r.Reason, now)
	}
}

// notLater is when something happened by a foreign clock, which is nothing that is still to come.
func notLater(at, now time.Time) time.Time {
	if at.IsZero() || at.After(now) {
		return now
	}
	return at
}
