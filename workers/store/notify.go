package store

import (
	"context"
	"fmt"
	"time"

	"frontdesk/pipeline"
)

// Notify adds outbox rows that belong to no decision: notices of promises and inboxes. A row whose
// key is there already is left alone.
func (s *Store) Notify(ctx context.Context, effects []pipeline.EffectPlan, now time.Time) error {
	if len(effects) == 0 {
		return nil
	}
	ids, err := s.sequences.takeAll(ctx, pipeline.SequenceEffect, len(effects))
	if err != nil {
		return err
	}
	err = s.db.write(ctx, func(t tx) error {
		rows := &rows{expected: map[arrival]counted{}}
		count := tally{}
		for i, e := range effects {
			e.ID = ids[i]
			rows.outbox = append(rows.outbox, s.effectRow(e, origin{}, now))
			rows.expected[arrival{"effect", e.ID, ""}] = counted{"effect", string(startState(e))}
			count.move("effect", "", string(startState(e)))
		}
		if err := t.run(ctx, call{bulk: insertOutbox, rows: rows.outbox, each: rows.arrived}); err != nil {
			return err
		}
		return t.run(ctx, count.call(), rows.correction())
	})
	if err != nil {
		return fmt.Errorf("adding notices: %w", err)
	}
	return nil
}

// Writers is how many transactions may usefully run at a time: SQLite has one writer, PostgreSQL
// gains from a second one that prepares while the first waits for its disk.
func (s *Store) Writers() int {
	if s.Dialect() == "sqlite" {
		return 1
	}
	return 2
}
