package outbox

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"frontdesk/workers/store/sql"
)

// WakeEffect is an open outbox row that is due.
type WakeEffect struct {
	ID             int64
	Inbox, Channel string
}

// WakeEffects takes the open outbox rows that are due for a wake-up, at most limit, and moves their next wake-up to
// next. It claims nothing: who is rung for them claims them by ClaimEffects, and a row that nobody claims is here
// again at next. It runs along the partial index outbox_wake.
func (s *Store) WakeEffects(ctx context.Context, now, next time.Time, limit int) ([]WakeEffect, error) {
	var out []WakeEffect
	err := s.base.Write(ctx, func(t sql.Tx) error {
		out = nil
		return t.Run(ctx, sql.Ask(func(row sql.Row) error {
			var e WakeEffect
			err := row.Scan(&e.ID, &e.Inbox, &e.Channel)
			out = append(out, e)
			return err
		}, `UPDATE outbox SET wake_at = $2 WHERE id {in SELECT id FROM outbox
WHERE wake_at > 0 AND wake_at <= $1 ORDER BY wake_at LIMIT $3 FOR UPDATE SKIP LOCKED} RETURNING id, inbox, channel`, sql.Micros(now), sql.Micros(next), limit))
	})
	if err != nil {
		return nil, fmt.Errorf("waking effects: %w", err)
	}
	slices.SortFunc(out, func(a, b WakeEffect) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}
