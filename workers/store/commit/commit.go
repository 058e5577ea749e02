package commit

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/workers/store/backlog"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sketches"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// Decision is what is to be committed for one message: its plan with ids assigned, and what is kept
// with it so that it can be made again.
type Decision struct {
	Pending backlog.Pending
	Plan    pipeline.Plan
	Known   []byte // JSON of pipeline.Known
	Config  string // digest of the configuration that was used
}

// batch is one commit being made.
type batch struct {
	s         *Store
	now       time.Time
	decisions []Decision
	sealed    [][]byte
	readings  []tables.ReadingRow

	count    base.Tally
	contacts *contactSet
	tickets  *ticketSet
	gone     []string           // blobs to remove after the commit
	failed   []string           // addresses where nothing can be sent any more
	said     []contacts.Address // about writing to which something was said
	ids      []int64            // of entries: one for each decision, then those of acts
}

// Commit writes the decisions of a batch in one transaction, in their order. Several plans may
// touch one contact or ticket: the first one's version must be the database's, the others follow.
//
// A *GoneError names the messages that somebody else has decided; ErrConflict says that contacts,
// tickets, identities or content keys have changed since they were read; a *DataError that the
// database refuses some value. In each case nothing is committed.
func (s *Store) Commit(ctx context.Context, decisions []Decision, now time.Time) error {
	if len(decisions) == 0 {
		return nil
	}
	if err := s.base.Ring.Turn(ctx, now); err != nil {
		return err
	}
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, len(decisions)+acts(decisions))
	if err != nil {
		return err
	}
	b := &batch{s: s, now: now, decisions: decisions, ids: ids}
	if err := b.seal(); err != nil {
		return fmt.Errorf("committing %d decisions: %w", len(decisions), err)
	}
	err = s.base.DB.Write(ctx, func(t sql.Tx) error { return b.write(ctx, t) })
	if err != nil {
		return fmt.Errorf("committing %d decisions: %w", len(decisions), err)
	}
	s.base.Bell.Ring()
	s.base.Changed.Ring()
	for _, digest := range b.gone {
		// The row is gone already; a blob that stays behind is collected later.
		if err := s.base.Blobs.Delete(context.WithoutCancel(ctx), digest); err != nil {
			break
		}
	}
	return nil
}

// acts is how many entries the decisions may leave beside one each.
func acts(decisions []Decision) (n int) {
	for _, d := range decisions {
		if d.Plan.Ticket.Sure != nil {
			n++
		}
	}
	return n
}

func (b *batch) seal() error {
	b.sealed = make([][]byte, len(b.decisions))
	for i, d := range b.decisions {
		known := json.RawMessage(d.Known)
		if d.Plan.Erased {
			known = nil
		}
		plain, err := base.EncodeRecord(known, d.Plan.Trace)
		if err != nil {
			return &sql.DataError{Err: fmt.Errorf("encoding what was known: %w", err)}
		}
		b.sealed[i] = b.s.base.Ring.Seal(plain, base.DecisionAt(d.Plan.Message))
		if r := d.Plan.Row.Reading; (d.Plan.Shown() || d.Plan.Side != nil) && !r.IsZero() {
			sealed, err := base.SealReading(b.s.base.Ring, d.Pending.ID, r)
			if err != nil {
				return &sql.DataError{Err: err}
			}
			b.readings = append(b.readings, tables.ReadingRow{Message: d.Pending.ID, Sealed: sealed})
		}
	}
	return nil
}

// write is the transaction: take the messages, lock what the plans touch, check that it is as it
// was read, and write everything in one go.
func (b *batch) write(ctx context.Context, t sql.Tx) error {
	b.count, b.gone, b.failed, b.said = base.Tally{}, nil, nil, nil
	b.contacts, b.tickets = newContacts(b), newTickets(b)
	took := map[int64]bool{}
	calls := []sql.Call{
		sql.Ask(func(row sql.Row) error {
			var id int64
			err := row.Scan(&id)
			took[id] = true
			return err
		}, `DELETE FROM undecided WHERE message_id {in SELECT message_id FROM undecided WHERE message_id = ANY($1) ORDER BY message_id FOR UPDATE} RETURNING message_id`, b.messageIDs()),
	}
	calls = append(calls, b.contacts.lock()...)
	if err := t.Run(ctx, calls...); err != nil {
		return err
	}
	if err := b.missing(took); err != nil {
		return err
	}
	// Tickets after contacts, as everywhere; and a ticket may be named by the first copy of a mail.
	if err := t.Run(ctx, b.tickets.lock()...); err != nil {
		return err
	}
	for _, d := range b.decisions {
		if err := b.apply(d); err != nil {
			return err
		}
	}
	if err := b.settleBounces(ctx, t); err != nil {
		return err
	}
	if err := b.consents(ctx, t); err != nil {
		return err
	}
	return b.insert(ctx, t)
}

func (b *batch) messageIDs() []int64 {
	ids := make([]int64, len(b.decisions))
	for i, d := range b.decisions {
		ids[i] = d.Pending.ID
	}
	return sql.Sorted(ids)
}

func (b *batch) missing(took map[int64]bool) error {
	var gone []int64
	for _, id := range b.messageIDs() {
		if !took[id] {
			gone = append(gone, id)
		}
	}
	if len(gone) > 0 {
		return &sql.GoneError{IDs: gone}
	}
	return nil
}

