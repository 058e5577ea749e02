package plans

import (
	"slices"
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// TurnRow is a row of the table turns: the promise of a next reply under the names of its columns.
type TurnRow struct {
	Ticket          int64
	Kind            string `db:"-"`
	Turn            int64
	State           promises.State
	Cause, Calendar string
	Start           time.Time `db:"start_at"`
	Due             time.Time `db:"due_at"`
	Half            time.Time `db:"half_at"`
	Warn            []time.Time
	Next            time.Time `db:"next_at"`
	Settled         time.Time `db:"settled_at"`
	Paused          time.Time `db:"-"`
	From            time.Time `db:"-"`
	Used            int64     `db:"-"`
	Step            time.Time `db:"step_at"`
}

// Conditions upon a turn that is to begin, as the row new.
const (
	// ours: it was the customer's turn until he wrote; the ticket has no item, since it was closed, or one that is pending.
	ours = `NOT EXISTS (SELECT 1 FROM desk d WHERE d.ticket = new.ticket AND d.state <> '` + string(desk.Pending) + `')`
	// owed: a reply is owed already.
	owed = `(EXISTS (SELECT 1 FROM promises p WHERE p.ticket = new.ticket AND p.kind = '` + promises.FirstReply + `' AND p.settled_at = 0)
OR EXISTS (SELECT 1 FROM turns u WHERE u.ticket = new.ticket AND u.settled_at = 0))`
	numbered  = `turn = (SELECT coalesce(max(u.turn), 0) + 1 FROM turns u WHERE u.ticket = new.ticket)`
	returning = `RETURNING ticket, state`
)

var (
	// TurnColumns are the columns of the table turns.
	TurnColumns = sql.Columns[TurnRow]("")
	writeTurns  = sql.Inserting[TurnRow]("turns", `ON CONFLICT (ticket, turn) DO UPDATE SET state = excluded.state, cause = excluded.cause, calendar = excluded.calendar,
start_at = excluded.start_at, due_at = excluded.due_at, half_at = excluded.half_at, warn = excluded.warn, next_at = excluded.next_at, settled_at = excluded.settled_at, step_at = excluded.step_at`)
	beginBehind = sql.Inserting[TurnRow]("turns", returning).Where(ours+` AND `+owed, numbered)
	beginAtOnce = sql.Inserting[TurnRow]("turns", returning).Where(ours+` AND NOT `+owed, numbered)
)

// Owed are the promises that are somebody's work and are not settled, of tickets by a condition upon the column ticket: replies and resolutions,
// with ticket, calendar and due_at. What stands still is not owed meanwhile.
func Owed(of string) string {
	return `SELECT ticket, calendar, due_at FROM promises WHERE ticket ` + of + ` AND kind <> '` + promises.Acknowledgement + `' AND settled_at = 0 AND paused_at = 0
UNION ALL SELECT ticket, calendar, due_at FROM turns WHERE ticket ` + of + ` AND settled_at = 0`
}

// ScanTurn reads the promise of a next reply from TurnColumns.
func ScanTurn(row sql.Row) (promises.Promise, error) {
	r, err := sql.Read[TurnRow](row)
	r.Kind = promises.NextReply
	return promises.Promise(r), err
}

// turns locks the promises of next replies of tickets.
func (l *loading) turns(tickets []int64) sql.Call {
	if len(tickets) == 0 {
		return sql.Call{}
	}
	return sql.Ask(func(row sql.Row) error {
		p, err := ScanTurn(row)
		l.known.Promises[p.Key()] = p
		return err
	}, `SELECT `+TurnColumns+` FROM turns WHERE ticket = ANY($1) ORDER BY ticket, turn FOR UPDATE`, sql.Sorted(tickets))
}

// movedTurns writes what became of promises of next replies.
func movedTurns(changes []domain.Change[promises.Promise], count base.Tally) []sql.Call {
	var rows []TurnRow
	for _, c := range changes {
		if c.After.Turn != 0 {
			count.Move(tables.CountTurn, string(c.Before.State), string(c.After.State))
			rows = append(rows, TurnRow(c.After))
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return []sql.Call{writeTurns.Put(rows...)}
}

// BeginTurns begins a turn in each ticket in which it was the customer's turn until now; made are the promises that the turns then have, once a
// ticket. It reads no row for that: the database looks at items and promises where it writes. What has begun is told by state, so that it can be
// counted. The tickets are locked, and their items have not been written yet.
//
// An answer may be handed over at this very moment. Whoever settles a reply locks all promises of its ticket, of which each ticket has one of an
// acknowledgement: so one comes after the other, and sees all that the other has written.
func (s *Store) BeginTurns(made []promises.Promise, now time.Time, begun func(promises.State)) (calls []sql.Call) {
	if len(made) == 0 {
		return nil
	}
	if s.base.Dialect() == "postgres" { // SQLite has one writer
		var ids []int64
		for _, p := range made {
			ids = append(ids, p.Ticket)
		}
		calls = append(calls, sql.Do(`SELECT 1 FROM promises WHERE ticket = ANY($1) AND kind = '`+promises.Acknowledgement+`' ORDER BY ticket FOR UPDATE`, sql.Sorted(ids)))
	}
	slices.SortFunc(made, func(a, b promises.Promise) int { return int(min(max(a.Ticket-b.Ticket, -1), 1)) })
	rows := map[bool][]TurnRow{}
	for _, p := range made {
		for _, owed := range []bool{true, false} {
			rows[owed] = append(rows[owed], TurnRow(promises.Begun(p, owed, now)))
		}
	}
	tell := func(row sql.Row) error {
		var ticket int64
		var state string
		err := row.Scan(&ticket, &state)
		begun(promises.State(state))
		return err
	}
	return append(calls, beginBehind.Each(tell, rows[true]...), beginAtOnce.Each(tell, rows[false]...))
}
