// Package workers is what the workers of a process share: who is told of a commit (Notifier), who steps aside for whom (Courtesy), what
// is counted (Meter, Gauges) and how the inboxes are (Health). The work is done in its rooms: receive records what comes, decide
// decides it, deliver hands over what was decided, sweep finds what is due.
package workers

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"frontdesk/workers/engine"
)

// enqueuer is the engine as the notifier needs it.
type enqueuer interface {
	Enqueue(ctx context.Context, t engine.Task) error
}

// Local are the workers of this process. A nil one is somewhere else.
type Local struct {
	Process func(bulk bool)                          // has a look at what is undecided
	Deliver func(ctx context.Context, t engine.Task) // begins with what is due in the outbox
}

// Notifier tells the workers what was committed, without making a commit wait: those of this process directly, those of others by a
// task in Redis. What nobody hears of the sweep finds, since the database says what is open; so a task may be dropped while
// Redis is away.
type Notifier struct {
	to     enqueuer
	logger *slog.Logger
	tasks  chan engine.Task // for this process
	away   chan engine.Task // for Redis
}

// notifierQueue is how many tasks may wait; each is one commit's worth.
const notifierQueue = 1024

// NewNotifier makes a notifier; Run has it speak.
func NewNotifier(to enqueuer, logger *slog.Logger) *Notifier {
	return &Notifier{to: to, logger: logger, tasks: make(chan engine.Task, notifierQueue), away: make(chan engine.Task, notifierQueue)}
}

// Notify never blocks.
func (n *Notifier) Notify(t engine.Task) {
	if len(t.IDs) == 0 {
		return
	}
	select {
	case n.tasks <- t:
	default:
	}
}

// Again tells of messages that were taken before and have become ready since.
func (n *Notifier) Again(ids []int64) {
	n.Notify(engine.Task{Kind: engine.Process, IDs: ids, Attempt: int(time.Now().UnixMicro())})
}

// Run tells the workers until ctx ends and nothing waits any more.
func (n *Notifier) Run(ctx context.Context, local Local) {
	var redis sync.WaitGroup
	redis.Go(func() { n.enqueueAll(ctx) })
	for ctx.Err() == nil {
		select {
		case t := <-n.tasks:
			n.tell(ctx, local, t)
		case <-ctx.Done():
		}
	}
	redis.Wait()
	n.flush(context.WithoutCancel(ctx))
}

// tell hands a task to the workers of this process at once, and to Redis when it has room.
func (n *Notifier) tell(ctx context.Context, local Local, t engine.Task) {
	switch {
	case t.Kind == engine.Process && local.Process != nil:
		local.Process(t.Bulk)
	case t.Kind == engine.Deliver && local.Deliver != nil:
		local.Deliver(ctx, t)
	}
	select {
	case n.away <- t:
	default:
	}
}

func (n *Notifier) enqueueAll(ctx context.Context) {
	for {
		select {
		case t := <-n.away:
			n.enqueue(ctx, t)
		case <-ctx.Done():
			return
		}
	}
}

func (n *Notifier) enqueue(ctx context.Context, t engine.Task) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := n.to.Enqueue(ctx, t); err != nil {
		n.logger.Warn("nobody was woken; the sweep will ring again", "kind", string(t.Kind), "ids", len(t.IDs), "error", err)
	}
}

// flush enqueues what waits at a stop, briefly: what it cannot, the next start will find.
func (n *Notifier) flush(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	for _, waiting := range []chan engine.Task{n.away, n.tasks} {
		for {
			select {
			case t := <-waiting:
				if n.to.Enqueue(ctx, t) != nil {
					return
				}
				continue
			default:
			}
			break
		}
	}
}
