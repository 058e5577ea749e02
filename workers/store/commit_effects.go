package store

import (
	"context"
	"maps"
	"slices"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain"
)

// settleBounces marks rows of ours that a report says have failed.
func (b *batch) settleBounces(ctx context.Context, t tx) error {
	var commands []domain.Command
	for _, d := range b.decisions {
		if p := d.Plan.Bounce; p != nil && p.Effect != 0 {
			commands = append(commands, domain.BounceCame{Effect: p.Effect, Reason: clean(p.Reason), At: d.Pending.At, Dead: p.Dead})
		}
	}
	if len(commands) == 0 {
		return nil
	}
	d, err := b.s.carry(ctx, t, commands, nil, b.now, b.count)
	if err != nil {
		return err
	}
	b.failed = append(b.failed, d.plan.Dead...)
	return t.run(ctx, d.calls...)
}

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
