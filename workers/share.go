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

// Enter says that live work begins.
func (c *Courtesy) Enter() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.live++; c.live == 1 {
		c.rest = make(chan struct{})
	}
}

// Leave says that it has ended.
func (c *Courtesy) Leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.live--; c.live == 0 {
		close(c.rest)
	}
}

// GiveWay waits while live work is under way, for a while.
func (c *Courtesy) GiveWay(ctx context.Context) { c.GiveWayFor(ctx, politeFor) }

// GiveWayFor waits while live work is under way, at most so long.
func (c *Courtesy) GiveWayFor(ctx context.Context, most time.Duration) {
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

// ClaimItems is how many rows of the outbox are claimed at a time. A task has no more ids.
const ClaimItems = 128

// Outlet names the way out of an effect: its inbox, or its channel where it has none.
func Outlet(inbox, channel string) string {
	if inbox == "" {
		return channel
	}
	return inbox
}

// ByInbox cuts ids into tasks by inbox, in the order in which the inboxes appear.
type ByInbox struct {
	order []string
	ids   map[string][]int64
}

// Add adds an id to those of its inbox.
func (b *ByInbox) Add(inbox string, id int64) {
	if b.ids == nil {
		b.ids = map[string][]int64{}
	}
	if b.ids[inbox] == nil {
		b.order = append(b.order, inbox)
	}
	b.ids[inbox] = append(b.ids[inbox], id)
}

// Notify hands tasks of at most n ids to the notifier.
func (b *ByInbox) Notify(to *Notifier, kind engine.Kind, attempt, n int) {
	for _, inbox := range b.order {
		for part := range slices.Chunk(b.ids[inbox], n) {
			to.Notify(engine.Task{Kind: kind, Inbox: inbox, IDs: part, Attempt: attempt})
		}
	}
}

// Sleep waits, and reports false when ctx ended first.
func Sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
