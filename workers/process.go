package workers

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/screen"
	"frontdesk/workers/engine"
	"frontdesk/workers/enrich"
	"frontdesk/workers/store"
)

// Bounds of the work on messages.
const (
	processItems = 256
	processLanes = 3        // live batches at a time: one reads, one decides, one commits
	processBytes = 21 << 20 // of originals that are in memory at a time in one lane, but at least one
	processBulk  = 16       // of an import: whoever is live waits for one such batch at most
	maxClaims    = 3        // a message that was being worked on when the process died three times is parked
	maxConflicts = 8        // rounds of a batch against other workers before it is left for later
)

// Processor decides recorded messages: it reads them, asks what is known, decides them in the order
// of their source's time and commits the whole batch at once.
type Processor struct {
	// Polite is shared with the process's other workers. Set it before the first call.
	Polite *Courtesy
	// Gather waits for tasks that are on their way to Handle, so that they stand in the order of their
	// messages before a batch is taken. nil waits for nobody. Set it before the first call.
	Gather func(ctx context.Context)

	store    *store.Store
	bell     *Bell
	enrich   *enrich.Step
	decoders map[string]channels.Decoder // by inbox
	settings *pipeline.Settings
	meter    *Meter
	logger   *slog.Logger
	watch    func(Passed)
	care     *care
	apart    *apart
	column   column
	now      func() time.Time
	step     func(string) // told what comes next in a batch, so that a test can come between
	live     *group[engine.Work, struct{}]
	bulk     *group[engine.Work, struct{}]
}

// Steps of a batch.
const (
	stepDecide = "decide" // before each decision
	stepCommit = "commit"
)

// Passed tells an onlooker (terminal, page) what became of a message. It holds no text.
type Passed struct {
	ID      int64
	Inbox   string
	Channel string
	Plan    *pipeline.Plan
}

// NewProcessor joins a processor to its store. watch may be nil.
func NewProcessor(s *store.Store, bell *Bell, decoders map[string]channels.Decoder, settings *pipeline.Settings, meter *Meter, logger *slog.Logger, watch func(Passed)) *Processor {
	p := &Processor{store: s, bell: bell, decoders: decoders, settings: settings, meter: meter, logger: logger, watch: watch, care: newCare(), apart: newApart(), now: time.Now, step: func(string) {}}
	if p.watch == nil {
		p.watch = func(Passed) {}
	}
	p.Polite = &Courtesy{}
	p.Share(nil)
	return p
}

// AskFirst has others asked about messages before the decision; nil asks nobody. Call it before the first task.
func (p *Processor) AskFirst(s *enrich.Step) { p.enrich = s }

// Share sets the inboxes' weights: a batch takes from each inbox's tasks in turn. Call it before the
// first task.
func (p *Processor) Share(weights Shares) {
	lane := func(run func(context.Context, []engine.Work) ([]struct{}, error), lanes, items int) *group[engine.Work, struct{}] {
		return &group[engine.Work, struct{}]{run: run, lanes: lanes, max: items, maxByte: items,
			size:    func(w engine.Work) int { return len(w.IDs) },
			turn:    turnIDs,
			rank:    firstID,
			entered: engine.Work.Arrived,
			gather:  p.gather,
			share:   func(w engine.Work) (string, int) { return w.Inbox, weights.weight(w.Inbox) }}
	}
	p.live, p.bulk = lane(p.runLive, processLanes, processItems), lane(p.runBulk, 1, processBulk)
	p.live.full, p.live.taken = true, p.column.enter
}

// Handle works on the ids of one task. Tasks that wait meanwhile are decided together.
func (p *Processor) Handle(ctx context.Context, w engine.Work) error {
	if w.Again {
		w.Arrived()
		return p.carefully(ctx, w.IDs)
	}
	if w.Bulk {
		_, err := p.bulk.do(ctx, w)
		return err
	}
	_, err := p.live.do(ctx, w)
	return err
}

// firstID ranks a task: messages get their ids in the order in which they are recorded.
func firstID(w engine.Work) int64 {
	if len(w.IDs) == 0 {
		return 0
	}
	return w.IDs[0]
}

func (p *Processor) gather(ctx context.Context) {
	if p.Gather != nil {
		p.Gather(ctx)
	}
}

func (p *Processor) runLive(ctx context.Context, tasks []engine.Work) ([]struct{}, error) {
	p.Polite.enter()
	defer p.Polite.leave()
	return p.run(ctx, tasks)
}

// runBulk decides messages of an import, a few at a time and after whoever is live.
func (p *Processor) runBulk(ctx context.Context, tasks []engine.Work) ([]struct{}, error) {
	return p.run(store.Patient(ctx), tasks)
}

// giveWay lets live work go first, between two messages of bulk work.
func (p *Processor) giveWay(ctx context.Context) {
	if store.IsPatient(ctx) {
		p.Polite.giveWay(ctx)
	}
}

