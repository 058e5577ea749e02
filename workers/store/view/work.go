package view

import (
	"context"
	"fmt"
	"strconv"

	"frontdesk/pipeline/message"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// Work says which part of the open tickets is wanted, in the order in which people take them up. Like Page it begins
// behind a row.
type Work struct {
	After   int64 // only what comes after this ticket; 0 begins at the first
	Limit   int   // 0: 100; at most 1000
	Waiting bool  // by the time for which they wait alone; else the most urgent come first
}

// urgency is a ticket's rank by its priority. The index tickets_urgent is over the same words: a database takes it
// only for exactly this expression, so both change together, with a migration.
const urgency = `CASE t.priority WHEN 'urgent' THEN 0 WHEN 'high' THEN 1 WHEN 'low' THEN 3 ELSE 2 END`

// OpenTickets lists open tickets in the order of work: the most urgent first, of those the oldest.
func (s *Store) OpenTickets(ctx context.Context, w Work) ([]Ticket, error) {
	out := []Ticket{}
	var rank, at int64
	if w.After > 0 {
		if err := s.base.Read(ctx, "listing tickets", sql.Ask(sql.Into(&rank, &at), `SELECT `+urgency+`, t.opened_at FROM tickets t WHERE t.id = $1`, w.After)); err != nil {
			return nil, err
		}
	}
	where, args := w.where(rank, at)
	err := s.base.Read(ctx, "listing tickets", sql.Ask(ticketLines(&out), `SELECT `+tables.TicketColumns+` FROM tickets t WHERE t.status = 'open'`+where, args...))
	return out, err
}

// where are the conditions and the order behind "status = 'open'": the first over what the index begins with, the
// others for what ties with it.
func (w Work) where(rank, at int64) (string, []any) {
	limit := ` LIMIT ` + strconv.Itoa(Page{Limit: w.Limit}.limit())
	switch {
	case w.Waiting && w.After > 0:
		return ` AND t.opened_at >= $1 AND (t.opened_at > $1 OR t.id > $2) ORDER BY t.opened_at, t.id` + limit, []any{at, w.After}
	case w.Waiting:
		return ` ORDER BY t.opened_at, t.id` + limit, nil
	case w.After > 0:
		return ` AND ` + urgency + ` >= $1 AND (` + urgency + ` > $1 OR t.opened_at > $2 OR t.opened_at = $2 AND t.id > $3) ORDER BY ` + urgency + `, t.opened_at, t.id` + limit,
			[]any{rank, at, w.After}
	default:
		return ` ORDER BY ` + urgency + `, t.opened_at, t.id` + limit, nil
	}
}

// Customer is who wrote a ticket's first message.
type Customer struct {
	Name    string              `json:"name,omitempty"` // what he calls himself, masked; foreign words
	Address string              `json:"address"`        // masked where it looks like a card number
	Kind    message.AddressKind `json:"kind,omitempty"`
}

// Customers tells who opened each of the tickets. A ticket whose first message is gone has none. The first message is
// the one with the smallest id, found along messages_ticket.
func (s *Store) Customers(ctx context.Context, tickets []int64) (map[int64]Customer, error) {
	out := map[int64]Customer{}
	err := s.base.Read(ctx, "listing customers", sql.Ask(func(row sql.Row) error {
		var id int64
		var c Customer
		err := row.Scan(&id, &c.Name, &c.Address, &c.Kind)
		c.Address = base.Shown(c.Address)
		out[id] = c
		return err
	}, `SELECT m.ticket, m.sender_name, m.sender_value, m.sender_kind FROM messages m
WHERE m.id {in SELECT min(f.id) FROM messages f WHERE f.ticket <> 0 AND f.ticket = ANY($1) GROUP BY f.ticket}`, sql.Sorted(tickets)))
	if err != nil {
		return nil, fmt.Errorf("reading who opened tickets: %w", err)
	}
	return out, nil
}

// ticketLines collects the rows of a listing of tickets.
func ticketLines(out *[]Ticket) func(sql.Row) error {
	return func(row sql.Row) error {
		t, err := sql.Read[tables.TicketsRow](row)
		if err == nil {
			*out = append(*out, TicketLine(t))
		}
		return err
	}
}
