package plans

import (
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/workers/store/sql"
)

// tags reads which of these tags stand on their tickets.
func (l *loading) tags(asked []domain.Tagged) sql.Call {
	if len(asked) == 0 {
		return sql.Call{}
	}
	wanted := map[domain.Tagged]bool{}
	var tickets []int64
	for _, t := range asked {
		wanted[t], tickets = true, append(tickets, t.Ticket)
	}
	return sql.Ask(sql.Pair(func(ticket int64, tag string) {
		if t := (domain.Tagged{Ticket: ticket, Tag: tag}); wanted[t] {
			l.known.Tags[t] = true
		}
	}), `SELECT ticket, tag FROM ticket_tags WHERE ticket = ANY($1)`, sql.Sorted(tickets))
}

// tagged writes what is put on tickets, and taken off.
func tagged(tags []domain.Tagging, now time.Time) (calls []sql.Call) {
	for _, t := range tags {
		if t.Off {
			calls = append(calls, sql.Do(`DELETE FROM ticket_tags WHERE ticket = $1 AND tag = $2`, t.Ticket, t.Tag))
			continue
		}
		calls = append(calls, sql.Do(`INSERT INTO ticket_tags (ticket, tag, at, actor) VALUES ($1, $2, $3, $4) ON CONFLICT (ticket, tag) DO NOTHING`, t.Ticket, t.Tag, sql.Micros(now), t.Actor))
	}
	return calls
}
