package receive

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"frontdesk/channels"
	"frontdesk/workers"
	"frontdesk/workers/store"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/plans"
)

// Source is one stream that is fetched: a folder, a bot.
type Source struct {
	Inbox, Channel, Address string
	Stream                  string // unique within the inbox
	Fetcher                 channels.Fetcher
	Bulk                    bool
}

// errPanicked is the failure of a connector that tripped.
var errPanicked = errors.New("the connector failed inside Frontdesk; the log says where")

// errEndless is the failure of a reconciliation that comes to no end.
var errEndless = errors.New("the source goes on listing missing messages")

// Bounds and beats of fetching. A lease is renewed three times before it runs out; a source that fails is asked again
// after 2 s, 4 s … 5 min.
const (
	leaseFor       = 45 * time.Second
	leaseRenew     = 15 * time.Second
	reconcileEvery = 30 * time.Minute
	reconcileAgain = 5 * time.Minute // after a failure
	reconcileFirst = 2 * time.Second // after the first fetch has begun, which tells the connector its bookmark
	reconcileSince = 48 * time.Hour  // how far back a reconciliation looks
	backoffFirst   = 2 * time.Second
	backoffMost    = 5 * time.Minute // a source is never given up: it recovers without a person
)

// Sources fetches every source, each by one process at a time. Which one is decided by a lease in the database, so
// any number of processes may run the same configuration.
type Sources struct {
	store  *store.Store
	intake *Intake
	health *workers.Health
	holder string
	limit  int // undecided messages of an inbox at which its source is not read further
	meter  *workers.Meter
	logger *slog.Logger
}

// NewSources joins the runner to its store. holder names this process in the leases.
func NewSources(s *store.Store, intake *Intake, health *workers.Health, holder string, limit int, meter *workers.Meter, logger *slog.Logger) *Sources {
	if limit <= 0 {
		limit = 1024
	}
	return &Sources{store: s, intake: intake, health: health, holder: holder, limit: limit, meter: meter, logger: logger}
}

// Run fetches one source until ctx ends. It is called once for each, on a goroutine of its own, and closes the
// fetcher at its end. A process without the lease looks for it every leaseRenew: a source is without anybody for a
// minute at most after a crash.
func (s *Sources) Run(ctx context.Context, src Source) {
	defer src.Fetcher.Close()
	name := "source:" + src.Inbox + ":" + src.Stream
	for ctx.Err() == nil {
		ok, err := s.store.Service.Lease(ctx, name, s.holder, time.Now(), leaseFor)
		if err != nil || !ok {
			if err != nil && ctx.Err() == nil {
				s.logger.Warn("leasing source failed", "inbox", src.Inbox, "error", err)
			}
			workers.Sleep(ctx, leaseRenew)
			continue
		}
		s.hold(ctx, name, src)
	}
}

// hold fetches while the lease is ours.
func (s *Sources) hold(ctx context.Context, name string, src Source) {
	held, release := context.WithCancel(ctx)
	defer release()
	s.health.Hold(src.Inbox, src.Stream, time.Now())
	defer s.health.Leave(src.Inbox, src.Stream)
	f := &stream{Sources: s, src: src, backoff: backoffFirst}
	var beside sync.WaitGroup
	beside.Go(func() { s.renew(held, release, name) })
	beside.Go(func() { f.reconcileAll(held) })
	f.run(held)
	release()
	beside.Wait()
	if err := s.store.Service.ReleaseLease(context.WithoutCancel(ctx), name, s.holder); err != nil {
		s.logger.Warn("releasing lease failed", "inbox", src.Inbox, "error", err)
	}
}

// renew keeps the lease. A process that cannot renew it stops fetching before it runs out; should
// both fetch for a moment, the unique key makes that harmless.
func (s *Sources) renew(ctx context.Context, release context.CancelFunc, name string) {
	last := time.Now()
	for workers.Sleep(ctx, leaseRenew) {
		ok, err := s.store.Service.Lease(ctx, name, s.holder, time.Now(), leaseFor)
		switch {
		case err == nil && ok:
			last = time.Now()
		// The lease is another's, or so nearly over that another may take it before the next try.
		case err == nil, time.Since(last) > leaseFor-leaseRenew:
			release()
			return
		}
	}
}

