package backlog

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"frontdesk/workers/store/sql"
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

// inboxesOfUndecided walks from one inbox to the next on the index, however many rows each has: neither database
// skips along an index by itself for SELECT DISTINCT, and a flood of one inbox would be read as a whole. min() of
// what is greater is one step down the index.
const inboxesOfUndecided = `WITH RECURSIVE i(inbox) AS (SELECT min(f.inbox) FROM undecided f
UNION ALL SELECT (SELECT min(u.inbox) FROM undecided u WHERE u.inbox > i.inbox) FROM i WHERE i.inbox IS NOT NULL) `

// askDueLines counts what is due of each inbox up to a limit, the inbox first that has waited longest. Each subquery
// is a range of the index undecided_share, so the cost grows with inboxes and with the limit, not with what waits.
const askDueLines = inboxesOfUndecided + `SELECT i.inbox, (SELECT count(*) FROM (SELECT 1 AS one FROM undecided u
WHERE u.inbox = i.inbox AND u.bulk = $1 AND u.wake_at <= $2 LIMIT $3) AS due)
FROM i WHERE i.inbox IS NOT NULL AND EXISTS (SELECT 1 FROM undecided u WHERE u.inbox = i.inbox AND u.bulk = $1 AND u.wake_at <= $2)
ORDER BY (SELECT min(u.wake_at) FROM undecided u WHERE u.inbox = i.inbox AND u.bulk = $1), i.inbox`

// takeRows moves the wake-up of what it chooses, so that nobody else takes it. SKIP LOCKED passes over what another
// process is taking at this moment; wakes counts how often a message was taken.
const takeRows = `UPDATE undecided SET wake_at = $4, wakes = wakes + 1 WHERE message_id {in SELECT message_id FROM undecided
WHERE inbox = $1 AND bulk = $2 AND wake_at <= $3 ORDER BY wake_at, message_id LIMIT $5 FOR UPDATE SKIP LOCKED} RETURNING message_id, inbox, wakes`

// TakeMessages takes undecided messages that are due, live or bulk ones, at most limit: nobody else takes them until
// that time. The inboxes take turns, each with as many messages at a turn as turn says, and of each inbox those go
// first that have waited longest. The result is in the order of ids. more tells that messages were left that are due.
//
// The counting is a read of its own, so quotas may be too large when another process takes meanwhile: then fewer
// come. A process that dies leaves its messages due again at until.
func (s *Store) TakeMessages(ctx context.Context, now, until time.Time, bulk bool, limit int, turn func(inbox string) int) (out []Taken, more bool, err error) {
	lines, err := s.dueLines(ctx, now, bulk, limit)
	if err != nil || len(lines) == 0 {
		return nil, false, err
	}
	more = inTurn(lines, limit, turn)
	err = s.base.Write(ctx, func(t sql.Tx) error {
		out = nil
		for _, l := range lines {
			if l.quota == 0 {
				continue
			}
			if err := t.Run(ctx, sql.Ask(func(row sql.Row) error {
				var m Taken
				err := row.Scan(&m.ID, &m.Inbox, &m.Times)
				out = append(out, m)
				return err
			}, takeRows, l.inbox, bulk, sql.Micros(now), sql.Micros(until), l.quota)); err != nil {
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
	err := s.base.Read(ctx, "looking for messages that are due", sql.Ask(func(row sql.Row) error {
		var l dueLine
		err := row.Scan(&l.inbox, &l.due)
		out = append(out, l)
		return err
	}, askDueLines, bulk, sql.Micros(now), int64(limit)+1))
	return out, err
}

// inTurn shares limit messages out among the lines, in turns, and reports whether any are left.
// It ends when a whole turn gave nothing to anybody: then nobody has more. A turn of less than one counts as one, or
// it would never end.
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

// Later makes messages that are recorded and undecided due at that time: after a failed batch, or when a taken one is
// given back.
func (s *Store) Later(ctx context.Context, ids []int64, at time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	return s.base.Do(ctx, "putting messages off", sql.Do(`UPDATE undecided SET wake_at = $2 WHERE message_id {in SELECT message_id FROM undecided
WHERE message_id = ANY($1) AND state = 'recorded' ORDER BY message_id FOR UPDATE}`, sql.Sorted(ids), sql.Micros(at)))
}

// rouseMessages goes by the same walk as askDueLines, both lanes of each inbox, so that it changes only what sleeps.
// Messages that await an opinion keep their time.
const rouseMessages = `UPDATE undecided SET wake_at = $1 WHERE message_id {in ` + inboxesOfUndecided + `SELECT r.message_id
FROM i, (SELECT false AS bulk UNION ALL SELECT true AS bulk) AS b, undecided r
WHERE r.inbox = i.inbox AND r.bulk = b.bulk AND r.wake_at > $1 AND r.state = 'recorded'}`

// Rouse makes everything that is open due for a wake-up, for a start: whatever queue there was may
// be gone, and whatever a provider had to say may have met a closed door.
// It is called once, before the workers of a process start. With other processes at work it makes them look at what
// they have taken already; a message that is taken twice is decided once.
func (s *Store) Rouse(ctx context.Context, now time.Time) error {
	return s.base.Do(ctx, "rousing what is open",
		sql.Do(rouseMessages, sql.Micros(now)),
		sql.Do(`UPDATE outbox SET wake_at = next_at WHERE wake_at > 0 AND wake_at > $1 AND next_at < wake_at`, sql.Micros(now)),
		sql.Do(`UPDATE send_checks SET ask_at = $1 WHERE ask_at > $1`, sql.Micros(now)))
}
