package engine

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"google.golang.org/protobuf/encoding/protowire"
)

// arrivals knows the tasks that were taken out of the queue and have not reached their line yet. Asynq
// takes them one after the other and starts each on a goroutine of its own, so on a busy machine the
// later of two can be the first at the line; whoever is about to take a batch from there can wait for
// those that are on their way.
type arrivals struct {
	pause // it looks at the same calls of Redis

	waiting map[string]bool // keys of the lists from which messages are taken

	mu  sync.Mutex
	due []arrival // in the order in which they were taken
}

type arrival struct {
	task string
	here chan struct{} // closed when it is there, or not waited for any more
}

// arrivalPatience is for how long a task that was taken is waited for: a machine may be slow to start
// it, and one that never comes must not hold up the others.
const arrivalPatience = 100 * time.Millisecond

// expecting knows what is taken out of the queues of messages.
func expecting(n names) *arrivals {
	a := &arrivals{waiting: map[string]bool{}}
	for _, queue := range []string{QueueLive, QueueBulk} {
		for _, name := range n.all(queue) {
			a.waiting["asynq:{"+name+"}:pending"] = true
		}
	}
	return a
}

// ProcessHook notes what each of Asynq's calls takes out of a queue of messages.
func (a *arrivals) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	next = a.pause.ProcessHook(next)
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		if err == nil && a.dequeues(cmd) {
			a.expect(takenTask(cmd))
		}
		return err
	}
}

// dequeues tells Asynq's script that takes a task by its keys: the list of what waits comes first
// (asynq v0.26, internal/rdb, dequeueCmd).
func (a *arrivals) dequeues(cmd redis.Cmder) bool {
	args := cmd.Args()
	if name := cmd.Name(); name != "evalsha" && name != "eval" || len(args) < 4 {
		return false
	}
	key, _ := args[3].(string)
	return a.waiting[key]
}

// taskIDField is the id's in Asynq's protobuf message (asynq v0.26, internal/proto, TaskMessage).
const taskIDField = 3

// takenTask is the id of the task that the script has returned, or "".
func takenTask(cmd redis.Cmder) string {
	c, ok := cmd.(*redis.Cmd)
	if !ok {
		return ""
	}
	s, _ := c.Text()
	for b := []byte(s); len(b) > 0; {
		field, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return ""
		}
		b = b[n:]
		if field == taskIDField && kind == protowire.BytesType {
			id, _ := protowire.ConsumeString(b)
			return id
		}
		if n = protowire.ConsumeFieldValue(field, kind, b); n < 0 {
			return ""
		}
		b = b[n:]
	}
	return ""
}

func (a *arrivals) expect(task string) {
	if task == "" {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.due = append(a.due, arrival{task: task, here: make(chan struct{})})
}

// arrived takes a task off the list. It may be called twice.
func (a *arrivals) arrived(task string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if i := slices.IndexFunc(a.due, func(d arrival) bool { return d.task == task }); i >= 0 {
		close(a.due[i].here)
		a.due = slices.Delete(a.due, i, i+1)
	}
}

// wait returns when all tasks that were taken before this call have arrived, when ctx ends, or after
// arrivalPatience; what has not come by then is not waited for again.
func (a *arrivals) wait(ctx context.Context) {
	a.mu.Lock()
	due := slices.Clone(a.due)
	a.mu.Unlock()
	if len(due) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, arrivalPatience)
	defer cancel()
	for _, d := range due {
		select {
		case <-d.here:
		case <-ctx.Done():
			a.arrived(d.task)
		}
	}
}
