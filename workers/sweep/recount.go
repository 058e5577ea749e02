package sweep

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/match"
	"frontdesk/pipeline/promise"
	"frontdesk/workers/store/escalating"
	"frontdesk/workers/store/outbox"
)

// recountRows is for how many open tickets a sweep counts promises anew.
const recountRows = 100

// Escalating is what is done about promises that are still owed, by a policy; nil where it says nothing.
func Escalating(p promise.Policy, groups match.Groups) *escalating.Rules {
	if len(p.Escalations) == 0 {
		return nil
	}
	return &escalating.Rules{Group: groups.Of, Steps: func(about match.Case, of promises.Promise) []promise.Step { return steps(p, about, of) }}
}

// escalate does what has come about promises that are still owed.
func (s *Sweep) escalate(ctx context.Context, now time.Time) error {
	if s.escalating == nil {
		return nil
	}
	n, err := s.store.Escalate.Escalate(ctx, *s.escalating, now, sweepRows)
	if n > 0 {
		s.logger.Info("tickets were escalated", "tickets", n)
	}
	return err
}

// Counting is how promises are counted anew by a policy, with the groups of contacts that its rules may ask for.
func Counting(p promise.Policy, groups match.Groups) *outbox.Recount {
	return &outbox.Recount{Print: fmt.Sprintf("%s %x", p.Print(), sha256.Sum256(fmt.Append(nil, groups)))[:48], Group: groups.Of, Count: func(about match.Case, before promises.Promise) (promises.Promise, bool) {
		made, ok := promise.Anew(p, promise.Kind(before.Kind), promise.Facts{Case: about}, before.Since(), time.Duration(before.Used)*time.Microsecond)
		return promises.Promise{Due: made.Due, Half: made.Half, Warn: made.Warn, Calendar: made.Calendar, Step: firstStep(p, about, promises.Promise{Kind: before.Kind, Turn: before.Turn, Start: before.Start, From: before.From, Used: before.Used, Due: made.Due, Calendar: made.Calendar})}, ok
	}, Resume: func(before promises.Promise, at time.Time) promises.Promise {
		r := p.Resume(before.Calendar, before.Since(), before.Paused, at)
		made := promises.Promise{From: at, Used: before.Used + r.Used.Microseconds(), Due: r.Moved(before.Due), Half: r.Moved(before.Half), Step: r.Moved(before.Step)}
		if before.Half.IsZero() {
			made.Half = r.Moved(before.Start.Add(before.Due.Sub(before.Start) / 2))
		}
		for _, w := range before.Warn {
			made.Warn = append(made.Warn, r.Moved(w))
		}
		return made
	}}
}

// steps are what is done about a promise, and when.
func steps(p promise.Policy, about match.Case, of promises.Promise) []promise.Step {
	return p.Steps(about, promise.Promised{Kind: promise.Kind(of.Kind), Turn: of.Turn, Calendar: of.Calendar, From: of.Since(), Used: time.Duration(of.Used) * time.Microsecond, Due: of.Due})
}

func firstStep(p promise.Policy, about match.Case, of promises.Promise) time.Time {
	for _, s := range steps(p, about, of) {
		return s.At
	}
	return time.Time{}
}

// resume has the clocks run again that stood still while it was the customer's turn.
func (s *Sweep) resume(ctx context.Context, now time.Time) error {
	return s.store.Outbox.ResumePromises(ctx, s.resumed, now, sweepRows)
}

// recount counts the promises of open tickets anew after calendars or policies have changed, some tickets with each sweep.
func (s *Sweep) recount(ctx context.Context, now time.Time) error {
	if s.counting == nil {
		return nil
	}
	moved, done, err := s.store.Outbox.RecountStep(ctx, *s.counting, recountRows, now)
	if moved > 0 {
		s.logger.Info("promises were counted anew", "tickets", moved)
	}
	if done && err == nil {
		s.counting = nil // this process counts by one policy
	}
	return err
}
