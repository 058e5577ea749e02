package outbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/alerts"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// leastNotices are ids for the notices of one look at least, so that an event of a few promises may make many.
const leastNotices = 1024

// WakePromises takes the promises whose next warning or deadline has come, at most limit of them, and moves them on.
// Each step is reported once; of several warnings missed, the last one. The outbox rows that notices makes of an
// event, if it is given, go into the same commit; promises whose notices are too many for it are left for the next
// look.
//
// The sweep of each process calls it every second. Rows are locked and passed over when another one has them, so that
// one promise is told once; a process that dies before the commit has done nothing.
func (s *Store) WakePromises(ctx context.Context, now time.Time, limit int, notices ...func(promises.Moved) []effects.Plan) ([]promises.Moved, error) {
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
func (s *Store) wakePromises(ctx context.Context, now time.Time, limit, most int, notices []func(promises.Moved) []effects.Plan) (events []promises.Moved, need int, err error) {
	ids, err := s.base.Ids(ctx, map[string]int64{pipeline.SequenceEffect: int64(most)})
	if err != nil {
		return nil, 0, err
	}
	defer ids.Done()
	err = s.base.Write(ctx, func(t sql.Tx) error {
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
		count := base.Tally{}
		if err := t.Run(ctx, append(s.plans.Planned(plan, nil, now, count), tables.InsertChanges.Put(warned(plan.Moved, now)...), count.Call())...); err != nil {
			return err
		}
		return s.plans.Notify(ctx, t, numbered(rows, ids), now)
	})
	return events, need, err
}

// warned is what of it those are told who have the tickets.
func warned(moved []promises.Moved, now time.Time) (out []tables.ChangeRow) {
	for _, m := range moved {
		if m.Event == promises.Warned && m.Kind != promises.Acknowledgement {
			out = append(out, tables.ChangeRow{At: now, Ticket: m.Ticket, Kind: string(alerts.Risk), Actor: entries.Service})
		}
	}
	return out
}

// wake lets the clock move promises, as many of the first ones as the notices of which find room, and makes those notices. Where not
// even the first one's do (fit is 0) it returns them for their number.
func wake(due []promises.Promise, notices []func(promises.Moved) []effects.Plan, most int, now time.Time) (plan domain.Plan, rows []effects.Plan, fit int, err error) {
	known := domain.NewKnown()
	happened := make([]domain.Command, len(due))
	for i, p := range due {
		known.Promises[p.Key()], happened[i] = p, commands.PromiseCame{Promise: p.Key()}
	}
	if plan, err = domain.Decide(happened, known, now); err != nil {
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

func noticesOf(e promises.Moved, notices []func(promises.Moved) []effects.Plan) (out []effects.Plan) {
	for _, f := range notices {
		out = append(out, f(e)...)
	}
	return out
}

// duePromises runs along the partial indexes promises_next and turns_next, which hold only what will ever be woken.
func duePromises(ctx context.Context, t sql.Tx, now time.Time, limit int) (out []promises.Promise, err error) {
	read := func(scan func(sql.Row) (promises.Promise, error)) func(sql.Row) error {
		return func(row sql.Row) error {
			p, err := scan(row)
			out = append(out, p)
			return err
		}
	}
	err = t.Run(ctx,
		sql.Ask(read(plans.ScanPromise), `SELECT `+plans.PromiseColumns+` FROM promises WHERE next_at > 0 AND next_at <= $1 ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED`, sql.Micros(now), limit),
		sql.Ask(read(plans.ScanTurn), `SELECT `+plans.TurnColumns+` FROM turns WHERE next_at > 0 AND next_at <= $1 ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED`, sql.Micros(now), limit))
	slices.SortStableFunc(out, func(a, b promises.Promise) int { return a.Next.Compare(b.Next) })
	return out[:min(len(out), limit)], err
}
