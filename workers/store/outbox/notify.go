package outbox

import (
	"context"
	"fmt"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
)

// noticesPerEvent is how many rows an event makes as a rule, at most: one for each webhook that wants it. It is for
// taking enough ids beforehand, and no bound: see WakePromises.
const noticesPerEvent = 16

// Notify adds outbox rows that belong to no decision: notices of inboxes. A row whose key is there already is left
// alone, so that a caller may repeat it, and several processes may report one event.
func (s *Store) Notify(ctx context.Context, notices []effects.Plan, now time.Time) error {
	if len(notices) == 0 {
		return nil
	}
	ids, err := s.base.Ids(ctx, map[string]int64{pipeline.SequenceEffect: int64(len(notices))})
	if err != nil {
		return err
	}
	defer ids.Done()
	notices = numbered(notices, ids)
	err = s.base.Write(ctx, func(t sql.Tx) error { return s.notify(ctx, t, notices, now) })
	if err != nil {
		return fmt.Errorf("adding notices: %w", err)
	}
	return nil
}

// numbered gives ids to copies of the rows.
func numbered(notices []effects.Plan, ids pipeline.IDs) []effects.Plan {
	out := make([]effects.Plan, len(notices))
	for i, e := range notices {
		e.ID = ids.Next(pipeline.SequenceEffect)
		out[i] = e
	}
	return out
}

// notify writes the rows as part of a transaction.
// A row that was there already was counted too early: Correction takes that back in the same transaction.
func (s *Store) notify(ctx context.Context, t sql.Tx, notices []effects.Plan, now time.Time) error {
	var rows []plans.OutboxRow
	expected := plans.Arrivals{}
	count := base.Tally{}
	for _, e := range notices {
		rows = append(rows, s.plans.EffectRow(e, plans.Origin{}, now))
		expected.Expect(count, "effect", e.ID, "", "effect", string(e.Start()))
	}
	if err := t.Run(ctx, plans.InsertOutbox.Each(expected.Arrived, rows...), count.Call()); err != nil {
		return err
	}
	return t.Run(ctx, expected.Correction())
}
