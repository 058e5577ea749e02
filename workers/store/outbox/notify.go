package outbox

import (
	"context"
	"fmt"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/effects"
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
	err = s.base.Write(ctx, func(t sql.Tx) error { return s.plans.Notify(ctx, t, notices, now) })
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
