package store

import (
	"context"
	"fmt"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/acknowledge"
)

// Held is what is withheld for one cause and inbox until a person lets it go.
type Held struct {
	Cause string `json:"cause"`
	Inbox string `json:"inbox"`
	Count int64  `json:"count"`
	Since Stamp  `json:"since"` // when the oldest was withheld
}

// heldCauses is the condition of the partial index outbox_held.
const heldCauses = `state = 'withheld' AND cause IN ('stranger-cap', 'no-service-area', 'unproven-number', 'sms-prefix-cap', 'sms-budget')`

// Held lists what is withheld for the causes of acknowledge.Held since that time. The cost grows with what
// is withheld, not with what was sent.
func (s *Store) Held(ctx context.Context, since time.Time) ([]Held, error) {
	out := []Held{}
	err := s.db.read(ctx, func(t tx) error {
		return t.run(ctx, ask(func(row scanner) error {
			var h Held
			var at int64
			err := row.Scan(&h.Cause, &h.Inbox, &h.Count, &at)
			h.Since = stamp(at)
			out = append(out, h)
			return err
		}, `SELECT cause, inbox, count(*), min(created_at) FROM outbox WHERE `+heldCauses+` AND created_at >= $1 GROUP BY cause, inbox ORDER BY cause, inbox`, micros(since)))
	})
	if err != nil {
		return nil, fmt.Errorf("reading what is held: %w", err)
	}
	return out, nil
}

// HeldCount is how many acknowledgements are held, for whatever cause.
func (c Counts) HeldCount() (n int64) {
	for _, h := range c.Held {
		n += h.Count
	}
	return n
}

// ReleaseHeld lets withheld acknowledgements of one cause go, the oldest first, at most limit of them, and
// makes their promises count again: kept when they go out in time, else broken. An empty inbox is every
// inbox. It returns how many go.
func (s *Store) ReleaseHeld(ctx context.Context, cause, inbox string, limit int, now time.Time, who string) (int, error) {
	ids, err := s.sequences.takeAll(ctx, sequenceOther, 1)
	if err != nil {
		return 0, err
	}
	n := 0
	err = s.write(ctx, func(t tx) error {
		n = 0
		count := tally{}
		var tickets []int64
		take := ask(func(row scanner) error {
			var ticket int64
			err := row.Scan(&ticket)
			tickets, n = append(tickets, ticket), n+1
			count.move(countAcknowledgement, string(EffectWithheld), string(EffectDue))
			return err
		}, `UPDATE outbox SET state = 'due', cause = '', next_at = $3, wake_at = $3, due_at = $3, counted = true WHERE id {in SELECT id FROM outbox
WHERE `+heldCauses+` AND cause = $1 AND ($2 = '' OR inbox = $2) AND kind = '`+pipeline.KindAcknowledgement+`' AND NOT erased AND created_at > 0 ORDER BY created_at, id LIMIT $4 FOR UPDATE SKIP LOCKED} RETURNING ticket`,
			clean(cause), clean(inbox), micros(now), limit)
		if err := t.run(ctx, take); err != nil || n == 0 {
			return err
		}
		rows, err := revive(ctx, t, tickets, cause, now, count)
		if err != nil {
			return err
		}
		return t.run(ctx, put(stepPromises, rows), note(ids[0], now, who, "release "+cause, 0, 0, fmt.Sprintf("%d acknowledgements", n)), count.call())
	})
	if err != nil {
		return 0, fmt.Errorf("releasing withheld acknowledgements: %w", err)
	}
	return n, nil
}

// revive makes the acknowledgement promises of tickets count again that are void for that cause.
func revive(ctx context.Context, t tx, tickets []int64, cause string, now time.Time, count tally) (rows [][]any, err error) {
	err = t.run(ctx, ask(func(row scanner) error {
		p, err := scanPromise(row)
		if err != nil || p.state != PromiseVoid || p.cause != cause {
			return err
		}
		warn, err := unlist[int64](p.warn)
		if err != nil {
			return fmt.Errorf("reading the warnings of a promise of ticket %d: %w", p.Ticket, err)
		}
		p.state, p.cause, p.settled, p.next = PromiseDue, "", 0, nextStep(warn, micros(p.Due), micros(now))
		count.move("promise", string(PromiseVoid), string(PromiseDue))
		rows = append(rows, p.row())
		return nil
	}, `SELECT `+promiseColumns+` FROM promises WHERE kind = '`+PromiseAcknowledgement+`' AND ticket = ANY($1) ORDER BY ticket FOR UPDATE`, sorted(tickets)))
	return rows, err
}

// Releasable reports whether a cause is one that a person may let go.
func Releasable(cause string) bool {
	for _, c := range acknowledge.Held() {
		if c == cause {
			return cause != acknowledge.CauseNoService // nothing ever goes there
		}
	}
	return false
}
