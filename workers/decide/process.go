// Package decide decides recorded messages: it takes a batch, reads each message, asks once what is known, decides each in turn, and
// commits the whole. One that may have killed its process is worked on alone.
package decide

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline"
	"frontdesk/workers"
	"frontdesk/workers/engine"
	"frontdesk/workers/enrich"
	"frontdesk/workers/store"
	"frontdesk/workers/store/backlog"
)

// Bounds of the work on messages.
const (
	processItems = 256              // in a batch
	processBytes = 21 << 20         // of originals that are read together, but at least one; a lane holds three such portions at most
	processBulk  = 16               // of an import: whoever is live waits for one such batch at most
	maxConflicts = 8                // rounds of a batch against other workers before it is left for later
	takenFor     = 60 * time.Second // a message that was taken and not decided is somebody else's then
	turnIDs      = 32               // messages of an inbox of weight one that go into a batch at its turn
)

// Processor decides recorded messages. It takes them from the database, a batch at a time: reads them, asks what is known,
// decides them in the order of their source's time and commits the whole batch at once. Live messages and those of an
// import have a lane each.
type Processor struct {
	store      *store.Store
	notifier   *workers.Notifier
	enrich     *enrich.Step
	decider    *decider
	quarantine *Quarantine
	courtesy   *workers.Courtesy
	weights    map[string]int
	meter      *workers.Meter
	logger     *slog.Logger
	watch      func(Passed)
	now        func() time.Time
	step       func(string) // told what comes next in a batch, so that a test can come between
	live, bulk *lane
}

// stepCommit is the step of a batch before its commit.
const stepCommit = "commit"

// Passed tells an onlooker (terminal, page) what became of a message. It holds no text.
type Passed struct {
	ID      int64
	Inbox   string
	Channel string
	Plan    *pipeline.Plan
}

// ProcessorConfig is what a processor works with.
type ProcessorConfig struct {
	Store      *store.Store
	Notifier   *workers.Notifier
	Decoders   map[string]channels.Decoder // by inbox
	Settings   *pipeline.Settings
	Quarantine *Quarantine       // the process's
	Courtesy   *workers.Courtesy // the process's
	Enrich     *enrich.Step      // asks others before the decision; nil asks nobody
	Weights    map[string]int    // of inboxes against each other; 1 where there is none
	Meter      *workers.Meter
	Logger     *slog.Logger
	Watch      func(Passed)     // told of each decision; nil tells nobody
	Now        func() time.Time // the clock; nil for the real one
}

// Settings are those by which it decides now. They must not be changed.
func (p *Processor) Settings() *pipeline.Settings { return p.decider.settings.Load() }

// Doubt reads a message as the line does, alone and for who is asked about it before it is decided. ok is whether the model is not sure what it is about.
// The error is that of waiting for one's turn to read.
func (p *Processor) Doubt(ctx context.Context, in backlog.Pending) (d enrich.Doubt, ok bool, err error) {
	release, err := p.quarantine.MayRead(ctx)
	if err != nil {
		return d, false, fmt.Errorf("waiting to read the message: %w", err)
	}
	defer release()
	r := p.decider.read(in, nil, p.now())
	if r.parked || !r.c.Class.Unsure {
		return d, false, nil
	}
	return enrich.Doubt{Subject: r.c.Base, Text: r.c.Core, Language: r.c.Language}, true, nil
}

// Use decides by other settings from now on. Messages that are under way are decided by those with which they were read.
func (p *Processor) Use(s *pipeline.Settings) { p.decider.settings.Store(s) }

// NewProcessor makes a processor. It works while Run does.
func NewProcessor(c ProcessorConfig) *Processor {
	p := &Processor{store: c.Store, notifier: c.Notifier, enrich: c.Enrich, decider: newDecider(c.Decoders, c.Settings, c.Logger), quarantine: c.Quarantine,
		courtesy: c.Courtesy, weights: c.Weights, meter: c.Meter, logger: c.Logger, watch: c.Watch, now: c.Now, step: func(string) {}, live: newLane(), bulk: newLane()}
	if p.watch == nil {
		p.watch = func(Passed) {}
	}
	if p.now == nil {
		p.now = time.Now
	}
	return p
}

// Handle is called with a task that says there is work. It waits for the end of a batch that is taken after this call.
func (p *Processor) Handle(ctx context.Context, w engine.Work) error {
	if !w.Due {
		// An older program leaves what it rings for to its task alone.
		if err := p.store.Backlog.Later(ctx, w.IDs, p.now()); err != nil {
			return err
		}
	}
	return p.lane(w.Bulk).join(ctx)
}

// Wake says that there may be work, and waits for nobody.
func (p *Processor) Wake(bulk bool) { p.lane(bulk).wake() }

func (p *Processor) lane(bulk bool) *lane {
	if bulk {
		return p.bulk
	}
	return p.live
}

