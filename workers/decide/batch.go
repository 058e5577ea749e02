package decide

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"frontdesk/channels/meta"
	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/screen"
	"frontdesk/workers"
	"frontdesk/workers/engine"
	"frontdesk/workers/store"
	"frontdesk/workers/store/backlog"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/commit"
)

// mode is how a batch is worked on.
type mode struct {
	bulk  bool // it steps aside for live work, between any two messages
	alone bool // it is in quarantine: nothing else is read
	turn  *turn
}

// portion is a part of a batch that has been read and is not decided yet.
type portion struct {
	work  []*reading
	later []int64 // of the batch, not read yet
}

// batch decides and commits messages, as many at a time as memory is meant for.
func (p *Processor) batch(ctx context.Context, ids []int64, m mode) error {
	read, err := p.read(ctx, ids, m)
	if err != nil {
		return err
	}
	return p.settle(ctx, read, m)
}

// read reads as many of the messages as memory is meant for.
func (p *Processor) read(ctx context.Context, ids []int64, m mode) (out portion, err error) {
	if len(ids) == 0 {
		return portion{}, nil
	}
	pending, later, err := p.store.Backlog.UndecidedWithin(m.patient(ctx), ids, processBytes)
	if err != nil {
		return portion{}, fmt.Errorf("reading undecided messages: %w", err)
	}
	work, err := p.readPending(m.patient(ctx), pending, m)
	return portion{work, later}, err
}

// settle decides and commits what has been read, and then the rest of its batch.
func (p *Processor) settle(ctx context.Context, read portion, m mode) error {
	for {
		if err := p.settleWork(m.patient(ctx), read.work, m); err != nil {
			return err
		}
		if len(read.later) == 0 {
			return nil
		}
		var err error
		if read, err = p.read(ctx, read.later, m); err != nil {
			return err
		}
	}
}

// patient is a context in which bulk work waits for the database behind all others.
func (m mode) patient(ctx context.Context) context.Context {
	if m.bulk {
		return store.Patient(ctx)
	}
	return ctx
}

// settleWork decides and commits messages together; on trouble with the data of one it goes on singly.
func (p *Processor) settleWork(ctx context.Context, work []*reading, m mode) error {
	data, err := p.settleBatch(ctx, work, m)
	if data != nil {
		return p.singly(ctx, work, data, m)
	}
	return err
}

// readPending reads those of the messages that wait for no scanner.
func (p *Processor) readPending(ctx context.Context, pending []backlog.Pending, m mode) ([]*reading, error) {
	pending, err := p.enrich.Hold(ctx, pending, p.now())
	if err != nil {
		return nil, err
	}
	heard, err := p.enrich.Heard(ctx, p.store, pending)
	if err != nil {
		return nil, fmt.Errorf("reading what others said: %w", err)
	}
	return p.readAll(ctx, pending, heard, m)
}

