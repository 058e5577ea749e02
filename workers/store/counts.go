package store

import (
	"context"
	"fmt"
	"frontdesk/pipeline/domain"
	"strings"
	"time"
)

// Counts are the figures of the page and the metrics.
type Counts struct {
	Messages map[string]int64 `json:"messages"` // decided ones by state
	Parked   map[string]int64 `json:"parked"`   // by cause
	Recorded map[string]int64 `json:"recorded"` // ever recorded, by inbox
	Effects  map[string]int64 `json:"effects"`  // by state
	// Acknowledgements are those of the effects that are acknowledgements and digests.
	Acknowledgements map[string]int64 `json:"acknowledgements"`
	Held             []Held           `json:"held"`      // what was withheld within seven days and a person may let go
	Promises         map[string]int64 `json:"promises"`  // by state
	Tickets          map[string]int64 `json:"tickets"`   // by status
	Undecided        []Waiting        `json:"undecided"` // by inbox and lane
	Overdue          int64            `json:"overdue"`   // promises past their deadline and not settled
	Late             int64            `json:"late"`      // of the overdue promises, those of an acknowledgement
	Unsent           int64            `json:"unsent"`    // effects that are open
	DueSince         Stamp            `json:"due_since"` // since when the effect that waits longest could have been done
}

// Waiting counts the undecided messages of one inbox and lane.
type Waiting struct {
	Inbox  string `json:"inbox"`
	Bulk   bool   `json:"bulk"`
	Count  int64  `json:"count"`
	Oldest Stamp  `json:"oldest"` // when the oldest was recorded
}

// heldFor is how long what is held is an alarm; it is listed for ever.
const heldFor = 7 * 24 * time.Hour

// Counts reads the figures: from counters that each transaction keeps, and from partial indexes
// over what is open, so that the cost does not grow with what is done.
func (s *Store) Counts(ctx context.Context, now time.Time) (Counts, error) {
	c := Counts{Messages: map[string]int64{}, Parked: map[string]int64{}, Recorded: map[string]int64{}, Effects: map[string]int64{},
		Acknowledgements: map[string]int64{}, Promises: map[string]int64{}, Tickets: map[string]int64{}, Undecided: []Waiting{}}
	tables := map[string]map[string]int64{"message": c.Messages, "parked": c.Parked, "inbox": c.Recorded, countEffect: c.Effects,
		countAcknowledgement: c.Acknowledgements, "promise": c.Promises, "ticket": c.Tickets}
	var overdue int64
	err := s.db.read(ctx, func(t tx) error {
		return t.run(ctx,
			ask(func(row scanner) error {
				var name string
				var n int64
				if err := row.Scan(&name, &n); err != nil {
					return err
				}
				what, state, _ := strings.Cut(name, ":")
				if m := tables[what]; m != nil && n != 0 {
					m[state] = n
				}
				return nil
			}, `SELECT name, CAST(sum(n) AS bigint) FROM counters GROUP BY name`),
			ask(func(row scanner) error {
				var w Waiting
				var oldest int64
				err := row.Scan(&w.Inbox, &w.Bulk, &w.Count, &oldest)
				w.Oldest = stamp(oldest)
				c.Undecided = append(c.Undecided, w)
				return err
			}, `SELECT inbox, bulk, count(*), min(recorded_at) FROM undecided GROUP BY inbox, bulk ORDER BY inbox, bulk`),
			ask(into(&c.Overdue), `SELECT (SELECT count(*) FROM promises WHERE state = 'broken' AND settled_at = 0)
+ (SELECT count(*) FROM promises WHERE next_at > 0 AND next_at <= $1 AND due_at <= $1)`, micros(now)),
			ask(into(&c.Late), `SELECT (SELECT count(*) FROM promises WHERE state = 'broken' AND settled_at = 0 AND kind = '`+domain.Acknowledgement+`')
+ (SELECT count(*) FROM promises WHERE next_at > 0 AND next_at <= $1 AND due_at <= $1 AND kind = '`+domain.Acknowledgement+`')`, micros(now)),
			ask(into(&c.Unsent), `SELECT count(*) FROM outbox WHERE wake_at > 0`),
			ask(into(&overdue), `SELECT coalesce(min(next_at), 0) FROM outbox WHERE wake_at > 0 AND next_at > 0 AND next_at <= $1 AND state = '`+string(EffectDue)+`'`, micros(now)))
	})
	if err == nil {
		c.Held, err = s.Held(ctx, now.Add(-heldFor))
	}
	if err != nil {
		return Counts{}, fmt.Errorf("counting: %w", err)
	}
	c.DueSince = stamp(overdue)
	return c, nil
}
