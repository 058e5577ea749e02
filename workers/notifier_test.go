package workers

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/workers/engine"
	"frontdesk/workers/workerstest"
)

// deaf is an engine whose Redis is away: it answers when the caller gives up.
type deaf struct{ asked chan struct{} }

func (d deaf) Enqueue(ctx context.Context, _ engine.Task) error {
	d.asked <- struct{}{}
	<-ctx.Done()
	return ctx.Err()
}

func TestACommitWaitsForNobodyWhileRedisIsAway(t *testing.T) {
	t.Parallel()
	away := deaf{make(chan struct{}, 10)}
	n := NewNotifier(away, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { n.Run(ctx, Local{}); close(done) }()
	n.Notify(engine.Task{Kind: engine.Process, IDs: []int64{1}})
	<-away.asked
	for range 3 * notifierQueue {
		n.Notify(engine.Task{Kind: engine.Process, IDs: []int64{2}})
	}
	cancel()
	<-done
}

func TestANotifierEnqueuesWhatWaitsBeforeItStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &workerstest.Queue{}
		b := NewNotifier(to, slog.New(slog.DiscardHandler))
		b.Notify(engine.Task{Kind: engine.Deliver})
		for i := range 5 {
			b.Notify(engine.Task{Kind: engine.Deliver, IDs: []int64{int64(i + 1)}})
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		b.Run(ctx, Local{})
		if got := to.Heard(func(context.Context) {}); len(got) != 5 {
			t.Errorf("%d tasks were rung for, want 5: one without ids is none", len(got))
		}
	})
}

// broken is an engine whose Redis refuses.
type broken struct{ asked int }

func (b *broken) Enqueue(context.Context, engine.Task) error {
	b.asked++
	return errors.New("READONLY")
}

func TestANotifierStopsSoonWhileRedisIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, to := range map[string]enqueuer{"refusing": &broken{}, "silent": deaf{make(chan struct{}, 10)}} {
			b := NewNotifier(to, slog.New(slog.DiscardHandler))
			for range 5 {
				b.Notify(engine.Task{Kind: engine.Deliver, IDs: []int64{1}})
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			begun := time.Now()
			b.flush(context.WithoutCancel(ctx))
			if took := time.Since(begun); took > time.Second {
				t.Errorf("%s: stopping took %s", name, took)
			}
		}
	})
}