// readAll reads messages and puts them into the order of their source's time.
func (p *Processor) readAll(ctx context.Context, pending []backlog.Pending, heard map[int64][]screen.Opinion, m mode) ([]*reading, error) {
	work := make([]*reading, len(pending))
	most := len(pending)
	if m.bulk {
		most = 1
	}
	for begin := 0; begin < len(pending); begin += most {
		p.giveWay(ctx, m)
		if err := p.readSome(ctx, pending[begin:begin+most], heard, work[begin:begin+most], m); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(work, func(a, b *reading) int {
		return cmp.Or(a.pending.At.Compare(b.pending.At), cmp.Compare(a.pending.ID, b.pending.ID))
	})
	return work, nil
}

func (p *Processor) readSome(ctx context.Context, pending []backlog.Pending, heard map[int64][]screen.Opinion, work []*reading, m mode) error {
	if !m.alone {
		release, err := p.quarantine.MayRead(ctx)
		if err != nil {
			return fmt.Errorf("waiting to read messages: %w", err)
		}
		defer release()
	}
	now := p.now()
	sideBySide(len(pending), func(i int) {
		r := p.decider.read(pending[i], heard[pending[i].ID], now)
		work[i] = &r
	})
	return nil
}

// giveWay lets live work go first, between two messages of bulk work.
func (p *Processor) giveWay(ctx context.Context, m mode) {
	if m.bulk {
		p.courtesy.GiveWay(ctx)
	}
}

// settleBatch decides work and commits it, again when others changed what it was decided upon. A
// *store.DataError is returned apart: the batch has to go on singly.
func (p *Processor) settleBatch(ctx context.Context, work []*reading, m mode) (*store.DataError, error) {
	for range maxConflicts {
		if len(work) == 0 {
			return nil, nil
		}
		start := time.Now()
		now := p.now().Truncate(time.Microsecond) // one time for the decisions and their rows, as it is stored
		decisions, err := p.decideAll(ctx, work, now, m)
		if err != nil {
			return nil, err
		}
		m.turn.hasDecided()
		p.step(stepCommit)
		err = p.store.Commit.Commit(ctx, decisions, now)
		var gone *store.GoneError
		var data *store.DataError
		switch {
		case err == nil:
			p.meter.CountCommit("process", len(decisions), time.Since(start))
			p.done(decisions)
			return nil, nil
		case errors.As(err, &gone):
			work = slices.DeleteFunc(slices.Clone(work), func(w *reading) bool { return slices.Contains(gone.IDs, w.pending.ID) })
		case errors.Is(err, store.ErrConflict):
			p.meter.CountConflict()
		case errors.As(err, &data):
			return data, nil
		default:
			return nil, fmt.Errorf("committing decisions: %w", err)
		}
	}
	return nil, fmt.Errorf("committing decisions: %w", store.ErrConflict)
}

// decideAll decides a batch; the decisions are in its order. What has to see the commit of the batch before is decided after it.
func (p *Processor) decideAll(ctx context.Context, work []*reading, now time.Time, m mode) ([]commit.Decision, error) {
	newIDs, err := p.store.Base.IDs(ctx, len(work))
	if err != nil {
		return nil, fmt.Errorf("reserving ids: %w", err)
	}
	defer newIDs.Done()
	beside, after := m.turn.split(work)
	early, err := p.decideSome(ctx, beside, nil, newIDs, now, m)
	m.turn.mayCommit()
	if err != nil || len(after) == 0 {
		return early, err
	}
	late, err := p.decideSome(ctx, after, early, newIDs, now, m)
	if err != nil {
		return nil, err
	}
	decisions := make([]commit.Decision, 0, len(work))
	for _, w := range work {
		from := &early
		if len(late) > 0 && late[0].Pending.ID == w.pending.ID {
			from = &late
		}
		decisions, *from = append(decisions, (*from)[0]), (*from)[1:]
	}
	return decisions, nil
}

// decideSome asks once for all that the messages need and decides in order; each plan is applied to
// what the next one knows. before are those of the same batch that were decided upon other facts: what they use up of the whole desk's allowances counts here, too.
func (p *Processor) decideSome(ctx context.Context, work []*reading, before []commit.Decision, newIDs *base.IDs, now time.Time, m mode) ([]commit.Decision, error) {
	if len(work) == 0 {
		return nil, nil
	}
	asks := make([]pipeline.Asks, len(work))
	ids := make([]int64, len(work))
	var inboxes []string
	for i, w := range work {
		asks[i], ids[i] = w.c.Asks, w.pending.ID
		if !slices.Contains(inboxes, w.pending.Inbox) {
			inboxes = append(inboxes, w.pending.Inbox)
		}
	}
	facts, err := p.store.Facts.Facts(ctx, asks, ids, inboxes, now)
	if err != nil {
		return nil, fmt.Errorf("asking for known facts: %w", err)
	}
	for _, d := range before {
		facts.Use(d.Plan.Counts)
	}
	decisions := make([]commit.Decision, 0, len(work))
	for _, w := range work {
		p.giveWay(ctx, m)
		c := p.decider.decide(w, known(w, facts), now)
		if err := p.keepFiles(ctx, &c); err != nil {
			return nil, err
		}
		c.Plan.Assign(newIDs)
		facts.Apply(c, c.Plan)
		decisions = append(decisions, p.decision(w.pending, c))
	}
	return decisions, nil
}

// known is what is known for one message of a batch.
func known(w *reading, facts *pipeline.Facts) pipeline.Known {
	out := facts.For(w.c.Message, w.c.Asks)
	if !w.parked {
		out.Handed = w.pending.Meta[meta.Door] != ""
		out.Released, out.Imported, out.KeptOpen, out.Opinions = w.pending.Released, w.pending.Imported, w.pending.KeptOpen, w.heard
	}
	return out
}

// keepFiles puts attachments into the blob store before the commit that names them. A blob without
// a row is swept later; a row without a blob would be a loss.
func (p *Processor) keepFiles(ctx context.Context, c *pipeline.Case) error {
	if c.Plan.State == messages.Duplicate {
		c.Plan.Row.Attachments = nil
		return nil
	}
	for i := range c.Plan.Row.Attachments {
		a := &c.Plan.Row.Attachments[i]
		if len(a.Content) == 0 || a.Digest != "" {
			continue
		}
		digest, err := p.store.Files.PutBlob(ctx, a.Content)
		if err != nil {
			return fmt.Errorf("keeping an attachment: %w", err)
		}
		a.Digest, a.Size = digest, int64(len(a.Content))
	}
	return nil
}

func (p *Processor) decision(d backlog.Pending, c pipeline.Case) commit.Decision {
	known, err := json.Marshal(c.Known)
	if err != nil {
		known = []byte("null")
	}
	version := ""
	if s := cmp.Or(c.Settings, p.decider.settings.Load()); s != nil {
		version = s.Version
	}
	return commit.Decision{Pending: d, Plan: c.Plan, Known: known, Config: version}
}

// singly commits one message a transaction, because the batch failed on somebody's data. The one
// that fails even alone is parked.
func (p *Processor) singly(ctx context.Context, work []*reading, data *store.DataError, m mode) (err error) {
	if len(work) == 1 {
		w := work[0]
		p.logger.Error("committing failed on the message's own data; parked", "inbox", w.pending.Inbox, "message", w.pending.ID, "error", data)
		c := parkedCase(w.pending, causes.Unparsable, "the database refused it: "+data.Reason())
		c.Plan.Trace[0].Stage = StageCommit
		return p.commitAlone(ctx, p.decision(w.pending, c))
	}
	for _, w := range work {
		again, failed := p.readPending(ctx, []backlog.Pending{w.pending}, m)
		if failed == nil {
			failed = p.settleWork(ctx, again, m)
		}
		err = errors.Join(err, failed)
	}
	return err
}

// commitAlone commits one decision, unless somebody else has.
func (p *Processor) commitAlone(ctx context.Context, d commit.Decision) error {
	err := p.store.Commit.Commit(ctx, []commit.Decision{d}, p.now())
	var gone *store.GoneError
	switch {
	case errors.As(err, &gone):
		return nil
	case err != nil:
		return fmt.Errorf("parking: %w", err)
	}
	p.done([]commit.Decision{d})
	return nil
}

// done tells whoever listens, and notifies the deliverers of the effects that are due at once.
func (p *Processor) done(decisions []commit.Decision) {
	now := p.now()
	var due workers.ByInbox
	for i := range decisions {
		d := &decisions[i]
		p.meter.CountDecided(d.Pending.Inbox, string(d.Plan.State), d.Plan.Cause)
		p.watch(Passed{ID: d.Pending.ID, Inbox: d.Pending.Inbox, Channel: d.Pending.Channel, Plan: &d.Plan})
		for _, e := range d.Plan.Effects {
			if e.Cause == "" && !e.Due.After(now) {
				due.Add(workers.Outlet(e.Inbox, e.Channel), e.ID)
			}
		}
	}
	due.Notify(p.notifier, engine.Deliver, 0, workers.ClaimItems)
}
