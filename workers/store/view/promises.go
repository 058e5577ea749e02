package view

import (
	"cmp"
	"context"
	"slices"

	"frontdesk/pipeline/domain/promises"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
)

// Promise is one line of the list of promises.
// A promise that is due or warned has no SettledAt; a broken one has one when what it promised was done after all.
type Promise struct {
	Ticket    int64      `json:"ticket"`
	Kind      string     `json:"kind"`
	Turn      int64      `json:"turn,omitempty"` // of a next reply: which of the ticket's turns it is for
	DueAt     base.Stamp `json:"due_at"`
	State     string     `json:"state"`
	Cause     string     `json:"cause"`
	SettledAt base.Stamp `json:"settled_at"`
	PausedAt  base.Stamp `json:"paused_at"` // since when its clock stands still, since it is the customer's turn
}

// Promises lists promises by ticket. A page never ends between two promises of one ticket, so it may be a little
// longer than its limit: tickets are chosen first, by the promises and the turns of that state.
func (s *Store) Promises(ctx context.Context, p Page) ([]Promise, error) {
	where, args := p.where(listed{"", "ticket", "state", "ticket", ""}, 0)
	var once, turns []int64
	err := s.base.Read(ctx, "listing promises", sql.Ask(sql.Each64(&once), `SELECT ticket FROM promises`+where, args...), sql.Ask(sql.Each64(&turns), `SELECT ticket FROM turns`+where, args...))
	if err != nil {
		return nil, err
	}
	of, err := s.promisesOf(ctx, together(p.limit(), once, turns), p.State)
	out := []Promise{}
	for _, ticket := range slices.Backward(sql.KeysOf(of)) {
		out = append(out, of[ticket]...)
	}
	return out, err
}

// together are the tickets of lists that run from the highest and were cut at a limit, as far as none of them was cut.
func together(limit int, lists ...[]int64) []int64 {
	last := int64(0)
	for _, l := range lists {
		if len(l) >= limit {
			last = max(last, l[len(l)-1])
		}
	}
	return slices.DeleteFunc(slices.Concat(lists...), func(ticket int64) bool { return ticket < last })
}

// PromisesOf reads the promises of tickets, by ticket; a ticket without any is not in the map. Those of next replies stand in the order of
// their turns.
func (s *Store) PromisesOf(ctx context.Context, tickets []int64) (map[int64][]Promise, error) {
	return s.promisesOf(ctx, tickets, "")
}

func (s *Store) promisesOf(ctx context.Context, tickets []int64, state string) (map[int64][]Promise, error) {
	out := map[int64][]Promise{}
	err := s.base.Read(ctx, "listing promises", promiseCalls(tickets, state, func(p Promise) { out[p.Ticket] = append(out[p.Ticket], p) })...)
	for _, of := range out {
		slices.SortStableFunc(of, func(a, b Promise) int { return cmp.Compare(a.Kind, b.Kind) })
	}
	return out, err
}

// promiseCalls read the promises of tickets: all, or those of one state.
func promiseCalls(tickets []int64, state string, each func(Promise)) []sql.Call {
	read := func(scan func(sql.Row) (promises.Promise, error)) func(sql.Row) error {
		return func(row sql.Row) error {
			p, err := scan(row)
			each(promiseLine(p))
			return err
		}
	}
	return []sql.Call{
		sql.Ask(read(plans.ScanPromise), `SELECT `+plans.PromiseColumns+` FROM promises WHERE ticket = ANY($1) AND ($2 = '' OR state = $2) ORDER BY ticket, kind`, sql.OrNone(sql.Sorted(tickets)), state),
		sql.Ask(read(plans.ScanTurn), `SELECT `+plans.TurnColumns+` FROM turns WHERE ticket = ANY($1) AND ($2 = '' OR state = $2) ORDER BY ticket, turn`, sql.OrNone(sql.Sorted(tickets)), state),
	}
}

// promiseLine is a promise as lists show it.
func promiseLine(p promises.Promise) Promise {
	out := Promise{Ticket: p.Ticket, Kind: p.Kind, Turn: p.Turn, DueAt: base.Stamp{Time: p.Due}, State: string(p.State), Cause: p.Cause, SettledAt: base.Stamp{Time: p.Settled}}
	if p.Stands() {
		out.PausedAt = base.Stamp{Time: p.Paused}
	}
	return out
}
