package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"frontdesk/pipeline/message"
)

// Check is a send of which nobody knows yet whether it arrived.
type Check struct {
	Effect     int64
	Inbox      string
	ProviderID string
	To         message.Address // empty when its person was erased
	SentAt     time.Time
}

type checkRow struct {
	Effect int64
	AskAt  time.Time
}

var insertChecks = inserting[checkRow]("send_checks", "ON CONFLICT (effect) DO NOTHING")

const takeChecks = `UPDATE send_checks SET ask_at = $2 WHERE effect {in SELECT effect FROM send_checks WHERE ask_at <= $1 ORDER BY ask_at, effect LIMIT $3
FOR UPDATE SKIP LOCKED} RETURNING effect`

// TakeChecks takes the sends that are to be asked about now, at most limit, for this process until that time. Those of which the
// fate is known by now are forgotten; seen counts them, too, so that the caller knows whether there may be more.
func (s *Store) TakeChecks(ctx context.Context, now, until time.Time, limit int) (out []Check, seen int, err error) {
	err = s.write(ctx, func(t tx) error {
		out, seen = nil, 0
		open := map[int64]bool{}
		if err := t.run(ctx, ask(func(row scanner) error {
			var id int64
			err := row.Scan(&id)
			open[id] = true
			return err
		}, takeChecks, micros(now), micros(until), limit)); err != nil || len(open) == 0 {
			return err
		}
		seen = len(open)
		if err := t.run(ctx, ask(func(row scanner) error {
			var c Check
			var sent int64
			err := row.Scan(&c.Effect, &c.Inbox, &c.ProviderID, &c.To.Kind, &c.To.Value, &sent)
			c.SentAt = moment(sent)
			out = append(out, c)
			delete(open, c.Effect)
			return err
		}, `SELECT id, inbox, provider_id, to_kind, to_value, sent_at FROM outbox WHERE id = ANY($1) AND state = 'sent' AND provider_id <> ''`, keysOf(open))); err != nil {
			return err
		}
		slices.SortFunc(out, func(a, b Check) int { return int(a.Effect - b.Effect) })
		return t.run(ctx, do(`DELETE FROM send_checks WHERE effect = ANY($1)`, keysOf(open)))
	})
	if err != nil {
		return nil, 0, fmt.Errorf("taking sends to ask about: %w", err)
	}
	return out, seen, nil
}

// Checked notes when a send is asked about again; a zero time: no more.
func (s *Store) Checked(ctx context.Context, effect int64, next time.Time) error {
	step := do(`UPDATE send_checks SET ask_at = $2 WHERE effect = $1`, effect, micros(next))
	if next.IsZero() {
		step = do(`DELETE FROM send_checks WHERE effect = $1`, effect)
	}
	if err := s.write(ctx, func(t tx) error { return t.run(ctx, step) }); err != nil {
		return fmt.Errorf("noting that a send was asked about: %w", err)
	}
	return nil
}
