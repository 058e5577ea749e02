package engine

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"frontdesk/workers/engine/redistest"
)

// on runs a test on the in-process Redis and on a real one.
func on(t *testing.T, f func(t *testing.T, client redis.UniversalClient, forget func())) {
	t.Run("embedded", func(t *testing.T) {
		e, err := StartEmbedded(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(e.Close)
		f(t, e.Client(), e.data.FlushAll)
	})
	t.Run("redis", func(t *testing.T) {
		s := redistest.Start(t)
		client := redis.NewClient(&redis.Options{Addr: s.Addr})
		f(t, client, func() { client.FlushAll(t.Context()) })
	})
}

func newEngine(t *testing.T, client redis.UniversalClient) *Engine {
	t.Helper()
	e, err := New(Config{Redis: client, Poll: 10 * time.Millisecond, Grace: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Stop(); e.Close() })
	return e
}

// collector is a handler that keeps what it was given.
type collector struct {
	mu  sync.Mutex
	got []Work
	ids chan int64
}

func newCollector() *collector { return &collector{ids: make(chan int64, 1000)} }

func (c *collector) handle(_ context.Context, w Work) error {
	c.mu.Lock()
	c.got = append(c.got, w)
	c.mu.Unlock()
	for _, id := range w.IDs {
		c.ids <- id
	}
	return nil
}

func (c *collector) wait(t *testing.T, n int) []int64 {
	t.Helper()
	var ids []int64
	timeout := time.After(20 * time.Second)
	for len(ids) < n {
		select {
		case id := <-c.ids:
			ids = append(ids, id)
		case <-timeout:
			t.Fatalf("only %d of %d ids came: %v", len(ids), n, ids)
		}
	}
	slices.Sort(ids)
	return ids
}

func TestEngineCarriesIDs(t *testing.T) {
	on(t, func(t *testing.T, client redis.UniversalClient, _ func()) {
		e, c := newEngine(t, client), newCollector()
		if err := e.Start(t.Context(), c.handle); err != nil {
			t.Fatal(err)
		}
		for _, task := range []Task{{Kind: Process, IDs: []int64{1, 2, 3}}, {Kind: Process, IDs: []int64{4}, Bulk: true}, {Kind: Deliver, IDs: []int64{5}}} {
			if err := e.Enqueue(t.Context(), task); err != nil {
				t.Fatal(err)
			}
		}
		if got := c.wait(t, 5); !slices.Equal(got, []int64{1, 2, 3, 4, 5}) {
			t.Errorf("ids = %v", got)
		}
		for _, w := range c.got {
			if want := map[int64]Kind{1: Process, 4: Process, 5: Deliver}[w.IDs[0]]; w.Kind != want || w.Bulk != (w.IDs[0] == 4) || !w.Due {
				t.Errorf("work %+v, want kind %s, bulk only where the task says so, and its ids due", w, want)
			}
		}
	})
}

func TestEngineBringsAFailedTaskBack(t *testing.T) {
	on(t, func(t *testing.T, client redis.UniversalClient, _ func()) {
		e := newEngine(t, client)
		runs := make(chan []int64, 10)
		var tried atomic.Bool
		if err := e.Start(t.Context(), func(_ context.Context, w Work) error {
			runs <- w.IDs
			if !tried.Swap(true) {
				return errors.New("the database is away")
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := e.Enqueue(t.Context(), Task{Kind: Process, IDs: []int64{1}}); err != nil {
			t.Fatal(err)
		}
		for i := range 2 {
			select {
			case got := <-runs:
				if !slices.Equal(got, []int64{1}) {
					t.Errorf("run %d: ids %v", i, got)
				}
			case <-time.After(20 * time.Second):
				t.Fatalf("run %d did not come", i)
			}
		}
	})
}

func TestEngineTakesTheSameIDsAgainWithAFreshAttempt(t *testing.T) {
	on(t, func(t *testing.T, client redis.UniversalClient, _ func()) {
		e, c := newEngine(t, client), newCollector()
		for _, attempt := range []int{0, 0, 1} {
			if err := e.Enqueue(t.Context(), Task{Kind: Process, IDs: []int64{7}, Attempt: attempt}); err != nil {
				t.Fatal(err)
			}
		}
		depths, err := e.Depths(t.Context())
		if err != nil || depths[0].Queue != QueueLive || depths[0].Pending != 2 {
			t.Errorf("depths = %+v, %v, want two pending tasks in %s: a repeat is one task, a new attempt another", depths, err, QueueLive)
		}
		if err := e.Start(t.Context(), c.handle); err != nil {
			t.Fatal(err)
		}
		c.wait(t, 2)
	})
}

func TestQueuesAreVisibleAgainAfterRedisForgot(t *testing.T) {
	on(t, func(t *testing.T, client redis.UniversalClient, forget func()) {
		e := newEngine(t, client)
		if err := e.Enqueue(t.Context(), Task{Kind: Process, IDs: []int64{1}}); err != nil {
			t.Fatal(err)
		}
		forget()
		if err := e.Enqueue(t.Context(), Task{Kind: Process, IDs: []int64{2}}); err != nil {
			t.Fatal(err)
		}
		if err := e.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		depths, err := e.Depths(t.Context())
		if err != nil || depths[0].Pending != 1 {
			t.Errorf("depths = %+v, %v, want one pending task", depths, err)
		}
	})
}

func TestEnqueueFailsWhileRedisIsAwayAndWorksAfter(t *testing.T) {
	s := redistest.Start(t)
	e, c := newEngine(t, redis.NewClient(&redis.Options{Addr: s.Addr})), newCollector()
	if err := e.Start(t.Context(), c.handle); err != nil {
		t.Fatal(err)
	}
	s.Down()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	if err := e.Enqueue(ctx, Task{Kind: Process, IDs: []int64{1}}); err == nil {
		t.Error("enqueueing without a Redis succeeded")
	}
	s.Up()
	// The client's pool needs a moment to notice; the sweep rings again each second in the service.
	for deadline := time.Now().Add(10 * time.Second); ; {
		err := e.Enqueue(t.Context(), Task{Kind: Process, IDs: []int64{2}})
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	if got := c.wait(t, 1); got[0] != 2 {
		t.Errorf("ids = %v, want [2]", got)
	}
}

func TestATaskThatFailedForTheLastTimeIsHandedOver(t *testing.T) {
	on(t, func(t *testing.T, client redis.UniversalClient, _ func()) {
		dead := make(chan Work, 1)
		e, err := New(Config{Redis: client, Poll: 10 * time.Millisecond, Grace: time.Second,
			Dead: func(_ context.Context, w Work, err error) {
				if err != nil {
					dead <- w
				}
			}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { e.Stop(); e.Close() })
		if err := e.Start(t.Context(), newCollector().handle); err != nil {
			t.Fatal(err)
		}
		if _, err := e.client.EnqueueContext(t.Context(), asynq.NewTask(string(Process), []byte("not a task")), asynq.Queue(QueueLive)); err != nil {
			t.Fatal(err)
		}
		select {
		case w := <-dead:
			if w.Kind != Process {
				t.Errorf("work = %+v", w)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("nobody was told")
		}
	})
}
