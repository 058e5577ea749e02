// Package receive takes messages in: through a door of ours, or from sources that are fetched. A provider is told "received" only after
// the commit, and a bookmark moves in the commit of what it passes.
package receive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/meta"
	"frontdesk/channels/webhook"
	"frontdesk/internal/groupcommit"
	"frontdesk/workers"
	"frontdesk/workers/engine"
	"frontdesk/workers/store"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/plans"
)

// Bounds of one intake commit. 128 deliveries share an fsync and a round trip; more would make the first one wait
// without gain. 8 MiB keep a commit of large mails short. Both queues are bounded, so that a flood is refused while
// the senders still hold their messages.
const (
	intakeItems = 128
	intakeBytes = 8 << 20
	intakeQueue = 4096     // deliveries that may wait for a commit before the sender is told to come back
	intakeRoom  = 64 << 20 // bytes that may wait likewise
	bulkItems   = 32       // of an import: a live delivery waits for one such commit at most
)

// Intake records deliveries. Those that arrive while a commit runs go together into the next one, and travel on
// together as one task. Live and bulk deliveries never share a commit. It is safe for concurrent use; a call returns
// after the commit of its piece.
type Intake struct {
	store    *store.Store
	notifier *workers.Notifier
	courtesy *workers.Courtesy
	meter    *workers.Meter
	logger   *slog.Logger
	listener func(inbox string, now time.Time)
	now      func() time.Time
	live     *groupcommit.Group[piece, []channels.Recorded]
	bulk     *groupcommit.Group[piece, []channels.Recorded]
}

// IntakeConfig is what an intake works with.
type IntakeConfig struct {
	Store    *store.Store
	Notifier *workers.Notifier // told of each commit; one that nobody runs tells nobody
	Courtesy *workers.Courtesy // the process's; nil for one of its own
	Meter    *workers.Meter
	Logger   *slog.Logger
	Heard    func(inbox string, now time.Time) // told of each inbox that something was recorded for; nil tells nobody
}

// piece is what one caller hands in: committed together or not at all.
type piece struct {
	lot  intake.Lot
	bulk bool
}

// NewIntake joins an intake to its store.
func NewIntake(c IntakeConfig) *Intake {
	in := &Intake{store: c.Store, notifier: c.Notifier, courtesy: cmp.Or(c.Courtesy, &workers.Courtesy{}), meter: c.Meter, logger: c.Logger, listener: c.Heard, now: time.Now}
	bounds := groupcommit.Bounds[piece]{Size: pieceSize, Lanes: lanes(c.Store), Most: intakeItems, Bytes: intakeBytes, Queue: intakeQueue, Room: intakeRoom}
	in.live = groupcommit.NewBounded(bounds, in.run)
	bounds.Lanes, bounds.Most = 1, bulkItems
	in.bulk = groupcommit.NewBounded(bounds, in.runBulk)
	return in
}

// lanes is how many transactions may usefully run at a time: SQLite has one writer, PostgreSQL gains
// from a second one that prepares while the first waits for its disk.
func lanes(s *store.Store) int {
	if s.Base.Dialect() == "sqlite" {
		return 1
	}
	return 2
}

func pieceSize(p piece) int {
	n := 0
	for _, item := range p.lot.Items {
		n += len(item.Raw) + 512
	}
	return n
}

// Accept records deliveries that are being handed over at a door of ours; it returns after their commit.
func (in *Intake) Accept(ctx context.Context, deliveries ...channels.Delivery) ([]channels.Recorded, error) {
	return in.Lot(ctx, intake.Lot{Items: handed(deliveries)}, false)
}

// Received records what one webhook call brought: the answer is in the order of its deliveries, then of the bad ones.
func (in *Intake) Received(ctx context.Context, inbox string, got webhook.Received) ([]channels.Recorded, error) {
	lot := intake.Lot{Items: append(handed(got.Deliveries), handed(got.Bad)...)}
	for _, r := range got.Receipts {
		lot.Receipts = append(lot.Receipts, plans.InboxReceipt{Inbox: inbox, Receipt: r})
	}
	if len(lot.Items) == 0 && len(lot.Receipts) == 0 {
		return nil, nil
	}
	return in.Lot(ctx, lot, false)
}

// handed are deliveries of a door: somebody hands them over now, so they are no history, whatever a clock said once.
func handed(deliveries []channels.Delivery) []intake.Item {
	out := items(deliveries)
	for i := range out {
		facts := map[string]string{meta.Door: "yes"}
		maps.Copy(facts, out[i].Meta)
		out[i].Meta = facts
	}
	return out
}

// items are deliveries that were fetched: what lay at their source before we first asked there is history.
func items(deliveries []channels.Delivery) []intake.Item {
	out := make([]intake.Item, len(deliveries))
	for i, d := range deliveries {
		out[i] = intake.Item{Delivery: d}
	}
	return out
}

// Lot records one piece: deliveries, the cursor moves that belong to them, and receipts. It returns after the commit,
// in the order of the items. Its errors are *channels.Error: Throttled when too much waits, else Temporary; either
// way nothing is promised to the source, which comes again.
func (in *Intake) Lot(ctx context.Context, lot intake.Lot, bulk bool) ([]channels.Recorded, error) {
	g := in.live
	if bulk {
		g = in.bulk
		for i := range lot.Items {
			lot.Items[i].Bulk = true
		}
	}
	recorded, err := g.Do(ctx, piece{lot: lot, bulk: bulk})
	switch {
	case errors.Is(err, groupcommit.ErrBusy):
		return nil, &channels.Error{Op: "recording", Class: channels.Throttled, After: 2 * time.Second, Err: err}
	case err != nil:
		return nil, &channels.Error{Op: "recording", Class: channels.Temporary, After: 5 * time.Second, Err: err}
	}
	if !bulk {
		in.heard(lot)
	}
	return recorded, nil
}

