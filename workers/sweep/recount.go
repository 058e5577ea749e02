package sweep

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/match"
	"frontdesk/pipeline/promise"
	"frontdesk/workers/store/outbox"
)

// recountRows is for how many open tickets a sweep counts promises anew.
const recountRows = 100

// Counting is how promises are counted anew by a policy, with the groups of contacts that its rules may ask for.
func Counting(p promise.Policy, groups match.Groups) *outbox.Recount {
	return &outbox.Recount{Print: fmt.Sprintf("%s %x", p.Print(), sha256.Sum256(fmt.Append(nil, groups)))[:48], Group: groups.Of, Count: func(about match.Case, before promises.Promise) (promises.Promise, bool) {
		made, ok := promise.Anew(p, promise.Kind(before.Kind), promise.Facts{Case: about}, before.Since(), time.Duration(before.Used)*time.Microsecond)
		return promises.Promise{Due: made.Due, Half: made.Half, Warn: made.Warn, Calendar: made.Calendar}, ok
	}, Resume: func(before promises.Promise, at time.Time) promises.Promise {
		r := p.Resume(before.Calendar, before.Since(), before.Paused, at)
		made := promises.Promise{From: at, Used: before.Used + r.Used.Microseconds(), Due: r.Moved(before.Due), Half: r.Moved(before.Half)}
		if before.Half.IsZero() {
			made.Half = r.Moved(before.Start.Add(before.Due.Sub(before.Start) / 2))
		}
		for _, w := range before.Warn {
			made.Warn = append(made.Warn, r.Moved(w))
		}
		return made
	}}
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
