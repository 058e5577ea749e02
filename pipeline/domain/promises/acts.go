package promises

import "time"

// causeClosed voids what was still owed when a person closed the ticket.
const causeClosed = "closed"

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

// OnReply is what an answer of a person that was handed over at that moment makes of a promise.
func OnReply(p Promise, at time.Time) (_ Promise, changed bool) {
	if p.Kind != FirstReply {
		return p, false
	}
	return p.Done(at)
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