// awaits reports whether a message waits for what others say of it, so that no try at it is counted meanwhile.
func (p *Processor) awaits(ctx context.Context, id int64) (bool, error) {
	if p.enrich == nil {
		return false, nil
	}
	pending, err := p.store.Undecided(ctx, []int64{id})
	if err != nil {
		return false, fmt.Errorf("reading undecided message: %w", err)
	}
	ready, err := p.enrich.Hold(ctx, pending, p.now())
	return len(ready) < len(pending), err
}

func (p *Processor) parkStuck(ctx context.Context, id int64) error {
	pending, err := p.store.Undecided(ctx, []int64{id})
	if err != nil || len(pending) == 0 {
		return err
	}
	c := parkedCase(pending[0], causes.Unparsable, fmt.Sprintf("the process died %d times while it was being decided", maxClaims))
	c.Plan.Trace[0].Stage = StageClaim
	return p.commitSingles(ctx, []store.Decision{p.decision(pending[0], c)})
}

// reading is a message with what it says by itself.
type reading struct {
	pending store.Pending
	c       pipeline.Case
	parked  bool
	heard   []screen.Opinion // what others said of it
}

func (p *Processor) readAll(ctx context.Context, pending []store.Pending, heard map[int64][]screen.Opinion) ([]reading, error) {
	work := make([]reading, len(pending))
	most := len(pending)
	if store.IsPatient(ctx) {
		most = 1
	}
	for begin := 0; begin < len(pending); begin += most {
		p.giveWay(ctx)
		if err := p.readSome(ctx, pending[begin:begin+most], heard, work[begin:begin+most]); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(work, func(a, b reading) int {
		return cmp.Or(a.pending.At.Compare(b.pending.At), cmp.Compare(a.pending.ID, b.pending.ID))
	})
	return work, nil
}

func (p *Processor) readSome(ctx context.Context, pending []store.Pending, heard map[int64][]screen.Opinion, work []reading) error {
	release, err := p.MayRead(ctx)
	if err != nil {
		return fmt.Errorf("waiting to read messages: %w", err)
	}
	defer release()
	sideBySide(len(pending), func(i int) { work[i] = p.read(ctx, pending[i], heard[pending[i].ID]) })
	return nil
}

// read decodes one message and runs the first half of the line. A message that cannot be decoded,
// or makes the code panic, is parked by its own fault alone. heard is what was said of it since it came: its sender
// is who he is known to be now.
func (p *Processor) read(ctx context.Context, d store.Pending, heard []screen.Opinion) (r reading) {
	defer func() {
		if cause := recover(); cause != nil {
			p.logger.Error("reading panicked; parked", "inbox", d.Inbox, "message", d.ID, "panic", fmt.Sprint(cause), "stack", string(debug.Stack()))
			r = p.unread(d, causes.Unparsable, "reading it failed inside Frontdesk")
		}
	}()
	if d.Away { // restored blobs and mended mounts are seen by the sweep
		return reading{pending: d, c: parkedCase(d, causes.OriginalMissing, "the blob of its original cannot be read: "+d.Shut), parked: true}
	}
	if d.Shut != "" {
		return reading{pending: d, c: parkedCase(d, causes.Unparsable, "its original cannot be opened: "+d.Shut), parked: true}
	}
	decoder, ok := p.decoders[d.Inbox]
	if !ok {
		return reading{pending: d, c: parkedCase(d, causes.Policy, "its inbox is not configured any more"), parked: true}
	}
	m, err := decoder.Decode(channels.Delivery{Inbox: d.Inbox, Channel: d.Channel, Key: d.Key, At: d.At, Raw: d.Raw, Meta: d.Meta})
	if err != nil {
		cause, evidence := decodeFault(err)
		return p.unread(d, cause, evidence)
	}
	m.ID, m.Inbox, m.Key, m.At = d.ID, d.Inbox, d.Key, d.At
	return reading{pending: d, c: pipeline.Read(screen.Resolve(m, heard), p.settings, p.now()), heard: heard}
}

// unread parks what could not be read, unless it turns out to be a copy.
func (p *Processor) unread(d store.Pending, cause, evidence string) reading {
	c := parkedCase(d, cause, evidence)
	c.Settings = p.settings
	return reading{pending: d, c: pipeline.Unread(c, d.Raw), parked: true}
}

func decodeFault(err error) (cause, evidence string) {
	cause = causes.Unparsable
	var e *channels.Error
	if errors.As(err, &e) && slices.Contains(causes.Parking(), e.Cause) {
		cause = e.Cause
	}
	return cause, err.Error()
}

func parkedCase(d store.Pending, cause, evidence string) pipeline.Case {
	m := message.Message{ID: d.ID, Inbox: d.Inbox, Channel: d.Channel, Key: d.Key, At: d.At}
	return pipeline.Case{Message: m, Plan: pipeline.Plan{Message: d.ID, State: pipeline.Parked, Cause: cause, Evidence: evidence,
		Trace: []pipeline.Line{{Stage: StageDecode, Found: "parked: " + cause, Why: evidence}}}}
}

// decideAll asks once for all that the batch needs and decides in order; each plan is applied to
// what the next one knows.
func (p *Processor) decideAll(ctx context.Context, work []reading, now time.Time) ([]store.Decision, error) {
	asks := make([]pipeline.Asks, len(work))
	ids := make([]int64, len(work))
	var inboxes []string
	for i, w := range work {
		asks[i], ids[i] = w.c.Asks, w.pending.ID
		if !slices.Contains(inboxes, w.pending.Inbox) {
			inboxes = append(inboxes, w.pending.Inbox)
		}
	}
	facts, err := p.store.Facts(ctx, asks, ids, inboxes, now)
	if err != nil {
		return nil, fmt.Errorf("asking for known facts: %w", err)
	}
	newIDs, err := p.store.IDs(ctx, len(work))
	if err != nil {
		return nil, fmt.Errorf("reserving ids: %w", err)
	}
	defer newIDs.Done()
	decisions := make([]store.Decision, 0, len(work))
	for i := range work {
		p.giveWay(ctx)
		c, err := p.decide(ctx, &work[i], facts, newIDs, now)
		if err != nil {
			return nil, err
		}
		facts.Apply(c, c.Plan)
		decisions = append(decisions, p.decision(work[i].pending, c))
	}
	return decisions, nil
}

func (p *Processor) decide(ctx context.Context, w *reading, facts *pipeline.Facts, ids pipeline.IDs, now time.Time) (c pipeline.Case, err error) {
	c = w.c
	if w.parked {
		c = pipeline.DecideUnread(w.c, facts.For(w.c.Message, w.c.Asks))
	} else {
		known := facts.For(w.c.Message, w.c.Asks)
		known.Handed = w.pending.Meta[channels.MetaDoor] != ""
		known.Released, known.Imported, known.KeptOpen, known.Opinions = w.pending.Released, w.pending.Imported, w.pending.KeptOpen, w.heard
		c = p.decideSafely(w, known, now)
	}
	if err := p.keepFiles(ctx, &c); err != nil {
		return c, err
	}
	c.Plan.Assign(ids)
	return c, nil
}

func (p *Processor) decideSafely(w *reading, known pipeline.Known, now time.Time) (c pipeline.Case) {
	defer func() {
		if cause := recover(); cause != nil {
			p.logger.Error("deciding panicked; parked", "inbox", w.pending.Inbox, "message", w.pending.ID, "panic", fmt.Sprint(cause), "stack", string(debug.Stack()))
			c = parkedCase(w.pending, causes.Unparsable, "deciding it failed inside Frontdesk")
		}
	}()
	p.step(stepDecide)
	c = w.c
	c.Now = now
	return pipeline.Decide(c, known)
}

// keepFiles puts attachments into the blob store before the commit that names them. A blob without
// a row is swept later; a row without a blob would be a loss.
func (p *Processor) keepFiles(ctx context.Context, c *pipeline.Case) error {
	if c.Plan.State == pipeline.Duplicate {
		c.Plan.Row.Attachments = nil
		return nil
	}
	for i := range c.Plan.Row.Attachments {
		a := &c.Plan.Row.Attachments[i]
		if len(a.Content) == 0 || a.Digest != "" {
			continue
		}
		digest, err := p.store.PutBlob(ctx, a.Content)
		if err != nil {
			return fmt.Errorf("keeping an attachment: %w", err)
		}
		a.Digest, a.Size = digest, int64(len(a.Content))
	}
	return nil
}

func (p *Processor) decision(d store.Pending, c pipeline.Case) store.Decision {
	known, err := json.Marshal(c.Known)
	if err != nil {
		known = []byte("null")
	}
	version := ""
	if p.settings != nil {
		version = p.settings.Version
	}
	return store.Decision{Pending: d, Plan: c.Plan, Known: known, Config: version}
}

// done tells whoever listens, and rings for the effects that are due at once.
func (p *Processor) done(decisions []store.Decision) {
	now := p.now()
	var due byInbox
	for i := range decisions {
		d := &decisions[i]
		p.meter.decided(d.Pending.Inbox, string(d.Plan.State), d.Plan.Cause)
		p.watch(Passed{ID: d.Pending.ID, Inbox: d.Pending.Inbox, Channel: d.Pending.Channel, Plan: &d.Plan})
		for _, e := range d.Plan.Effects {
			if e.Cause == "" && !e.Due.After(now) {
				due.add(outlet(e.Inbox, e.Channel), e.ID)
			}
		}
	}
	due.ring(p.bell, engine.Task{Kind: engine.Deliver})
}
