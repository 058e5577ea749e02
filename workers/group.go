package workers

import (
	"context"
	"errors"
	"sync"
)

// errBusy says that too much waits already. The sender is asked to come back.
var errBusy = errors.New("too many are waiting; come back later")

// group is the group commit: calls that arrive while a batch runs wait, and together are the next
// batch, which starts the moment a lane is free. There is no timer, so a lone call is a batch of
// one and never waits, and under load the batches grow by themselves. It keeps no goroutine when
// nothing is to do.
type group[T, R any] struct {
	run     func(ctx context.Context, items []T) ([]R, error) // one result an item, in order
	size    func(T) int                                       // bytes of an item, for maxBytes
	lanes   int                                               // batches at a time
	max     int                                               // items in a batch
	maxByte int                                               // bytes in a batch; a larger item goes alone
	queue   int                                               // items that may wait

	mu      sync.Mutex
	waiting []*call[T, R]
	busy    int
}

type call[T, R any] struct {
	ctx    context.Context
	item   T
	result R
	err    error
	done   chan struct{}
}

// do hands in one item and waits for its batch. When ctx ends first, the item may or may not have
// been run; the caller must treat that as an unknown outcome.
func (g *group[T, R]) do(ctx context.Context, item T) (R, error) {
	c := &call[T, R]{ctx: ctx, item: item, done: make(chan struct{})}
	if err := g.enter(c); err != nil {
		var none R
		return none, err
	}
	select {
	case <-c.done:
		return c.result, c.err
	case <-ctx.Done():
		var none R
		return none, context.Cause(ctx)
	}
}

func (g *group[T, R]) enter(c *call[T, R]) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.queue > 0 && len(g.waiting) >= g.queue {
		return errBusy
	}
	g.waiting = append(g.waiting, c)
	if g.busy < g.lanes {
		g.busy++
		go g.drain()
	}
	return nil
}

// drain runs batches until nothing waits, then gives its lane back.
func (g *group[T, R]) drain() {
	for {
		batch := g.next()
		if batch == nil {
			return
		}
		g.runBatch(batch)
	}
}

func (g *group[T, R]) next() []*call[T, R] {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) == 0 {
		g.busy--
		return nil
	}
	n, bytes := 0, 0
	for n < len(g.waiting) && n < g.max {
		if g.size != nil {
			bytes += g.size(g.waiting[n].item)
			if n > 0 && bytes > g.maxByte {
				break
			}
		}
		n++
	}
	batch := g.waiting[:n:n]
	g.waiting = append([]*call[T, R](nil), g.waiting[n:]...)
	return batch
}

// runBatch runs without the callers' deadlines: one impatient caller must not abort the others'
// commit. Values of the first caller's context stay (trace ids).
func (g *group[T, R]) runBatch(batch []*call[T, R]) {
	items := make([]T, len(batch))
	for i, c := range batch {
		items[i] = c.item
	}
	results, err := g.run(context.WithoutCancel(batch[0].ctx), items)
	for i, c := range batch {
		c.err = err
		if err == nil {
			c.result = results[i]
		}
		close(c.done)
	}
}
