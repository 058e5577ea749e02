package commit

import (
	"context"

	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// answeredChecks writes what answers have made of checks, in the order of the batch. Whether a check still waits is asked there once more: another
// process may have had the fifth wrong answer meanwhile, or the customer has entered his code on our page.
func (b *batch) answeredChecks(ctx context.Context, t sql.Tx) error {
	for _, d := range b.decisions {
		p := d.Plan.Check
		if p == nil {
			continue
		}
		id, err := b.s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 1)
		if err != nil {
			return err
		}
		if _, _, err := b.s.plans.Try(ctx, t, p.ID, p.Ticket, d.Pending.ID, p.Passed, id[0], b.now, b.count); err != nil {
			return err
		}
	}
	return nil
}
