package worldtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"frontdesk/workers/engine"
)

// queue carries ids as Asynq does, and loses, doubles, delays and reorders them. It is shared by all
// processes, or one process's own and dies with it.
type queue struct {
	w   *world
	own *process // nil: shared

	mu    sync.Mutex
	known map[string]bool
	epoch int // a flush begins a new one
}

func newQueue(w *world, own *process) *queue { return &queue{w: w, own: own, known: map[string]bool{}} }

// doorbell is the queue as one process sees it.
type doorbell struct {
	p *process
	q *queue
}

var errQueueAway = errors.New("the queue is away")

func (d doorbell) Enqueue(ctx context.Context, t engine.Task) error {
	if err := d.p.point("ringing"); err != nil {
		return err
	}
	if d.p.trouble(d.p.w.odds.ringLost, "a ring is refused") {
		return errQueueAway
	}
	d.q.take(t)
	return nil
}

// take accepts a task unless one of that name is known, as Asynq does.
func (q *queue) take(t engine.Task) {
	w, o := q.w, q.w.odds
	name := fmt.Sprintf("%s:%d-%d:%d", t.Kind, t.IDs[0], len(t.IDs), t.Attempt)
	q.mu.Lock()
	epoch, known := q.epoch, q.known[name]
	q.known[name] = true
	q.mu.Unlock()
	if known {
		return
	}
	if w.trouble(o.taskLost, "a task is lost") {
		return // its name stays taken: a lost task of Asynq's refuses a new one of the same name
	}
	copies := 1
	if w.trouble(o.taskTwice, "a task is doubled") {
		copies = 2
	}
	for range copies {
		delay := 50 * time.Millisecond
		if w.trouble(o.taskLate, "a task is late") {
			delay = w.chaos.between(time.Second, 4*time.Minute)
		}
		w.pending.Add(1)
		w.live.Go(func() {
			defer w.pending.Add(-1)
			q.run(t, name, epoch, delay)
		})
	}
}

// flush forgets every task that waits.
func (q *queue) flush() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.epoch++
	clear(q.known)
}

func (q *queue) gone(epoch int) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.epoch != epoch || q.w.over.Load()
}

// run hands a task to a worker until one has done it.
func (q *queue) run(t engine.Task, name string, epoch int, delay time.Duration) {
	time.Sleep(delay)
	for try := 0; try < 25 && !q.gone(epoch); try++ {
		p := q.worker()
		if p == nil {
			if q.own != nil {
				return
			}
			time.Sleep(5 * time.Second)
			try--
			continue
		}
		err := p.work(engine.Work{Kind: t.Kind, IDs: t.IDs, Bulk: t.Bulk, Inbox: t.Inbox, Due: true})
		switch {
		case p.dead.Load():
			if q.own != nil || q.w.chaos.chance(0.3) {
				return
			}
			time.Sleep(time.Minute) // its lease has to run out
		case err == nil:
			q.mu.Lock()
			delete(q.known, name)
			q.mu.Unlock()
			return
		default:
			q.w.story.tell("%s: task %s failed: %v", p.name(), name, err)
			time.Sleep(min(time.Second<<min(try, 6), time.Minute))
		}
	}
}

func (q *queue) worker() *process {
	if q.own != nil {
		if q.own.dead.Load() || q.own.stopping.Load() {
			return nil
		}
		return q.own
	}
	return q.w.anyone(func(p *process) bool { return p.works })
}
