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
		made, ok := promise.Anew(p, promise.Kind(before.Kind), promise.Facts{Case: about}, before.Start)
		return promises.Promise{Due: made.Due, Half: made.Half, Warn: made.Warn, Calendar: made.Calendar}, ok
	}}
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
