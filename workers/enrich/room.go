package enrich

import (
	"context"
	"slices"
	"sync"
)

// room is memory, in bytes, that those who work side by side share: who needs more than is free waits
// for his turn, in the order of coming, so that one large message is neither held up for ever nor joined
// by many others of its kind.
type room struct {
	whole int64

	mu      sync.Mutex
	taken   int64
	waiting []*guest
}

// guest is one that waits or is in; in is closed when he may come in.
type guest struct {
	size int64
	in   chan struct{}
}

// enter takes as much room as asked for, at most the whole, and returns how to give it back. It waits;
// when ctx ends first, its error comes back and nothing is taken.
func (r *room) enter(ctx context.Context, size int64) (leave func(), err error) {
	g := &guest{size: min(size, r.whole), in: make(chan struct{})}
	r.mu.Lock()
	r.waiting = append(r.waiting, g)
	r.admit()
	r.mu.Unlock()
	select {
	case <-g.in:
		return func() { r.leave(g) }, nil
	case <-ctx.Done():
		r.mu.Lock()
		at := slices.Index(r.waiting, g)
		if at >= 0 {
			r.waiting = slices.Delete(r.waiting, at, at+1)
			r.admit() // those behind may be smaller
		}
		r.mu.Unlock()
		if at < 0 {
			r.leave(g) // he was let in at the same moment
		}
		return nil, ctx.Err()
	}
}

func (r *room) leave(g *guest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.taken -= g.size
	r.admit()
}

// admit lets in whoever fits, the first ones first.
func (r *room) admit() {
	for len(r.waiting) > 0 && r.taken+r.waiting[0].size <= r.whole {
		r.taken += r.waiting[0].size
		close(r.waiting[0].in)
		r.waiting = r.waiting[1:]
	}
}
