package workers

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// errBusy says that too much waits already. The sender is asked to come back.
var errBusy = errors.New("too many are waiting; come back later")

// group is the group commit: calls that arrive while a batch runs wait, and together are the next
// batch, which starts the moment a lane is free. There is no timer, so a lone call is a batch of
// one and waits for nobody (with gather: for those that are known to be on their way), and under load the
// batches grow by themselves. It keeps no goroutine when nothing is to do.
//
// With share, the calls of each key wait in a line of their own, and a batch takes from the lines in
// turn: whoever sends a thousand at once waits for his own thousand, and nobody else does.
type group[T, R any] struct {
	run     func(ctx context.Context, items []T) ([]R, error) // one result an item, in order
	size    func(T) int                                       // bytes of an item, for maxByte
	lanes   int                                               // batches at a time
	full    bool                                              // a second lane opens for a full batch only
	max     int                                               // items in a batch
	maxByte int                                               // bytes in a batch; a larger item goes alone
	queue   int                                               // items that may wait
	room    int                                               // bytes that may wait
	share   func(T) (key string, weight int)                  // whose item it is
	turn    int                                               // what a line of weight one adds to a batch at its turn, in bytes or items
	rank    func(T) int64                                     // the lower goes first in its line, those that are equal as they came; nil: as they came
	entered func(T)                                           // told when an item waits in its line; nil for nobody
	gather  func(context.Context)                             // waits for items that are on their way, before a batch is taken; nil: takes what there is
	taken   func(context.Context) context.Context             // told of each batch in the order in which they are taken; nil for nobody

	mu      sync.Mutex
	lines   map[string]*line[T, R]
	order   []*line[T, R] // those that wait, the next one first
	waiting int
	bytes   int
	busy    int
}

// line is the calls of one key, in their order.
type line[T, R any] struct {
	key    string
	weight int
	calls  []*call[T, R]
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
	if g.entered != nil {
		g.entered(item)
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
	full := g.queue > 0 && g.waiting >= g.queue || g.room > 0 && g.waiting > 0 && g.bytes+c.bytes > g.room
	if full {
		return errBusy
	}
	g.append(c)
	if g.opens(g.busy) {
		g.busy++
		go g.drain()
	}
	return nil
}

// opens reports whether a batch is to be taken while so many others run.
func (g *group[T, R]) opens(others int) bool {
	if g.waiting == 0 || others >= g.lanes {
		return false
	}
	return others == 0 || !g.full || g.waiting >= g.max || g.size != nil && g.bytes >= g.maxByte
}

func (g *group[T, R]) append(c *call[T, R]) {
	key, weight := "", 1
	if g.share != nil {
		key, weight = g.share(c.item)
	}
	l := g.lines[key]
	if l == nil {
		if g.lines == nil {
			g.lines = map[string]*line[T, R]{}
		}
		l = &line[T, R]{key: key}
		g.lines[key] = l
		g.order = append(g.order, l)
	}
	l.weight = max(weight, 1)
	l.calls = slices.Insert(l.calls, g.place(l, c), c)
	g.waiting++
	g.bytes += c.bytes
}

func (g *group[T, R]) waits() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.waiting > 0
}

// place is where a call belongs in its line.
func (g *group[T, R]) place(l *line[T, R], c *call[T, R]) int {
	at := len(l.calls)
	if g.rank == nil {
		return at
	}
	for rank := g.rank(c.item); at > 0 && g.rank(l.calls[at-1].item) > rank; {
		at--
	}
	return at
}

// drain runs batches until nothing waits, then gives its lane back.
func (g *group[T, R]) drain() {
	for {
		if g.gather != nil && g.waits() {
			g.gather(context.Background())
		}
		batch, ctx := g.next()
		if batch == nil {
			return
		}
		g.runBatch(ctx, batch)
	}
}

// next takes a batch from the lines in turn, and forgets a line that is empty. The context is the first
// caller's without its deadline: one impatient caller must not abort the others' commit. Values of it
// stay (trace ids).
func (g *group[T, R]) next() ([]*call[T, R], context.Context) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.opens(g.busy - 1) {
		g.busy--
		return nil, nil
	}
	var batch []*call[T, R]
	bytes := 0
	for len(g.order) > 0 {
		l := g.order[0]
		n := g.fitting(l, len(batch), bytes)
		if n == 0 {
			break
		}
		for _, c := range l.calls[:n] {
			bytes += c.bytes
		}
		batch = append(batch, l.calls[:n]...)
		l.calls = l.calls[n:]
		g.order = g.order[1:]
		if len(l.calls) > 0 {
			g.order = append(g.order, l)
		} else {
			delete(g.lines, l.key)
		}
	}
	g.waiting -= len(batch)
	g.bytes -= bytes
	ctx := context.WithoutCancel(batch[0].ctx)
	if g.taken != nil {
		ctx = g.taken(ctx)
	}
	return batch, ctx
}

// fitting is how many of a line's calls go into the batch at this turn, at least one if there is room.
// What is too large for any batch goes alone.
func (g *group[T, R]) fitting(l *line[T, R], items, bytes int) int {
	n, taken := 0, 0
	for n < len(l.calls) && items+n < g.max {
		size := 1
		if g.size != nil {
			size = l.calls[n].bytes
			if items+n > 0 && bytes+taken+size > g.maxByte {
				break
			}
		}
		if g.share != nil && n > 0 && taken+size > l.weight*g.turn {
			break
		}
		taken += size
		n++
	}
	return n
}

func (g *group[T, R]) runBatch(ctx context.Context, batch []*call[T, R]) {
	items := make([]T, len(batch))
	for i, c := range batch {
		items[i] = c.item
	}
	results, err := g.run(ctx, items)
	for i, c := range batch {
		c.err = err
		if err == nil {
			c.result = results[i]
		}
		close(c.done)
	}
}
