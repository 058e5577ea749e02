package deliver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"frontdesk/pipeline/domain/effects"
	"frontdesk/workers"
	"frontdesk/workers/engine"
	"frontdesk/workers/store/outbox"
)

// Bounds of the send lanes.
const (
	laneTasks = 8       // tasks of one inbox that keep a lane of the engine busy
	laneIDs   = 1 << 16 // further ids of one inbox that are remembered; what is above, the sweep rings for
)

// sendLane is the send lane of one inbox: its own slots, so that a slow relay makes nobody else wait, and the ids
// that wait for the tasks before them. Rows are claimed only when slots are free, so that no claim runs out in a
// queue.
type sendLane struct {
	slots   chan struct{} // one for each effect under way
	records chan struct{} // one for each that is done and not yet recorded
	tasks   int
	waiting []int64
	waits   map[int64]bool // the same ids
}

// sendLanes are the send lanes by inbox.
type sendLanes struct {
	mu      sync.Mutex
	byInbox map[string]*sendLane
	closed  bool
	extra   sync.WaitGroup // workers on what waits
}

// inFlight is the in-flight set: what this process is doing or writing down. A process that stood still for longer than its
// claims hold would else claim the same rows again the moment it wakes, beside its own attempts that go
// on with them.
type inFlight struct {
	mu  sync.Mutex
	ids map[int64]bool
}

func (f *inFlight) has(id int64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ids[id]
}

func (f *inFlight) start(rows []outbox.EffectRow) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, row := range rows {
		f.ids[row.ID] = true
	}
}

func (f *inFlight) land(id int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.ids, id)
}

// told are the effects that this process was told of directly, the last of them. The queue's task for the same commit comes a moment
// later and would only look for them once more. What is handed back, and what could not be begun, is forgotten: the next task counts.
type told struct {
	mu    sync.Mutex
	since map[int64]time.Time
	order []int64 // a ring
	next  int
}

const (
	toldIDs = 1 << 14
	toldFor = 3 * time.Second // a task that is later may be the sweep's of another process, with news
)

func (t *told) note(ids []int64, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.since == nil {
		t.since, t.order = map[int64]time.Time{}, make([]int64, toldIDs)
	}
	for _, id := range ids {
		delete(t.since, t.order[t.next])
		t.since[id], t.order[t.next] = now, id
		t.next = (t.next + 1) % toldIDs
	}
}

func (t *told) forget(ids []int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, id := range ids {
		delete(t.since, id)
	}
}

// without are the ids that nobody here was told of lately.
func (t *told) without(ids []int64, now time.Time) []int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(ids), func(id int64) bool {
		at, there := t.since[id]
		return there && now.Sub(at) < toldFor
	})
}

// Handle works on the ids of one task. Where enough tasks of that inbox are under way already, it only remembers the
// ids and returns, so that no inbox's backlog holds all lanes of the engine; the rows are in the database, whatever
// becomes of this memory. It may be called by many at a time; ids that are not due, or somebody else's, are passed
// over. An error brings the task back.
func (d *Deliverer) Handle(ctx context.Context, w engine.Work) error {
	ids := d.told.without(w.IDs, d.now())
	if len(ids) == 0 {
		return nil
	}
	lane, begin := d.lanes.enter(w.Inbox, ids)
	if !begin {
		return nil
	}
	defer d.lanes.leave(lane, func() { d.workOff(context.WithoutCancel(ctx), lane) })
	return d.work(ctx, lane, ids)
}

// Begin is Handle without waiting, for what was just committed in this process. An error leaves the rows to the task in the
// queue, and to the sweep.
func (d *Deliverer) Begin(ctx context.Context, t engine.Task) {
	d.told.note(t.IDs, d.now())
	taken := d.lanes.begin(t.Inbox, t.IDs, func(lane *sendLane) {
		if err := d.work(ctx, lane, t.IDs); err != nil {
			d.told.forget(t.IDs)
			d.logger.Warn("working on effects failed; the sweep will ring again", "effects", len(t.IDs), "error", err)
		}
		d.lanes.leave(lane, func() { d.workOff(context.WithoutCancel(ctx), lane) })
	})
	if !taken {
		d.told.forget(t.IDs)
	}
}

// Stop waits for what is under way and forgets what waits; the next start rings for it. It is called when no more
// tasks come (Engine.Stop).
func (d *Deliverer) Stop() {
	d.lanes.mu.Lock()
	d.lanes.closed = true
	for _, lane := range d.lanes.byInbox {
		lane.waiting = nil
	}
	d.lanes.mu.Unlock()
	d.lanes.extra.Wait()
}

// enter begins a task, or adds its ids to those that wait.
func (l *sendLanes) enter(inbox string, ids []int64) (_ *sendLane, begin bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := l.of(inbox)
	if out.tasks < laneTasks {
		out.tasks++
		return out, true
	}
	l.remember(out, ids)
	return out, false
}

