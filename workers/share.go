package workers

import (
	"context"
	"slices"
	"sync"
	"time"

	"frontdesk/workers/engine"
)

// Windows are how many messages of one inbox may be on their way to the workers at a time. What
// comes on top waits in the database, and the sweep rings for it as room appears: so one inbox's
// flood or import stands in nobody's way, in the queue as little as in the workers.
const (
	liveWindow = 256  // what intake rings for
	liveRefill = 1024 // what the sweep fills up to, so that the workers do not run dry between two of its looks
	bulkWindow = 64   // of an import, for both
)

// intakeWindow is how many messages of an inbox intake brings on their way.
func intakeWindow(bulk bool) int {
	if bulk {
		return bulkWindow
	}
	return liveWindow
}

// sweepWindow is how many the sweep does.
func sweepWindow(bulk bool) int {
	if bulk {
		return bulkWindow
	}
	return liveRefill
}

// turnIDs is how many messages of an inbox of weight one go into a batch at its turn, and into one of
// the sweep's tasks.
const turnIDs = 32

// Shares are the weights of inboxes against each other; 1 where there is none. A nil one is fine.
type Shares map[string]int

func (s Shares) weight(inbox string) int { return max(s[inbox], 1) }

// crowd tells whether an inbox fills its window. It counts what it has heard of since it last asked
// the database, so that a quiet inbox costs a question for every window's worth of messages.
type crowd struct {
	count func(ctx context.Context, inbox string, bulk bool) (int, error)
	now   func() time.Time

	mu    sync.Mutex
	lines map[crowdLine]*crowdCount
}

type crowdLine struct {
	inbox string
	bulk  bool
}

type crowdCount struct {
	open  int
	asked time.Time
}

// recount is how long an answer of the database's counts.
const recount = 100 * time.Millisecond

// late reports whether n more messages must wait for the sweep.
func (c *crowd) late(ctx context.Context, inbox string, bulk bool, n int) bool {
	window := intakeWindow(bulk)
	open, ask := c.add(crowdLine{inbox, bulk}, n, window)
	if !ask {
		return open > window
	}
	open, err := c.count(ctx, inbox, bulk)
	if err != nil {
		return false // the commit that follows will tell
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lines[crowdLine{inbox, bulk}].open = open + n
	return open+n > window
}

func (c *crowd) add(key crowdLine, n, window int) (open int, ask bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.lines[key]
	if l == nil {
		l = &crowdCount{}
		if c.lines == nil {
			c.lines = map[crowdLine]*crowdCount{}
		}
		c.lines[key] = l
	}
	l.open += n
	if ask = l.open > window && c.now().Sub(l.asked) >= recount; ask {
		l.asked = c.now()
	}
	return l.open, ask
}

// Courtesy lets bulk work of a process step aside while live work is being done: between two messages of an
// import whoever has just written goes first.
//
// Intake, Processor and Deliverer of one process share one.
type Courtesy struct {
	mu   sync.Mutex
	live int
	rest chan struct{} // closed when nothing live is under way any more
}

// politeFor is how long one step of bulk work waits at most, so that it goes on under any load.
const politeFor = 20 * time.Millisecond

func (c *Courtesy) enter() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.live++; c.live == 1 {
		c.rest = make(chan struct{})
	}
}

func (c *Courtesy) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.live--; c.live == 0 {
		close(c.rest)
	}
}

// giveWay waits while live work is under way, for a while.
func (c *Courtesy) giveWay(ctx context.Context) { c.giveWayFor(ctx, politeFor) }

// giveWayFor waits while live work is under way, at most so long.
func (c *Courtesy) giveWayFor(ctx context.Context, most time.Duration) {
	c.mu.Lock()
	busy, rest := c.live > 0, c.rest
	c.mu.Unlock()
	if !busy {
		return
	}
	patience := time.NewTimer(most)
	defer patience.Stop()
	select {
	case <-rest:
	case <-patience.C:
	case <-ctx.Done():
	}
}

// byInbox cuts ids into one task an inbox, in the order in which the inboxes appear.
type byInbox struct {
	order []string
	ids   map[string][]int64
}

func (b *byInbox) add(inbox string, id int64) {
	if b.ids == nil {
		b.ids = map[string][]int64{}
	}
	if b.ids[inbox] == nil {
		b.order = append(b.order, inbox)
	}
	b.ids[inbox] = append(b.ids[inbox], id)
}

// ring hands one task an inbox to the bell, as t says otherwise.
func (b *byInbox) ring(bell *Bell, t engine.Task) {
	for _, inbox := range b.order {
		t.Inbox, t.IDs = inbox, b.ids[inbox]
		bell.Ring(t)
	}
}

// ringParts does the same with no more than n ids a task.
func (b *byInbox) ringParts(bell *Bell, t engine.Task, n int) {
	for _, inbox := range b.order {
		for part := range slices.Chunk(b.ids[inbox], n) {
			t.Inbox, t.IDs = inbox, part
			bell.Ring(t)
		}
	}
}
