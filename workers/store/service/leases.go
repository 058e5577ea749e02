package service

import (
	"context"
	"fmt"
	"time"

	"frontdesk/workers/store/sql"
)

// Lease takes or renews a lease. false: somebody else holds it. One statement decides, so of two processes one gets
// it. Times are of the process that asks: clocks that differ by more than a lease's length let two hold it, which
// their callers survive (unique keys).
func (s *Store) Lease(ctx context.Context, name, holder string, now time.Time, ttl time.Duration) (bool, error) {
	got := false
	err := s.base.Write(ctx, func(t sql.Tx) error {
		got = false
		return t.Run(ctx, sql.Ask(func(row sql.Row) error {
			var one int
			got = true
			return row.Scan(&one)
		}, `INSERT INTO leases (name, holder, until_at) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_at = excluded.until_at
WHERE leases.holder = excluded.holder OR leases.until_at <= $4 RETURNING 1`, s.base.Key(name), s.base.Key(holder), sql.Micros(now.Add(ttl)), sql.Micros(now)))
	})
	if err != nil {
		return false, fmt.Errorf("taking lease: %w", err)
	}
	return got, nil
}

// ReleaseLease gives a lease up, if the holder has it.
func (s *Store) ReleaseLease(ctx context.Context, name, holder string) error {
	return s.base.Do(ctx, "releasing lease", sql.Do(`DELETE FROM leases WHERE name = $1 AND holder = $2`, s.base.Key(name), s.base.Key(holder)))
}

// Reclaim takes over what a process that died had leased or claimed, without waiting for its time to
// run out. Only for a store that one process has for itself, which SQLite's is: the control socket
// sees to that. A send that was under way comes back as Unknown.
func (s *Store) Reclaim(ctx context.Context, now time.Time) error { return s.ReclaimFrom(ctx, "", now) }

// ReclaimFrom is Reclaim of what holders had whose name begins so. The caller knows that they are dead.
func (s *Store) ReclaimFrom(ctx context.Context, name string, now time.Time) error {
	name = sql.Clean(name)
	return s.base.Do(ctx, "reclaiming what a dead process held", sql.Do(`DELETE FROM leases WHERE name <> '' AND substr(holder, 1, length(CAST($1 AS text))) = $1`, name),
		sql.Do(`UPDATE outbox SET next_at = $1, wake_at = $1 WHERE wake_at > 0 AND state = 'sending' AND substr(holder, 1, length(CAST($2 AS text))) = $2`,
			sql.Micros(now), name))
}
