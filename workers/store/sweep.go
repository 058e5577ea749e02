package store

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"frontdesk/channels"
)

// Wake is an undecided message that nobody has decided in time, or that nobody was rung for yet.
type Wake struct {
	ID     int64
	Inbox  string
	Bulk   bool
	Wakes  int // this one included
	Claims int
}

// wakeLine is what waits of one inbox.
type wakeLine struct {
	inbox string
	bulk  bool
	quota int
}

// inboxesOfUndecided walks from one inbox to the next on the index, however many rows each has.
const inboxesOfUndecided = `WITH RECURSIVE i(inbox) AS (SELECT min(f.inbox) FROM undecided f
UNION ALL SELECT (SELECT min(u.inbox) FROM undecided u WHERE u.inbox > i.inbox) FROM i WHERE i.inbox IS NOT NULL) `

const askWakeLines = inboxesOfUndecided + `SELECT i.inbox, b.bulk, (SELECT count(*) FROM (SELECT 1 AS one FROM undecided u
WHERE u.inbox = i.inbox AND u.bulk = b.bulk AND u.wake_at > $1 AND u.state = 'recorded' LIMIT 4096) AS rung)
FROM i, (SELECT false AS bulk UNION ALL SELECT true AS bulk) AS b
WHERE i.inbox IS NOT NULL AND EXISTS (SELECT 1 FROM undecided u WHERE u.inbox = i.inbox AND u.bulk = b.bulk AND u.wake_at <= $1)
ORDER BY b.bulk, i.inbox`

const wakeLineRows = `UPDATE undecided SET wake_at = $4, wakes = wakes + 1 WHERE message_id {in SELECT message_id FROM undecided
WHERE inbox = $1 AND bulk = $2 AND wake_at <= $3 ORDER BY wake_at LIMIT $5 FOR UPDATE SKIP LOCKED} RETURNING message_id, inbox, bulk, wakes, claims`

// WakeMessages takes the undecided messages that are due for a wake-up, those of each inbox by
// themselves and live ones first, and moves their next wake-up to next. Of an inbox it takes as many
// as its window has room for, and at most limit in all; a nil window has no end. more tells that
// messages were left that are due.
func (s *Store) WakeMessages(ctx context.Context, now, next time.Time, limit int, window func(bulk bool) int) (out []Wake, more bool, err error) {
	lines, err := s.wakeLines(ctx, now, window)
	if err != nil || len(lines) == 0 {
		return nil, false, err
	}
	err = s.write(ctx, func(t tx) error {
		out, more = nil, false
		for _, l := range lines {
			quota := min(l.quota, limit-len(out))
			if quota <= 0 {
				more = true
				continue
			}
			before := len(out)
			if err := t.run(ctx, ask(func(row scanner) error {
				var w Wake
				err := row.Scan(&w.ID, &w.Inbox, &w.Bulk, &w.Wakes, &w.Claims)
				out = append(out, w)
				return err
			}, wakeLineRows, l.inbox, l.bulk, micros(now), micros(next), quota)); err != nil {
				return err
			}
			more = more || len(out)-before == quota
			slices.SortFunc(out[before:], func(a, b Wake) int { return cmp.Compare(a.ID, b.ID) })
		}
		return nil
	})
	if err != nil {
		return nil, false, fmt.Errorf("waking messages: %w", err)
	}
	return out, more, nil
}

// wakeLines finds the inboxes that have something due, live ones first, and their windows' room.
func (s *Store) wakeLines(ctx context.Context, now time.Time, window func(bulk bool) int) ([]wakeLine, error) {
	var out []wakeLine
	err := s.db.read(ctx, func(t tx) error {
		return t.run(ctx, ask(func(row scanner) error {
			var l wakeLine
			var rung int
			err := row.Scan(&l.inbox, &l.bulk, &rung)
			l.quota = math.MaxInt
			if window != nil {
				l.quota = window(l.bulk) - rung
			}
			out = append(out, l)
			return err
		}, askWakeLines, micros(now)))
	})
	if err != nil {
		return nil, fmt.Errorf("looking for messages to wake: %w", err)
	}
	return out, nil
}

// WakeEffect is an open outbox row that is due.
type WakeEffect struct {
	ID             int64
	Inbox, Channel string
}

// WakeEffects takes the open outbox rows that are due for a wake-up, at most limit, and moves their
// next wake-up to next.
func (s *Store) WakeEffects(ctx context.Context, now, next time.Time, limit int) ([]WakeEffect, error) {
	var out []WakeEffect
	err := s.write(ctx, func(t tx) error {
		out = nil
		return t.run(ctx, ask(func(row scanner) error {
			var e WakeEffect
			err := row.Scan(&e.ID, &e.Inbox, &e.Channel)
			out = append(out, e)
			return err
		}, `UPDATE outbox SET wake_at = $2 WHERE id {in SELECT id FROM outbox
WHERE wake_at > 0 AND wake_at <= $1 ORDER BY wake_at LIMIT $3 FOR UPDATE SKIP LOCKED} RETURNING id, inbox, channel`, micros(now), micros(next), limit))
	})
	if err != nil {
		return nil, fmt.Errorf("waking effects: %w", err)
	}
	slices.SortFunc(out, func(a, b WakeEffect) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}

const rouseMessages = `UPDATE undecided SET wake_at = $1 WHERE message_id {in ` + inboxesOfUndecided + `SELECT r.message_id
FROM i, (SELECT false AS bulk UNION ALL SELECT true AS bulk) AS b, undecided r
WHERE r.inbox = i.inbox AND r.bulk = b.bulk AND r.wake_at > $1 AND r.state = 'recorded'}`

// Rouse makes everything that is open due for a wake-up, for a start: whatever queue there was may
// be gone, and whatever a provider had to say may have met a closed door.
func (s *Store) Rouse(ctx context.Context, now time.Time) error {
	err := s.write(ctx, func(t tx) error {
		return t.run(ctx,
			do(rouseMessages, micros(now)),
			do(`UPDATE outbox SET wake_at = next_at WHERE wake_at > 0 AND wake_at > $1 AND next_at < wake_at`, micros(now)),
			do(`UPDATE send_checks SET ask_at = $1 WHERE ask_at > $1`, micros(now)))
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
