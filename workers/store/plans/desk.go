package plans

import (
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/workers/store/sql"
)

// DeskRow is a row of the table desk: a work item under the names of its columns.
type DeskRow struct {
	Ticket                              int64
	Queue, Language, Category, Priority string
	Channel                             string
	State                               desk.State
	Weight                              int64
	Owner, LastOwner                    int64
	Declined                            int64
	Since                               time.Time `db:"since_at"`
	Rank                                time.Time `db:"rank_at"`
	Half                                time.Time `db:"half_at"`
	Due                                 time.Time `db:"due_at"`
	Wake                                time.Time `db:"wake_at"`
	Given                               time.Time `db:"given_at"`
	Begun                               time.Time `db:"begun_at"`
	Last                                time.Time `db:"last_at"`
	Paused                              time.Time `db:"paused_at"`
	Resume                              time.Time `db:"resume_at"`
}

// DeskColumns are the columns of the table desk d.
var DeskColumns = sql.Columns[DeskRow]("d.")

// nearer says of a turn that has begun with the message that it is due before all else.
const nearer = `desk.state = 'pending' AND excluded.due_at > 0 AND (desk.due_at = 0 OR excluded.due_at < desk.due_at)
AND EXISTS (SELECT 1 FROM turns u WHERE u.ticket = excluded.ticket AND u.settled_at = 0 AND u.due_at = excluded.due_at)`

var (
	writeDesk = sql.Inserting[DeskRow]("desk", `ON CONFLICT (ticket) DO UPDATE SET queue = excluded.queue, language = excluded.language, category = excluded.category,
priority = excluded.priority, channel = excluded.channel, declined = excluded.declined, state = excluded.state, weight = excluded.weight, owner = excluded.owner, last_owner = excluded.last_owner, since_at = excluded.since_at, rank_at = excluded.rank_at,
half_at = excluded.half_at, due_at = excluded.due_at, wake_at = excluded.wake_at, given_at = excluded.given_at, begun_at = excluded.begun_at, last_at = excluded.last_at,
paused_at = excluded.paused_at, resume_at = excluded.resume_at`)

	// CameToDesk writes the work items of tickets in which somebody has written, without reading them: see desk.Item.Came. Of one that is
	// there owner and deadline stay, who has waited before keeps his place, and an urgent one goes ahead. A turn that has begun with the message
	// brings the deadline forward, and the clock of what stands still is to run again.
	CameToDesk = sql.Inserting[DeskRow]("desk", `ON CONFLICT (ticket) DO UPDATE SET queue = excluded.queue, language = excluded.language, category = excluded.category,
priority = excluded.priority, channel = excluded.channel, declined = 0, state = excluded.state, wake_at = 0,
since_at = CASE WHEN desk.state = 'pending' THEN excluded.since_at ELSE desk.since_at END,
rank_at = CASE WHEN desk.state = 'pending' THEN excluded.rank_at ELSE desk.since_at + excluded.rank_at - excluded.since_at END,
half_at = CASE WHEN excluded.half_at = 0 THEN desk.half_at WHEN excluded.priority = 'urgent' AND desk.state = 'pending' THEN excluded.half_at
WHEN excluded.priority = 'urgent' THEN desk.since_at + excluded.half_at - excluded.since_at WHEN `+nearer+` THEN excluded.half_at ELSE desk.half_at END,
due_at = CASE WHEN `+nearer+` THEN excluded.due_at ELSE desk.due_at END,
begun_at = CASE WHEN desk.state = 'pending' THEN 0 ELSE desk.begun_at END,
resume_at = CASE WHEN desk.state = 'pending' AND desk.paused_at > 0 AND desk.resume_at = 0 THEN excluded.since_at ELSE desk.resume_at END,
last_at = CASE WHEN excluded.last_at > desk.last_at THEN excluded.last_at ELSE desk.last_at END`)
)

// DeskRowOf is a work item as it is written.
func DeskRowOf(i desk.Item) DeskRow {
	i.Queue, i.Language, i.Weight = sql.Clip(i.Queue), sql.Clip(i.Language), max(1, i.Weight)
	return DeskRow(i)
}

// desk locks the work items of tickets.
func (l *loading) desk(tickets []int64) sql.Call {
	if len(tickets) == 0 {
		return sql.Call{}
	}
	return sql.Ask(func(row sql.Row) error {
		r, err := sql.Read[DeskRow](row)
		l.known.Desk[r.Ticket] = desk.Item(r)
		return err
	}, `SELECT `+DeskColumns+` FROM desk d WHERE d.ticket = ANY($1) ORDER BY d.ticket FOR UPDATE`, sql.Sorted(tickets))
}

// left reads the work items of tickets as they were when a person closed them for the last time.
func (l *loading) left(tickets []int64) sql.Call {
	if len(tickets) == 0 {
		return sql.Call{}
	}
	return sql.Ask(func(row sql.Row) error {
		var ticket int64
		var before string
		if err := row.Scan(&ticket, &before); err != nil {
			return err
		}
		was, err := entries.Read(before)
		if delete(l.known.Left, ticket); was.Desk != nil {
			l.known.Left[ticket] = *was.Desk
		}
		return err
	}, `SELECT ticket, before FROM entries WHERE ticket = ANY($1) AND kind = '`+entries.ActClose+`' ORDER BY at, id`, sql.Sorted(tickets)) // numbers come in blocks to each process, and not in the order of time
}

// movedDesk writes what became of work items. One that is gone has no row.
func movedDesk(changes []domain.Change[desk.Item]) (calls []sql.Call) {
	var rows []DeskRow
	var gone, owners []int64
	for _, c := range changes {
		owners = append(owners, inHand(c)...)
		if c.After.Gone() {
			gone = append(gone, c.After.Ticket)
		} else {
			rows = append(rows, DeskRowOf(c.After))
		}
	}
	if len(rows) > 0 {
		calls = append(calls, writeDesk.Put(rows...))
	}
	if len(gone) > 0 {
		calls = append(calls, sql.Do(`DELETE FROM desk WHERE ticket = ANY($1)`, sql.Sorted(gone)))
	}
	return append(calls, InHand(owners)...)
}
