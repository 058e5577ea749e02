package enrich

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"frontdesk/workers/store/backlog"
)

// Run asks until ctx ends. What is under way then is handed back. A nil Step returns. It is called once.
func (s *Step) Run(ctx context.Context) {
	if s == nil {
		return
	}
	var lanes sync.WaitGroup
	for _, line := range []*line{s.live, s.bulk} {
		for range line.lanes {
			lanes.Go(func() { s.lane(ctx, line) })
		}
	}
	lanes.Wait()
	s.again.open.Wait()
}

func (s *Step) lane(ctx context.Context, line *line) {
	for {
		select {
		case t := <-line.waiting:
			s.turn(ctx, line, t)
		case <-ctx.Done():
			return
		}
	}
}

// turn asks about one message once there is room for it.
func (s *Step) turn(ctx context.Context, line *line, t turn) {
	later := false
	defer func() {
		if !later {
			s.forget(t.id)
		}
	}()
	leave, err := line.room.enter(ctx, copies*t.size)
	if err != nil {
		return
	}
	defer leave()
	if later, err = s.ask(ctx, t); err != nil && ctx.Err() == nil {
		s.logger.Error("asking about a message failed; it goes on at its deadline", "message", t.id, "error", err)
	}
}

// ask takes one message up, asks, and records what was said. later says that others are asked beside the lanes. An
// error leaves the message awaiting: it goes on at its deadline, without an opinion.
func (s *Step) ask(ctx context.Context, t turn) (later bool, err error) {
	ours, err := s.takes.Do(context.WithoutCancel(ctx), t) // else a stop could leave a message taken and nobody's
	if err != nil || !ours {
		return false, err
	}
	var heard []backlog.Opinion
	for _, a := range t.once {
		said, _, err := s.askOne(ctx, t, a, a.wait)
		if ctx.Err() != nil {
			return false, s.handBack(ctx, t.id)
		}
		if err != nil {
			return false, err
		}
		heard = append(heard, said...)
	}
	if len(t.again) > 0 && s.askBeside(ctx, t, heard) {
		return true, nil
	}
	return false, s.record(ctx, t.id, heard)
}

// askOne asks one source about a message. It returns some time before the wait is over, for what was said is to be
// recorded by then. Of a message that is decided already nothing is said, and that is settled.
func (s *Step) askOne(ctx context.Context, t turn, a asked, left time.Duration) (said []backlog.Opinion, settled bool, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			s.logger.Error("asking about a message panicked", "message", t.id, "panic", fmt.Sprint(cause), "stack", string(debug.Stack()))
			err = fmt.Errorf("asking panicked: %v", cause)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, left-margin(a.wait))
	defer cancel()
	pending, err := s.store.Backlog.Undecided(ctx, []int64{t.id})
	if err != nil {
		return nil, false, fmt.Errorf("reading the message: %w", err)
	}
	if len(pending) == 0 {
		return nil, true, nil
	}
	return a.source.Ask(ctx, pending[0])
}

// margin is how long before the deadline asking ends.
func margin(wait time.Duration) time.Duration { return min(time.Second, wait/10) }

// record writes down what was said, and lets the message go on.
func (s *Step) record(ctx context.Context, id int64, heard []backlog.Opinion) error {
	_, err := s.answers.Do(context.WithoutCancel(ctx), backlog.Scanned{Message: id, Opinions: heard})
	return err
}

// handBack leaves a message to whoever comes after us.
func (s *Step) handBack(ctx context.Context, id int64) error {
	back, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return s.store.Backlog.Unawait(back, []int64{id}, s.config.Now())
}

// take takes messages up for many turns in one transaction for each length of wait; a turn that got false is somebody
// else's, or decided.
func (s *Step) take(ctx context.Context, turns []turn) ([]bool, error) {
	ids := map[time.Duration][]int64{}
	for _, t := range turns {
		ids[t.wait()] = append(ids[t.wait()], t.id)
	}
	ours := map[int64]bool{}
	for wait, some := range ids {
		took, err := s.store.Backlog.Await(ctx, some, s.config.Now().Add(wait))
		if err != nil {
			return nil, err
		}
		for _, id := range took {
			ours[id] = true
		}
	}
	out := make([]bool, len(turns))
	for i, t := range turns {
		out[i] = ours[t.id]
	}
	return out, nil
}

// answer records what was said of many messages in one transaction, and rings for those that go on.
func (s *Step) answer(ctx context.Context, scanned []backlog.Scanned) ([]struct{}, error) {
	on, err := s.store.Backlog.Opine(ctx, scanned, s.config.Now())
	if err != nil {
		return nil, err
	}
	s.config.Ring(on)
	return make([]struct{}, len(scanned)), nil
}
