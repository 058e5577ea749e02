package receive

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"frontdesk/channels"
	"frontdesk/workers"
	"frontdesk/workers/store/intake"
)

// catchupStream is the stream under which the time of the last catch-up is kept as a cursor.
const catchupStream = "catchup"

// catchupOverlap is how far a catch-up looks back beyond the last one: providers list a message a
// while after they took it in.
const catchupOverlap = 24 * time.Hour

// caughtUp is that cursor.
type caughtUp struct {
	At    time.Time `json:"at"`    // of the last catch-up
	First time.Time `json:"first"` // of the first: what the source received before is history
}

// Beats of catching up.
const (
	catchupWithin = 5 * time.Minute // the lease of one catch-up: it is all that a crash leaves behind
	catchupAgain  = time.Minute     // after a failure, or when another process is at it
)

// Catchup reconciles the source of a webhook, which may have been unable to reach us: at start, and
// then on the slow clock, by one process at a time. However long we were away, everything since the
// last catch-up is asked for.
func (s *Sources) Catchup(ctx context.Context, inbox string, r channels.Reconciler) {
	atStart := true
	for ctx.Err() == nil {
		pause := reconcileEvery
		held, err := s.catchUpAlone(ctx, inbox, r, atStart)
		switch {
		case err == nil && held:
			atStart = false
		case err == nil:
			pause = catchupAgain
		case ctx.Err() == nil:
			s.meter.CountFailedFetch(inbox)
			s.logger.Warn("catching up failed", "inbox", inbox, "error", err)
			s.health.Failing(inbox, catchupStream, err)
			pause = catchupAgain
		}
		workers.Sleep(ctx, pause)
	}
}

// catchUpAlone catches up if no other process is at it. The lease is given back at the end; one that a crash leaves
// behind runs out.
func (s *Sources) catchUpAlone(ctx context.Context, inbox string, r channels.Reconciler, atStart bool) (held bool, err error) {
	name := "catchup:" + inbox
	held, err = s.store.Service.Lease(ctx, name, s.holder, time.Now(), catchupWithin)
	if err != nil || !held {
		return held, err
	}
	defer func() {
		if err := s.store.Service.ReleaseLease(context.WithoutCancel(ctx), name, s.holder); err != nil {
			s.logger.Warn("releasing lease failed", "inbox", inbox, "error", err)
		}
	}()
	return true, s.guarded(inbox, func() error { return s.catchUp(ctx, inbox, r, atStart) })
}

// catchUp asks for what came since the last time, with a day of overlap, and moves the mark afterwards. If the
// process dies in between, the same is asked for again, and keys tell what is here. The very first time nothing is
// asked for: what the provider held before is history.
func (s *Sources) catchUp(ctx context.Context, inbox string, r channels.Reconciler, atStart bool) error {
	now := time.Now()
	last, err := s.lastCatchup(ctx, inbox, now)
	if err != nil {
		return err
	}
	if !atStart && now.Sub(last.At) < reconcileEvery/2 {
		return nil // another process has done it
	}
	since := last.At.Add(-catchupOverlap)
	if since.Before(last.First) {
		since = last.First
	}
	count, found, err := reconcile(ctx, r, inbox, since, s.store, s.intake)
	if err != nil {
		return err
	}
	last.At = now
	cursor, err := json.Marshal(last)
	if err != nil {
		return fmt.Errorf("encoding the time of the catch-up: %w", err)
	}
	move := intake.Lot{Moves: []intake.Move{{Inbox: inbox, Stream: catchupStream, Cursor: cursor}}}
	if _, err := s.intake.Lot(ctx, move, false); err != nil {
		return err
	}
	s.health.Counted(inbox, count, now)
	s.health.Alive(inbox, catchupStream, 0, now)
	if found > 0 {
		s.logger.Info("caught up with messages that were missing", "inbox", inbox, "found", found)
	}
	return nil
}

// lastCatchup reads the mark. None, or one that cannot be read, means that the source is connected now.
func (s *Sources) lastCatchup(ctx context.Context, inbox string, now time.Time) (caughtUp, error) {
	first := caughtUp{At: now, First: now}
	cursor, err := s.store.Intake.Cursor(ctx, inbox, catchupStream)
	if err != nil {
		return first, fmt.Errorf("reading the time of the last catch-up: %w", err)
	}
	if len(cursor) == 0 {
		return first, nil
	}
	var last caughtUp
	if err := json.Unmarshal(cursor, &last); err != nil || last.At.IsZero() {
		return first, nil
	}
	return last.believed(now), nil
}

// believed takes back what a clock that was ahead has written: nothing was done in the future. What the source took in
// meanwhile may not be known, so the last day of it is asked for.
func (c caughtUp) believed(now time.Time) caughtUp {
	if c.First.After(now) {
		c.First = now.Add(-catchupOverlap)
	}
	if c.At.After(now) {
		c.At = now.Add(-catchupOverlap)
	}
	return c
}
