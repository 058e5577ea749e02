package commit

import (
	"context"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/workers/store/sql"
)

// hasten brings the open promises of tickets that a greeting has opened forward to what the first message with a matter is
// promised. Kinds that the ticket has none of are inserted with the others.
func (b *batch) hasten(ctx context.Context, t sql.Tx) error {
	var happened []domain.Command
	for _, d := range b.decisions {
		if d.Plan.Ticket.Settle == nil {
			continue
		}
		c := commands.PromiseAnew{Ticket: d.Plan.Ticket.ID}
		for _, p := range d.Plan.Promises {
			c.Made = append(c.Made, b.promise(c.Ticket, p, d.Pending.At))
		}
		happened = append(happened, c)
	}
	if len(happened) == 0 {
		return nil
	}
	d, err := b.s.plans.Carry(ctx, t, happened, nil, b.now, b.count)
	if err != nil {
		return err
	}
	return t.Run(ctx, d.Calls...)
}

// settleAcknowledgements puts what the first message with a matter asks for into the place of the answer to the greeting, where
// that goes to the same address and nobody has begun to send it.
func (b *batch) settleAcknowledgements() (calls []sql.Call) {
	for _, d := range b.decisions {
		s := d.Plan.Ticket.Settle
		if s == nil || s.To.IsZero() {
			continue
		}
		calls = append(calls, sql.Do(`UPDATE outbox SET payload = $2 WHERE key = $1 AND state = 'due' AND attempts = 0 AND recipient = $3`,
			b.s.base.Key(effects.AcknowledgementKey(d.Plan.Ticket.ID)), sql.Clean(string(s.Ack)), b.s.base.Address(s.To)))
	}
	return calls
}
