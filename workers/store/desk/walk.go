package desk

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
)

// WakeDue brings back the tickets that were put away until now, at most so many, and tells how many. Any number of processes may call it.
func (s *Store) WakeDue(ctx context.Context, now time.Time, most int) (n int, err error) {
	var due []int64
	if err := s.base.Read(ctx, "looking for tickets that were put away", sql.Ask(sql.Each64(&due),
		`SELECT d.ticket FROM desk d WHERE d.wake_at > 0 AND d.wake_at <= $1 ORDER BY d.wake_at LIMIT $2`, sql.Micros(now), int64(most))); err != nil {
		return 0, err
	}
	for _, ticket := range due {
		err := s.plans.Act(ctx, commands.WakeTicket{Ticket: ticket, Actor: entries.Service, Due: true}, now)
		switch {
		case errors.Is(err, sql.ErrNotFound): // another process was first, or somebody has written
		case err != nil:
			return n, fmt.Errorf("waking ticket %d: %w", ticket, err)
		default:
			n++
		}
	}
	return n, nil
}

// Walk is a walk over the desk: over the open tickets in the order of their opening, then over the items. The zero Walk begins.
type Walk struct {
	at, id int64 // of the last open ticket
	items  bool  // the open tickets are done
	item   int64 // the last item
}

// Bounds of a walk. A step reads some milliseconds, and holds SQLite's writer for some while it mends.
const (
	walkTickets = 500
	walkMends   = 100
	walkAgain   = 5 * time.Minute
)

// Step takes the next step of a walk, which brings tickets and items together that an older program has left apart: one of before this
// version, or one beside us. It tells how many it has mended. done: the walk is at its end, or another process has ended one a moment ago.
func (s *Store) Step(ctx context.Context, w *Walk, now time.Time) (mended int, done bool, err error) {
	if *w == (Walk{}) {
		if done, err := s.walked(ctx, now); err != nil || done {
			return 0, done, err
		}
		w.at, w.id = math.MinInt64, 0
	}
	var stale []int64
	if stale, done, err = s.look(ctx, w); err != nil {
		return 0, false, err
	}
	for part := range slices.Chunk(stale, walkMends) {
		if err := s.mend(ctx, part, now); err != nil {
			return mended, false, err
		}
		mended += len(part)
	}
	if !done {
		return mended, false, nil
	}
	*w = Walk{}
	if err := s.recount(ctx); err != nil {
		return mended, false, err
	}
	err = s.base.Do(ctx, "noting that the desk was walked over", sql.Do(`INSERT INTO desk_walk (one, ended_at) VALUES (1, $1) ON CONFLICT (one) DO UPDATE SET ended_at = excluded.ended_at`, sql.Micros(now)))
	return mended, err == nil, err
}

// walked reports whether a walk has ended a moment ago.
func (s *Store) walked(ctx context.Context, now time.Time) (bool, error) {
	ended := int64(0)
	err := s.base.Read(ctx, "looking when the desk was walked over", sql.Ask(sql.Into(&ended), `SELECT ended_at FROM desk_walk WHERE one = 1`))
	return ended > 0 && now.Sub(sql.Moment(ended)) < walkAgain, err
}

var (
	// askOpen tells of the next open tickets whether they have an item as it should be. The index is tickets_waiting.
	askOpen = `SELECT t.opened_at, t.id, t.merged_into <> 0 OR d.ticket IS NULL OR d.queue <> t.queue OR d.language <> t.language OR d.category <> t.category OR d.priority <> t.priority
OR d.paused_at > 0 AND d.state <> 'pending' AND d.resume_at = 0 OR d.due_at <> coalesce((SELECT min(o.due_at) FROM (` + plans.Owed("{in SELECT t.id UNION SELECT m.id FROM tickets m WHERE m.merged_into <> 0 AND m.merged_into = t.id}") + `) o), 0)
FROM tickets t LEFT JOIN desk d ON d.ticket = t.id WHERE t.status = 'open' AND (t.opened_at, t.id) > ($1, $2) ORDER BY t.opened_at, t.id LIMIT $3`
	// askItems tells of the next items whether their ticket is open.
	askItems = `SELECT d.ticket, t.id IS NULL OR t.status <> 'open' FROM desk d LEFT JOIN tickets t ON t.id = d.ticket WHERE d.ticket > $1 ORDER BY d.ticket LIMIT $2`
)

// look looks at the next tickets, or items; stale are those that are not as they should be.
func (s *Store) look(ctx context.Context, w *Walk) (stale []int64, done bool, err error) {
	n := 0
	call := sql.Ask(func(row sql.Row) error {
		var wrong bool
		err := row.Scan(&w.at, &w.id, &wrong)
		n++
		if wrong {
			stale = append(stale, w.id)
		}
		return err
	}, askOpen, w.at, w.id, int64(walkTickets))
	if w.items {
		call = sql.Ask(func(row sql.Row) error {
			var wrong bool
			err := row.Scan(&w.item, &wrong)
			n++
			if wrong {
				stale = append(stale, w.item)
			}
			return err
		}, askItems, w.item, int64(walkTickets))
	}
	err = s.base.Read(ctx, "walking over the desk", call)
	if n < walkTickets {
		done, w.items = w.items, true
	}
	return stale, done, err
}

// recount counts anew what agents have in hand, where an older program has moved it and counted nothing.
func (s *Store) recount(ctx context.Context) error {
	for last := int64(0); ; {
		var wrong []int64
		n := 0
		err := s.base.Read(ctx, "looking what agents have in hand", sql.Ask(func(row sql.Row) error {
			var miscounted bool
			err := row.Scan(&last, &miscounted)
			n++
			if miscounted {
				wrong = append(wrong, last)
			}
			return err
		}, `SELECT agents.person, `+plans.Miscounted+` FROM agents WHERE agents.person > $1 ORDER BY agents.person LIMIT $2`, last, int64(walkTickets)))
		if err == nil && len(wrong) > 0 {
			err = s.base.Write(ctx, func(t sql.Tx) error { return t.Run(ctx, plans.InHand(wrong)...) })
		}
		if err != nil {
			return fmt.Errorf("counting what agents have in hand: %w", err)
		}
		if n < walkTickets {
			return nil
		}
	}
}

// mend brings items to what their tickets say, which are read anew under lock.
func (s *Store) mend(ctx context.Context, ids []int64, now time.Time) error {
	var all []domain.Command
	for _, id := range ids {
		all = append(all, commands.MendDesk{Ticket: id})
	}
	err := s.base.Write(sql.Patient(ctx), func(t sql.Tx) error { return s.plans.Carried(ctx, t, all, nil, now) })
	if err != nil {
		return fmt.Errorf("mending the desk: %w", err)
	}
	return nil
}
