package store

import (
	"context"
	"fmt"
	"time"
)

// Slip is a send that a process knew of, and may have died before it was written down.
type Slip struct {
	Outcome
	Key       string    // of the row
	CreatedAt time.Time // of the row: after a backup was restored, the same id may be another's
}

// Confirm writes down what an earlier process had sent. What the database knows already changes
// nothing, and a slip whose row is not the one that was sent is left out. It returns how many rows
// were not known to be sent.
func (s *Store) Confirm(ctx context.Context, slips []Slip, now time.Time) (int, error) {
	byID := map[int64]Slip{}
	var ids []int64
	for _, p := range slips {
		if _, ok := byID[p.ID]; !ok {
			ids = append(ids, p.ID)
		}
		byID[p.ID] = p
	}
	var outcomes []Outcome
	err := s.db.read(ctx, func(t tx) error {
		outcomes = nil
		return t.run(ctx, ask(func(row scanner) error {
			var id, created int64
			var key string
			if err := row.Scan(&id, &key, &created); err != nil {
				return err
			}
			if p := byID[id]; p.Key == key && micros(p.CreatedAt) == created {
				outcomes = append(outcomes, p.Outcome)
			}
			return nil
		}, `SELECT id, key, created_at FROM outbox WHERE id = ANY($1) AND sent_at = 0`, orNone(sorted(ids))))
	})
	if err != nil {
		return 0, fmt.Errorf("reading what was sent: %w", err)
	}
	return len(outcomes), s.Settle(ctx, outcomes, now)
}
