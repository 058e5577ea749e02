package desk

import (
	"cmp"
	"context"
	"strings"
	"time"

	work "frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/viewer"
)

// Card is a ticket as lists show it. Its texts are masked, and foreign words.
type Card struct {
	work.Item  // of a closed one as far as its ticket tells
	Status     tickets.State
	Subject    string
	Messages   int
	OpenedAt   time.Time
	Contact    int64
	Proven     bool     // its customer has proven the address by which it was opened; else that is a claim
	Customer   string   // what he calls himself, or his address
	LastWords  string   // the beginning of what was written last
	LastFrom   string   // by whom, likewise
	Channel    string   // by which that came
	Calendar   string   // in whose hours Due was counted; empty: by the wall clock
	Seen       int      // how many of its messages the viewer has been shown
	Drafted    bool     // the viewer has begun to write on it
	Tags       []string // as they are written
	Guesses    []string // what it may be about, the likeliest first, where Category is a guess
	Merged     int      // how many tickets are merged into it; Messages counts theirs, too
	MergedInto int64    // the ticket in which it is worked on; 0: it is one of its own
}

// lastWords is how many characters of a message a card shows.
const lastWords = `200`

// The parts of a card. What was written last is the message with the highest id, one step down messages_ticket.
const (
	askCards = `SELECT t.id, t.queue, t.language, t.category, t.priority, t.status, t.display, t.messages, t.opened_at, t.last_at, t.contact, NOT t.claimed, coalesce(c.name, ''), t.merged_into, t.guesses
FROM tickets t LEFT JOIN contacts c ON c.id = t.contact WHERE t.id = ANY($1) AND ($2 OR t.queue = ANY($3))`
	askLast = `SELECT m.id, m.ticket, m.channel, m.sender_name, m.sender_value, substr(m.visible, 1, ` + lastWords + `) FROM messages m
WHERE m.id {in SELECT max(n.id) FROM messages n WHERE n.ticket <> 0 AND n.ticket = ANY($1) GROUP BY n.ticket}`
	askMerged = `SELECT t.merged_into, t.messages, m.id, m.channel, m.sender_name, m.sender_value, substr(m.visible, 1, ` + lastWords + `) FROM tickets t
JOIN messages m ON m.id = (SELECT max(n.id) FROM messages n WHERE n.ticket <> 0 AND n.ticket = t.id) WHERE t.merged_into <> 0 AND t.merged_into = ANY($1)`
	askFirst = `SELECT m.ticket, m.sender_name, m.sender_value FROM messages m
WHERE m.id {in SELECT min(n.id) FROM messages n WHERE n.ticket <> 0 AND n.ticket = ANY($1) GROUP BY n.ticket}`
)

// cards reads the cards of tickets, in the order of the places; a ticket that has left the viewer's queues meanwhile is left out.
func (s *Store) cards(ctx context.Context, v viewer.Viewer, places []Place) ([]Card, error) {
	ids := make([]int64, len(places))
	for i, p := range places {
		ids[i] = p.Ticket
	}
	found := map[int64]*Card{}
	if err := s.lists.Read(ctx, "listing the desk", cardCalls(v, sql.Sorted(ids), found)...); err != nil {
		return nil, err
	}
	out := make([]Card, 0, len(ids))
	for _, id := range ids {
		if c := found[id]; c != nil {
			c.veil(v)
			out = append(out, *c)
		}
	}
	return out, nil
}

// Cards reads the cards of tickets in that order; those that the viewer may not read are left out.
func (s *Store) Cards(ctx context.Context, v viewer.Viewer, ids []int64) ([]Card, error) {
	places := make([]Place, len(ids))
	for i, id := range ids {
		places[i].Ticket = id
	}
	return s.cards(ctx, v, places)
}

// last is what was written last in a ticket.
type last struct {
	message, ticket               int64
	channel, name, address, words string
}

