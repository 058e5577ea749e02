package workers

import (
	"context"
	"slices"
	"sync"
	"time"

	"frontdesk/workers/engine"
)

// Courtesy lets bulk work of a process step aside while live work is being done (a low-priority yield): between two messages of an
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

// byInbox cuts ids into tasks by inbox, in the order in which the inboxes appear.
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

// notify hands tasks of at most n ids to the notifier.
func (b *byInbox) notify(to *Notifier, kind engine.Kind, attempt, n int) {
	for _, inbox := range b.order {
		for part := range slices.Chunk(b.ids[inbox], n) {
			to.Notify(engine.Task{Kind: kind, Inbox: inbox, IDs: part, Attempt: attempt})
		}
	}
}
