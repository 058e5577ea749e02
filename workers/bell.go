package workers

import (
	"context"
	"log/slog"
	"time"

	"frontdesk/workers/engine"
)

// enqueuer is the engine as the bell needs it.
type enqueuer interface {
	Enqueue(ctx context.Context, t engine.Task) error
}

// Bell rings the engine without making a commit wait for Redis. While Redis is away tasks are
// dropped: they carry ids only, and the sweep rings again for whatever the database says is open.
type Bell struct {
	to     enqueuer
	logger *slog.Logger
	tasks  chan engine.Task
}

// bellQueue is how many tasks may wait; each is one commit's worth.
const bellQueue = 1024

// NewBell makes a bell; Run rings it.
func NewBell(to enqueuer, logger *slog.Logger) *Bell {
	return &Bell{to: to, logger: logger, tasks: make(chan engine.Task, bellQueue)}
}

// Ring never blocks.
func (b *Bell) Ring(t engine.Task) {
	if len(t.IDs) == 0 {
		return
	}
	select {
	case b.tasks <- t:
	default:
	}
}

// RingAnew rings for the decision of messages that were rung for before and have become ready since. It never blocks.
func (b *Bell) RingAnew(ids []int64) {
	b.Ring(engine.Task{Kind: engine.Process, IDs: ids, Attempt: int(time.Now().UnixMicro())})
}

// Run rings until ctx ends and nothing waits any more.
func (b *Bell) Run(ctx context.Context) {
	for {
		select {
		case t := <-b.tasks:
			b.enqueue(ctx, t)
		case <-ctx.Done():
			b.flush(context.WithoutCancel(ctx))
			return
		}
	}
}

func (b *Bell) enqueue(ctx context.Context, t engine.Task) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := b.to.Enqueue(ctx, t); err != nil {
		b.logger.Warn("nobody was woken; the sweep will ring again", "kind", string(t.Kind), "ids", len(t.IDs), "error", err)
	}
}

// flush rings what waits at a stop, briefly: what it cannot, the next start will.
func (b *Bell) flush(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	for {
		select {
		case t := <-b.tasks:
			if b.to.Enqueue(ctx, t) != nil {
				return
			}
		default:
			return
		}
	}
}