// of puts it on its ticket's card, where nothing newer stands.
func (l last) of(found map[int64]*Card, newest map[int64]int64) {
	if c := found[l.ticket]; c != nil && l.message > newest[l.ticket] {
		newest[l.ticket] = l.message
		c.Channel, c.LastFrom, c.LastWords = l.channel, cmp.Or(l.name, base.Shown(l.address)), l.words
	}
}

func cardCalls(v viewer.Viewer, ids []int64, found map[int64]*Card) []sql.Call {
	newest := map[int64]int64{}
	queues, every := v.Where(viewer.Read)
	return []sql.Call{
		sql.Ask(func(row sql.Row) error {
			c := &Card{Item: work.Item{State: work.Gone}}
			var opened, last int64
			var guesses string
			err := row.Scan(&c.Ticket, &c.Queue, &c.Language, &c.Category, &c.Priority, &c.Status, &c.Subject, &c.Messages, &opened, &last, &c.Contact, &c.Proven, &c.Customer, &c.MergedInto, &guesses)
			if guesses != "" {
				c.Guesses = strings.Split(guesses, ",")
			}
			c.OpenedAt, c.Last = sql.Moment(opened), sql.Moment(last)
			found[c.Ticket] = c
			return err
		}, askCards, ids, every, sql.OrNone(queues)),
		sql.Ask(func(row sql.Row) error {
			r, err := sql.Read[plans.DeskRow](row)
			if c := found[r.Ticket]; c != nil {
				c.Item = work.Item(r)
			}
			return err
		}, `SELECT `+plans.DeskColumns+` FROM desk d WHERE d.ticket = ANY($1)`, ids),
		sql.Ask(func(row sql.Row) error {
			var l last
			err := row.Scan(&l.message, &l.ticket, &l.channel, &l.name, &l.address, &l.words)
			l.of(found, newest)
			return err
		}, askLast, ids),
		sql.Ask(func(row sql.Row) error {
			var l last
			var messages int
			err := row.Scan(&l.ticket, &messages, &l.message, &l.channel, &l.name, &l.address, &l.words)
			if c := found[l.ticket]; c != nil {
				c.Merged, c.Messages = c.Merged+1, c.Messages+messages
			}
			l.of(found, newest)
			return err
		}, askMerged, ids),
		sql.Ask(func(row sql.Row) error {
			var ticket int64
			var name, address string
			err := row.Scan(&ticket, &name, &address)
			if c := found[ticket]; c != nil {
				c.Customer = cmp.Or(c.Customer, name, base.Shown(address))
			}
			return err
		}, askFirst, ids),
		sql.Ask(sql.Pair(func(ticket int64, tag string) {
			if c := found[ticket]; c != nil {
				c.Tags = append(c.Tags, tag)
			}
		}), `SELECT g.ticket, s.shown FROM ticket_tags g JOIN tags s ON s.name = g.tag WHERE g.ticket = ANY($1) ORDER BY g.ticket, g.tag`, ids),
		sql.Ask(sql.Pair(func(ticket int64, calendar string) { // the earliest deadline comes last, and counts
			if c := found[ticket]; c != nil {
				c.Calendar = calendar
			}
		}), `SELECT o.ticket, o.calendar FROM (`+plans.Owed("= ANY($1)")+`) o ORDER BY o.ticket, o.due_at DESC`, ids),
		sql.Ask(sql.Pair(func(ticket int64, n int) {
			if c := found[ticket]; c != nil {
				c.Seen = n
			}
		}), `SELECT ticket, messages FROM marks WHERE author = $2 AND ticket = ANY($1)`, ids, v.User),
		sql.Ask(sql.Value(func(ticket int64) {
			if c := found[ticket]; c != nil {
				c.Drafted = true
			}
		}), `SELECT ticket FROM drafts WHERE ticket = ANY($1) AND author = $2 AND text <> ''`, ids, v.User),
	}
}
