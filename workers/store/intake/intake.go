package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline"
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/keyring"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// Item is one delivery on its way in. Bulk and Imported are apart: a backfill of a mailbox is bulk and no history.
type Item struct {
	channels.Delivery
	Bulk     bool // part of an import or a backfill: decided in the slow lane
	Imported bool // came by import: never acknowledged by itself
	KeptOpen bool // an import whose tickets stay open
}

// Move moves the cursor of one stream.
type Move struct {
	Inbox, Stream string
	Cursor        channels.Cursor
}

// Lot is what is recorded together: all of it, or nothing. A bookmark stands with the deliveries that it covers, so
// that it never moves without them.
type Lot struct {
	Items    []Item
	Moves    []Move
	Receipts []plans.InboxReceipt
}

// largeOriginal is the size from which an original lies in the blob store, in bytes: larger rows make a database's
// pages and logs grow, smaller files cost more than they take.
const largeOriginal = 256 << 10

// clocksDiffer is by how much the clocks of two machines may: a message is due at once for whoever works.
const clocksDiffer = 5 * time.Second

var (
	insertDeliveries = sql.Inserting[deliveryRow]("deliveries", "ON CONFLICT (inbox, key) DO NOTHING RETURNING id")
	insertOriginals  = sql.Inserting[tables.OriginalRow]("originals", "")
	insertUndecided  = sql.Inserting[undecidedRow]("undecided", "")
	moveCursors      = sql.Inserting[cursorRow]("cursors", "ON CONFLICT (inbox, stream) DO UPDATE SET value = excluded.value, moved_at = excluded.moved_at")
)

// deliveryRow is written once and never deleted: it is what says that a message was received, and by which key it is
// known. Content is a digest of what came, where the channel refuses other content under one key.
type deliveryRow struct {
	ID                  int64
	Inbox, Channel, Key string
	At, RecordedAt      time.Time
	Size                int64
	Bulk, Imported      bool
	Content             string
}

// undecidedRow is the message's place in the queue of decisions; it goes with its decision. WakeAt is when somebody
// is to look at it next.
type undecidedRow struct {
	MessageID                int64
	Inbox                    string
	Bulk, Imported, Released bool
	State                    messages.State
	RecordedAt, WakeAt       time.Time
	Wakes, Claims            int64
	KeptOpen                 bool
}

// cursorRow is the bookmark of a stream.
type cursorRow struct {
	Inbox, Stream, Value string
	MovedAt              time.Time
}

// entry is one item made ready before the transaction.
type entry struct {
	id     int64 // fresh
	as     int64 // under which it is recorded: its own, or that of an earlier delivery
	item   *Item
	key    string
	blob   string
	sealed []byte
	fresh  bool
	stored string // content under which its key is recorded
	other  bool   // that is another content than its own
	same   int    // index of the entry of the same lot with the same key, or its own
}

// Record commits a lot in one transaction: deliveries that are new become undecided messages (or
// parked ones, where Cause is set), repeats are recognised by inbox and key, cursors move, receipts
// settle their outbox rows. The result is in the order of Items. A receipt whose row is not known
// yet is kept. A failed acknowledgement is marked for its fallback and wakes at once.
// It returns after the commit: only then anybody may be told that we have the message. When the answer of the
// database is lost, the sender comes again, and the unique key (inbox, key) says that it is here. Several may be
// called at a time; keys are inserted in sorted order, so that two lots with the same keys never wait for each other
// crosswise.
func (s *Store) Record(ctx context.Context, lot Lot, now time.Time) ([]channels.Recorded, error) {
	receipts, err := s.plans.PrepareReceipts(ctx, lot.Receipts)
	if err != nil {
		return nil, err
	}
	if len(lot.Items) == 0 {
		return s.recordUnder(ctx, &keyring.Sealer{}, lot, receipts, now)
	}
	for again := true; ; again = false {
		sealer, err := s.base.Ring.Originals(ctx, now)
		if err != nil {
			return nil, err
		}
		out, err := s.recordUnder(ctx, sealer, lot, receipts, now)
		if again && errors.Is(err, errKeyGone) {
			s.base.Ring.Drop(sealer)
			continue
		}
		return out, err
	}
}

// errKeyGone says that the data key of a sealer is not in the database: it was restored from a backup
// meanwhile, or this process was held up for a week.
var errKeyGone = errors.New("the data key that seals originals is not in the database any more")

