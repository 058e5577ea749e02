package store

import (
	"slices"

	"frontdesk/pipeline"
)

// settlePromises brings the open promises of tickets that a greeting has opened forward to what the first message with a matter
// is promised. A time that may have been told to the customer never moves later. Kinds that the ticket has none of are
// inserted with the others.
func (b *batch) settlePromises() (calls []call) {
	for _, d := range b.decisions {
		if d.Plan.Ticket.Settle == nil {
			continue
		}
		for _, p := range d.Plan.Promises {
			warn := make([]int64, len(p.Warn))
			for i, w := range p.Warn {
				warn[i] = micros(w)
			}
			slices.Sort(warn)
			calls = append(calls, do(`UPDATE promises SET start_at = $3, due_at = $4, warn = $5, calendar = $6, next_at = $7
WHERE ticket = $1 AND kind = $2 AND next_at > 0 AND due_at > $4`, d.Plan.Ticket.ID, clip(p.Kind), micros(d.Pending.At), micros(p.Due), list(warn),
				clean(p.Calendar), nextStep(warn, micros(p.Due), micros(b.now))))
		}
	}
	return calls
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
