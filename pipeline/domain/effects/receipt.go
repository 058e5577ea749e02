package effects

import "time"

// Receipt is what a provider says of a row by itself.
type Receipt struct {
	ID            int64 // under which it is kept where no row waits for it
	Inbox         string
	Key, Provider string // names of the row; one may be empty
	Event         Event  // HandOver, Deliver or Fail
	Reason        string
	At            time.Time
}

// Told applies what a provider says of a row by itself. A row for which another attempt is on its way is closed as well: the
// provider has it. Whoever says that it failed has had it, too: the order in which words come must not decide.
func (e *Effect) Told(r Receipt, now time.Time) {
	if e.Provider == "" {
		e.Provider = r.Provider
	}
	if r.Event == HandOver && e.State == Sending {
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
	if e.State == Failed {
		e.failed(r.Reason, now)
	}
}

// causeBounced is why a row has failed whose mail came back.
const causeBounced = "bounced"

// Bounced is a row whose mail came back: what came back went out, by the report's time. ok is false where that says nothing new.
func (e *Effect) Bounced(reason string, at, now time.Time) (ok bool) {
	if e.State == Failed || !e.after(Fail) {
		return false
	}
	e.close()
	e.Cause, e.Unknown = causeBounced, false
	if e.Sent.IsZero() {
		e.Sent = notLater(at, now)
	}
	e.failed(reason, now)
	return true
}

// failed notes why, and wakes a failed acknowledgement at once for its fallback.
func (e *Effect) failed(reason string, now time.Time) {
	e.LastError = reason
	if e.Kind == KindAcknowledgement {
		e.NeedsFallback, e.Next, e.Wake = true, now, now
	}
}

// notLater is when something happened by a foreign clock, which is nothing that is still to come.
func notLater(at, now time.Time) time.Time {
	if at.IsZero() || at.After(now) {
		return now
	}
	return at
}
