package plans

import (
	"context"
	"fmt"
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/agents"
	"frontdesk/pipeline/domain/desk"
	"frontdesk/workers/store/sql"
)

// AgentRow is a row of the table agents: an agent under the names of its columns.
type AgentRow struct {
	User     int64 `db:"person"`
	Presence agents.Presence
	HeardAt  time.Time
	SinceAt  time.Time
	Room     int64
	Load     int64
	NotBegun int64
	Missed   int64
	GivenAt  time.Time
}

// AgentColumns are the columns of the table agents a.
var AgentColumns = sql.Columns[AgentRow]("a.")

var (
	insertAgents = sql.Inserting[AgentRow]("agents", "ON CONFLICT (person) DO NOTHING")
	writeAgents  = sql.Inserting[AgentRow]("agents", `ON CONFLICT (person) DO UPDATE SET presence = excluded.presence, heard_at = excluded.heard_at, since_at = excluded.since_at,
missed = excluded.missed, given_at = excluded.given_at`)
)

// newAgents makes the rows of users of whom nothing was heard before, so that there is something to lock.
func newAgents(users []int64) sql.Call {
	if len(users) == 0 {
		return sql.Call{}
	}
	rows := make([]AgentRow, 0, len(users))
	for _, user := range sql.Sorted(users) {
		if user != 0 {
			rows = append(rows, AgentRow{User: user, Presence: agents.Offline})
		}
	}
	return insertAgents.Put(rows...)
}

// agents locks agents.
func (l *loading) agents(users []int64) sql.Call {
	if len(users) == 0 {
		return sql.Call{}
	}
	return sql.Ask(func(row sql.Row) error {
		r, err := sql.Read[AgentRow](row)
		l.known.Agents[r.User] = agents.Agent(r)
		return err
	}, lockAgents, sql.Sorted(users))
}

var lockAgents = `SELECT ` + AgentColumns + ` FROM agents a WHERE a.person = ANY($1) ORDER BY a.person FOR UPDATE`

// movedAgents writes what became of agents. What they have in hand is counted (see InHand), of one of whom nothing was heard before as
// well: he may have had items before there was anything to count them in.
func movedAgents(changes []domain.Change[agents.Agent]) []sql.Call {
	if len(changes) == 0 {
		return nil
	}
	rows := make([]AgentRow, 0, len(changes))
	var anew []int64
	for _, c := range changes {
		rows = append(rows, AgentRow(c.After))
		if c.Before.HeardAt.IsZero() {
			anew = append(anew, c.After.User)
		}
	}
	return append([]sql.Call{writeAgents.Put(rows...)}, InHand(anew)...)
}

// inHand are the users whose hands a change has filled or emptied.
func inHand(c domain.Change[desk.Item]) (users []int64) {
	if c.Before.Owner == c.After.Owner && c.Before.Weighs() == c.After.Weighs() && c.Before.Begun.IsZero() == c.After.Begun.IsZero() {
		return nil
	}
	for _, i := range []desk.Item{c.Before, c.After} {
		if i.Owner != 0 {
			users = append(users, i.Owner)
		}
	}
	return users
}

// InHand counts what users have in hand, after their items were written. Their rows are locked before the counting, which is a statement of
// its own: so it sees what whoever held them has written, and two that change items of one user at once are both counted.
func InHand(users []int64) []sql.Call {
	if len(users) == 0 {
		return nil
	}
	users = sql.Sorted(users)
	return []sql.Call{newAgents(users), sql.Ask(unread, lockAgents, users), sql.Do(countHands+`ANY($1)`, users)}
}

// InHandOf counts what the owners of these tickets have in hand, after their items were written by a statement that does not know them.
func InHandOf(tickets []int64) []sql.Call {
	if len(tickets) == 0 {
		return nil
	}
	const owners = `(SELECT d.owner FROM desk d WHERE d.ticket = ANY($1) AND d.owner <> 0)`
	tickets = sql.Sorted(tickets)
	return []sql.Call{sql.Ask(unread, `SELECT a.person FROM agents a WHERE a.person IN `+owners+` ORDER BY a.person FOR UPDATE`, tickets),
		sql.Do(`UPDATE agents SET `+counts+` WHERE person IN `+owners, tickets)}
}

// DropItem takes the work item of a ticket away, if it has one.
func DropItem(ctx context.Context, t sql.Tx, ticket int64) error {
	var owner int64
	err := t.Run(ctx, sql.Ask(sql.Into(&owner), `SELECT d.owner FROM desk d WHERE d.ticket = $1 FOR UPDATE`, ticket))
	if err != nil {
		return fmt.Errorf("locking a work item: %w", err)
	}
	calls := []sql.Call{sql.Do(`DELETE FROM desk WHERE ticket = $1`, ticket)}
	if owner != 0 {
		calls = append(calls, InHand([]int64{owner})...)
	}
	return t.Run(ctx, calls...)
}

func unread(sql.Row) error { return nil }

// counts writes the figures of a row of agents, countHands those of several. Miscounted is of a row whose figures are wrong.
var (
	counts     = `load = ` + hands("sum(d.weight)", "") + `, not_begun = ` + hands("count(*)", " AND d.begun_at = 0")
	countHands = `UPDATE agents SET ` + counts + ` WHERE person = `
	Miscounted = `(agents.load <> ` + hands("sum(d.weight)", "") + ` OR agents.not_begun <> ` + hands("count(*)", " AND d.begun_at = 0") + `)`
)

// hands is a sum over what a user has and is our turn. The index is desk_owner.
func hands(sum, more string) string {
	return `coalesce((SELECT CAST(` + sum + ` AS bigint) FROM desk d WHERE d.owner = agents.person AND d.owner <> 0 AND d.state = 'waiting'` + more + `), 0)`
}