// recordUnder records what it seals with the sealer. Large originals are put before the transaction: a crash between
// leaves a blob without a row, which is collected, never a row without its blob.
func (s *Store) recordUnder(ctx context.Context, sealer *keyring.Sealer, lot Lot, receipts []domain.Command, now time.Time) ([]channels.Recorded, error) {
	entries, err := s.prepare(ctx, lot.Items, sealer)
	if err != nil {
		return nil, err
	}
	err = s.base.Write(ctx, func(t sql.Tx) error {
		if err := keyThere(ctx, t, sealer.ID, len(entries)); err != nil {
			return err
		}
		count := base.Tally{}
		for i := range entries {
			entries[i].fresh, entries[i].stored, entries[i].as = false, entries[i].item.Content, entries[i].id
		}
		if err := s.recordDeliveries(ctx, t, entries, now); err != nil {
			return err
		}
		if err := s.plans.SettleReceipts(ctx, t, receipts, count, now); err != nil {
			return err
		}
		return t.Last(ctx, s.recordRows(entries, lot.Moves, sealer.ID, count, now)...)
	})
	if err != nil {
		s.dropRefused(ctx, entries, err)
		return nil, fmt.Errorf("recording %d deliveries: %w", len(lot.Items), err)
	}
	s.dropRepeated(ctx, entries)
	out := make([]channels.Recorded, len(entries))
	for i, e := range entries {
		out[i] = channels.Recorded{ID: e.as, Key: e.item.Key, New: e.fresh, Other: e.other}
	}
	return out, nil
}

// dropRefused removes what large originals left in the blob store when the database has surely not taken
// their rows; a sender that comes again and again would fill the disk until the blobs are collected. After any
// other error the rows may be there.
func (s *Store) dropRefused(ctx context.Context, entries []entry, err error) {
	if _, refused := errors.AsType[*sql.DataError](err); !refused && !errors.Is(err, errKeyGone) {
		return
	}
	for _, e := range entries {
		if e.blob != "" && s.base.Blobs.Delete(context.WithoutCancel(ctx), e.blob) != nil {
			return // they are collected later
		}
	}
}

// keyThere looks, within the transaction, whether what it is about to name is still there.
func keyThere(ctx context.Context, t sql.Tx, key uint32, entries int) error {
	if entries == 0 {
		return nil
	}
	n := 0
	err := t.Run(ctx, sql.Ask(sql.Into(&n), `SELECT count(*) FROM data_keys WHERE id = $1 AND kind = 'original'`, int64(key)))
	if err == nil && n == 0 {
		return errKeyGone
	}
	return err
}

// prepare gives ids, seals, and puts large originals into the blob store. Of several items with one key in a lot only
// the first is sealed. Ids that turn out to be repeats' are skipped for ever.
func (s *Store) prepare(ctx context.Context, items []Item, sealer *keyring.Sealer) ([]entry, error) {
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceMessage, len(items))
	if err != nil {
		return nil, err
	}
	type name struct{ inbox, key string }
	first := map[name]int{}
	entries := make([]entry, len(items))
	for i := range items {
		item := &items[i]
		e := entry{id: ids[i], item: item, key: s.base.Key(item.Key), same: i}
		n := name{item.Inbox, e.key}
		if j, repeated := first[n]; repeated {
			e.same = j
			entries[i] = e
			continue
		}
		first[n] = i
		sealed := sealer.Seal(base.PackOriginal(item.Raw, item.Meta), e.id, sql.Clean(item.Inbox))
		if len(item.Raw) > largeOriginal {
			e.blob = s.base.OriginalBlob(e.id, sql.Clean(item.Inbox))
			if err := s.base.Blobs.Put(ctx, e.blob, sealed); err != nil {
				return nil, fmt.Errorf("storing a large original: %w", err)
			}
			sealed = nil
		}
		e.sealed = sealed
		entries[i] = e
	}
	return entries, nil
}

// recordDeliveries inserts what is new, and finds the ids of what is not. Tombstones of erased deliveries are asked
// before the insert and after it: one that is written in between must not let the message come back.
func (s *Store) recordDeliveries(ctx context.Context, t sql.Tx, entries []entry, now time.Time) error {
	tombs := s.tombsOf(entries)
	if err := t.Run(ctx, tombs.calls...); err != nil {
		return err
	}
	tombs.heed(entries)
	rows := make([]deliveryRow, 0, len(entries))
	byID := map[int64]int{}
	for i, e := range entries {
		if e.same != i || e.as != e.id {
			continue
		}
		byID[e.id] = i
		rows = append(rows, deliveryRow{ID: e.id, Inbox: e.item.Inbox, Channel: e.item.Channel, Key: e.key, At: earlier(e.item.At, now), RecordedAt: now,
			Size: int64(len(e.item.Raw)), Bulk: e.item.Bulk, Imported: e.item.Imported, Content: e.item.Content})
	}
	slices.SortFunc(rows, func(a, b deliveryRow) int { return cmp.Or(cmp.Compare(a.Inbox, b.Inbox), cmp.Compare(a.Key, b.Key)) })
	insert := insertDeliveries.Each(func(row sql.Row) error {
		var id int64
		if err := row.Scan(&id); err != nil {
			return err
		}
		entries[byID[id]].fresh = true
		return nil
	}, rows...)
	if err := t.Run(ctx, append([]sql.Call{insert}, tombs.calls...)...); err != nil {
		return err
	}
	if err := t.Run(ctx, tombs.heed(entries)...); err != nil {
		return err
	}
	if err := findRepeats(ctx, t, entries); err != nil {
		return err
	}
	for i := range entries {
		first := &entries[entries[i].same]
		entries[i].as, entries[i].other = first.as, differ(first.stored, entries[i].item.Content)
	}
	return nil
}