// begin is enter with a worker of our own for the task. Nothing is taken once the lanes are closed.
func (l *sendLanes) begin(inbox string, ids []int64, work func(*sendLane)) (taken bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := l.of(inbox)
	switch {
	case l.closed:
		return false
	case out.tasks < laneTasks:
		out.tasks++
		l.extra.Go(func() { work(out) })
	default:
		l.remember(out, ids)
	}
	return true
}

// of is an inbox's lane; the lock is held.
func (l *sendLanes) of(inbox string) *sendLane {
	if l.byInbox == nil {
		l.byInbox = map[string]*sendLane{}
	}
	out := l.byInbox[inbox]
	if out == nil {
		out = &sendLane{slots: make(chan struct{}, AtOnce), records: make(chan struct{}, unsettled), waits: map[int64]bool{}}
		l.byInbox[inbox] = out
	}
	return out
}

// remember lets ids wait that do not yet, as far as there is room; the lock is held.
func (l *sendLanes) remember(lane *sendLane, ids []int64) {
	for _, id := range ids {
		if !l.closed && !lane.waits[id] && len(lane.waiting) < laneIDs {
			lane.waits[id] = true
			lane.waiting = append(lane.waiting, id)
		}
	}
}

// leave ends a task. While ids wait, a worker of our own takes its place: a lane of the engine has a
// time limit.
func (l *sendLanes) leave(out *sendLane, workOff func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(out.waiting) == 0 || l.closed {
		out.tasks--
		return
	}
	l.extra.Go(workOff)
}

// next takes the next ids that wait, or gives the task's place up.
func (l *sendLanes) next(out *sendLane) []int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(out.waiting) == 0 {
		out.tasks--
		return nil
	}
	n := min(len(out.waiting), workers.ClaimItems)
	ids := slices.Clone(out.waiting[:n])
	out.waiting = out.waiting[n:]
	for _, id := range ids {
		delete(out.waits, id)
	}
	return ids
}

// workOff works on what waits. An error leaves the rows to the sweep.
func (d *Deliverer) workOff(ctx context.Context, out *sendLane) {
	for ids := d.lanes.next(out); ids != nil; ids = d.lanes.next(out) {
		if err := d.work(ctx, out, ids); err != nil {
			d.logger.Warn("working on effects failed; the sweep will ring again", "effects", len(ids), "error", err)
		}
	}
}

// work claims rows as slots come free, and does them side by side: a claimed row never waits long. The claim is not
// cut off by ctx, since a claim that was committed unheard would leave rows to nobody. When ctx ends no more are
// claimed; those that are claimed are handed back or finished.
func (d *Deliverer) work(ctx context.Context, out *sendLane, ids []int64) error {
	var wait sync.WaitGroup
	var mu sync.Mutex
	var failed error
	fail := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		failed = errors.Join(failed, err)
	}
	for len(ids) > 0 && ctx.Err() == nil {
		n := out.take(min(len(ids), workers.ClaimItems))
		deadline := d.now().Add(claimFor - sendWithin - recordWithin)
		rows, err := d.claim.Do(context.WithoutCancel(ctx), ids[:n:n])
		ids = ids[n:]
		out.give(n - len(rows))
		if err != nil {
			fail(err)
			break
		}
		for _, row := range rows {
			wait.Go(func() {
				defer d.inFlight.land(row.ID)
				outcome := d.attempt(ctx, row, deadline)
				if outcome.State == effects.Due {
					d.told.forget([]int64{row.ID})
				}
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
func (l *sendLane) take(n int) int {
	l.slots <- struct{}{}
	for got := 1; got < n; got++ {
		select {
		case l.slots <- struct{}{}:
		default:
			return got
		}
	}
	return n
}

// done gives the slot of an effect to the next one while its record is being written, unless too many
// records are waited for. The function that it returns is to be called when the record is written.
func (l *sendLane) done() (recorded func()) {
	l.records <- struct{}{}
	l.give(1)
	return func() { <-l.records }
}

func (l *sendLane) give(n int) {
	for range n {
		<-l.slots
	}
}

// runClaim claims the rows of many tasks in one transaction and gives each task its own. Rows that this process is
// still doing are left out, though their claim may have run out.
func (d *Deliverer) runClaim(ctx context.Context, tasks [][]int64) ([][]outbox.EffectRow, error) {
	d.courtesy.Enter()
	defer d.courtesy.Leave()
	ids := slices.Concat(tasks...)
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), d.inFlight.has)
	if len(ids) == 0 {
		return make([][]outbox.EffectRow, len(tasks)), nil
	}
	now := d.now()
	rows, err := d.store.Outbox.ClaimEffects(ctx, ids, d.holder, now, now.Add(claimFor))
	if err != nil {
		return nil, fmt.Errorf("claiming effects: %w", err)
	}
	d.inFlight.start(rows)
	byID := make(map[int64]outbox.EffectRow, len(rows))
	for _, row := range rows {
		byID[row.ID] = row
	}
	out := make([][]outbox.EffectRow, len(tasks))
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
