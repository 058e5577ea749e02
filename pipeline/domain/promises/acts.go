package promises

import "time"

// Causes for which a reply is void.
const (
	causeClosed   = "closed"       // a person closed the ticket while it was still owed
	causeSetAside = "set-aside"    // a person has said that nothing is to be answered
	causeUnderWay = "answer-first" // the customer has written while an answer to what he wrote before was under way
)

// Begun is the promise of a reply to what the customer writes after our answer; owed: a reply before it is not settled yet. That one comes
// first, so this one counts once it has gone out: see OnRecall.
func Begun(made Promise, owed bool, now time.Time) Promise {
	cause := ""
	if owed {
		cause = causeUnderWay
	}
	made.Kind = NextReply
	return New(made, cause, now)
}

// OnClose is what closing its ticket makes of a promise: its resolution is reached, and a reply that was still owed is
// owed no more. The acknowledgement is not concerned.
func OnClose(p Promise, now time.Time) (_ Promise, changed bool) {
	switch {
	case p.Kind == Resolution:
		return p.Done(now)
	case p.Kind != Acknowledgement && p.Open():
		return p.Withdrawn(causeClosed, now)
	}
	return p, false
}

// OnReply is what an answer of a person that was handed over at that moment makes of a promise. since is when the customer wrote what no answer
// was written to yet, zero where there is nothing of the kind: an answer that was under way by then is none to it. Nor is one that the provider had before the
// customer wrote, and that is sent once more since it has come back.
func OnReply(p Promise, since, at time.Time) (_ Promise, changed bool) {
	if !p.Reply() || p.Kind == NextReply && (at.Before(p.Start) || !since.IsZero() && !p.Start.Before(since)) {
		return p, false
	}
	return p.Done(at)
}

// OnSetAside is what it makes of a promise that nothing is to be answered: a reply is owed no more.
func OnSetAside(p Promise, now time.Time) (_ Promise, changed bool) {
	if !p.Reply() {
		return p, false
	}
	return p.Withdrawn(causeSetAside, now)
}

// OnSplit is what it makes of a promise that nothing stays of what the customer wrote from then on: it is owed in another ticket now. So the turns that
// began with it are void for that cause, and one that was to count once an answer has gone out never will. What began before is owed as it was.
func OnSplit(p Promise, from time.Time, cause string, now time.Time) (_ Promise, changed bool) {
	switch {
	case p.Kind != NextReply, p.Start.Before(from):
		return p, false
	case p.State == Void && p.Cause == causeUnderWay:
		p.Cause = cause
		return p, true
	}
	return p.Withdrawn(cause, now)
}

// OnRecall is what it makes of the newest promise of a reply that the customer waits after all: it counts again from when it began, with its
// old times. That is so when a person takes back that he has set it aside, or when the answer has gone out that came first.
func OnRecall(p Promise, now time.Time) (_ Promise, changed bool) {
	if p.State != Void || p.Cause != causeSetAside && p.Cause != causeUnderWay {
		return p, false
	}
	return p.Returned(now)
}

// OnReopen takes back what closing the ticket at that time has made of a promise. A resolution that was reached after its
// deadline was broken before, and stays so.
func OnReopen(p Promise, closed, now time.Time) (_ Promise, changed bool) {
	byIt := p.State == Void && p.Cause == causeClosed || p.Kind == Resolution && p.State == Kept
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
	if p.State != Void || p.Cause != cause {
		return p, false
	}
	return p.Returned(now)
}
