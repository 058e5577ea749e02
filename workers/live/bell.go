package live

import (
	"context"
	"sync/atomic"
	"time"
)

// betweenRings is the least time between two words to other processes.
const betweenRings = 50 * time.Millisecond

// within bounds one word to other processes.
const within = 2 * time.Second

// Bell tells the hubs of all processes that something may have happened: that of its own at once, the others by a word that may be lost.
type Bell struct {
	others func(ctx context.Context) error
	own    atomic.Pointer[func()]
	rung   chan struct{}
}

// NewBell makes a bell. others tells the other processes; nil: there are none.
func NewBell(others func(ctx context.Context) error) *Bell {
	return &Bell{others: others, rung: make(chan struct{}, 1)}
}

// Tell has f called at each ring in this process. It must not block.
func (b *Bell) Tell(f func()) { b.own.Store(&f) }

// Ring never blocks.
func (b *Bell) Ring() {
	if f := b.own.Load(); f != nil {
		(*f)()
	}
	select {
	case b.rung <- struct{}{}:
	default:
	}
}

// Run tells the other processes until ctx ends: whatever was rung meanwhile is one word. That one cannot be said is nobody's harm, since
// every hub looks by itself, so nothing is said about it.
func (b *Bell) Run(ctx context.Context) {
	for b.others != nil {
		select {
		case <-b.rung:
		case <-ctx.Done():
			return
		}
		b.word(ctx)
		if !sleep(ctx, betweenRings) {
			return
		}
	}
}

func (b *Bell) word(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	if b.others(ctx) != nil {
		return // see Run
	}
}