// apply carries one plan into the contacts and tickets of the batch.
func (b *batch) apply(d Decision) error {
	if err := b.contacts.apply(d.Plan); err != nil {
		return err
	}
	return b.tickets.apply(d.Plan)
}

// insert writes all rows, tables in one order everywhere.
func (b *batch) insert(ctx context.Context, t sql.Tx) error {
	contents, owners := b.contentKeys(), b.contacts.owners()
	r := b.rows()
	lock, marks := b.reached()
	calls := slices.Concat(lock, b.contacts.calls(), []sql.Call{owners.call()}, b.s.plans.Consents(b.said, b.now), b.tickets.calls(), []sql.Call{
		contents.call(),
		b.versions(),
		b.unsearched(),
		insertReferences.Put(r.references...),
		insertConversations.Put(r.conversations...),
		tables.InsertMessages.Put(r.messages...),
		insertAttachments.Put(r.attachments...),
		tables.InsertDecisions.Put(r.decisions...),
		tables.InsertReadings.Put(b.readings...),
		sketches.Insert.Put(b.sketches()...),
		b.uncopied(),
		insertSides.Put(b.sides()...),
		plans.InsertEntries.Put(b.entries()...),
		tables.InsertChanges.Put(tables.Changed(b.tickets.entries, b.now)...),
		plans.InsertFirstPromises.Put(r.firstPromises...),
		plans.InsertPromises.Each(r.expected.Arrived, r.promises...),
		plans.InsertOutbox.Each(r.expected.Arrived, r.outbox...),
	}, b.tickets.turns(), b.tickets.desk(), b.settleAcknowledgements(), b.dropOriginals(), marks, []sql.Call{b.fates()}, b.scopeCalls(), []sql.Call{b.count.Call()})
	if err := t.Run(ctx, calls...); err != nil {
		return err
	}
	if err := b.hasten(ctx, t); err != nil {
		return err
	}
	if err := b.mendDesk(ctx, t); err != nil {
		return err
	}
	if err := b.routeSure(ctx, t); err != nil {
		return err
	}
	if err := b.answeredAside(ctx, t); err != nil {
		return err
	}
	if err := b.answeredChecks(ctx, t); err != nil {
		return err
	}
	if !owners.complete() || !contents.complete() {
		return sql.ErrConflict
	}
	return t.Run(ctx, r.expected.Correction(), b.tickets.begun.Call())
}

// claimed is a bulk insert of unique keys of which each must come back, or the batch is in conflict.
type claimed[T any] struct {
	by   *sql.Statement[T]
	rows []T
	must map[string]bool // keys that must be ours afterwards
	got  map[string]bool
}

func (c *claimed[T]) call() sql.Call {
	return c.by.Each(func(row sql.Row) error {
		var key string
		err := row.Scan(&key)
		c.got[key] = true
		return err
	}, c.rows...)
}

func (c *claimed[T]) complete() bool {
	for key, must := range c.must {
		if must && !c.got[key] {
			return false
		}
	}
	return true
}

// sketches are what messages are known again by.
func (b *batch) sketches() (rows []sketches.Row) {
	for _, d := range b.decisions {
		if by := d.Plan.Speaker(); by != "" {
			rows = append(rows, sketches.Row{Message: d.Pending.ID, Speaker: sketches.Key(b.s.base, by), At: d.Pending.At, Sketch: d.Plan.Row.Sketch})
		}
	}
	return rows
}

type versionRow struct {
	Digest  string
	Message int64
	Seen    string
	At      time.Time
}

var insertVersions = sql.Inserting[versionRow]("versions", `ON CONFLICT (digest) DO UPDATE SET message = excluded.message, seen = excluded.seen, at = excluded.at
WHERE versions.at <= excluded.at`)

// versions notes what is seen last of each message that can be edited.
func (b *batch) versions() sql.Call {
	last := map[string]versionRow{}
	for _, d := range b.decisions {
		p := d.Plan
		if p.Row.Version == "" || !p.Shown() {
			continue
		}
		key := b.s.base.Key(p.Row.Version)
		row := versionRow{key, d.Pending.ID, p.Row.Seen, p.Ticket.At}
		if before, there := last[key]; !there || sql.Micros(before.At) <= sql.Micros(row.At) {
			last[key] = row
		}
	}
	rows := make([]versionRow, 0, len(last))
	for _, key := range sql.KeysOf(last) {
		rows = append(rows, last[key])
	}
	return insertVersions.Put(rows...)
}

// contentKeys claims the content key of each message that is not a copy itself.
func (b *batch) contentKeys() *claimed[contentRow] {
	c := &claimed[contentRow]{by: insertContents, must: map[string]bool{}, got: map[string]bool{}}
	for _, d := range b.decisions {
		p := d.Plan
		if p.Row.Content == "" || p.State == messages.Duplicate {
			continue
		}
		key := b.s.base.Key(p.Row.Content)
		if _, there := c.must[key]; there {
			continue // the batch's view let two through: the second finds the first's key, which is enough
		}
		// What is set aside or suppressed never asked whether it is a copy: the first one's key stays.
		c.must[key] = p.State == messages.Ticketed || p.State == messages.Appended
		c.rows = append(c.rows, contentRow{key, d.Pending.ID, d.Pending.Inbox, p.Ticket.ID})
	}
	slices.SortFunc(c.rows, func(a, b contentRow) int { return cmp.Compare(a.Digest, b.Digest) })
	return c
}
