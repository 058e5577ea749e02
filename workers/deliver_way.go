package workers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"frontdesk/workers/engine"
	"frontdesk/workers/store"
)

// Bounds of the ways out.
const (
	claimItems = 128
	wayTasks   = 8       // tasks of one inbox that keep a lane of the engine busy
	wayIDs     = 1 << 16 // further ids of one inbox that are remembered; what is above, the sweep rings for
)

// way is the way out of one inbox: its own slots, so that a slow relay makes nobody else wait, and
// the ids that wait for the tasks before them.
type way struct {
	slots   chan struct{} // one for each effect under way
	records chan struct{} // one for each that is done and not yet recorded
	tasks   int
	waiting []int64
}

// ways are the ways out by inbox.
type ways struct {
	mu      sync.Mutex
	byInbox map[string]*way
	closed  bool
	extra   sync.WaitGroup // workers on what waits
}

// flight is what this process is doing or writing down. A process that stood still for longer than its
// claims hold would else claim the same rows again the moment it wakes, beside its own attempts that go
// on with them.
type flight struct {
	mu  sync.Mutex
	ids map[int64]bool
}

func (f *flight) has(id int64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ids[id]
}

func (f *flight) start(rows []store.EffectRow) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, row := range rows {
		f.ids[row.ID] = true
	}
}

func (f *flight) land(id int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.ids, id)
}

// outlet names the way out of an effect: its inbox, or its channel where it has none.
func outlet(inbox, channel string) string {
	if inbox == "" {
		return channel
	}
	return inbox
}

// Handle works on the ids of one task. Where enough tasks of that inbox are under way already, it
// only remembers the ids and returns, so that no inbox's backlog holds all lanes of the engine; the
// rows are in the database, whatever becomes of this memory.
func (d *Deliverer) Handle(ctx context.Context, w engine.Work) error {
	way, begin := d.ways.enter(w.Inbox, w.IDs)
	if !begin {
		return nil
	}
	defer d.ways.leave(way, func() { d.workOff(context.WithoutCancel(ctx), way) })
	return d.work(ctx, way, w.IDs)
}

// Stop waits for what is under way and forgets what waits; the next start rings for it.
func (d *Deliverer) Stop() {
	d.ways.mu.Lock()
	d.ways.closed = true
	for _, way := range d.ways.byInbox {
		way.waiting = nil
	}
	d.ways.mu.Unlock()
	d.ways.extra.Wait()
}

// enter begins a task, or adds its ids to those that wait.
func (w *ways) enter(inbox string, ids []int64) (_ *way, begin bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.byInbox == nil {
		w.byInbox = map[string]*way{}
	}
	out := w.byInbox[inbox]
	if out == nil {
		out = &way{slots: make(chan struct{}, deliverAtOnce), records: make(chan struct{}, unsettled)}
		w.byInbox[inbox] = out
	}
	if out.tasks < wayTasks {
		out.tasks++
		return out, true
	}
	if room := wayIDs - len(out.waiting); !w.closed && room > 0 {
		out.waiting = append(out.waiting, ids[:min(room, len(ids))]...)
	}
	return out, false
}

// leave ends a task. While ids wait, a worker of our own takes its place: a lane of the engine has a
// time limit.
func (w *ways) leave(out *way, workOff func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(out.waiting) == 0 || w.closed {
		out.tasks--
		return
	}
	w.extra.Go(workOff)
}

// next takes the next ids that wait, or gives the task's place up.
func (w *ways) next(out *way) []int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(out.waiting) == 0 {
		out.tasks--
		return nil
	}
	n := min(len(out.waiting), claimItems)
	ids := slices.Clone(out.waiting[:n])
	out.waiting = out.waiting[n:]
	return ids
}

// workOff works on what waits. An error leaves the rows to the sweep.
func (d *Deliverer) workOff(ctx context.Context, out *way) {
	for ids := d.ways.next(out); ids != nil; ids = d.ways.next(out) {
		if err := d.work(ctx, out, ids); err != nil {
			d.logger.Warn("working on effects failed; the sweep will ring again", "effects", len(ids), "error", err)
		}
	}
}

// work claims rows as slots come free, and does them side by side: a claimed row never waits long.
func (d *Deliverer) work(ctx context.Context, out *way, ids []int64) error {
	var wait sync.WaitGroup
	var mu sync.Mutex
	var failed error
	fail := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		failed = errors.Join(failed, err)
	}
	for len(ids) > 0 && ctx.Err() == nil {
		n := out.take(min(len(ids), claimItems))
		deadline := d.now().Add(claimFor - sendWithin - recordWithin)
		rows, err := d.claim.do(context.WithoutCancel(ctx), ids[:n:n])
		ids = ids[n:]
		out.give(n - len(rows))
		if err != nil {
			fail(err)
			break
		}
		for _, row := range rows {
			wait.Go(func() {
				defer d.flight.land(row.ID)
				outcome := d.attempt(ctx, row, deadline)
				defer out.done()()
				if err := d.record(ctx, outcome); err != nil {
					fail(err)
				}
			})
		}
	}
	wait.Wait()
	return failed
}

// take waits for a slot and takes what else is free, at most n.
func (w *way) take(n int) int {
	w.slots <- struct{}{}
	for got := 1; got < n; got++ {
		select {
		case w.slots <- struct{}{}:
		default:
			return got
		}
	}
	return n
}

// done gives the slot of an effect to the next one while its record is being written, unless too many
// records are waited for. The function that it returns is to be called when the record is written.
func (w *way) done() (recorded func()) {
	w.records <- struct{}{}
	w.give(1)
	return func() { <-w.records }
}

func (w *way) give(n int) {
	for range n {
		<-w.slots
	}
}

// runClaim claims the rows of many tasks in one transaction and gives each task its own.
func (d *Deliverer) runClaim(ctx context.Context, tasks [][]int64) ([][]store.EffectRow, error) {
	d.Polite.enter()
	defer d.Polite.leave()
	ids := slices.Concat(tasks...)
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), d.flight.has)
	if len(ids) == 0 {
		return make([][]store.EffectRow, len(tasks)), nil
	}
	now := d.now()
	rows, err := d.store.ClaimEffects(ctx, ids, d.holder, now, now.Add(claimFor))
	if err != nil {
		return nil, fmt.Errorf("claiming effects: %w", err)
	}
	d.flight.start(rows)
	byID := make(map[int64]store.EffectRow, len(rows))
	for _, row := range rows {
		byID[row.ID] = row
	}
	out := make([][]store.EffectRow, len(tasks))
	for i, task := range tasks {
		for _, id := range task {
			if row, mine := byID[id]; mine {
				out[i] = append(out[i], row)
				delete(byID, id)
			}
		}
	}
	return out, nil
}
