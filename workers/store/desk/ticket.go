package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
	"frontdesk/workers/store/view"
	"frontdesk/workers/store/viewer"
)

// Ticket is what stands at the head of a ticket's page.
type Ticket struct {
	Card
	Version   int64 // of the ticket
	Channels  []string
	Numbers   []string // order numbers and the like that it names
	Informed  []string // further queues that were told of it
	Follows   int64    // an earlier ticket that the viewer may read; 0: none
	Addresses []Address
	Promises  []view.Promise
	Were      []entries.Promise // how promises stood before they were counted anew, or on after a pause, the oldest first
	Missing   []string          // what its acknowledgement asks for, in the customer's language
	Handed    string            // why its owner got it, where the desk has chosen: desk.ReasonRank …, assign.ReasonSecondary …
	Others    []view.Ticket     // of the same customer, that the viewer may read, the newest first
}

// Address is one at which the customer can be reached, or says so.
type Address struct {
	Kind     message.AddressKind
	Value    string // masked where it looks like a card number
	Verified bool   // it is proven to be the customer's; else it is what a message claims
	OptedOut bool
	Failed   bool // nothing could be sent there
}

// Ticket reads the head of a ticket. ErrNotFound: there is none, or the viewer may not read it.
func (s *Store) Ticket(ctx context.Context, v viewer.Viewer, id int64) (k Ticket, err error) {
	cards, err := s.cards(ctx, v, []Place{{Ticket: id}})
	switch {
	case err != nil:
		return k, err
	case len(cards) == 0:
		return k, fmt.Errorf("reading ticket %d: %w", id, sql.ErrNotFound)
	}
	k.Card = cards[0]
	var row tables.TicketsRow
	said := decider{}
	if err := s.lists.Read(ctx, "reading a ticket", append(said.calls(id), readTicket(id, &row), readWere(id, &k.Were))...); err != nil {
		return k, err
	}
	k.Version, k.Channels, k.Numbers, k.Informed = row.Version, row.Channels, row.Numbers, row.Informed
	if k.Owner != 0 {
		k.Handed = said.handed
	}
	owed, err := s.view.PromisesOf(ctx, []int64{id})
	if err != nil {
		return k, err
	}
	k.Promises = owed[id]
	if err := s.decided(ctx, said, &k); err != nil {
		return k, err
	}
	err = s.beside(ctx, v, row, &k)
	k.veil(v)
	return k, err
}

func readTicket(id int64, into *tables.TicketsRow) sql.Call {
	return sql.Ask(func(row sql.Row) (err error) {
		*into, err = sql.Read[tables.TicketsRow](row)
		return err
	}, `SELECT `+tables.TicketColumns+` FROM tickets t WHERE t.id = $1`, id)
}

func readWere(id int64, into *[]entries.Promise) sql.Call {
	return sql.Ask(sql.Value(func(before string) {
		if was, err := entries.Read(before); err == nil { // what cannot be read is told by replay
			*into = append(*into, was.Promises...)
		}
	}), `SELECT e.before FROM entries e WHERE e.ticket = $1 AND e.kind IN ('`+entries.ActRecount+`', '`+promises.ActResume+`') ORDER BY e.id`, id)
}

// decider is the message that says where a ticket belongs: the one that opened it, or after a greeting the first with a matter.
type decider struct {
	opening, settling int64
	handed            string
}

func (d *decider) calls(ticket int64) []sql.Call {
	return []sql.Call{
		sql.Ask(sql.Into(&d.handed), `SELECT e.reason FROM entries e WHERE e.ticket = $1 AND e.kind IN ('`+entries.ActTake+`', '`+entries.ActGive+`') ORDER BY e.id DESC LIMIT 1`, ticket),
		sql.Ask(sql.Into(&d.opening), `SELECT m.id FROM messages m WHERE m.ticket <> 0 AND m.ticket = $1 AND m.state = 'ticketed' ORDER BY m.id LIMIT 1`, ticket),
		sql.Ask(sql.Into(&d.settling), `SELECT e.message FROM entries e WHERE e.ticket = $1 AND e.kind = '`+entries.Continued+`' AND e.after LIKE '%"queue"%' ORDER BY e.id DESC LIMIT 1`, ticket),
	}
}

// decided reads what is asked for in a ticket, and what the message claims that says where it belongs.
func (s *Store) decided(ctx context.Context, said decider, k *Ticket) error {
	of := said.settling
	if of == 0 {
		of = said.opening
	}
	if of == 0 {
		return nil // it was erased, or is a row that belongs to nothing
	}
	var payload string
	calls := []sql.Call{sql.Ask(sql.Into(&payload), `SELECT o.payload FROM outbox o
WHERE o.message <> 0 AND o.message = $1 AND o.kind = '`+effects.KindAcknowledgement+`' ORDER BY o.id LIMIT 1`, said.opening)}
	if !k.Proven {
		claims := func(value string) {
			if value != "" {
				k.Addresses = append(k.Addresses, Address{Value: base.Shown(value)})
			}
		}
		calls = append(calls, sql.Ask(sql.Value(claims), `SELECT sender_value FROM messages WHERE id = $1`, of),
			sql.Ask(sql.Value(func(address string) {
				_, value, _ := strings.Cut(address, ":")
				claims(value)
			}), `SELECT address FROM claims WHERE message = $1 ORDER BY address`, of))
	}
	err := s.lists.Read(ctx, "reading what is asked for", calls...)
	if err != nil || payload == "" {
		return err
	}
	var asked pipeline.AckPayload
	if err := json.Unmarshal([]byte(payload), &asked); err != nil {
		return fmt.Errorf("reading what is asked for in ticket %d: %w", k.Card.Ticket, err)
	}
	k.Missing = asked.Missing
	return nil
}

// beside reads what belongs to the customer beside the ticket: addresses, and other tickets as far as the viewer may read them.
func (s *Store) beside(ctx context.Context, v viewer.Viewer, row tables.TicketsRow, k *Ticket) error {
	queues, every := v.Where(viewer.Read)
	calls := []sql.Call{
		sql.Ask(func(row sql.Row) error {
			a := Address{}
			err := row.Scan(&a.Kind, &a.Value, &a.Verified, &a.OptedOut, &a.Failed)
			a.Value = base.Shown(a.Value)
			k.Addresses = append(k.Addresses, a)
			return err
		}, `SELECT kind, value, verified, opted_out, failed FROM identities WHERE contact <> 0 AND contact = $1 ORDER BY created_at, address`, row.Contact),
		sql.Ask(sql.Into(&k.Follows), `SELECT t.id FROM tickets t WHERE t.id = $1 AND ($2 OR t.queue = ANY($3))`, row.Follows, every, sql.OrNone(queues)),
	}
	if err := s.lists.Read(ctx, "reading a ticket's customer", calls...); err != nil {
		return err
	}
	others, err := s.view.SameCustomer(ctx, view.TicketLine(row))
	if err != nil {
		return err
	}
	within := map[int64]bool{}
	err = s.lists.Read(ctx, "listing what is merged into a ticket", sql.Ask(sql.Value(func(id int64) { within[id] = true }), `SELECT id FROM tickets WHERE merged_into <> 0 AND merged_into = $1`, row.ID))
	k.Others = slices.DeleteFunc(others, func(t view.Ticket) bool { return within[t.ID] || !v.May(viewer.Read, t.Queue) })
	return err
}