// stream is the state of one source while its lease is held.
// cursor is the bookmark as it was recorded last; backoff is the next pause after a failure.
type stream struct {
	*Sources
	src     Source
	cursor  channels.Cursor
	loaded  bool
	backoff time.Duration
	well    time.Time // first success since the last failure
}

// run fetches without a pause while all is well: a fetch waits for news by itself.
func (f *stream) run(ctx context.Context) {
	for ctx.Err() == nil {
		err := f.guarded(f.src.Inbox, func() error { return f.step(ctx) })
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			f.failed(ctx, err)
			continue
		}
		if f.well.IsZero() {
			f.well = time.Now()
		}
	}
}

// guarded turns a panic of a connector into an error of its inbox: the others go on.
func (s *Sources) guarded(inbox string, f func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			s.logger.Error("connector panicked", "inbox", inbox, "panic", fmt.Sprint(cause), "stack", string(debug.Stack()))
			err = errPanicked
		}
	}()
	return f()
}

// step reads the bookmark if need be, waits for room, and fetches once. The first fetch of an inbox notes when it was
// connected: what lay there before is history.
func (f *stream) step(ctx context.Context) error {
	if !f.loaded {
		cursor, err := f.store.Intake.Cursor(ctx, f.src.Inbox, f.src.Stream)
		if err != nil {
			return fmt.Errorf("reading the cursor: %w", err)
		}
		f.cursor, f.loaded = cursor, true
	}
	if err := f.room(ctx); err != nil {
		return err
	}
	begun := time.Now()
	batch, err := f.src.Fetcher.Fetch(ctx, f.cursor)
	if err != nil {
		return err
	}
	if len(f.cursor) == 0 {
		// Sources tell time in whole seconds: what comes within this one is not yet history.
		if err := f.health.Connected(ctx, f.src.Inbox, f.src.Stream, begun.Truncate(time.Second)); err != nil {
			return err
		}
	}
	if err := f.record(ctx, batch); err != nil {
		return err
	}
	f.health.Alive(f.src.Inbox, f.src.Stream, batch.Lag, time.Now())
	return nil
}

// room waits while too much of this inbox is undecided, of the source's own kind: an import beside it
// holds up nobody. That the source is silent meanwhile is our doing.
func (f *stream) room(ctx context.Context) error {
	begun, said := time.Now(), false
	for {
		n, err := f.store.Backlog.CountOpen(ctx, f.src.Inbox, f.src.Bulk, f.limit)
		if err != nil {
			return fmt.Errorf("counting undecided messages: %w", err)
		}
		if n < f.limit {
			return nil
		}
		f.health.Waits(f.src.Inbox, f.src.Stream, time.Now())
		if !said && time.Since(begun) >= time.Minute {
			said = true
			f.logger.Warn("not reading further until messages are decided", "inbox", f.src.Inbox, "stream", f.src.Stream, "undecided", n)
		}
		if !workers.Sleep(ctx, 200*time.Millisecond) {
			return ctx.Err()
		}
	}
}

// record commits a batch with its bookmark. The bookmark in memory moves only after that, so an error fetches the
// same again.
func (f *stream) record(ctx context.Context, b channels.Batch) error {
	lot := intake.Lot{Items: items(b.Deliveries)}
	if b.Next != nil {
		lot.Moves = []intake.Move{{Inbox: f.src.Inbox, Stream: f.src.Stream, Cursor: b.Next}}
	}
	for _, r := range b.Receipts {
		lot.Receipts = append(lot.Receipts, plans.InboxReceipt{Inbox: f.src.Inbox, Receipt: r})
	}
	if len(lot.Items)+len(lot.Moves)+len(lot.Receipts) == 0 {
		return nil
	}
	if _, err := f.intake.Lot(ctx, lot, f.src.Bulk); err != nil {
		return err
	}
	if b.Next != nil {
		f.cursor = b.Next
	}
	return nil
}

