package store

import (
	"context"
	"fmt"
	"time"

	"frontdesk/pipeline"
)

// noticesPerEvent is how many rows an event makes as a rule, at most: one for each webhook that wants it.
const noticesPerEvent = 16

// Notify adds outbox rows that belong to no decision: notices of inboxes. A row whose key is there
// already is left alone.
func (s *Store) Notify(ctx context.Context, effects []pipeline.EffectPlan, now time.Time) error {
	if len(effects) == 0 {
		return nil
	}
	ids, err := s.ids(ctx, map[string]int64{pipeline.SequenceEffect: int64(len(effects))})
	if err != nil {
		return err
	}
	defer ids.Done()
	effects = numbered(effects, ids)
	err = s.write(ctx, func(t tx) error { return s.notify(ctx, t, effects, now) })
	if err != nil {
		return fmt.Errorf("adding notices: %w", err)
	}
	return nil
}

// numbered gives ids to copies of the effects.
func numbered(effects []pipeline.EffectPlan, ids pipeline.IDs) []pipeline.EffectPlan {
	out := make([]pipeline.EffectPlan, len(effects))
	for i, e := range effects {
		e.ID = ids.Next(pipeline.SequenceEffect)
		out[i] = e
	}
	return out
}

// notify writes the rows as part of a transaction.
func (s *Store) notify(ctx context.Context, t tx, effects []pipeline.EffectPlan, now time.Time) error {
	var rows []outboxRow
	expected := arrivals{}
	count := tally{}
	for _, e := range effects {
		rows = append(rows, s.effectRow(e, origin{}, now))
		expected.expect(count, "effect", e.ID, "", "effect", string(e.Start()))
	}
	if err := t.run(ctx, insertOutbox.each(expected.arrived, rows...), count.call()); err != nil {
		return err
	}
	return t.run(ctx, expected.correction())
}
