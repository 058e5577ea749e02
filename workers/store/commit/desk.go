package commit

import (
	"context"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// owed is the first deadline of a new ticket's customer; the acknowledgement is no work of anybody's.
func owed(planned []promises.Plan) (first promises.Plan) {
	for _, p := range planned {
		if p.Kind != promises.Acknowledgement && p.Void == "" && (first.Due.IsZero() || p.Due.Before(first.Due)) {
			first = p
		}
	}
	return first
}

// desk writes the work items of open tickets in which somebody has written. It reads none of them: an agent's click is nothing that the
// line waits for, or decides again for. What their owners have in hand is counted anew.
func (k *ticketSet) desk() []sql.Call {
	rows := make([]plans.DeskRow, 0, len(k.byID))
	var known []int64
	for _, id := range sql.KeysOf(k.byID) {
		t := k.byID[id]
		if t.wrote.IsZero() || t.Status != tickets.Open {
			continue
		}
		i := desk.Item{Ticket: id, Channel: t.by, Last: t.LastAt}.As(t.Queue, t.Language, t.Category, t.Priority).Came(t.wrote)
		switch {
		case !t.owed.Due.IsZero():
			i = i.Owes(t.wrote, t.owed.Half, t.owed.Due)
		case !t.turn.Due.IsZero():
			i = i.Owes(t.turn.Start, t.turn.Half, t.turn.Due)
		}
		rows = append(rows, plans.DeskRowOf(i))
		if !t.fresh {
			known = append(known, id)
		}
	}
	return append([]sql.Call{plans.CameToDesk.Put(rows...)}, plans.InHandOf(known)...)
}

// turns begins a turn in each ticket whose customer has written after our answer, and counts those that have begun.
func (k *ticketSet) turns() []sql.Call {
	k.begun = base.Tally{}
	var made []promises.Promise
	for _, id := range sql.KeysOf(k.byID) {
		if t := k.byID[id]; !t.turn.Due.IsZero() && t.Status == tickets.Open {
			made = append(made, t.turn)
		}
	}
	return k.b.s.plans.BeginTurns(made, k.b.now, func(s promises.State) { k.begun.Move(tables.CountTurn, "", string(s)) })
}

// routeSure puts tickets of which it was a guess what they are about to where the batch's messages say for sure that they belong. The rows are
// locked and of the versions that were read: no person has said it meanwhile.
func (b *batch) routeSure(ctx context.Context, t sql.Tx) error {
	if len(b.tickets.sure) == 0 {
		return nil
	}
	d, err := b.s.plans.Carry(ctx, t, b.tickets.sure, b.ids[len(b.decisions):], b.now, b.count)
	if err != nil {
		return err
	}
	return t.Run(ctx, d.Calls...)
}

// mendDesk says of tickets that are open again, or have learned their matter, what is owed to their customers now.
func (b *batch) mendDesk(ctx context.Context, t sql.Tx) error {
	var happened []domain.Command
	for _, id := range sql.KeysOf(b.tickets.byID) {
		if k := b.tickets.byID[id]; k.mend && !k.wrote.IsZero() {
			happened = append(happened, commands.MendDesk{Ticket: id})
		}
	}
	if len(happened) == 0 {
		return nil
	}
	d, err := b.s.plans.Carry(ctx, t, happened, nil, b.now, b.count)
	if err != nil {
		return err
	}
	return t.Run(ctx, d.Calls...)
}
