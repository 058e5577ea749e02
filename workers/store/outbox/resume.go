package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// ResumePromises has the clocks of at most so many tickets run again whose customers have written, or that are our turn again. What counts them on is
// given; nil: the wall clock. Any number of processes may call it: what another one has counted meanwhile is left alone.
func (s *Store) ResumePromises(ctx context.Context, count Resumed, now time.Time, most int) error {
	if count == nil {
		count = byTheWall
	}
	stood, err := s.stood(ctx, now, most)
	if err != nil || len(stood) == 0 {
		return err
	}
	var all []domain.Command
	for _, k := range stood {
		c := commands.ResumePromises{Ticket: k.ticket}
		for _, p := range k.promises {
			made, at := p, k.at
			if at.Before(p.Paused) { // what he wrote was on its way while our answer went out
				at = p.Paused
			}
			on := count(p, at)
			made.From, made.Used, made.Due, made.Half, made.Warn, made.Step = at, on.Used, on.Due, on.Half, on.Warn, on.Step
			c.Made = append(c.Made, domain.Change[promises.Promise]{Before: p, After: made})
		}
		all = append(all, c)
	}
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, len(all))
	if err != nil {
		return err
	}
	if err := s.base.Write(ctx, func(t sql.Tx) error { return s.plans.Carried(ctx, t, all, ids, now) }); err != nil && !errors.Is(err, sql.ErrNotFound) {
		return fmt.Errorf("having the clocks of promises run again: %w", err)
	}
	return nil
}

// byTheWall counts a promise on by the wall clock.
func byTheWall(p promises.Promise, at time.Time) promises.Promise {
	stood := at.Sub(p.Paused)
	p.Used += p.Paused.Sub(p.Since()).Microseconds()
	p.Due = p.Due.Add(stood)
	if p.Step.After(p.Paused) {
		p.Step = p.Step.Add(stood)
	}
	return p
}

// stopped is a ticket of which something stands still, and from when it is to run again.
type stopped struct {
	ticket   int64
	at       time.Time
	promises []promises.Promise
}

// stood reads the next tickets that have a clock to run again, along the index desk_resume, with what stands still in them and in what is merged
// into them.
func (s *Store) stood(ctx context.Context, now time.Time, most int) ([]stopped, error) {
	var out []stopped
	place := map[int64]int{}
	err := s.base.Read(ctx, "looking for clocks that are to run again", sql.Ask(sql.Pair(func(ticket, at int64) {
		place[ticket] = len(out)
		out = append(out, stopped{ticket: ticket, at: sql.Moment(at)})
	}), `SELECT d.ticket, d.resume_at FROM desk d WHERE d.resume_at > 0 AND d.resume_at <= $1 ORDER BY d.resume_at LIMIT $2`, sql.Micros(now), int64(most)))
	if err != nil || len(out) == 0 {
		return nil, err
	}
	ids := sql.KeysOf(place)
	err = s.base.Read(ctx, "reading what is merged into tickets", sql.Ask(sql.Pair(func(member, root int64) { place[member] = place[root] }),
		`SELECT t.id, t.merged_into FROM tickets t WHERE t.merged_into <> 0 AND t.merged_into = ANY($1)`, ids))
	if err != nil {
		return nil, err
	}
	return out, s.base.Read(ctx, "reading promises that stand still", sql.Ask(func(row sql.Row) error {
		p, err := plans.ScanPromise(row)
		if at, known := place[p.Ticket]; known && p.Stands() {
			out[at].promises = append(out[at].promises, p)
		}
		return err
	}, `SELECT `+plans.PromiseColumns+` FROM promises WHERE ticket = ANY($1) AND paused_at > 0`, sql.KeysOf(place)))
}
