package workers

import (
	"context"
	"sync"
)

// column keeps batches that are worked on at the same time in the order in which they were taken: each
// decides after the one before it has decided, and commits after that one has committed. So tickets are
// numbered in the order in which messages came, though one batch decides while another commits.
type column struct {
	mu   sync.Mutex
	last *place
}

// place is a batch's in the column. A nil one is outside of it and waits for nobody.
type place struct {
	before                   *place
	decided, committed       chan struct{}
	sayDecided, sayCommitted sync.Once
	more                     bool // of this batch is to be decided after what is being decided
}

type placeKey struct{}

// enter gives the next place, in ctx. It must be left.
func (c *column) enter(ctx context.Context) context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := &place{before: c.last, decided: make(chan struct{}), committed: make(chan struct{})}
	c.last = p
	return context.WithValue(ctx, placeKey{}, p)
}

// placeIn is the place that ctx brings, if any.
func placeIn(ctx context.Context) *place {
	p, _ := ctx.Value(placeKey{}).(*place)
	return p
}

// mayDecide waits for the batch before.
func (p *place) mayDecide() {
	if p != nil && p.before != nil {
		<-p.before.decided
	}
}

// mayCommit waits for the batch before, which is forgotten then.
func (p *place) mayCommit() {
	if p != nil && p.before != nil {
		<-p.before.committed
		p.before = nil
	}
}

// last says whether what is decided next is the last of this batch.
func (p *place) last(is bool) {
	if p != nil {
		p.more = !is
	}
}

// hasDecided lets the next batch decide, if that was the last of this one.
func (p *place) hasDecided() {
	if p != nil && !p.more {
		p.sayDecided.Do(func() { close(p.decided) })
	}
}

// leave lets the next batch go on, whatever became of this one, when it would have been its turn.
func (p *place) leave() {
	if p != nil {
		p.mayDecide()
		p.last(true)
		p.hasDecided()
		p.mayCommit()
		p.sayCommitted.Do(func() { close(p.committed) })
	}
}
