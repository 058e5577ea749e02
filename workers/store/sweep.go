package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"frontdesk/channels"
)

// Taken is an undecided message that a worker has taken.
type Taken struct {
	ID    int64
	Inbox string
	Times int // how often it was taken, this time included
}

// dueLine is what is due of one inbox.
type dueLine struct {
	inbox string
	due   int
	quota int
}

// inboxesOfUndecided walks from one inbox to the next on the index, however many rows each has.
const inboxesOfUndecided = `WITH RECURSIVE i(inbox) AS (SELECT min(f.inbox) FROM undecided f
UNION ALL SELECT (SELECT min(u.inbox) FROM undecided u WHERE u.inbox > i.inbox) FROM i WHERE i.inbox IS NOT NULL) `

// askDueLines counts what is due of each inbox up to a limit, the inbox first that has waited longest.
const askDueLines = inboxesOfUndecided + `SELECT i.inbox, (SELECT count(*) FROM (SELECT 1 AS one FROM undecided u
WHERE u.inbox = i.inbox AND u.bulk = $1 AND u.wake_at <= $2 LIMIT $3) AS due)
FROM i WHERE i.inbox IS NOT NULL AND EXISTS (SELECT 1 FROM undecided u WHERE u.inbox = i.inbox AND u.bulk = $1 AND u.wake_at <= $2)
ORDER BY (SELECT min(u.wake_at) FROM undecided u WHERE u.inbox = i.inbox AND u.bulk = $1), i.inbox`

const takeRows = `UPDATE undecided SET wake_at = $4, wakes = wakes + 1 WHERE message_id {in SELECT message_id FROM undecided
WHERE inbox = $1 AND bulk = $2 AND wake_at <= $3 ORDER BY wake_at, message_id LIMIT $5 FOR UPDATE SKIP LOCKED} RETURNING message_id, inbox, wakes`

// TakeMessages takes undecided messages that are due, live or bulk ones, at most limit: nobody else takes them until that
// time. The inboxes take turns, each with as many messages at a turn as turn says, and of each inbox those go first
// that have waited longest. The result is in the order of ids. more tells that messages were left that are due.
func (s *Store) TakeMessages(ctx context.Context, now, until time.Time, bulk bool, limit int, turn func(inbox string) int) (out []Taken, more bool, err error) {
	lines, err := s.dueLines(ctx, now, bulk, limit)
	if err != nil || len(lines) == 0 {
		return nil, false, err
	}
	more = inTurn(lines, limit, turn)
	err = s.write(ctx, func(t tx) error {
		out = nil
		for _, l := range lines {
			if l.quota == 0 {
				continue
			}
			if err := t.run(ctx, ask(func(row scanner) error {
				var m Taken
				err := row.Scan(&m.ID, &m.Inbox, &m.Times)
				out = append(out, m)
				return err
			}, takeRows, l.inbox, bulk, micros(now), micros(until), l.quota)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, false, fmt.Errorf("taking messages: %w", err)
	}
	slices.SortFunc(out, func(a, b Taken) int { return cmp.Compare(a.ID, b.ID) })
	return out, more, nil
}

// dueLines finds the inboxes that have something due.
func (s *Store) dueLines(ctx context.Context, now time.Time, bulk bool, limit int) ([]dueLine, error) {
	var out []dueLine
	err := s.db.read(ctx, func(t tx) error {
		return t.run(ctx, ask(func(row scanner) error {
			var l dueLine
			err := row.Scan(&l.inbox, &l.due)
			out = append(out, l)
			return err
		}, askDueLines, bulk, micros(now), int64(limit)+1))
	})
	if err != nil {
		return nil, fmt.Errorf("looking for messages that are due: %w", err)
	}
	return out, nil
}

// inTurn shares limit messages out among the lines, in turns, and reports whether any are left.
func inTurn(lines []dueLine, limit int, turn func(inbox string) int) (more bool) {
	for left := limit; left > 0; {
		before := left
		for i := range lines {
			l := &lines[i]
			n := min(max(turn(l.inbox), 1), l.due-l.quota, left)
			l.quota, left = l.quota+n, left-n
		}
		if left == before {
			break
		}
	}
	return slices.ContainsFunc(lines, func(l dueLine) bool { return l.quota < l.due })
}

// Later makes messages that are recorded and undecided due at that time.
func (s *Store) Later(ctx context.Context, ids []int64, at time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	err := s.write(ctx, func(t tx) error {
		return t.run(ctx, do(`UPDATE undecided SET wake_at = $2 WHERE message_id {in SELECT message_id FROM undecided
WHERE message_id = ANY($1) AND state = 'recorded' ORDER BY message_id FOR UPDATE}`, sorted(ids), micros(at)))
	})
	if err != nil {
		return fmt.Errorf("putting messages off: %w", err)
	}
	return nil
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
