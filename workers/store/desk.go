package store

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"
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
func (s *Store) Journal(ctx context.Context, p Page) ([]Note, error) {
	out := []Note{}
	where, args := p.where(listed{id: "id"}, 0)
	err := s.list(ctx, "the journal", ask(func(row scanner) error {
		var n Note
		var at int64
		err := row.Scan(&n.ID, &at, &n.Who, &n.Act.Act, &n.Message, &n.Ticket, &n.Detail)
		n.At = stamp(at)
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
func (s *Store) SameCustomer(ctx context.Context, t Ticket) ([]Ticket, error) {
	found := map[int64]bool{}
	var one int64
	collect := func(row scanner) error {
		err := row.Scan(&one)
		found[one] = true
		return err
	}
	senders := map[string]bool{}
	var sender string
	calls := []call{ask(func(row scanner) error {
		err := row.Scan(&sender)
		senders[strings.TrimPrefix(sender, "?")] = true
		return err
	}, `SELECT sender FROM messages WHERE ticket <> 0 AND ticket = $1 AND sender <> '' ORDER BY id LIMIT 200`, t.ID)}
	if t.Contact != 0 {
		calls = append(calls, ask(collect, `SELECT id FROM tickets WHERE contact <> 0 AND contact = $1 ORDER BY opened_at DESC, id DESC LIMIT $2`, t.Contact, customersTickets))
	}
	if err := s.list(ctx, "a customer's tickets", calls...); err != nil {
		return nil, err
	}
	calls = nil
	for _, address := range firstOf(slices.Sorted(maps.Keys(senders)), customersAddresses) {
		for _, as := range []string{address, "?" + address} {
			calls = append(calls, ask(collect, `SELECT ticket FROM messages WHERE counted AND sender = $1 AND ticket <> 0 ORDER BY decided_at DESC LIMIT $2`, as, customersTickets))
		}
	}
	if len(calls) > 0 {
		if err := s.list(ctx, "a customer's tickets", calls...); err != nil {
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
	err := s.list(ctx, "tickets", ask(ticketLines(&out), `SELECT `+ticketColumns+` FROM tickets t WHERE t.id = ANY($1)`, sorted(ids)))
	slices.SortFunc(out, func(a, b Ticket) int { return cmp.Or(b.OpenedAt.Compare(a.OpenedAt.Time), cmp.Compare(b.ID, a.ID)) })
	return firstOf(out, customersTickets), err
}

// Came counts the messages that sources have received and we have recorded since then, by channel. What was imported, or lay in a
// mailbox from before, has not come since.
func (s *Store) Came(ctx context.Context, since time.Time) (map[string]int64, error) {
	out := map[string]int64{}
	err := s.list(ctx, "what came", ask(func(row scanner) error {
		var channel string
		var n int64
		err := row.Scan(&channel, &n)
		out[channel] = n
		return err
	}, `SELECT channel, count(*) FROM deliveries WHERE recorded_at >= $1 AND at >= $1 AND NOT imported GROUP BY channel`, micros(since)))
	return out, err
}

// UnsentSince is since when each inbox owes what it has tried in vain to send, for the inboxes that owe something.
func (s *Store) UnsentSince(ctx context.Context) (map[string]Stamp, error) {
	out := map[string]Stamp{}
	err := s.list(ctx, "what could not be sent", ask(func(row scanner) error {
		var inbox string
		var at int64
		err := row.Scan(&inbox, &at)
		out[inbox] = stamp(at)
		return err
	}, `SELECT inbox, min(due_at) FROM outbox WHERE wake_at > 0 AND state = '`+string(EffectDue)+`' AND attempts > 0 GROUP BY inbox`))
	return out, err
}
