package store

import (
	"context"
	"frontdesk/pipeline"
	"frontdesk/pipeline/domain"
)

// hasten brings the open promises of tickets that a greeting has opened forward to what the first message with a matter is
// promised. Kinds that the ticket has none of are inserted with the others.
func (b *batch) hasten(ctx context.Context, t tx) error {
	made := map[int64]map[string]domain.Promise{}
	for _, d := range b.decisions {
		if d.Plan.Ticket.Settle == nil {
			continue
		}
		of := map[string]domain.Promise{}
		for _, p := range d.Plan.Promises {
			of[clip(p.Kind)] = b.promise(d.Plan.Ticket.ID, p, d.Pending.At)
		}
		made[d.Plan.Ticket.ID] = of
	}
	if len(made) == 0 {
		return nil
	}
	owed := promises{count: b.count}
	hasten := func(p domain.Promise) (domain.Promise, bool) {
		sooner, again := made[p.Ticket][p.Kind]
		if !again {
			return p, false
		}
		return p.Hastened(sooner, b.now)
	}
	if err := owed.each(ctx, t, hasten, `ticket = ANY($1) ORDER BY ticket, kind`, sorted(keysOf(made))); err != nil {
		return err
	}
	return t.run(ctx, put(movePromises, owed.rows))
}

// settleAcknowledgements puts what the first message with a matter asks for into the place of the answer to the greeting, where
// that goes to the same address and nobody has begun to send it.
func (b *batch) settleAcknowledgements() (calls []call) {
	for _, d := range b.decisions {
		s := d.Plan.Ticket.Settle
		if s == nil || s.To.IsZero() {
			continue
		}
		calls = append(calls, do(`UPDATE outbox SET payload = $2 WHERE key = $1 AND state = 'due' AND attempts = 0 AND recipient = $3`,
			b.s.key(pipeline.AcknowledgementKey(d.Plan.Ticket.ID)), clean(string(s.Ack)), b.s.address(s.To)))
	}
	return calls
}
