package view

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"frontdesk/pipeline/domain/effects"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// Note is one line of the journal: what a person did, with a message or a ticket.
type Note struct {
	ID int64 `json:"id"`
	Act
	Message int64 `json:"message"` // 0: none
	Ticket  int64 `json:"ticket"`  // 0: none
}

// Journal lists what people did, the newest first, also of messages and tickets that are gone. Processes take blocks of ids, so what
// several of them write in one minute may stand out of order between two pages; within a page it stands by time.
// Page.State, Page.Ticket and Page.Inbox do not narrow it. It runs along the primary key.
func (s *Store) Journal(ctx context.Context, p Page) ([]Note, error) {
	out := []Note{}
	where, args := p.where(listed{id: "id"}, 0)
	err := s.base.Read(ctx, "listing the journal", sql.Ask(func(row sql.Row) error {
		var n Note
		var at int64
		err := row.Scan(&n.ID, &at, &n.Who, &n.Act.Act, &n.Message, &n.Ticket, &n.Detail)
		n.At = base.StampOf(at)
		out = append(out, n)
		return err
	}, `SELECT id, at, who, act, message, ticket, detail FROM journal`+where, args...))
	return out, err
}

// customersTickets bounds how many of a customer's tickets are looked for, customersAddresses by how many of his addresses.
const (
	customersTickets   = 50
	customersAddresses = 8
)

// SameCustomer lists further tickets of a ticket's customer, the newest first, at most 50: those of its contact, and those that were
// written to from an address from which this one was, proven or not. Whether each is proven stands beside it: under an address
// that nothing proves anybody may have written.
// It costs at most eighteen short index ranges: messages_ticket for the senders, tickets_contact, and messages_sender
// for each address, proven and not. What is found is read by primary key.
func (s *Store) SameCustomer(ctx context.Context, t Ticket) ([]Ticket, error) {
	found := map[int64]bool{}
	var one int64
	collect := func(row sql.Row) error {
		err := row.Scan(&one)
		found[one] = true
		return err
	}
	senders := map[string]bool{}
	var sender string
	calls := []sql.Call{sql.Ask(func(row sql.Row) error {
		err := row.Scan(&sender)
		senders[strings.TrimPrefix(sender, "?")] = true
		return err
	}, `SELECT sender FROM messages WHERE ticket <> 0 AND ticket = $1 AND sender <> '' ORDER BY id LIMIT 200`, t.ID)}
	if t.Contact != 0 {
		calls = append(calls, sql.Ask(collect, `SELECT id FROM tickets WHERE contact <> 0 AND contact = $1 ORDER BY opened_at DESC, id DESC LIMIT $2`, t.Contact, customersTickets))
	}
	if err := s.base.Read(ctx, "listing a customer's tickets", calls...); err != nil {
		return nil, err
	}
	calls = nil
	for _, address := range firstOf(slices.Sorted(maps.Keys(senders)), customersAddresses) {
		for _, as := range []string{address, "?" + address} {
			calls = append(calls, sql.Ask(collect, `SELECT ticket FROM messages WHERE counted AND sender = $1 AND ticket <> 0 ORDER BY decided_at DESC LIMIT $2`, as, customersTickets))
		}
	}
	if len(calls) > 0 {
		if err := s.base.Read(ctx, "listing a customer's tickets", calls...); err != nil {
			return nil, err
		}
	}
	delete(found, t.ID)
	return s.ticketsOf(ctx, slices.Sorted(maps.Keys(found)))
}

func firstOf[T any](list []T, n int) []T { return list[:min(n, len(list))] }

// ticketsOf reads tickets by their ids, the newest first, at most as many as a customer's.
func (s *Store) ticketsOf(ctx context.Context, ids []int64) ([]Ticket, error) {
	out := []Ticket{}
	if len(ids) == 0 {
		return out, nil
	}
	err := s.base.Read(ctx, "listing tickets", sql.Ask(ticketLines(&out), `SELECT `+tables.TicketColumns+` FROM tickets t WHERE t.id = ANY($1)`, sql.Sorted(ids)))
	slices.SortFunc(out, func(a, b Ticket) int { return cmp.Or(b.OpenedAt.Compare(a.OpenedAt.Time), cmp.Compare(b.ID, a.ID)) })
	return firstOf(out, customersTickets), err
}

// Came counts the messages that sources have received and we have recorded since then, by channel. What was imported, or lay in a
// mailbox from before, has not come since.
// It counts a range of the index deliveries_recorded, so since should lie hours back, not years.
func (s *Store) Came(ctx context.Context, since time.Time) (map[string]int64, error) {
	out := map[string]int64{}
	err := s.base.Read(ctx, "listing what came", sql.Ask(sql.Pair(func(channel string, n int64) { out[channel] = n }), `SELECT channel, count(*) FROM deliveries WHERE recorded_at >= $1 AND at >= $1 AND NOT imported GROUP BY channel`, sql.Micros(since)))
	return out, err
}

// UnsentSince is since when each inbox owes what it has tried in vain to send, for the inboxes that owe something.
func (s *Store) UnsentSince(ctx context.Context) (map[string]base.Stamp, error) {
	out := map[string]base.Stamp{}
	err := s.base.Read(ctx, "listing what could not be sent", sql.Ask(sql.Pair(func(inbox string, at int64) { out[inbox] = base.StampOf(at) }), `SELECT inbox, min(due_at) FROM outbox WHERE wake_at > 0 AND state = '`+string(effects.Due)+`' AND attempts > 0 GROUP BY inbox`))
	return out, err
}

// TicketActs are what people have done with a ticket, the oldest first, at most a hundred.
func (s *Store) TicketActs(ctx context.Context, ticket int64) ([]Act, error) {
	out := []Act{}
	err := s.base.Read(ctx, "listing acts", sql.Ask(func(row sql.Row) error {
		var a Act
		var at int64
		err := row.Scan(&at, &a.Who, &a.Act, &a.Detail)
		a.At = base.StampOf(at)
		out = append(out, a)
		return err
	}, `SELECT at, who, act, detail FROM journal WHERE ticket <> 0 AND ticket = $1 ORDER BY id LIMIT 100`, ticket))
	return out, err
}
