package store

import (
	"context"
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
	var addresses []string
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
			addresses = append(addresses, e.recipient)
		}
	}
	return t.run(ctx, put(settleEffects, effectRows(effects)), markFailed(addresses))
}

const causeBounced = "bounced"

// markFailed notes that nothing can be sent to these addresses any more.
func markFailed(addresses []string) call {
	slices.Sort(addresses)
	return do(`UPDATE identities SET failed = true WHERE address = ANY($1)`, orNone(addresses))
}

// revive takes the mark from addresses from which somebody has written since nothing could be sent there.
func (b *batch) revive() []call {
	var addresses []string
	for _, d := range b.decisions {
		if !d.Plan.Alive.IsZero() {
			addresses = append(addresses, b.s.address(d.Plan.Alive))
		}
	}
	if len(addresses) == 0 {
		return nil
	}
	slices.Sort(addresses)
	return []call{do(`UPDATE identities SET failed = false WHERE address = ANY($1)`, addresses)}
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
