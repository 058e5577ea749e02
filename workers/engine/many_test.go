package engine

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"frontdesk/workers/engine/redistest"
)

// rung enqueues until Redis takes it, as the sweep does.
func rung(t *testing.T, e *Engine, task Task) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		err := e.Enqueue(ctx, task)
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("enqueueing: %v", err)
		}
		task.Attempt++
	}
}

// TestTasksFlowThroughASentinelFailover: the master dies; the sentinels make the replica master, and
// the same engine goes on.
func TestTasksFlowThroughASentinelFailover(t *testing.T) {
	t.Parallel()
	w := redistest.Sentinel(t)
	client, err := Connect(RedisConfig{Master: redistest.MasterName, Sentinel: w.Sentinels})
	if err != nil {
		t.Fatal(err)
	}
	e, c := newEngine(t, client), newCollector()
	if err := e.Start(t.Context(), c.handle); err != nil {
		t.Fatal(err)
	}
	rung(t, e, Task{Kind: Process, IDs: []int64{1, 2}})
	c.wait(t, 2)
	w.Master.Down()
	rung(t, e, Task{Kind: Process, IDs: []int64{3}, Attempt: 100})
	rung(t, e, Task{Kind: Deliver, IDs: []int64{4}, Attempt: 100})
	for seen := map[int64]bool{}; !seen[3] || !seen[4]; {
		select {
		case id := <-c.ids:
			seen[id] = true
		case <-time.After(30 * time.Second):
			t.Fatalf("after the failover only %v came", seen)
		}
	}
	replica := redis.NewClient(&redis.Options{Addr: w.Replica.Addr})
	defer replica.Close()
	if role, err := replica.Do(t.Context(), "ROLE").Slice(); err != nil || role[0] != "master" {
		t.Errorf("the replica is %v (%v), want master", role, err)
	}
}

// TestTasksFlowThroughACluster: all queues, the depths and the tidying work across the nodes.
func TestTasksFlowThroughACluster(t *testing.T) {
	t.Parallel()
	client, err := Connect(RedisConfig{Cluster: redistest.Cluster(t)})
	if err != nil {
		t.Fatal(err)
	}
	e, c := newEngine(t, client), newCollector()
	for i := range 30 {
		task := Task{Kind: Process, IDs: []int64{int64(3 * i)}, Bulk: i%2 == 0}
		if err := e.Enqueue(t.Context(), task); err != nil {
			t.Fatal(err)
		}
		if err := e.Enqueue(t.Context(), Task{Kind: Deliver, IDs: []int64{int64(3*i + 1)}}); err != nil {
			t.Fatal(err)
		}
	}
	depths, err := e.Depths(t.Context())
	if err != nil || len(depths) != 3 || depths[0].Pending != 15 || depths[1].Pending != 15 || depths[2].Pending != 30 {
		t.Errorf("depths = %+v, %v, want 15, 15 and 30 pending", depths, err)
	}
	if err := e.Start(t.Context(), c.handle); err != nil {
		t.Fatal(err)
	}
	c.wait(t, 60)
	if err := e.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	if err := e.Tidy(); err != nil {
		t.Error(err)
	}
}
