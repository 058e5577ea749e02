package commit

import (
	"context"

	"frontdesk/pipeline/challenge"
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands/check"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// answeredChecks writes what answers have made of checks, in the order of the batch. Whether a check still waits is asked here once more: another
// process may have had the fifth wrong answer meanwhile.
func (b *batch) answeredChecks(ctx context.Context, t sql.Tx) error {
	for _, d := range b.decisions {
		p := d.Plan.Check
		if p == nil {
			continue
		}
		result, won := challenge.Open, `CASE WHEN tries + 1 >= $2 THEN '`+challenge.Failed+`' ELSE '' END`
		if p.Passed {
			won = `'` + challenge.Passed + `'`
		}
		if err := t.Run(ctx, sql.Ask(sql.Into(&result), `UPDATE checks SET tries = tries + 1, result = `+won+` WHERE id = $1 AND result = '' AND tries < $2 RETURNING result`, p.ID, int64(challenge.Tries))); err != nil {
			return err
		}
		if result == challenge.Open {
			continue
		}
		id, err := b.s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 1)
		if err != nil {
			return err
		}
		done, err := b.s.plans.Carry(ctx, t, []domain.Command{check.Ended{Ticket: p.Ticket, Message: d.Pending.ID, Passed: result == challenge.Passed}}, id, b.now, b.count)
		if err != nil {
			return err
		}
		if err := t.Run(ctx, done.Calls...); err != nil {
			return err
		}
	}
	return nil
}
