package view

import (
	"context"
	"fmt"
	"strings"
	"time"

	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/outbox"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// Counts are the figures of the page and the metrics.
type Counts struct {
	Messages map[string]int64 `json:"messages"` // decided ones by state
	Parked   map[string]int64 `json:"parked"`   // by cause
	Recorded map[string]int64 `json:"recorded"` // ever recorded, by inbox
	Effects  map[string]int64 `json:"effects"`  // by state
	// Acknowledgements are those of the effects that are acknowledgements and digests.
	Acknowledgements map[string]int64 `json:"acknowledgements"`
	Held             []outbox.Held    `json:"held"`      // what was withheld within seven days and a person may let go
	Promises         map[string]int64 `json:"promises"`  // by state
	Tickets          map[string]int64 `json:"tickets"`   // by status
	Undecided        []Waiting        `json:"undecided"` // by inbox and lane
	Overdue          int64            `json:"overdue"`   // promises past their deadline and not settled
	Late             int64            `json:"late"`      // of the overdue promises, those of an acknowledgement
	Unsent           int64            `json:"unsent"`    // effects that are open
	DueSince         base.Stamp       `json:"due_since"` // since when the effect that waits longest could have been done
}

// Waiting counts the undecided messages of one inbox and lane.
type Waiting struct {
	Inbox  string     `json:"inbox"`
	Bulk   bool       `json:"bulk"`
	Count  int64      `json:"count"`
	Oldest base.Stamp `json:"oldest"` // when the oldest was recorded
}

// heldFor is how long what is held is an alarm; it is listed for ever. After a week nobody means to let it go any
// more.
const heldFor = 7 * 24 * time.Hour

// Counts reads the figures: from counters that each transaction keeps, and from partial indexes over what is open, so
// that the cost does not grow with what is done. Each statement has its own view, so figures may differ by what
// happens between them. Pages and metrics call it every few seconds; it may be called by several at a time. Of
// undecided messages all rows are counted: that table is small, unless nobody decides.
func (s *Store) Counts(ctx context.Context, now time.Time) (Counts, error) {
	c := Counts{Messages: map[string]int64{}, Parked: map[string]int64{}, Recorded: map[string]int64{}, Effects: map[string]int64{},
		Acknowledgements: map[string]int64{}, Promises: map[string]int64{}, Tickets: map[string]int64{}, Undecided: []Waiting{}}
	tables := map[string]map[string]int64{"message": c.Messages, "parked": c.Parked, "inbox": c.Recorded, tables.CountEffect: c.Effects,
		tables.CountAcknowledgement: c.Acknowledgements, "promise": c.Promises, tables.CountTurn: c.Promises, "ticket": c.Tickets}
	var overdue int64
	err := s.base.DB.Read(ctx, func(t sql.Tx) error {
		return t.Run(ctx,
			sql.Ask(func(row sql.Row) error {
				var name string
				var n int64
				if err := row.Scan(&name, &n); err != nil {
					return err
				}
				what, state, _ := strings.Cut(name, ":")
				if m := tables[what]; m != nil && n != 0 {
					m[state] += n
				}
				return nil
			}, `SELECT name, CAST(sum(n) AS bigint) FROM counters GROUP BY name`),
			sql.Ask(func(row sql.Row) error {
				var w Waiting
				var oldest int64
				err := row.Scan(&w.Inbox, &w.Bulk, &w.Count, &oldest)
				w.Oldest = base.StampOf(oldest)
				c.Undecided = append(c.Undecided, w)
				return err
			}, `SELECT inbox, bulk, count(*), min(recorded_at) FROM undecided GROUP BY inbox, bulk ORDER BY inbox, bulk`),
			sql.Ask(sql.Into(&c.Overdue), `SELECT (SELECT count(*) FROM promises WHERE state = 'broken' AND settled_at = 0)
+ (SELECT count(*) FROM promises WHERE next_at > 0 AND next_at <= $1 AND due_at <= $1) + (SELECT count(*) FROM turns WHERE state = 'broken' AND settled_at = 0)
+ (SELECT count(*) FROM turns WHERE next_at > 0 AND next_at <= $1 AND due_at <= $1)`, sql.Micros(now)),
			sql.Ask(sql.Into(&c.Late), `SELECT (SELECT count(*) FROM promises WHERE state = 'broken' AND settled_at = 0 AND kind = '`+promises.Acknowledgement+`')
+ (SELECT count(*) FROM promises WHERE next_at > 0 AND next_at <= $1 AND due_at <= $1 AND kind = '`+promises.Acknowledgement+`')`, sql.Micros(now)),
			sql.Ask(sql.Into(&c.Unsent), `SELECT count(*) FROM outbox WHERE wake_at > 0`),
			sql.Ask(sql.Into(&overdue), `SELECT coalesce(min(next_at), 0) FROM outbox WHERE wake_at > 0 AND next_at > 0 AND next_at <= $1 AND state = '`+string(effects.Due)+`'`, sql.Micros(now)))
	})
	if err == nil {
		c.Held, err = s.outbox.Held(ctx, now.Add(-heldFor))
	}
	if err != nil {
		return Counts{}, fmt.Errorf("counting: %w", err)
	}
	c.DueSince = base.StampOf(overdue)
	return c, nil
}

// HeldCount is how many acknowledgements are held, for whatever cause.
func (c Counts) HeldCount() (n int64) {
	for _, h := range c.Held {
		n += h.Count
	}
	return n
}