func (in *Intake) heard(lot intake.Lot) {
	if in.listener == nil {
		return
	}
	now := in.now()
	for _, item := range lot.Items {
		in.listener(item.Inbox, now)
	}
	for _, r := range lot.Receipts {
		in.listener(r.Inbox, now)
	}
}

// runBulk commits one batch of an import, after whoever is live.
func (in *Intake) runBulk(ctx context.Context, pieces []piece) ([][]channels.Recorded, error) {
	in.courtesy.GiveWay(ctx)
	return in.commit(store.Patient(ctx), pieces)
}

func (in *Intake) run(ctx context.Context, pieces []piece) ([][]channels.Recorded, error) {
	in.courtesy.Enter()
	defer in.courtesy.Leave()
	return in.commit(ctx, pieces)
}

// commit commits one batch. When the batch fails on somebody's data, each piece is tried alone, so that one bad
// message never holds up the others. Any other fault fails the whole batch: it would fail each alone as well.
func (in *Intake) commit(ctx context.Context, pieces []piece) ([][]channels.Recorded, error) {
	now := in.now()
	start := time.Now()
	recorded, err := in.store.Intake.Record(ctx, joined(pieces), now)
	if _, ok := errors.AsType[*store.DataError](err); ok {
		return in.runSingly(ctx, pieces, now)
	}
	if err != nil {
		return nil, err
	}
	in.meter.CountCommit("intake", len(recorded), time.Since(start))
	in.notify(pieces, recorded)
	return split(pieces, recorded), nil
}

// joined is one lot of all pieces; split gives the results back by the numbers of their items.
func joined(pieces []piece) intake.Lot {
	if len(pieces) == 1 {
		return pieces[0].lot
	}
	var all intake.Lot
	for _, p := range pieces {
		all.Items = append(all.Items, p.lot.Items...)
		all.Moves = append(all.Moves, p.lot.Moves...)
		all.Receipts = append(all.Receipts, p.lot.Receipts...)
	}
	return all
}

func split(pieces []piece, recorded []channels.Recorded) [][]channels.Recorded {
	out := make([][]channels.Recorded, len(pieces))
	for i, p := range pieces {
		n := len(p.lot.Items)
		out[i], recorded = recorded[:n:n], recorded[n:]
	}
	return out
}

// runSingly records each item in its own transaction. An item that the database refuses even alone
// is recorded as parked, its original kept; the cursors move when all of their piece is durable.
func (in *Intake) runSingly(ctx context.Context, pieces []piece, now time.Time) ([][]channels.Recorded, error) {
	out := make([][]channels.Recorded, len(pieces))
	for i, p := range pieces {
		p.lot.Items = slices.Clone(p.lot.Items)
		for n := range p.lot.Items {
			recorded, err := in.recordOne(ctx, &p.lot.Items[n], now)
			if err != nil {
				return nil, err
			}
			out[i] = append(out[i], recorded)
		}
		if _, err := in.store.Intake.Record(ctx, intake.Lot{Moves: p.lot.Moves, Receipts: p.lot.Receipts}, now); err != nil {
			return nil, err
		}
		in.notify([]piece{p}, out[i])
	}
	return out, nil
}

// recordOne records one item, or changes it into a parked one that the database takes.
func (in *Intake) recordOne(ctx context.Context, item *intake.Item, now time.Time) (channels.Recorded, error) {
	key := item.Key
	recorded, err := in.store.Intake.Record(ctx, intake.Lot{Items: []intake.Item{*item}}, now)
	if data, ok := errors.AsType[*store.DataError](err); ok {
		in.logger.Error("recording failed on the message's own data; parked", "inbox", item.Inbox, "error", err)
		item.Cause, item.Evidence = "unparsable", "the database refused it: "+data.Reason()
		item.Meta, item.Key = nil, refusedKey(in.store, item.Key)
		item.Inbox, item.Channel = cmp.Or(item.Inbox, "unknown"), cmp.Or(item.Channel, "unknown")
		recorded, err = in.store.Intake.Record(ctx, intake.Lot{Items: []intake.Item{*item}}, now)
	}
	if err != nil {
		return channels.Recorded{}, fmt.Errorf("recording one delivery: %w", err)
	}
	recorded[0].Key = key
	return recorded[0], nil
}

// refusedKey is the key under which a delivery is recorded that the database refused under its own.
func refusedKey(s *store.Store, key string) string { return "refused:" + s.Base.Digest([]byte(key)) }

// notify wakes the workers for what is new. Whatever is not heard they find by themselves.
func (in *Intake) notify(pieces []piece, recorded []channels.Recorded) {
	var fresh []int64
	at := 0
	for _, p := range pieces {
		for _, item := range p.lot.Items {
			r := recorded[at]
			at++
			in.meter.CountRecorded(item.Inbox, r.New)
			if r.New && item.Cause == "" {
				fresh = append(fresh, r.ID)
			}
		}
	}
	in.notifier.Notify(engine.Task{Kind: engine.Process, IDs: fresh, Bulk: pieces[0].bulk})
}
