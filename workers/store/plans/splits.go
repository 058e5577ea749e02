package plans

import (
	"slices"
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// splitRow is a row of the table splits: a ticket that was made of messages of another one.
type splitRow struct {
	Ticket, Origin int64
	At             time.Time
	Actor          string
}

var insertSplits = sql.Inserting[splitRow]("splits", "")

// leading says in SQL which Message-IDs lead to messages ($1) of a ticket ($2): those that no message has borne there before which stays, and those that are their
// writers' own ($3), since a ticket of somebody else's bore them first.
const leading = `(digest = ANY($3) OR digest {in SELECT m.reference FROM messages m WHERE m.id = ANY($1) AND m.reference <> ''
AND NOT EXISTS (SELECT 1 FROM messages o WHERE o.ticket <> 0 AND o.ticket = $2 AND o.reference = m.reference AND o.id < m.id AND NOT (o.id = ANY($1)))})`

// moved are the messages of a plan that have those ids.
func moved(p domain.Plan, ids []int64) (out []messages.Status) {
	for _, c := range p.Messages {
		if slices.Contains(ids, c.After.ID) {
			out = append(out, c.After)
		}
	}
	return out
}

// own are the Message-IDs of messages as their writers' own.
func own(of ...messages.Status) (out []string) {
	for _, m := range of {
		if m.Mine != "" {
			out = append(out, m.Mine)
		}
	}
	return out
}

// split moves what a person has moved to a ticket of its own, whose row is there by then: messages with all by which later ones find them, and notes with
// their files and whom they name. Answers, drafts, side threads and what is still to be sent stay where they were written. A chat goes where its newest message is,
// unless a one-time code is waited for: the customer's next words may be that code, and are held to the check of the ticket to which they come.
func split(p domain.Plan, now time.Time, count base.Tally) (calls []sql.Call) {
	for _, s := range p.Splits {
		to, from, all := s.Parting.Ticket, s.Ticket, sql.Sorted(s.Messages)
		actor := ""
		for _, e := range p.Entries {
			if e.Ticket == to {
				actor = e.Actor
			}
		}
		count.Move("message", string(messages.Appended), string(messages.Ticketed))
		calls = append(calls, insertSplits.Put(splitRow{Ticket: to, Origin: from, At: now, Actor: actor}),
			sql.Do(`UPDATE mail_references SET ticket = $4 WHERE ticket = $2 AND `+leading, all, from, sql.OrNone(own(moved(p, all)...)), to),
			sql.Do(`UPDATE content_keys SET ticket = $3 WHERE ticket = $2 AND digest {in SELECT content FROM messages WHERE id = ANY($1) AND content <> ''}`, all, from, to),
			sql.Do(`UPDATE conversations SET ticket = $3 WHERE ticket = $2 AND thread {in SELECT m.thread FROM messages m WHERE m.id = ANY($1) AND m.thread <> ''
AND NOT EXISTS (SELECT 1 FROM messages o WHERE o.ticket <> 0 AND o.ticket = $2 AND o.thread = m.thread AND o.id > m.id AND NOT (o.id = ANY($1)))}
AND NOT EXISTS (SELECT 1 FROM checks c WHERE c.ticket = $2 AND c.result = '' AND c.ends_at > $4)`, all, from, to, sql.Micros(now)),
			sql.Do(`UPDATE messages SET ticket = $2, origin = CASE WHEN origin = 0 THEN $3 ELSE origin END, state = CASE WHEN id = $4 THEN '`+string(messages.Ticketed)+`' ELSE state END WHERE id = ANY($1)`, all, to, from, s.Messages[0]),
			sql.Do(`UPDATE marks SET messages = CASE WHEN messages > $2 THEN messages - $2 ELSE 0 END WHERE author {in SELECT id FROM users} AND ticket = $1`, from, int64(len(all))))
		if len(s.Notes) > 0 {
			notes := sql.Sorted(s.Notes)
			calls = append(calls, sql.Do(`UPDATE replies SET ticket = $2 WHERE id = ANY($1)`, notes, to), sql.Do(`UPDATE enclosures SET ticket = $2 WHERE reply <> 0 AND reply = ANY($1)`, notes, to),
				sql.Do(`UPDATE mentions SET ticket = $3 WHERE ticket = $2 AND reply = ANY($1)`, notes, from, to))
		}
		calls = append(calls, tables.IndexAnew(from), tables.IndexAnew(to))
	}
	return calls
}
