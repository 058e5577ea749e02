package commit

import (
	"cmp"
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/fates"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// settleBounces marks rows of ours that a report says have failed.
func (b *batch) settleBounces(ctx context.Context, t sql.Tx) error {
	var happened []domain.Command
	for _, d := range b.decisions {
		if p := d.Plan.Bounce; p != nil && p.Effect != 0 {
			happened = append(happened, commands.BounceCame{Effect: p.Effect, Reason: sql.Clean(p.Reason), At: d.Pending.At, Dead: p.Dead})
		}
	}
	if len(happened) == 0 {
		return nil
	}
	d, err := b.s.plans.Carry(ctx, t, happened, nil, b.now, b.count)
	if err != nil {
		return err
	}
	b.failed = append(b.failed, d.Plan.Dead...)
	return t.Run(ctx, d.Calls...)
}

// consents decides what the batch's messages say about writing to their senders. It locks all addresses that the batch is to write, at once and in
// their order, as insert does.
func (b *batch) consents(ctx context.Context, t sql.Tx) error {
	var happened []domain.Command
	for _, d := range b.decisions {
		if c := d.Plan.Consent; c != nil && !c.Address.Identity.IsZero() {
			said := *c
			said.Address.Key = b.s.base.Address(said.Address.Identity)
			happened, b.said = append(happened, said), append(b.said, said.Address)
		}
	}
	if len(happened) == 0 {
		return nil
	}
	lock, _ := b.reached()
	if err := t.Run(ctx, lock...); err != nil {
		return err
	}
	d, err := b.s.plans.Carry(ctx, t, happened, nil, b.now, b.count)
	b.said = d.Plan.Addresses
	return err
}

// alive are the addresses from which somebody has written since nothing could be sent there.
func (b *batch) alive() (addresses []string) {
	for _, d := range b.decisions {
		if !d.Plan.Alive.IsZero() {
			addresses = append(addresses, b.s.base.Address(d.Plan.Alive))
		}
	}
	return addresses
}

// reached locks the addresses that the batch marks beside those that it writes, and gives the marks: where nothing can be
// sent, and where something can again.
func (b *batch) reached() (lock, marks []sql.Call) {
	alive := b.alive()
	if len(b.failed) == 0 && len(alive) == 0 && len(b.said) == 0 {
		return nil, nil
	}
	lock = []sql.Call{plans.LockIdentities(slices.Concat(b.failed, alive, slices.Collect(maps.Keys(b.contacts.owned)), plans.Keys(b.said)))}
	if len(b.failed) > 0 {
		marks = append(marks, plans.MarkFailed(b.failed))
	}
	if len(alive) > 0 {
		marks = append(marks, sql.Do(`UPDATE identities SET failed = false WHERE address = ANY($1)`, alive))
	}
	return lock, marks
}

// dropOriginals removes originals that must not outlive their decision.
func (b *batch) dropOriginals() []sql.Call {
	var ids []int64
	for _, d := range b.decisions {
		if d.Plan.DropOriginal && d.Plan.State != messages.Parked {
			ids = append(ids, d.Pending.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return []sql.Call{sql.Ask(func(row sql.Row) error {
		var blob string
		err := row.Scan(&blob)
		if blob != "" {
			b.gone = append(b.gone, blob)
		}
		return err
	}, `DELETE FROM originals WHERE id = ANY($1) RETURNING blob`, sql.Sorted(ids))}
}

// entries are what the batch does with tickets, each with the digest of the configuration with which it was decided.
func (b *batch) entries() []plans.EntryRow {
	configs := make(map[int64]string, len(b.decisions))
	for _, d := range b.decisions {
		configs[d.Plan.Message] = d.Config
	}
	rows := make([]plans.EntryRow, len(b.tickets.entries))
	for i, e := range b.tickets.entries {
		rows[i] = plans.EntryOf(b.ids[i], e, b.now, configs[e.Message])
	}
	return rows
}

// fates counts what becomes of the batch's messages, by inbox and cause. Copies, imported ones and those that a
// person has let out say nothing about a desk's day.
func (b *batch) fates() sql.Call {
	count := map[fates.Fate]int64{}
	for _, d := range b.decisions {
		p, inbox := d.Plan, sql.Clean(d.Pending.Inbox)
		if d.Pending.Imported || d.Pending.Released || p.State == messages.Duplicate || p.Erased {
			continue
		}
		count[fates.Fate{Inbox: inbox, What: fates.FateAll}]++
		if p.State == messages.Parked {
			count[fates.Fate{Inbox: inbox, What: fates.FateParked, Cause: sql.Clean(p.Cause)}]++
		}
		for _, e := range p.Effects {
			if e.Kind == effects.KindAcknowledgement && fates.Quiet(e.Cause) {
				count[fates.Fate{Inbox: inbox, What: fates.FateWithheld, Cause: sql.Clean(e.Cause)}]++
			}
		}
	}
	shard := rand.Int64N(base.CounterShards)
	var rows []fates.FateRow
	for f, n := range count {
		rows = append(rows, fates.FateRow{Hour: fates.HourOf(b.now), Inbox: f.Inbox, What: f.What, Cause: f.Cause, Shard: shard, N: n})
	}
	slices.SortFunc(rows, func(x, y fates.FateRow) int {
		return cmp.Or(strings.Compare(x.Inbox, y.Inbox), strings.Compare(x.What, y.What), strings.Compare(x.Cause, y.Cause))
	})
	return fates.AddFates.Put(rows...)
}

// uncopied are the messages of which a copy is to be made, so that nobody who makes one holds the line up.
func (b *batch) uncopied() sql.Call {
	var rows []uncopiedRow
	for _, d := range b.decisions {
		if (d.Plan.Shown() || d.Plan.Side != nil) && d.Plan.Row.Formatted {
			rows = append(rows, uncopiedRow{d.Pending.ID})
		}
	}
	return insertUncopied.Put(rows...)
}

// unsearched notes which tickets the batch has changed: a row for each message, so that nobody who indexes stands in its way.
func (b *batch) unsearched() sql.Call {
	var rows []tables.UnsearchedRow
	for _, d := range b.decisions {
		if d.Plan.Ticket.ID != 0 {
			rows = append(rows, tables.UnsearchedRow{Ticket: d.Plan.Ticket.ID, Message: d.Pending.ID})
		}
	}
	return tables.InsertUnsearched.Put(rows...)
}
