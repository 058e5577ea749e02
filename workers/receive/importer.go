package receive

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/channels"
	"frontdesk/workers"
	"frontdesk/workers/store"
	"frontdesk/workers/store/intake"
)

// Importer records history beside a service that may be running: in the slow lane, in lots, at the
// pace of whoever decides. What is recorded already is left as it is, so that an import that was
// interrupted is simply run again. It is for one goroutine.
type Importer struct {
	Inbox string
	// Limit is how many undecided messages of the inbox's slow lane make it wait; 0: it never waits.
	// New mail is counted apart, so neither holds up the other.
	Limit int
	// Rate bounds the messages a second; 0: as fast as it goes.
	Rate float64
	// DryRun counts, and records nothing.
	DryRun bool
	// Ring wakes the service after each lot.
	Ring func(ctx context.Context) error

	store  *store.Store
	intake *Intake
	lot    []intake.Item
	bytes  int
	paced  time.Time // when the next lot may go
	counts ImportCounts
	seen   map[string]bool // keys that a dry run has counted
}

// ImportCounts adds up what became of the messages.
type ImportCounts struct {
	Recorded int `json:"recorded"` // new here; those that are Parked included
	Already  int `json:"already"`  // recorded before
	Parked   int `json:"parked"`   // new here, and parked at once because it cannot be read
}

// NewImporter joins an importer to its store. The intake's notifier reaches nobody here: the service finds
// what is recorded when Ring tells it to look.
func NewImporter(s *store.Store, inbox string, intake *Intake) *Importer {
	return &Importer{Inbox: inbox, store: s, intake: intake, Ring: func(context.Context) error { return nil }}
}

// Add takes one message in; it is recorded with the lot that it fills, or by Flush.
func (im *Importer) Add(ctx context.Context, item intake.Item) error {
	item.Bulk = true
	im.lot, im.bytes = append(im.lot, item), im.bytes+len(item.Raw)
	if len(im.lot) < im.lotItems() && im.bytes < intakeBytes {
		return nil
	}
	return im.Flush(ctx)
}

// lotItems is how many messages go together: a quarter of a second's worth where the pace is bound.
func (im *Importer) lotItems() int {
	if im.Rate <= 0 {
		return intakeItems
	}
	return max(1, min(intakeItems, int(im.Rate/4)))
}

// Counts tells what became of the messages so far, those in the unfinished lot apart.
func (im *Importer) Counts() ImportCounts { return im.counts }

// Flush records the unfinished lot. Interrupted while a lot is being recorded, it waits for its end for importGrace,
// so that the counts are true.
func (im *Importer) Flush(ctx context.Context) error {
	lot := im.lot
	im.lot, im.bytes = nil, 0
	fresh, err := im.unknown(ctx, lot)
	if err != nil || len(fresh) == 0 {
		return err
	}
	if im.DryRun {
		im.tally(fresh)
		return nil
	}
	if err := im.wait(ctx, len(fresh)); err != nil {
		return err
	}
	finish, cancel := outlive(ctx, importGrace)
	defer cancel()
	recorded, err := im.record(ctx, finish, fresh)
	if err != nil {
		return err
	}
	for i, r := range recorded {
		switch {
		case !r.New:
			im.counts.Already++
			continue
		case fresh[i].Cause != "":
			im.counts.Parked++
		}
		im.counts.Recorded++
	}
	return im.Ring(finish)
}

// tally counts what would be recorded; a mail that comes twice would be once.
func (im *Importer) tally(fresh []intake.Item) {
	if im.seen == nil {
		im.seen = map[string]bool{}
	}
	for _, item := range fresh {
		switch {
		case im.seen[item.Key]:
			im.counts.Already++
			continue
		case item.Cause != "":
			im.counts.Parked++
		}
		im.counts.Recorded++
		im.seen[item.Key] = true
	}
}

// unknown leaves out what is recorded, before it is sealed once more for nothing.
func (im *Importer) unknown(ctx context.Context, lot []intake.Item) ([]intake.Item, error) {
	if len(lot) == 0 {
		return nil, nil
	}
	keys := make([]string, len(lot))
	for i, item := range lot {
		keys[i] = item.Key
	}
	known, err := recordedKeys(ctx, im.store, im.Inbox, keys)
	if err != nil {
		return nil, fmt.Errorf("looking for what is recorded: %w", err)
	}
	fresh := lot[:0]
	for _, item := range lot {
		if known[item.Key] {
			im.counts.Already++
			continue
		}
		fresh = append(fresh, item)
	}
	return fresh, nil
}

// importPatience is for how long a backlog may stand still before the import goes on all the same:
// nobody seems to decide at present, and what is recorded is safe.
const importPatience = 10 * time.Second

// importCounted is how far a backlog is counted: well beyond any limit, so that it is seen to shrink.
const importCounted = 1 << 20

// wait keeps the pace, and lets whoever decides catch up.
// A backlog that shrinks is waited for as long as it takes; one that stands still for importPatience is not.
func (im *Importer) wait(ctx context.Context, n int) error {
	if im.Rate > 0 {
		now := time.Now()
		if now.Before(im.paced) && !workers.Sleep(ctx, im.paced.Sub(now)) {
			return ctx.Err()
		}
		im.paced = time.Now().Add(time.Duration(float64(n) / im.Rate * float64(time.Second)))
	}
	least, moved := -1, time.Now()
	for im.Limit > 0 {
		open, err := im.store.Backlog.CountOpen(ctx, im.Inbox, true, importCounted)
		if err != nil {
			return err
		}
		if open < im.Limit {
			return nil
		}
		if least < 0 || open < least {
			least, moved = open, time.Now()
		}
		if time.Since(moved) > importPatience {
			return nil
		}
		if !workers.Sleep(ctx, 100*time.Millisecond) {
			return ctx.Err()
		}
	}
	return ctx.Err()
}

// importGrace is how long a lot that is being recorded may take when the import is interrupted: it is
// recorded all the same, and an import that did not wait for it would count it wrong.
const importGrace = 10 * time.Second

// outlive is a context that ends so much later than ctx.
func outlive(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	later, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		workers.Sleep(later, grace)
		cancel()
	})
	return later, func() {
		stop()
		cancel()
	}
}

// importTries is how often a lot is tried that the database cannot take at the moment.
const importTries = 10

// record tries until ctx ends; a try that is under way then has until finish ends.
func (im *Importer) record(ctx, finish context.Context, items []intake.Item) (recorded []channels.Recorded, err error) {
	for n := range importTries {
		if recorded, err = im.intake.Lot(finish, intake.Lot{Items: items}, true); err == nil || ctx.Err() != nil {
			return recorded, err
		}
		var e *channels.Error
		if n == importTries-1 || errors.As(err, &e) && e.Class == channels.Permanent || !workers.Sleep(ctx, time.Second) {
			return nil, err
		}
	}
	return nil, err
}
