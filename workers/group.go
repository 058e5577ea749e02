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
// one and waits for nobody, and under load the batches grow by themselves. It keeps no goroutine when
// nothing is to do.
type group[T, R any] struct {
	run     func(ctx context.Context, items []T) ([]R, error) // one result an item, in order
	size    func(T) int                                       // bytes of an item, for maxByte and room; nil: none
	lanes   int                                               // batches at a time
	max     int                                               // items in a batch
	maxByte int                                               // bytes in a batch, 0 for no bound; a larger item goes alone
	queue   int                                               // items that may wait, 0 for no bound
	room    int                                               // bytes that may wait, 0 for no bound

	mu    sync.Mutex
	calls []*call[T, R] // that wait, in the order in which they came
	bytes int           // of these
	busy  int           // lanes that are taken
}

type call[T, R any] struct {
	ctx    context.Context
	item   T
	bytes  int
	result R
	err    error
	done   chan struct{}
}

// do hands in one item and waits for its batch. When ctx ends first, the item may or may not have
// been run; the caller must treat that as an unknown outcome.
func (g *group[T, R]) do(ctx context.Context, item T) (R, error) {
	c := &call[T, R]{ctx: ctx, item: item, done: make(chan struct{})}
	if g.size != nil {
		c.bytes = g.size(item)
	}
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
	waits := len(g.calls)
	if g.queue > 0 && waits >= g.queue || g.room > 0 && waits > 0 && g.bytes+c.bytes > g.room {
		return errBusy
	}
	g.calls = append(g.calls, c)
	g.bytes += c.bytes
	if g.busy < g.lanes {
		g.busy++
		go g.drain()
	}
	return nil
}

// drain runs batches until nothing waits, then gives its lane back.
func (g *group[T, R]) drain() {
	for batch := g.next(); batch != nil; batch = g.next() {
		g.runBatch(batch)
	}
}

// next takes the next batch off those that wait; nil gives the lane back.
func (g *group[T, R]) next() []*call[T, R] {
	g.mu.Lock()
	defer g.mu.Unlock()
	n, bytes := 0, 0
	for n < min(len(g.calls), g.max) {
		size := g.calls[n].bytes
		if n > 0 && g.maxByte > 0 && bytes+size > g.maxByte {
			break
		}
		n, bytes = n+1, bytes+size
	}
	if n == 0 {
		g.busy--
		return nil
	}
	batch := g.calls[:n:n]
	g.calls, g.bytes = g.calls[n:], g.bytes-bytes
	return batch
}

// runBatch runs a batch under the first caller's context without its deadline: one impatient caller must not abort the
// others' commit.
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
