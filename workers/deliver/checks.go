package deliver

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"frontdesk/channels"
	"frontdesk/workers/store"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/outbox"
	"frontdesk/workers/store/plans"
)

// Bounds of asking what became of sends.
const (
	checksAtOnce = 4 // of one process
	checkWithin  = 30 * time.Second
	checkRest    = time.Minute      // for all, after a provider that gives us nothing now
	checkAgain   = 10 * time.Minute // when a send could not be asked about, or its process died over it
)

// checkTimes are when a send is asked about, counted from when it was handed over. Carriers take three days at the most.
func checkTimes() []time.Duration {
	return []time.Duration{10 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour, 72 * time.Hour}
}

// nextCheck is when a send is asked about next; zero when there is nothing more to wait for.
func nextCheck(sent, now time.Time) time.Time {
	for _, after := range checkTimes() {
		if at := sent.Add(after); at.After(now) {
			return at
		}
	}
	return time.Time{}
}

// Checks asks providers what became of sends that they took and said no more of: they call once when a send fails,
// and we may have been away. What they say is a receipt like any other, so a failure starts the fallback. The sweep
// calls Begin; a nil Checks asks nobody.
//
// Nothing hangs on it: the rows of send_checks say when to ask, and a process that dies over a question leaves its
// row due again.
type Checks struct {
	store   *store.Store
	record  Record
	tracers *wayOut[channels.Tracer]
	logger  *slog.Logger
	now     func() time.Time
	slots   chan struct{}
	rest    atomic.Int64 // until when nobody is asked, in microseconds: a provider gives us nothing now
	under   sync.WaitGroup
}

// Record records receipts, as the door of a webhook does: Intake.Lot. It may be called by several at a time.
type Record func(ctx context.Context, lot intake.Lot, bulk bool) ([]channels.Recorded, error)

// NewChecks joins the inboxes' senders that can be asked to the store. record takes what providers say.
func NewChecks(s *store.Store, record Record, senders map[string]channels.Sender, logger *slog.Logger) *Checks {
	return &Checks{store: s, record: record, tracers: newWayOut(tracersOf(senders)), logger: logger, now: time.Now, slots: make(chan struct{}, checksAtOnce)}
}

// Begin asks about what is due, as far as there is room, and does not wait for the answers. Each ends within
// checkWithin, or with ctx. One goroutine at a time may call it: it counts on nobody else taking the room that it
// saw.
func (c *Checks) Begin(ctx context.Context, now time.Time) error {
	if c == nil || now.UnixMicro() < c.rest.Load() {
		return nil
	}
	for {
		room := cap(c.slots) - len(c.slots)
		if room == 0 {
			return nil
		}
		due, seen, err := c.store.Outbox.TakeChecks(ctx, now, now.Add(checkAgain), room)
		if err != nil {
			return err
		}
		for _, check := range due {
			c.slots <- struct{}{} // there is room: nobody else takes any
			c.under.Go(func() {
				defer func() { <-c.slots }()
				c.one(ctx, check)
			})
		}
		if seen < room || len(due) > 0 {
			return nil
		}
	}
}

// Wait ends when nothing is asked any more.
func (c *Checks) Wait() {
	if c != nil {
		c.under.Wait()
	}
}

// one asks about one send and writes the answer down.
func (c *Checks) one(ctx context.Context, check outbox.Check) {
	ctx, cancel := context.WithTimeout(ctx, checkWithin)
	defer cancel()
	err := c.ask(ctx, check)
	if refusesAll(err) {
		c.rest.Store(c.now().Add(checkRest).UnixMicro())
	}
	if err != nil && ctx.Err() == nil {
		c.logger.Warn("asking what became of a send failed; asking again later", "inbox", check.Inbox, "effect", check.Effect, "error", err)
	}
}

// ask writes the receipt before the next time, so that a crash between both asks once more and loses nothing.
func (c *Checks) ask(ctx context.Context, check outbox.Check) error {
	tracer := c.tracers.get(check.Inbox)
	if tracer == nil { // its inbox is gone, or sends by other means now
		return c.store.Outbox.Checked(ctx, check.Effect, time.Time{})
	}
	r, err := tracer.Trace(ctx, check.ProviderID, check.To)
	if err != nil {
		return err
	}
	next := nextCheck(check.SentAt, c.now())
	if r.Status == channels.StatusDelivered || r.Status == channels.StatusFailed {
		next = time.Time{}
		r.ProviderID = check.ProviderID
		lot := intake.Lot{Receipts: []plans.InboxReceipt{{Inbox: check.Inbox, Receipt: r}}}
		if _, err := c.record(ctx, lot, false); err != nil {
			return err
		}
		c.logger.Info("a send's fate was learnt by asking", "inbox", check.Inbox, "effect", check.Effect, "state", r.Status, "code", r.Reason)
	}
	return c.store.Outbox.Checked(ctx, check.Effect, next)
}
