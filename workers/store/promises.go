package store

import (
	"context"
	"fmt"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain"
)

// leastNotices are ids for the notices of one look at least, so that an event of a few promises may make many.
const leastNotices = 1024

// WakePromises takes the promises whose next warning or deadline has come, at most limit of them,
// and moves them on. Each step is reported once; of several warnings missed, the last one. The
// outbox rows that notices makes of an event, if it is given, go into the same commit; promises
// whose notices are too many for it are left for the next look.
func (s *Store) WakePromises(ctx context.Context, now time.Time, limit int, notices ...func(domain.Moved) []pipeline.EffectPlan) ([]domain.Moved, error) {
	most := 0
	if len(notices) > 0 {
		most = max(limit*noticesPerEvent, leastNotices)
	}
	for {
		events, need, err := s.wakePromises(ctx, now, limit, most, notices)
		switch {
		case err != nil:
			return nil, fmt.Errorf("waking promises: %w", err)
		case need <= most:
			return events, nil
		}
		most = need // the first event alone makes so many
	}
}

// wakePromises is one look, with ids for so many notices. Where need is more than that, nothing was done.
func (s *Store) wakePromises(ctx context.Context, now time.Time, limit, most int, notices []func(domain.Moved) []pipeline.EffectPlan) (events []domain.Moved, need int, err error) {
	ids, err := s.ids(ctx, map[string]int64{pipeline.SequenceEffect: int64(most)})
	if err != nil {
		return nil, 0, err
	}
	defer ids.Done()
	err = s.write(ctx, func(t tx) error {
		events, need = nil, 0
		due, err := duePromises(ctx, t, now, limit)
		if err != nil {
			return err
		}
		plan, rows, fit, err := wake(due, notices, most, now)
		if err != nil || len(due) == 0 {
			return err
		}
		if fit == 0 {
			need = len(rows)
			return nil
		}
		events = plan.Moved
		count := tally{}
		if err := t.run(ctx, append(s.planned(plan, nil, now, count), count.call())...); err != nil {
			return err
		}
		return s.notify(ctx, t, numbered(rows, ids), now)
	})
	return events, need, err
}

// wake lets the clock move promises, as many of the first ones as the notices of which find room, and makes those notices. Where not
// even the first one's do (fit is 0) it returns them for their number.
func wake(due []domain.Promise, notices []func(domain.Moved) []pipeline.EffectPlan, most int, now time.Time) (plan domain.Plan, rows []pipeline.EffectPlan, fit int, err error) {
	known := domain.NewKnown()
	commands := make([]domain.Command, len(due))
	for i, p := range due {
		key := domain.PromiseKey{Ticket: p.Ticket, Kind: p.Kind}
		known.Promises[key], commands[i] = p, domain.PromiseCame{PromiseKey: key}
	}
	if plan, err = domain.Decide(commands, known, now); err != nil {
		return plan, nil, 0, err
	}
	for i, moved := range plan.Moved {
		told := noticesOf(moved, notices)
		switch {
		case len(rows)+len(told) <= most:
			rows, fit = append(rows, told...), fit+1
			continue
		case i == 0:
			return plan, told, 0, nil
		}
		plan, _, fit, err = wake(due[:i], nil, most, now)
		break
	}
	return plan, rows, fit, err
}

func noticesOf(e domain.Moved, notices []func(domain.Moved) []pipeline.EffectPlan) (out []pipeline.EffectPlan) {
	for _, f := range notices {
		out = append(out, f(e)...)
	}
	return out
}

// promiseRow is a row of the table promises: a promise under the names of its columns.
type promiseRow struct {
	Ticket          int64
	Kind            string
	State           domain.PromiseState
	Cause, Calendar string
	Start           time.Time `db:"start_at"`
	Due             time.Time `db:"due_at"`
	Warn            []time.Time
	Next            time.Time `db:"next_at"`
	Settled         time.Time `db:"settled_at"`
}

var (
	promiseColumns = columnsOf[promiseRow]("")
	insertPromises = inserting[promiseRow]("promises", "ON CONFLICT (ticket, kind) DO NOTHING RETURNING 'promise', ticket, kind")
	// A ticket that is opened here has no promise yet, so there is no older row to look for.
	insertFirstPromises = inserting[promiseRow]("promises", "")
	writePromises       = inserting[promiseRow]("promises", `ON CONFLICT (ticket, kind) DO UPDATE SET state = excluded.state, cause = excluded.cause, calendar = excluded.calendar,
start_at = excluded.start_at, due_at = excluded.due_at, warn = excluded.warn, next_at = excluded.next_at, settled_at = excluded.settled_at`)
)

// rowOf is a promise as it is written.
func rowOf(p domain.Promise) promiseRow {
	p.Kind = clip(p.Kind)
	return promiseRow(p)
}

func duePromises(ctx context.Context, t tx, now time.Time, limit int) (out []domain.Promise, err error) {
	err = t.run(ctx, ask(func(row scanner) error {
		p, err := scanPromise(row)
		out = append(out, p)
		return err
	}, `SELECT `+promiseColumns+` FROM promises WHERE next_at > 0 AND next_at <= $1 ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
		micros(now), limit))
	return out, err
}

func scanPromise(row scanner) (domain.Promise, error) {
	r, err := scan[promiseRow](row)
	return domain.Promise(r), err
}
