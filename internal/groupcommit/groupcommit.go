// Package groupcommit lets calls that come at the same time share one transaction: those that arrive while a group
// runs wait, and together are the next group, which starts the moment a lane is free. There is no timer, so a lone call is a
// group of one and waits for nobody, and under load the groups grow by themselves.
package groupcommit

import (
	"context"
	"errors"
	"sync"
)

// ErrBusy says that too much waits already. The caller is asked to come back.
var ErrBusy = errors.New("too many are waiting; come back later")

// Bounds are those of a group and of what waits for it. 0 is no bound.
type Bounds[T any] struct {
	Most  int         // items in a group
	Lanes int         // groups at a time; one if 0
	Size  func(T) int // bytes of an item; nil where they do not count
	Bytes int         // bytes in a group; a larger item goes alone
	Queue int         // items that may wait
	Room  int         // bytes that may wait
}

// Group runs calls in groups, in the order of coming. It keeps no goroutine when nothing is to do.
// It is safe for concurrent use.
type Group[T, R any] struct {
	// run gives one result an item, or an error for all of them.
	run    func(ctx context.Context, items []T) ([]R, error)
	bounds Bounds[T]

	mu      sync.Mutex
	waiting []*call[T, R]
	bytes   int // of these
	busy    int // lanes that are taken
}

// call is one Do that waits. result and err are set before done is closed.
type call[T, R any] struct {
	ctx    context.Context //nolint:containedctx // it is that of the call, which lasts as long as this value
	item   T
	bytes  int
	result R
	err    error
	done   chan struct{}
}

// New makes a group of one lane. run gives one result an item, in order; most is how many items it is given at a time.
func New[T, R any](most int, run func(ctx context.Context, items []T) ([]R, error)) *Group[T, R] {
	return NewBounded(Bounds[T]{Most: most}, run)
}

// NewBounded makes a group with further bounds.
func NewBounded[T, R any](b Bounds[T], run func(ctx context.Context, items []T) ([]R, error)) *Group[T, R] {
	b.Lanes = max(b.Lanes, 1)
	return &Group[T, R]{run: run, bounds: b}
}

// Do hands in one item and waits for its group. When ctx ends first, the item may or may not have been run; the caller
// must treat that as an unknown outcome.
// An error of run is that of all calls of its group: nothing tells which item it was about. Callers that need that try again alone.
func (g *Group[T, R]) Do(ctx context.Context, item T) (R, error) {
	c := &call[T, R]{ctx: ctx, item: item, done: make(chan struct{})}
	if g.bounds.Size != nil {
		c.bytes = g.bounds.Size(item)
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

// enter queues a call and takes a lane for it, if one is free; ErrBusy when the queue is full. It never waits itself.
func (g *Group[T, R]) enter(c *call[T, R]) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	b, waits := g.bounds, len(g.waiting)
	if b.Queue > 0 && waits >= b.Queue || b.Room > 0 && waits > 0 && g.bytes+c.bytes > b.Room {
		return ErrBusy
	}
	g.waiting = append(g.waiting, c)
	g.bytes += c.bytes
	if g.busy < b.Lanes {
		g.busy++
		go g.drain()
	}
	return nil
}

// drain runs groups until nothing waits, then gives its lane back.
func (g *Group[T, R]) drain() {
	for calls := g.next(); len(calls) > 0; calls = g.next() {
		items := make([]T, len(calls))
		for i, c := range calls {
			items[i] = c.item
		}
		// The values of the first caller's context stay; his hurry does not end what the others wait for.
		results, err := g.run(context.WithoutCancel(calls[0].ctx), items)
		for i, c := range calls {
			if c.err = err; err == nil {
				c.result = results[i]
			}
			close(c.done)
		}
	}
}

// next takes the next group off those that wait; where nothing waits, it gives the lane back.
func (g *Group[T, R]) next() []*call[T, R] {
	g.mu.Lock()
	defer g.mu.Unlock()
	n, bytes := 0, 0
	for n < min(len(g.waiting), g.bounds.Most) {
		size := g.waiting[n].bytes
		if n > 0 && g.bounds.Bytes > 0 && bytes+size > g.bounds.Bytes {
			break
		}
		n, bytes = n+1, bytes+size
	}
	if n == 0 {
		g.busy--
	}
	calls := g.waiting[:n:n]
	g.waiting, g.bytes = g.waiting[n:], g.bytes-bytes
	return calls
}
