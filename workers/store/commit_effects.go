package store

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"frontdesk/pipeline"
)

// settleBounces marks rows of ours that a report says have failed, and those of their addresses that it calls gone for
// good in a way that nobody but the mail system there can know of. What came back went out, so a promise that the attempt
// itself has not settled yet is kept, by the report's time.
func (b *batch) settleBounces(ctx context.Context, t tx) error {
	reasons, came, dead := map[int64]string{}, map[int64]time.Time{}, map[int64]bool{}
	for _, d := range b.decisions {
		if p := d.Plan.Bounce; p != nil && p.Effect != 0 {
			reasons[p.Effect], came[p.Effect] = clean(p.Reason), d.Pending.At
			dead[p.Effect] = dead[p.Effect] || p.Dead
		}
	}
	if len(reasons) == 0 {
		return nil
	}
	effects, err := lockEffects(ctx, t, keysOf(reasons), nil, nil)
	if err != nil {
		return err
	}
	effects = slices.DeleteFunc(effects, func(e *effect) bool { return rank(e.state) >= rank(EffectFailed) })
	slices.SortFunc(effects, func(a, b *effect) int { return cmp.Compare(a.ticket, b.ticket) }) // as promises are locked everywhere
	for _, e := range effects {
		e.become(EffectFailed, b.count)
		e.close()
		e.cause, e.unknown = causeBounced, false
		if e.sent == 0 {
			e.sent = cmpTime(came[e.id], b.now)
			if err := b.s.keptBy(ctx, t, e, b.count); err != nil {
				return err
			}
		}
		e.fail(reasons[e.id], b.now)
		if dead[e.id] {
			b.failed = append(b.failed, e.recipient)
		}
	}
	return t.run(ctx, put(settleEffects, effectRows(effects)))
}

const causeBounced = "bounced"

// markFailed notes that nothing can be sent to these addresses any more.
func markFailed(addresses []string) call {
	slices.Sort(addresses)
	return do(`UPDATE identities SET failed = true WHERE address = ANY($1)`, orNone(addresses))
}

// lockIdentities locks what several statements of one transaction change, in the order in which everybody does: after
// outbox and promises.
func lockIdentities(addresses []string) call {
	slices.Sort(addresses)
	return ask(func(scanner) error { return nil }, `SELECT address FROM identities WHERE address = ANY($1) ORDER BY address FOR UPDATE`, slices.Compact(addresses))
}

// alive are the addresses from which somebody has written since nothing could be sent there.
func (b *batch) alive() (addresses []string) {
	for _, d := range b.decisions {
		if !d.Plan.Alive.IsZero() {
			addresses = append(addresses, b.s.address(d.Plan.Alive))
		}
	}
	return addresses
}

// reached locks the addresses that the batch marks beside those that it writes, and gives the marks: where nothing can be
// sent, and where something can again.
func (b *batch) reached() (lock, marks []call) {
	alive := b.alive()
	if len(b.failed) == 0 && len(alive) == 0 && len(b.contacts.out) == 0 {
		return nil, nil
	}
	lock = []call{lockIdentities(slices.Concat(b.failed, alive, slices.Collect(maps.Keys(b.contacts.owned)), slices.Collect(maps.Keys(b.contacts.out))))}
	if len(b.failed) > 0 {
		marks = append(marks, markFailed(b.failed))
	}
	if len(alive) > 0 {
		marks = append(marks, do(`UPDATE identities SET failed = false WHERE address = ANY($1)`, alive))
	}
	return lock, marks
}

// dropOriginals removes originals that must not outlive their decision.
func (b *batch) dropOriginals() []call {
	var ids []int64
	for _, d := range b.decisions {
		if d.Plan.DropOriginal && d.Plan.State != pipeline.Parked {
			ids = append(ids, d.Pending.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return []call{ask(func(row scanner) error {
		var blob string
		err := row.Scan(&blob)
		if blob != "" {
			b.gone = append(b.gone, blob)
		}
		return err
	}, `DELETE FROM originals WHERE id = ANY($1) RETURNING blob`, sorted(ids))}
}
