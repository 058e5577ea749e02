package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"frontdesk/channels"
)

// Wake is an undecided message that nobody has decided in time.
type Wake struct {
	ID     int64
	Bulk   bool
	Wakes  int // this one included
	Claims int
}

// WakeMessages takes the undecided messages that are due for a wake-up, live ones first, at most
// limit, and moves their next wake-up to next.
func (s *Store) WakeMessages(ctx context.Context, now, next time.Time, limit int) ([]Wake, error) {
	var out []Wake
	err := s.write(ctx, func(t tx) error {
		out = nil
		for _, bulk := range []bool{false, true} {
			if limit <= len(out) {
				break
			}
			if err := t.run(ctx, ask(func(row scanner) error {
				var w Wake
				err := row.Scan(&w.ID, &w.Bulk, &w.Wakes, &w.Claims)
				out = append(out, w)
				return err
			}, `UPDATE undecided SET wake_at = $3, wakes = wakes + 1 WHERE message_id {in SELECT message_id FROM undecided
WHERE bulk = $1 AND wake_at <= $2 ORDER BY wake_at LIMIT $4 FOR UPDATE SKIP LOCKED} RETURNING message_id, bulk, wakes, claims`,
				bulk, micros(now), micros(next), limit-len(out))); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("waking messages: %w", err)
	}
	slices.SortStableFunc(out, func(a, b Wake) int {
		if a.Bulk != b.Bulk {
			if b.Bulk {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.ID, b.ID)
	})
	return out, nil
}

// WakeEffects takes the open outbox rows that are due for a wake-up, at most limit, and moves their
// next wake-up to next.
func (s *Store) WakeEffects(ctx context.Context, now, next time.Time, limit int) ([]int64, error) {
	var out []int64
	err := s.write(ctx, func(t tx) error {
		out = nil
		return t.run(ctx, ask(func(row scanner) error {
			var id int64
			err := row.Scan(&id)
			out = append(out, id)
			return err
		}, `UPDATE outbox SET wake_at = $2 WHERE id {in SELECT id FROM outbox
WHERE wake_at > 0 AND wake_at <= $1 ORDER BY wake_at LIMIT $3 FOR UPDATE SKIP LOCKED} RETURNING id`, micros(now), micros(next), limit))
	})
	if err != nil {
		return nil, fmt.Errorf("waking effects: %w", err)
	}
	slices.Sort(out)
	return out, nil
}

// Rouse makes everything that is open due for a wake-up, for a start: whatever queue there was may
// be gone.
func (s *Store) Rouse(ctx context.Context, now time.Time) error {
	err := s.write(ctx, func(t tx) error {
		return t.run(ctx,
			do(`UPDATE undecided SET wake_at = $1 WHERE bulk {in SELECT b.bulk FROM (SELECT false AS bulk UNION SELECT true) AS b} AND wake_at > $1 AND state = 'recorded'`, micros(now)),
			do(`UPDATE outbox SET wake_at = next_at WHERE wake_at > 0 AND wake_at > $1 AND next_at < wake_at`, micros(now)))
	})
	if err != nil {
		return fmt.Errorf("rousing what is open: %w", err)
	}
	return nil
}

// Cursor reads the bookmark of a stream; nil when it was never moved.
func (s *Store) Cursor(ctx context.Context, inbox, stream string) (channels.Cursor, error) {
	var c channels.Cursor
	err := s.db.read(ctx, func(t tx) error {
		return t.run(ctx, ask(func(row scanner) error {
			var value string
			err := row.Scan(&value)
			c = channels.Cursor(value)
			return err
		}, `SELECT value FROM cursors WHERE inbox = $1 AND stream = $2`, inbox, s.key(stream)))
	})
	if err != nil {
		return nil, fmt.Errorf("reading cursor: %w", err)
	}
	return c, nil
}

// RecordedKeys tells which of the keys are recorded for the inbox.
func (s *Store) RecordedKeys(ctx context.Context, inbox string, keys []string) (map[string]bool, error) {
	names := map[string]string{}
	for _, k := range keys {
		names[s.key(k)] = k
	}
	out := map[string]bool{}
	err := s.db.read(ctx, func(t tx) error {
		return t.run(ctx, ask(func(row scanner) error {
			var key string
			err := row.Scan(&key)
			out[names[key]] = true
			return err
		}, `SELECT key FROM deliveries WHERE inbox = $1 AND key = ANY($2)`, inbox, keysOf(names)))
	})
	if err != nil {
		return nil, fmt.Errorf("looking up recorded keys: %w", err)
	}
	return out, nil
}

// Lease takes or renews a lease. false: somebody else holds it.
func (s *Store) Lease(ctx context.Context, name, holder string, now time.Time, ttl time.Duration) (bool, error) {
	got := false
	err := s.write(ctx, func(t tx) error {
		got = false
		return t.run(ctx, ask(func(row scanner) error {
			var one int
			got = true
			return row.Scan(&one)
		}, `INSERT INTO leases (name, holder, until_at) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_at = excluded.until_at
WHERE leases.holder = excluded.holder OR leases.until_at <= $4 RETURNING 1`, s.key(name), s.key(holder), micros(now.Add(ttl)), micros(now)))
	})
	if err != nil {
		return false, fmt.Errorf("taking lease: %w", err)
	}
	return got, nil
}

// ReleaseLease gives a lease up, if the holder has it.
func (s *Store) ReleaseLease(ctx context.Context, name, holder string) error {
	err := s.write(ctx, func(t tx) error {
		return t.run(ctx, do(`DELETE FROM leases WHERE name = $1 AND holder = $2`, s.key(name), s.key(holder)))
	})
	if err != nil {
		return fmt.Errorf("releasing lease: %w", err)
	}
	return nil
}

// Reclaim takes over what a process that died had leased or claimed, without waiting for its time to
// run out. Only for a store that one process has for itself, which SQLite's is: the control socket
// sees to that. A send that was under way comes back as Unknown.
func (s *Store) Reclaim(ctx context.Context, now time.Time) error { return s.ReclaimFrom(ctx, "", now) }

// ReclaimFrom is Reclaim of what holders had whose name begins so. The caller knows that they are dead.
func (s *Store) ReclaimFrom(ctx context.Context, name string, now time.Time) error {
	name = clean(name)
	err := s.write(ctx, func(t tx) error {
		return t.run(ctx, do(`DELETE FROM leases WHERE name <> '' AND substr(holder, 1, length(CAST($1 AS text))) = $1`, name),
			do(`UPDATE outbox SET next_at = $1, wake_at = $1 WHERE wake_at > 0 AND state = 'sending' AND substr(holder, 1, length(CAST($2 AS text))) = $2`,
				micros(now), name))
	})
	if err != nil {
		return fmt.Errorf("reclaiming what a dead process held: %w", err)
	}
	return nil
}
