package plans

import (
	"context"
	"time"

	"frontdesk/pipeline/challenge"
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands/check"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
)

// Try counts a try of a check that waits, by a message (0: on our page), and settles it where that was the right one or the last: in one conditional update, so that whatever comes at once gives no
// try too many. id is for the entry. result is one of challenge's; waited is false where the check waits no more, and nothing was counted.
func (s *Store) Try(ctx context.Context, t sql.Tx, which, ticket, message int64, passed bool, id int64, now time.Time, count base.Tally) (result string, waited bool, err error) {
	won := `CASE WHEN tries + 1 >= $2 THEN '` + challenge.Failed + `' ELSE '' END`
	if passed {
		won = `'` + challenge.Passed + `'`
	}
	if err := t.Run(ctx, sql.Ask(sql.Value(func(r string) { result, waited = r, true }), `UPDATE checks SET tries = tries + 1, result = `+won+` WHERE id = $1 AND result = '' AND tries < $2 RETURNING result`, which, int64(challenge.Tries))); err != nil {
		return "", false, err
	}
	if result == challenge.Open {
		return result, waited, nil
	}
	done, err := s.Carry(ctx, t, []domain.Command{check.Ended{Ticket: ticket, Message: message, Passed: result == challenge.Passed}}, []int64{id}, now, count)
	if err != nil {
		return "", false, err
	}
	return result, waited, t.Run(ctx, done.Calls...)
}
