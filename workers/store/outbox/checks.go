package outbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"frontdesk/pipeline/message"
	"frontdesk/workers/store/sql"
)

// Check is a send of which nobody knows yet whether it arrived: its provider took it, and no receipt has come. It is
// asked about where the channel has a Tracer.
type Check struct {
	Effect     int64
	Inbox      string
	ProviderID string
	To         message.Address // empty when its person was erased
	SentAt     time.Time
}

// takeChecks moves the time of what is due in the statement that chooses it: SKIP LOCKED lets two processes take
// different rows at once, and a process that dies leaves its rows due again at that time. The order is that of the
// index send_checks_at.
const takeChecks = `UPDATE send_checks SET ask_at = $2 WHERE effect {in SELECT effect FROM send_checks WHERE ask_at <= $1 ORDER BY ask_at, effect LIMIT $3
FOR UPDATE SKIP LOCKED} RETURNING effect`

// TakeChecks takes the sends that are to be asked about now, at most limit, for this process until that time. Those of which the
// fate is known by now are forgotten; seen counts them, too, so that the caller knows whether there may be more.
func (s *Store) TakeChecks(ctx context.Context, now, until time.Time, limit int) (out []Check, seen int, err error) {
	err = s.base.Write(ctx, func(t sql.Tx) error {
		out, seen = nil, 0
		open := map[int64]bool{}
		if err := t.Run(ctx, sql.Ask(sql.Value(func(id int64) { open[id] = true }), takeChecks, sql.Micros(now), sql.Micros(until), limit)); err != nil || len(open) == 0 {
			return err
		}
		seen = len(open)
		if err := t.Run(ctx, sql.Ask(func(row sql.Row) error {
			var c Check
			var sent int64
			err := row.Scan(&c.Effect, &c.Inbox, &c.ProviderID, &c.To.Kind, &c.To.Value, &sent)
			c.SentAt = sql.Moment(sent)
			out = append(out, c)
			delete(open, c.Effect)
			return err
		}, `SELECT id, inbox, provider_id, to_kind, to_value, sent_at FROM outbox WHERE id = ANY($1) AND state = 'sent' AND provider_id <> ''`, sql.KeysOf(open))); err != nil {
			return err
		}
		slices.SortFunc(out, func(a, b Check) int { return int(a.Effect - b.Effect) })
		return t.Run(ctx, sql.Do(`DELETE FROM send_checks WHERE effect = ANY($1)`, sql.KeysOf(open)))
	})
	if err != nil {
		return nil, 0, fmt.Errorf("taking sends to ask about: %w", err)
	}
	return out, seen, nil
}

// Checked notes when a send is asked about again; a zero time: no more.
// The provider is asked between TakeChecks and Checked, outside of any transaction: what it says is recorded as a
// receipt.
func (s *Store) Checked(ctx context.Context, effect int64, next time.Time) error {
	step := sql.Do(`UPDATE send_checks SET ask_at = $2 WHERE effect = $1`, effect, sql.Micros(next))
	if next.IsZero() {
		step = sql.Do(`DELETE FROM send_checks WHERE effect = $1`, effect)
	}
	return s.base.Do(ctx, "noting that a send was asked about", step)
}
