package workers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"frontdesk/pipeline/causes"
	"frontdesk/workers/engine"
	"frontdesk/workers/store"
)

func (p *Processor) run(ctx context.Context, tasks []engine.Work) ([]struct{}, error) {
	var ids []int64
	for _, w := range tasks {
		ids = append(ids, w.IDs...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	most := processItems
	if tasks[0].Bulk {
		most = processBulk
	}
	at := placeIn(ctx)
	defer at.leave()
	left, err := p.batch(ctx, ids, most)
	if err != nil {
		return nil, err
	}
	at.leave() // what has to wait for others comes late in any case
	return make([]struct{}, len(tasks)), p.rest(ctx, left, most)
}

// rest decides ids until none is left.
func (p *Processor) rest(ctx context.Context, ids []int64, most int) error {
	for len(ids) > 0 {
		var err error
		if ids, err = p.batch(ctx, ids, most); err != nil {
			return err
		}
	}
	return nil
}

// batch decides and commits ids, at most so many at a time and as many as memory is meant for. It
// returns what it left, because another batch is busy with its like.
func (p *Processor) batch(ctx context.Context, ids []int64, most int) (left []int64, err error) {
	for len(ids) > 0 {
		n := min(len(ids), most)
		pending, later, err := p.store.UndecidedWithin(ctx, ids[:n], processBytes)
		if err != nil {
			return nil, fmt.Errorf("reading undecided messages: %w", err)
		}
		ids = slices.Concat(later, ids[n:])
		placeIn(ctx).last(len(ids) == 0)
		more, err := p.portion(ctx, pending)
		if err != nil {
			return nil, err
		}
		left = append(left, more...)
	}
	return left, nil
}

// portion decides and commits messages together; on trouble with the data of one it goes on singly. It
// returns what it left, as batch does.
func (p *Processor) portion(ctx context.Context, pending []store.Pending) (left []int64, err error) {
	if pending, err = p.enrich.Hold(ctx, pending, p.now()); err != nil {
		return nil, err
	}
	heard, err := p.enrich.Heard(ctx, p.store, pending)
	if err != nil {
		return nil, fmt.Errorf("reading what others said: %w", err)
	}
	work, err := p.readAll(ctx, pending, heard)
	if err != nil {
		return nil, err
	}
	placeIn(ctx).mayDecide()
	if len(work) == 0 {
		return nil, nil
	}
	ours, later, release, err := p.takeApart(ctx, work)
	if err != nil {
		return nil, err
	}
	for _, w := range later {
		left = append(left, w.pending.ID)
	}
	data, err := func() (*store.DataError, error) {
		defer release() // before it goes on singly, and whatever happens
		return p.settleBatch(ctx, ours)
	}()
	if data != nil {
		var more []int64
		more, err = p.singly(ctx, ours, data)
		left = append(left, more...)
	}
	return left, err
}

// takeApart takes what no other batch of this process is busy with. Patient work takes no part: it
// stops for whoever is live, who would wait for it. Nor does what is under care: batches wait for it to
// read, and it must not wait for them.
func (p *Processor) takeApart(ctx context.Context, work []reading) (ours, later []reading, release func(), err error) {
	if store.IsPatient(ctx) || isCareful(ctx) {
		return work, nil, func() {}, nil
	}
	return p.apart.take(ctx, work)
}

// settleBatch decides work and commits it, again when others changed what it was decided upon. A
// *store.DataError is returned apart: the batch has to go on singly.
func (p *Processor) settleBatch(ctx context.Context, work []reading) (*store.DataError, error) {
	for range maxConflicts {
		if len(work) == 0 {
			return nil, nil
		}
		start := time.Now()
		now := p.now().Truncate(time.Microsecond) // one time for the decisions and their rows, as it is stored
		decisions, err := p.decideAll(ctx, work, now)
		if err != nil {
			return nil, err
		}
		at := placeIn(ctx)
		at.hasDecided()
		at.mayCommit()
		p.step(stepCommit)
		err = p.store.Commit(ctx, decisions, now)
		var gone *store.GoneError
		var data *store.DataError
		switch {
		case err == nil:
			p.meter.commit("process", len(decisions), time.Since(start))
			p.done(decisions)
			return nil, nil
		case errors.As(err, &gone):
			work = slices.DeleteFunc(slices.Clone(work), func(w reading) bool { return slices.Contains(gone.IDs, w.pending.ID) })
		case errors.Is(err, store.ErrConflict):
			p.meter.conflict()
		case errors.As(err, &data):
			return data, nil
		default:
			return nil, fmt.Errorf("committing decisions: %w", err)
		}
	}
	return nil, fmt.Errorf("committing decisions: %w", store.ErrConflict)
}

// singly commits one message a transaction, because the batch failed on somebody's data. The one
// that fails even alone is parked. It returns what it left, as batch does.
func (p *Processor) singly(ctx context.Context, work []reading, data *store.DataError) (left []int64, err error) {
	if len(work) == 1 {
		w := work[0]
		p.logger.Error("committing failed on the message's own data; parked", "inbox", w.pending.Inbox, "message", w.pending.ID, "error", data)
		c := parkedCase(w.pending, causes.Unparsable, "the database refused it: "+data.Reason())
		c.Plan.Trace[0].Stage = StageCommit
		return nil, p.commitSingles(ctx, []store.Decision{p.decision(w.pending, c)})
	}
	for _, w := range work {
		more, failed := p.portion(ctx, []store.Pending{w.pending})
		left, err = append(left, more...), errors.Join(err, failed)
	}
	return left, err
}

func (p *Processor) commitSingles(ctx context.Context, decisions []store.Decision) error {
	for _, d := range decisions {
		err := p.store.Commit(ctx, []store.Decision{d}, p.now())
		var gone *store.GoneError
		if err != nil && !errors.As(err, &gone) {
			return fmt.Errorf("parking: %w", err)
		}
		if err == nil {
			p.done([]store.Decision{d})
		}
	}
	return nil
}