// reconcileAll compares the source's list with ours and fetches what is missing, at start and then
// on the slow clock, beside the fetching: a fetch may wait many minutes for news.
func (f *stream) reconcileAll(ctx context.Context) {
	r, ok := f.src.Fetcher.(channels.Reconciler)
	for pause := reconcileFirst; ok && workers.Sleep(ctx, pause); {
		pause = reconcileEvery
		var count channels.Count
		var found int
		err := f.guarded(f.src.Inbox, func() (err error) {
			count, found, err = reconcile(ctx, r, f.src.Inbox, time.Now().Add(-reconcileSince), f.store, f.intake)
			return err
		})
		if err != nil {
			pause = reconcileAgain
			if ctx.Err() == nil {
				f.logger.Warn("reconciling failed", "inbox", f.src.Inbox, "stream", f.src.Stream, "error", err)
			}
			continue
		}
		f.health.Counted(f.src.Inbox, count, time.Now())
		if found > 0 {
			f.logger.Warn("reconciliation found messages that were missing", "inbox", f.src.Inbox, "found", found)
		}
	}
}

// reconcile asks the connector for what is missing, batch by batch, until it names nothing more. known tells it what
// is here; what it brings is recorded as live, since it should have come long ago. A thousand rounds are a connector
// that does not come to its end.
func reconcile(ctx context.Context, r channels.Reconciler, inbox string, since time.Time, s *store.Store, in *Intake) (count channels.Count, found int, err error) {
	known := func(ctx context.Context, keys []string) (map[string]bool, error) {
		return recordedAround(ctx, s, inbox, r, keys)
	}
	again := true
	for range 1000 {
		batch, seen, err := r.Reconcile(ctx, since, known)
		if err != nil {
			return count, found, err
		}
		count = seen
		if len(batch.Deliveries) > 0 {
			recorded, err := in.Lot(ctx, intake.Lot{Items: items(batch.Deliveries)}, false)
			if err != nil {
				return count, found, err
			}
			for _, r := range recorded {
				if r.New {
					found++
				}
			}
		}
		if !batch.More && (len(batch.Deliveries) == 0 || !again) {
			return count, found, nil
		}
		again = again && batch.More // what was found is counted once more, as recorded
	}
	return count, found, errEndless
}

// recordedAround tells which of the keys are recorded for the inbox, or for another one of the same source.
func recordedAround(ctx context.Context, s *store.Store, inbox string, r channels.Reconciler, keys []string) (map[string]bool, error) {
	out, err := recordedKeys(ctx, s, inbox, keys)
	if err != nil {
		return nil, err
	}
	shared, ok := r.(channels.Sharer)
	if !ok {
		return out, nil
	}
	for _, other := range shared.SharesWith() {
		open := slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return out[k] })
		if len(open) == 0 {
			break
		}
		more, err := recordedKeys(ctx, s, other, open)
		if err != nil {
			return nil, err
		}
		for k, known := range more {
			out[k] = out[k] || known
		}
	}
	return out, nil
}

// recordedKeys tells which of the keys are recorded, be it as refused by the database.
func recordedKeys(ctx context.Context, s *store.Store, inbox string, keys []string) (map[string]bool, error) {
	asked := slices.Clone(keys)
	for _, k := range keys {
		asked = append(asked, refusedKey(s, k))
	}
	got, err := s.Intake.RecordedKeys(ctx, inbox, asked)
	if err != nil {
		return nil, err
	}
	out := make(map[string]bool, len(keys))
	for _, k := range keys {
		out[k] = got[k] || got[refusedKey(s, k)]
	}
	return out, nil
}

// failed notes the error and waits: as long as the source asked for, else longer each time.
func (f *stream) failed(ctx context.Context, err error) {
	// A source that answers and at once fails again is not well: its pauses go on growing.
	if !f.well.IsZero() && time.Since(f.well) >= f.backoff {
		f.backoff = backoffFirst
	}
	f.well = time.Time{}
	f.meter.CountFailedFetch(f.src.Inbox)
	f.health.Failing(f.src.Inbox, f.src.Stream, err)
	pause := f.backoff
	if e, ok := errors.AsType[*channels.Error](err); ok && e.After > 0 {
		pause = e.After
	}
	f.logger.Warn("fetching failed", "inbox", f.src.Inbox, "stream", f.src.Stream, "retry_in", pause.String(), "error", err)
	f.backoff = min(f.backoff*2, backoffMost)
	workers.Sleep(ctx, pause)
}
