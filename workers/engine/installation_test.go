package engine

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"frontdesk/workers/engine/redistest"
)

// shared makes engines on one Redis, each with a client of its own.
func shared(t *testing.T, configs ...Config) []*Engine {
	t.Helper()
	s := redistest.Start(t)
	var out []*Engine
	for _, c := range configs {
		c.Redis, c.Poll, c.Grace = redis.NewClient(&redis.Options{Addr: s.Addr}), 10*time.Millisecond, 2*time.Second
		e, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { e.Stop(); e.Close() })
		out = append(out, e)
	}
	return out
}

func ring(t *testing.T, e *Engine, tasks ...Task) {
	t.Helper()
	for _, task := range tasks {
		if err := e.Enqueue(t.Context(), task); err != nil {
			t.Fatal(err)
		}
	}
}

func start(t *testing.T, e *Engine) *collector {
	t.Helper()
	c := newCollector()
	if err := e.Start(t.Context(), c.handle); err != nil {
		t.Fatal(err)
	}
	return c
}

// kinds are tasks for each of the queues; ids tell whose they are.
func kinds(from int64) []Task {
	return []Task{{Kind: Process, IDs: []int64{from}}, {Kind: Process, IDs: []int64{from + 1}, Bulk: true}, {Kind: Deliver, IDs: []int64{from + 2}}}
}

func waiting(t *testing.T, e *Engine) (n int) {
	t.Helper()
	depths, err := e.Depths(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range depths {
		n += d.Pending
	}
	return n
}

func TestTwoInstallationsOnOneRedisDoNotTakeEachOthersTasks(t *testing.T) {
	engines := shared(t, Config{Installation: "aaaa"}, Config{Installation: "bbbb"}, Config{Installation: "aaaa"})
	production, staging, second := engines[0], engines[1], engines[2]
	ring(t, production, kinds(1)...)
	ring(t, staging, kinds(1)...) // the same ids, and so the same names of tasks
	if a, b := waiting(t, production), waiting(t, staging); a != 3 || b != 3 {
		t.Errorf("%d and %d tasks wait, want 3 in each installation: what waits in the other's is not counted", a, b)
	}
	ours, theirs := start(t, second), start(t, staging)
	if got := ours.wait(t, 3); !slices.Equal(got, []int64{1, 2, 3}) {
		t.Errorf("another process of the installation got %v, want all of its ids", got)
	}
	if got := theirs.wait(t, 3); !slices.Equal(got, []int64{1, 2, 3}) {
		t.Errorf("the other installation got %v, want all of its ids", got)
	}
}

func TestAnInstallationKeepsItsHandsOffAnothersQueues(t *testing.T) {
	engines := shared(t, Config{Installation: "aaaa"}, Config{Installation: "bbbb"}, Config{})
	ours, theirs, unnamed := engines[0], engines[1], engines[2]
	for _, e := range []*Engine{theirs, unnamed} {
		ring(t, e, Task{Kind: Process, IDs: []int64{1}})
		if err := e.inspect.ArchiveTask(e.names.of(QueueLive), taskID(Task{Kind: Process, IDs: []int64{1}})); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(ours.Ready(t.Context()), ours.Tidy()); err != nil {
		t.Fatal(err)
	}
	for _, e := range []*Engine{theirs, unnamed} {
		if d, err := e.Depths(t.Context()); err != nil || d[0].Archived != 1 {
			t.Errorf("%+v, %v: want the archived task of another installation to stay", d, err)
		}
	}
}

// TestAnHeirWorksOffWhatOlderProgramsLeave: what waits, what failed once and waits for its next turn, and what comes while
// older programs are still at work.
func TestAnHeirWorksOffWhatOlderProgramsLeave(t *testing.T) {
	engines := shared(t, Config{}, Config{Installation: "aaaa", Heir: true})
	older, heir := engines[0], engines[1]
	ring(t, older, kinds(1)...)
	retry := asynq.NewTask(string(Process), []byte(`{"ids":[4]}`))
	if _, err := older.client.EnqueueContext(t.Context(), retry, asynq.Queue(QueueLive), asynq.ProcessIn(time.Second)); err != nil {
		t.Fatal(err)
	}
	ring(t, heir, kinds(11)...)
	if n := waiting(t, heir); n != 6 {
		t.Errorf("%d tasks wait for the heir, want 6: its own and those that were left", n)
	}
	c := start(t, heir)
	if got := c.wait(t, 7); !slices.Equal(got, []int64{1, 2, 3, 4, 11, 12, 13}) {
		t.Errorf("the heir got %v, want its own ids and all that were left", got)
	}
	ring(t, older, Task{Kind: Deliver, IDs: []int64{21}})
	if got := c.wait(t, 1); got[0] != 21 {
		t.Errorf("the heir got %v, want what an older process rings for meanwhile", got)
	}
}

func TestAnInstallationWithoutAPastLeavesTheQueuesWithoutANameAlone(t *testing.T) {
	engines := shared(t, Config{}, Config{Installation: "aaaa"})
	older, fresh := engines[0], engines[1]
	ring(t, older, kinds(1)...)
	ring(t, fresh, kinds(11)...)
	if got := start(t, fresh).wait(t, 3); !slices.Equal(got, []int64{11, 12, 13}) {
		t.Errorf("it got %v, want its own ids", got)
	}
	if n := waiting(t, older); n != 3 {
		t.Errorf("%d tasks of the others are left, want 3", n)
	}
}
