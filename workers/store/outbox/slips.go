package outbox

import (
	"context"
	"fmt"
	"time"

	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
)

// Slip is a send that a process knew of, and may have died before it was written down. It comes out of the send
// journal.
type Slip struct {
	commands.SendEnded
	Key string // of the row
	// BegunAt is of one whose State is effects.Sending: a process died while it handed over Words, or just after.
	BegunAt   time.Time // of one whose State is EffectSending: a process died while it handed over Words, or just after
	CreatedAt time.Time // of the row: after a backup was restored, the same id may be another's
}

// Confirm writes down what an earlier process had sent. What the database knows already changes nothing, and a slip
// whose row is not the one that was sent is left out. It returns how many rows were not known to be sent. What a
// process was handing over when it died stays with its attempt, whatever comes of the row.
//
// It is called at a start, before anything is claimed: a row that is claimed first would be sent once more. Of
// several slips of one row the last counts. It may be repeated, so the journal is emptied only after it.
func (s *Store) Confirm(ctx context.Context, slips []Slip, now time.Time) (int, error) {
	if err := s.keepBegun(ctx, slips); err != nil {
		return 0, err
	}
	byID := map[int64]Slip{}
	var ids []int64
	for _, p := range slips {
		if p.State == effects.Sending {
			continue
		}
		if _, ok := byID[p.ID]; !ok {
			ids = append(ids, p.ID)
		}
		byID[p.ID] = p
	}
	var outcomes []commands.SendEnded
	err := s.base.DB.Read(ctx, func(t sql.Tx) error {
		outcomes = nil
		return t.Run(ctx, sql.Ask(func(row sql.Row) error {
			var id, created int64
			var key string
			if err := row.Scan(&id, &key, &created); err != nil {
				return err
			}
			if p := byID[id]; p.Key == key && sql.Micros(p.CreatedAt) == created {
				outcomes = append(outcomes, p.SendEnded)
			}
			return nil
		}, `SELECT id, key, created_at FROM outbox WHERE id = ANY($1) AND sent_at = 0`, sql.OrNone(sql.Sorted(ids))))
	})
	if err != nil {
		return 0, fmt.Errorf("reading what was sent: %w", err)
	}
	return len(outcomes), s.Settle(ctx, outcomes, now)
}

// keepBegun writes down what attempts were handing over of which nothing else is known.
func (s *Store) keepBegun(ctx context.Context, slips []Slip) error {
	type attempt struct {
		id int64
		n  int
	}
	taken, byID := map[attempt]bool{}, map[int64][]Slip{}
	for _, p := range slips {
		taken[attempt{p.ID, p.Attempt}] = taken[attempt{p.ID, p.Attempt}] || p.State != effects.Sending
	}
	for _, p := range slips {
		if !taken[attempt{p.ID, p.Attempt}] && len(p.Words) > 0 {
			byID[p.ID] = append(byID[p.ID], p)
		}
	}
	if len(byID) == 0 {
		return nil
	}
	err := s.base.Write(ctx, func(t sql.Tx) error {
		var rows []plans.AttemptRow
		err := t.Run(ctx, sql.Ask(func(row sql.Row) error {
			var id, created, attempts int64
			var key string
			if err := row.Scan(&id, &key, &created, &attempts); err != nil {
				return err
			}
			for _, p := range byID[id] {
				if p.Key == key && sql.Micros(p.CreatedAt) == created && int64(p.Attempt) <= attempts {
					rows = append(rows, plans.AttemptRow{Effect: id, N: int64(p.Attempt), At: p.BegunAt, Outcome: outcomeDied, Words: p.Words})
				}
			}
			return nil
		}, `SELECT id, key, created_at, attempts FROM outbox WHERE id = ANY($1) AND NOT erased ORDER BY id FOR UPDATE`, sql.KeysOf(byID)))
		if err != nil || len(rows) == 0 {
			return err
		}
		return t.Run(ctx, plans.InsertAttempts.Put(rows...))
	})
	if err != nil {
		return fmt.Errorf("keeping what was being sent: %w", err)
	}
	return nil
}
