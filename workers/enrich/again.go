package enrich

import (
	"context"
	"sync"
	"time"

	"frontdesk/workers/store/backlog"
	"frontdesk/workers/store/base"
)

// Bounds of asking again in one process.
const (
	againAtOnce  = 32              // messages at a time
	againWaiting = 512             // messages; what is more goes on as it is
	againRoom    = 32 << 20        // bytes that messages take up which are looked at
	againPause   = 3 * time.Second // before the second time; doubled from then on
)

// beside holds the bounds of what is asked again, apart from the lanes.
type beside struct {
	asking  chan struct{} // who asks just now
	waiting chan struct{} // messages about which is asked again
	open    sync.WaitGroup
	room    *room
}

func newBeside() beside {
	return beside{asking: make(chan struct{}, againAtOnce), waiting: make(chan struct{}, againWaiting), room: &room{whole: againRoom}}
}

// askBeside asks the sources that are asked again on a goroutine of the message's own. False when too many are under way:
// then the message goes on without.
func (s *Step) askBeside(ctx context.Context, t turn, heard []backlog.Opinion) bool {
	select {
	case s.again.waiting <- struct{}{}:
	default:
		return false
	}
	s.again.open.Go(func() {
		defer func() { <-s.again.waiting }()
		defer s.forget(t.id)
		if err := s.askAll(ctx, t, heard); err != nil && ctx.Err() == nil {
			s.logger.Error("asking again about a message failed; it goes on at its deadline", "message", t.id, "error", err)
		}
	})
	return true
}

// askAll asks these sources one after the other and records all that was said, what the lanes have heard included. A
// stop hands the message back.
func (s *Step) askAll(ctx context.Context, t turn, heard []backlog.Opinion) error {
	for _, a := range t.again {
		said, err := s.askUntilSettled(ctx, t, a)
		if ctx.Err() != nil {
			return s.handBack(ctx, t.id)
		}
		if err != nil {
			return err
		}
		heard = append(heard, said...)
	}
	return s.record(ctx, t.id, heard)
}

// askUntilSettled asks one source again and again, until it is settled or the time is nearly up. An answer counts as
// asked for when it was for the first time. The pause doubles: 3, 6, 12 … seconds, so that a name server that is down
// is not beaten.
func (s *Step) askUntilSettled(ctx context.Context, t turn, a asked) (said []backlog.Opinion, err error) {
	begun := s.config.Now()
	until := begun.Add(a.wait)
	for pause := s.config.Pause; ; pause *= 2 {
		said, settled, err := s.askInTurn(ctx, t, a, until)
		if err != nil {
			return nil, err
		}
		if settled || s.config.Now().Add(pause+margin(a.wait)).After(until) {
			for i := range said {
				said[i].AskedAt = base.Stamp{Time: begun}
			}
			return said, nil
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// askInTurn asks once there is room.
func (s *Step) askInTurn(ctx context.Context, t turn, a asked, until time.Time) (said []backlog.Opinion, settled bool, err error) {
	select {
	case s.again.asking <- struct{}{}:
		defer func() { <-s.again.asking }()
	case <-ctx.Done():
		return nil, false, ctx.Err()
	}
	leave, err := s.again.room.enter(ctx, copies*t.size)
	if err != nil {
		return nil, false, err
	}
	defer leave()
	return s.askOne(ctx, t, a, until.Sub(s.config.Now()))
}
