package acts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/workers/store/sql"
)

// Returned lets go of messages that were parked because the blob of their original could not be read, and whose blob is back: they are
// decided as if they had just come, for no person has looked at them. It looks at those with an id above after, limit at
// most, and says what the last one was; 0 when there are no more.
func (s *Store) Returned(ctx context.Context, after int64, limit int, now time.Time) (released []int64, last int64, err error) {
	names := map[int64]string{}
	var ids []int64
	err = s.base.DB.Read(ctx, func(t sql.Tx) error {
		ids = ids[:0]
		return t.Run(ctx, sql.Ask(func(row sql.Row) error {
			var id int64
			var blob string
			err := row.Scan(&id, &blob)
			ids, names[id] = append(ids, id), blob
			return err
		}, `SELECT m.id, o.blob FROM messages m JOIN originals o ON o.id = m.id
WHERE m.state = 'parked' AND m.cause = 'original-missing' AND m.id > $1 ORDER BY m.id LIMIT $2`, after, limit))
	})
	if err != nil {
		return nil, 0, fmt.Errorf("looking for messages without their originals: %w", err)
	}
	for _, id := range ids {
		if _, err := s.base.Blobs.Get(ctx, names[id]); err != nil {
			if ctx.Err() != nil {
				return released, 0, ctx.Err()
			}
			continue
		}
		if err := s.unparkReturned(ctx, id, now); errors.Is(err, sql.ErrNotFound) {
			continue // a person, or another process, was first
		} else if err != nil {
			return released, 0, err
		}
		released = append(released, id)
	}
	if len(ids) == limit {
		last = ids[limit-1]
	}
	return released, last, nil
}

// unparkReturned makes one of them undecided again. What an import brought keeps its ticket open: whether that was
// asked for is not known any more, and a closed one would be seen by nobody.
func (s *Store) unparkReturned(ctx context.Context, id int64, now time.Time) error {
	c := commands.ReleaseMessage{Message: id, Actor: entries.Service, Cause: causes.OriginalMissing, Unseen: true}
	if err := s.plans.Act(ctx, c, now); err != nil {
		return fmt.Errorf("releasing message %d: %w", id, err)
	}
	return nil
}