// Run works whenever it is woken, until ctx ends. What is under way then is finished.
func (p *Processor) Run(ctx context.Context) {
	var both sync.WaitGroup
	for _, bulk := range []bool{false, true} {
		both.Go(func() { p.work(ctx, bulk) })
	}
	both.Wait()
}

// errNoLook says that what is due could not be taken, or not be given back: the database is away.
var errNoLook = errors.New("the messages that are due cannot be reached")

// Pauses after a look that failed as a whole, growing while one after the other does. A message that fails has its own time instead
// (giveBack), and holds up nobody.
const (
	failedPause = 100 * time.Millisecond
	failedMost  = 5 * time.Second
)

// work takes batch after batch as long as more is due, then waits to be woken. When more is due, three batches are under work: one is
// being committed, the next one is decided, and one is taken and read (see turn).
func (p *Processor) work(ctx context.Context, bulk bool) {
	l := p.lane(bulk)
	defer l.stop()
	var last *turn
	defer func() { last.waitEnded() }()
	doing, pause, more, full := context.WithoutCancel(ctx), failedPause, true, true
	for ctx.Err() == nil {
		if !more || !full {
			last.waitEnded() // whoever comes meanwhile goes together into the next batch: one commit
		}
		if !more {
			select {
			case <-l.woken:
			case <-ctx.Done():
				return
			}
		}
		end := l.begin()
		b := p.take(doing, bulk)
		last.waitDecided()
		last = p.decideBeside(doing, b, last, end)
		more, full = b.more, b.full
		if !errors.Is(b.err, errNoLook) {
			pause = failedPause
			continue
		}
		workers.Sleep(ctx, pause)
		pause = min(2*pause, failedMost)
	}
}

// decideBeside decides a batch beside whoever calls, in the turn after last.
func (p *Processor) decideBeside(ctx context.Context, b batch, last *turn, end func(error)) *turn {
	b.mode.turn = last.after(len(b.read.later) > 0 || len(b.again) > 0)
	go func() {
		defer b.mode.turn.end()
		err := errStopped // where the worker is torn down under it
		defer func() { end(err) }()
		if err = p.decide(ctx, b); err != nil {
			p.logger.Warn("deciding failed; trying again", "error", err)
		}
	}()
	return b.mode.turn
}

// batch is what was taken together, and of what was taken for the first time as much as memory is meant for, read.
type batch struct {
	mode  mode
	fresh []int64         // taken for the first time
	again []backlog.Taken // taken before and still undecided
	more  bool            // more is due
	full  bool            // as much was taken as goes into one
	read  portion         // of the fresh ones
	err   error           // of taking or reading them
}

// take takes a batch of what is due, and reads it.
func (p *Processor) take(ctx context.Context, bulk bool) (b batch) {
	most := processItems
	if bulk {
		most = processBulk
	}
	now := p.now()
	b.mode.bulk = bulk
	taken, more, err := p.store.Backlog.TakeMessages(ctx, now, now.Add(takenFor), bulk, most, p.turn)
	if err != nil {
		b.err = fmt.Errorf("%w: %w", errNoLook, err)
		return b
	}
	if !bulk && len(taken) > 0 {
		p.courtesy.Enter()
	}
	b.more, b.full = more, len(taken) == most
	for _, m := range taken {
		if m.Times == 1 {
			b.fresh = append(b.fresh, m.ID)
		} else {
			b.again = append(b.again, m)
		}
	}
	b.read, b.err = p.read(ctx, b.fresh, b.mode)
	return b
}

// decide decides a batch and commits it. What was taken before and is still undecided may have killed its process, or failed with
// its batch: it is worked on one at a time.
func (p *Processor) decide(ctx context.Context, b batch) (err error) {
	if len(b.fresh)+len(b.again) == 0 {
		return b.err
	}
	if !b.mode.bulk {
		defer p.courtesy.Leave()
	}
	failed := b.err
	if failed == nil {
		failed = p.settle(ctx, b.read, b.mode)
	}
	if failed != nil {
		err = errors.Join(failed, p.giveBack(ctx, 1, b.fresh...))
	}
	for _, m := range b.again {
		if failed := p.carefully(ctx, m.ID, b.mode.bulk); failed != nil {
			err = errors.Join(err, failed, p.giveBack(ctx, m.Times, m.ID))
		}
	}
	return err
}

// turn is how many messages of an inbox go into a batch at its turn.
func (p *Processor) turn(inbox string) int { return turnIDs * max(p.weights[inbox], 1) }

// giveBack leaves messages for later that were taken so often, by a growing delay up to a minute.
func (p *Processor) giveBack(ctx context.Context, times int, ids ...int64) error {
	if err := p.store.Backlog.Later(ctx, ids, p.now().Add(min(time.Second<<min(times-1, 6), time.Minute))); err != nil {
		return fmt.Errorf("%w: %w", errNoLook, err)
	}
	return nil
}
