package promises

import "time"

// Acts about promises, as entries and the journal bear them.
const (
	ActResume   = "resume"   // the clock of what was promised runs again, after it was the customer's turn
	ActEscalate = "escalate" // something was done about a promise that is still owed
)

// OnPause is what it makes of a promise that it is the customer's turn: the clock of a resolution stands still. A reply that is owed then goes on
// being owed, and so does what is broken already.
func OnPause(p Promise, now time.Time) (_ Promise, changed bool) {
	if p.Kind != Resolution || !p.Open() || !p.Paused.IsZero() || !now.Before(p.Due) {
		return p, false
	}
	p.Paused, p.Next = now, time.Time{}
	return p, true
}

// Escalated is a promise about which something was done at a step; next is the one that follows. ok is false where it is not owed any more, or stands
// still, or the step is another one.
func (p Promise) Escalated(step, next time.Time) (_ Promise, ok bool) {
	if !p.Settled.IsZero() || p.Stands() || step.IsZero() || !p.Step.Equal(step) {
		return p, false
	}
	p.Step = next
	return p, true
}

// Since is the moment from which the clock has run without a pause, until one.
func (p Promise) Since() time.Time {
	if p.From.IsZero() {
		return p.Start
	}
	return p.From
}

// Stands reports whether the clock of an open promise stands still.
func (p Promise) Stands() bool { return p.Open() && !p.Paused.IsZero() }

// Resumed is a promise whose clock runs again, as it was counted for that: made has From, Used, Due, Half, Warn and Step. It was counted upon the
// promise as it was read, of, and means nothing for another one. What has come meanwhile, a warning or the deadline, comes with the next look.
func (p Promise) Resumed(of, made Promise) (_ Promise, changed bool) {
	if !p.Stands() || !p.Paused.Equal(of.Paused) || !p.Due.Equal(of.Due) {
		return p, false
	}
	p.From, p.Used, p.Due, p.Half, p.Warn, p.Step, p.Paused = made.From, made.Used, made.Due, made.Half, made.Warn, made.Step, time.Time{}
	p.Next = p.next(p.From)
	return p, true
}
