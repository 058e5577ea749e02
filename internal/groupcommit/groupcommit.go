// Package groupcommit lets calls that come at the same time share one transaction: those that arrive while one
// runs are the next one. There is no timer, so a lone call waits for nobody, and under load the groups grow by
// themselves.
package groupcommit

import (
	"context"
	"sync"
)

// Group runs calls in groups, one group at a time, in the order of coming. It keeps no goroutine when nothing is to do.
// It is safe for concurrent use.
type Group[T, R any] struct {
	run  func(ctx context.Context, items []T) ([]R, error)
	most int

	mu      sync.Mutex
	waiting []*call[T, R]
	running bool
}

type call[T, R any] struct {
	ctx    context.Context //nolint:containedctx // it is that of the call, which lasts as long as this value
	item   T
	result R
	err    error
	done   chan struct{}
}

// New makes a group. run gives one result an item, in order; most is how many items it is given at a time.
func New[T, R any](most int, run func(ctx context.Context, items []T) ([]R, error)) *Group[T, R] {
	return &Group[T, R]{run: run, most: most}
}

// Do hands in one item and waits for its group. When ctx ends first, the item may or may not have been run.
func (g *Group[T, R]) Do(ctx context.Context, item T) (R, error) {
	c := &call[T, R]{ctx: ctx, item: item, done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, c)
	if !g.running {
		g.running = true
		go g.drain()
	}
	g.mu.Unlock()
	select {
	case <-c.done:
		return c.result, c.err
	case <-ctx.Done():
		var none R
		return none, context.Cause(ctx)
	}
}

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

func (g *Group[T, R]) next() []*call[T, R] {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.waiting), g.most)
	calls := g.waiting[:n:n]
	g.waiting = g.waiting[n:]
	g.running = n > 0
	return calls
}