// differ reports whether two contents are known and not the same.
func differ(a, b string) bool { return a != "" && b != "" && a != b }

// earlier is the source's time, never later than now; a source that tells none received it now.
func earlier(at, now time.Time) time.Time {
	if at.IsZero() || at.After(now) {
		return now
	}
	return at
}

// findRepeats looks up the ids under which repeated deliveries were recorded first.
// It goes by the unique index deliveries_key, inbox by inbox.
func findRepeats(ctx context.Context, t sql.Tx, entries []entry) error {
	type name struct{ inbox, key string }
	wanted, keys := map[name]int{}, map[string][]string{}
	for i, e := range entries {
		if e.same == i && !e.fresh && e.as == e.id {
			wanted[name{sql.Clean(e.item.Inbox), e.key}] = i
			keys[sql.Clean(e.item.Inbox)] = append(keys[sql.Clean(e.item.Inbox)], e.key)
		}
	}
	var calls []sql.Call
	for _, inbox := range slices.Sorted(maps.Keys(keys)) {
		calls = append(calls, sql.Ask(func(row sql.Row) error {
			var id int64
			var key, content string
			if err := row.Scan(&id, &key, &content); err != nil {
				return err
			}
			if i, ok := wanted[name{inbox, key}]; ok {
				entries[i].as, entries[i].stored = id, content
			}
			return nil
		}, `SELECT id, key, content FROM deliveries WHERE inbox = $1 AND key = ANY($2)`, inbox, keys[inbox]))
	}
	return t.Run(ctx, calls...)
}

// recordRows are the rows that go with new deliveries, and the cursors. A delivery with a Cause is parked at once,
// without a decision.
func (s *Store) recordRows(entries []entry, moves []Move, key uint32, count base.Tally, now time.Time) []sql.Call {
	var originals []tables.OriginalRow
	var undecided []undecidedRow
	var parked []tables.MessageRow
	var cursors []cursorRow
	for i, e := range entries {
		if e.same != i || !e.fresh {
			continue
		}
		originals = append(originals, tables.OriginalRow{ID: e.id, Blob: e.blob, Sealed: e.sealed, DataKey: key})
		count.Move("inbox", "", sql.Clean(e.item.Inbox))
		if e.item.Cause != "" {
			parked = append(parked, parkedRow(e, now))
			count.Move("message", "", string(messages.Parked))
			count.Move("parked", "", sql.Clean(e.item.Cause))
			continue
		}
		undecided = append(undecided, undecidedRow{MessageID: e.id, Inbox: e.item.Inbox, Bulk: e.item.Bulk, Imported: e.item.Imported,
			State: messages.Recorded, RecordedAt: now, WakeAt: now.Add(-clocksDiffer), KeptOpen: e.item.KeptOpen})
	}
	for _, m := range lastMoves(moves) {
		cursors = append(cursors, cursorRow{Inbox: m.Inbox, Stream: s.base.Key(m.Stream), Value: string(m.Cursor), MovedAt: now})
	}
	return []sql.Call{insertOriginals.Put(originals...), insertUndecided.Put(undecided...), tables.InsertMessages.Put(parked...),
		moveCursors.Put(cursors...), count.Call()}
}

// lastMoves keeps the last move of each stream, sorted.
func lastMoves(moves []Move) []Move {
	type name struct{ inbox, stream string }
	last := map[name]Move{}
	for _, m := range moves {
		if m.Cursor != nil {
			last[name{m.Inbox, m.Stream}] = m
		}
	}
	return slices.SortedFunc(maps.Values(last), func(a, b Move) int {
		return cmp.Or(cmp.Compare(a.Inbox, b.Inbox), cmp.Compare(a.Stream, b.Stream))
	})
}

func parkedRow(e entry, now time.Time) tables.MessageRow {
	return tables.MessageOf(e.id, pipeline.Plan{State: messages.Parked, Cause: e.item.Cause, Evidence: e.item.Evidence},
		e.item.Inbox, e.item.Channel, now)
}
