package engine

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
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
		for _, task := range []Task{{Kind: Process, IDs: []int64{1, 2, 3}}, {Kind: Process, IDs: []int64{4}, Bulk: true}, {Kind: Deliver, IDs: []int64{5}}, {Kind: Process, IDs: []int64{6}, Again: true}} {
			if err := e.Enqueue(t.Context(), task); err != nil {
				t.Fatal(err)
			}
		}
		if got := c.wait(t, 6); !slices.Equal(got, []int64{1, 2, 3, 4, 5, 6}) {
			t.Errorf("ids = %v", got)
		}
		for _, w := range c.got {
			if want := map[int64]Kind{1: Process, 4: Process, 5: Deliver, 6: Process}[w.IDs[0]]; w.Kind != want || w.Again != (w.IDs[0] == 6) {
				t.Errorf("work %+v, want kind %s, again only where the task says so", w, want)
			}
		}
	})
}

func TestEngineBringsAFailedTaskBackWithCare(t *testing.T) {
	on(t, func(t *testing.T, client redis.UniversalClient, _ func()) {
		e := newEngine(t, client)
		again := make(chan bool, 10)
		if err := e.Start(t.Context(), func(_ context.Context, w Work) error {
			again <- w.Again
			if !w.Again {
				return errors.New("the database is away")
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := e.Enqueue(t.Context(), Task{Kind: Process, IDs: []int64{1}}); err != nil {
			t.Fatal(err)
		}
		for i, want := range []bool{false, true} {
			select {
			case got := <-again:
				if got != want {
					t.Errorf("run %d: again = %v, want %v", i, got, want)
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

// TestTasksAreWaitedForInTheOrderOfTheQueue: each second task is slow on its way to its line; whoever gathers there
// finds all that were taken out of the queue before.
func TestTasksAreWaitedForInTheOrderOfTheQueue(t *testing.T) {
	const tasks = 40
	on(t, func(t *testing.T, client redis.UniversalClient, _ func()) {
		e := newEngine(t, client)
		var mu sync.Mutex
		here := map[int64]bool{}
		enter := func(w Work) {
			mu.Lock()
			here[w.IDs[0]] = true
			mu.Unlock()
			w.Arrived()
		}
		missing := make(chan int64, tasks*tasks)
		done := make(chan struct{}, tasks)
		for id := range int64(tasks) {
			if err := e.Enqueue(t.Context(), Task{Kind: Process, IDs: []int64{id}, Bulk: id >= tasks/2}); err != nil {
				t.Fatal(err)
			}
		}
		if err := e.Start(t.Context(), func(ctx context.Context, w Work) error {
			defer func() { done <- struct{}{} }()
			id := w.IDs[0]
			if id%2 == 0 {
				time.Sleep(20 * time.Millisecond)
				enter(w)
				return nil
			}
			enter(w)
			e.Gather(ctx)
			mu.Lock()
			defer mu.Unlock()
			if !here[id-1] {
				missing <- id - 1
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		for range tasks {
			<-done
		}
		close(missing)
		for id := range missing {
			t.Errorf("task %d was not waited for", id)
		}
	})
}

// TestATaskThatNeverArrivesHoldsUpOneGatheringOnly: somebody else's kind of task, or one that was given up before it began.
func TestATaskThatNeverArrivesHoldsUpOneGatheringOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a arrivals
		a.expect("lost")
		a.expect("")
		for i, want := range []time.Duration{arrivalPatience, 0} {
			begun := time.Now()
			a.wait(t.Context())
			if took := time.Since(begun); took != want {
				t.Errorf("gathering %d took %s, want %s", i, took, want)
			}
		}
		a.expect("late")
		begun := time.Now()
		time.AfterFunc(time.Millisecond, func() { a.arrived("late") })
		a.wait(t.Context())
		if took := time.Since(begun); took != time.Millisecond {
			t.Errorf("gathering took %s, want a millisecond", took)
		}
	})
}
