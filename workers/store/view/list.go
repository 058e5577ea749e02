package view

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"

	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/thread"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/outbox"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// Page says which part of a listing is wanted. Listings run from the newest to the oldest, by the time at which their
// rows were recorded here; ids do not tell it, since each process takes blocks of them. Promises run by ticket. The
// zero value is the newest hundred.
//
// A page begins below a row, not after a number of rows: so it costs the same however far back it lies, and no row is
// shown twice when new ones come. Each listing names the columns that it can be narrowed by; other fields are
// ignored.
type Page struct {
	Before int64  // only what stands below the row of this id (for promises: ticket); 0 begins at the newest
	ID     int64  // only this one
	Limit  int    // 0: 100; at most 1000
	State  string // only this state
	Ticket int64  // only of this ticket
	Inbox  string // only of this inbox
}

// limit keeps a page's rows in memory small, whatever a caller asks for.
func (p Page) limit() int {
	if p.Limit <= 0 {
		return 100
	}
	return min(p.Limit, 1000)
}

// listed are the columns that a listing runs by and is narrowed by; empty ones it does not have.
type listed struct{ time, id, state, ticket, inbox string }

// where is the page's conditions over those columns, with their arguments. anchor is the time of the row of Before.
// The first condition over the time alone is what lets both databases begin in the middle of the index; the second
// one leaves out the rows of that very moment that came before. "ticket <> 0" lets them take the partial index
// messages_ticket.
func (p Page) where(l listed, anchor int64) (string, []any) {
	var terms []string
	var args []any
	add := func(column, op string, value any) {
		args = append(args, value)
		terms = append(terms, column+op+"$"+strconv.Itoa(len(args)))
	}
	switch {
	case p.Before > 0 && l.time == "":
		add(l.id, " < ", p.Before)
	case p.Before > 0:
		args = append(args, anchor, p.Before)
		terms = append(terms, l.time+" <= $1", "("+l.time+" < $1 OR "+l.id+" < $2)")
	}
	if p.ID != 0 {
		add(l.id, " = ", p.ID)
	}
	if p.State != "" && l.state != "" {
		add(l.state, " = ", p.State)
	}
	if p.Ticket != 0 && l.ticket != "" {
		add(l.ticket, " = ", p.Ticket)
		terms = append(terms, l.ticket+" <> 0")
	}
	if p.Inbox != "" && l.inbox != "" {
		add(l.inbox, " = ", p.Inbox)
	}
	where := ""
	if len(terms) > 0 {
		where = " WHERE " + strings.Join(terms, " AND ")
	}
	by := l.id + " DESC"
	if l.time != "" {
		by = l.time + " DESC, " + by
	}
	return where + " ORDER BY " + by + " LIMIT " + strconv.Itoa(p.limit()), args
}

// anchor is the time of the row that a page begins below; of the one before it by id where that is gone.
// It is one step down an index. A page below a row that was deleted so begins where that row was.
func (s *Store) anchor(ctx context.Context, p Page, table, column string) (at int64, err error) {
	if p.Before == 0 {
		return 0, nil
	}
	err = s.base.Read(ctx, "listing "+table, sql.Ask(sql.Into(&at), `SELECT `+column+` FROM `+table+` WHERE id <= $1 ORDER BY id DESC LIMIT 1`, p.Before))
	return at, err
}

// ticketTime is when a ticket was recorded; those of older programs have the time of opening alone. The index
// tickets_recorded is over the same words.
const ticketTime = `CASE WHEN t.recorded_at > 0 THEN t.recorded_at ELSE t.opened_at END`

// Message is one line of the list of messages.
// Cause is why it was parked, suppressed or dismissed. Texts are masked, and empty for an undecided message.
type Message struct {
	ID         int64      `json:"id"`
	Inbox      string     `json:"inbox"`
	Channel    string     `json:"channel"`
	Key        string     `json:"key"`
	From       string     `json:"from"`
	Name       string     `json:"name,omitempty"` // what the sender calls himself, masked
	Proven     bool       `json:"proven"`         // the channel vouches for the sender; else From is what somebody typed
	Subject    string     `json:"subject"`
	Text       string     `json:"text"` // redacted, without quotes
	Lang       string     `json:"lang"`
	Category   string     `json:"category"`
	State      string     `json:"state"`
	Cause      string     `json:"cause"`
	Ticket     int64      `json:"ticket"` // 0: none
	ReceivedAt base.Stamp `json:"received_at"`
	RecordedAt base.Stamp `json:"recorded_at"`
}

// Messages lists messages, undecided ones included: those have no sender and text yet. Decided and undecided ones are
// two statements, each with the limit, since no index runs over both tables; they are joined here. A message that is
// decided between both may be missing from one page.
func (s *Store) Messages(ctx context.Context, p Page) ([]Message, error) {
	out := []Message{}
	each := func(row sql.Row) error {
		var m Message
		var at, recorded int64
		err := row.Scan(&m.ID, &m.Inbox, &m.Channel, &m.Key, &m.From, &m.Name, &m.Subject, &m.Text, &m.Lang, &m.Category, &m.State, &m.Cause, &m.Ticket, &m.Proven, &at, &recorded)
		m.From = base.Shown(m.From)
		m.ReceivedAt, m.RecordedAt = base.StampOf(at), base.StampOf(recorded)
		out = append(out, m)
		return err
	}
	const columns = `SELECT d.id, d.inbox, d.channel, d.key, `
	at, err := s.anchor(ctx, p, "deliveries", "recorded_at")
	if err != nil {
		return nil, err
	}
	decided, dargs := p.where(listed{"d.recorded_at", "d.id", "m.state", "m.ticket", "m.inbox"}, at)
	open, oargs := p.where(listed{"u.recorded_at", "u.message_id", "u.state", "", "u.inbox"}, at)
	calls := []sql.Call{sql.Ask(each, columns+`m.sender_value, m.sender_name, m.subject, m.visible, m.language, m.category, m.state, m.cause, m.ticket, m.proven, d.at, d.recorded_at
FROM deliveries d JOIN messages m ON m.id = d.id`+decided, dargs...)}
	if p.Ticket == 0 {
		calls = append(calls, sql.Ask(each, columns+`'', '', '', '', '', '', u.state, '', 0, false, d.at, d.recorded_at
FROM undecided u JOIN deliveries d ON d.id = u.message_id`+open, oargs...))
	}
	if err := s.base.Read(ctx, "listing messages", calls...); err != nil {
		return nil, err
	}
	return newest(out, p.limit(), func(m Message) (time.Time, int64) { return m.RecordedAt.Time, m.ID }), nil
}

// Used reports whether any message was ever recorded for an inbox.
// It is asked by the audit alone, of inboxes that were never connected.
func (s *Store) Used(ctx context.Context, inbox string) (bool, error) {
	var one int
	err := s.base.Read(ctx, "listing deliveries", sql.Ask(sql.Into(&one), `SELECT 1 FROM deliveries WHERE inbox = $1 LIMIT 1`, inbox))
	return one == 1, err
}

// Ticket is one line of the list of tickets.
// Status is open or closed; Priority is urgent, high, normal or low.
type Ticket struct {
	ID           int64      `json:"id"`
	Number       string     `json:"number"`
	Subject      string     `json:"subject"`
	Status       string     `json:"status"`
	Category     string     `json:"category"`
	Priority     string     `json:"priority"`
	Queue        string     `json:"queue"`
	Informed     []string   `json:"informed"` // further queues that were told, of a copy that came to their inbox
	Lang         string     `json:"lang"`
	Contact      int64      `json:"contact"`
	Proven       bool       `json:"proven"` // its customer has proven the address it was opened by; else that is a claim
	Channels     []string   `json:"channels"`
	MessageCount int        `json:"message_count"`
	OpenedAt     base.Stamp `json:"opened_at"`
	Numbers      []string   `json:"-"` // order numbers and the like that it names
}

// TicketLine is a ticket as lists show it.
func TicketLine(t tables.TicketsRow) Ticket {
	return Ticket{ID: t.ID, Number: thread.TicketNumber(t.ID), Subject: t.Display, Status: string(t.Status), Category: t.Category, Priority: t.Priority,
		Queue: t.Queue, Informed: sql.OrNone(t.Informed), Lang: t.Language, Contact: t.Contact, Proven: !t.Claimed, Channels: sql.OrNone(t.Channels), MessageCount: t.Messages, OpenedAt: base.Stamp{Time: t.OpenedAt}, Numbers: t.Numbers}
}

// Tickets lists tickets. Page.State is their status (open, closed). It runs along the index tickets_recorded.
func (s *Store) Tickets(ctx context.Context, p Page) ([]Ticket, error) {
	out := []Ticket{}
	at, err := s.anchor(ctx, p, "tickets t", ticketTime)
	if err != nil {
		return nil, err
	}
	where, args := p.where(listed{ticketTime, "t.id", "t.status", "", "t.inbox"}, at)
	err = s.base.Read(ctx, "listing tickets", sql.Ask(ticketLines(&out), `SELECT `+tables.TicketColumns+` FROM tickets t`+where, args...))
	return out, err
}

// OutboxRow is one line of the list of effects.
// State is one of effects.Machine's; Cause says why it was withheld.
type OutboxRow struct {
	ID         int64      `json:"id"`
	Kind       string     `json:"kind"`
	Ticket     int64      `json:"ticket"`
	Message    int64      `json:"message"`
	Channel    string     `json:"channel"`
	To         string     `json:"to"`
	State      string     `json:"state"`
	Cause      string     `json:"cause"`
	Attempts   int        `json:"attempts"`
	DueAt      base.Stamp `json:"due_at"`  // when it was first due
	NextAt     base.Stamp `json:"next_at"` // when it is tried next; null once it is not tried any more
	SentAt     base.Stamp `json:"sent_at"`
	ProviderID string     `json:"provider_id"`
	Key        string     `json:"key"`
	LastError  string     `json:"last_error"`
	Held       bool       `json:"held"`                 // it waits for a person, who may let it go
	Digest     int64      `json:"covered_by,omitempty"` // the digest that lists what was withheld
}

// outboxColumns and scanOutbox belong together.
const outboxColumns = `o.id, o.kind, o.ticket, o.message, o.channel, o.to_value, o.state, o.cause, o.attempts, o.due_at, o.next_at, o.sent_at, o.provider_id, o.key, o.last_error, o.covered_by`

func scanOutbox(row sql.Row) (OutboxRow, error) {
	var o OutboxRow
	var due, next, sent int64
	err := row.Scan(&o.ID, &o.Kind, &o.Ticket, &o.Message, &o.Channel, &o.To, &o.State, &o.Cause, &o.Attempts, &due, &next, &sent, &o.ProviderID, &o.Key, &o.LastError, &o.Digest)
	o.To = base.Shown(o.To)
	o.Held = o.State == string(effects.Withheld) && o.Kind == effects.KindAcknowledgement && outbox.Releasable(o.Cause)
	o.DueAt, o.SentAt = base.StampOf(due), base.StampOf(sent)
	if o.State == string(effects.Due) {
		o.NextAt = base.StampOf(next)
	}
	return o, err
}

// OutboxOf reads the effects of messages, by message, in the order in which they were made.
func (s *Store) OutboxOf(ctx context.Context, messages []int64) (map[int64][]OutboxRow, error) {
	out := map[int64][]OutboxRow{}
	err := s.base.Read(ctx, "listing effects", sql.Ask(func(row sql.Row) error {
		o, err := scanOutbox(row)
		out[o.Message] = append(out[o.Message], o)
		return err
	}, `SELECT `+outboxColumns+` FROM outbox o WHERE o.message <> 0 AND o.message = ANY($1) ORDER BY o.id`, sql.Sorted(messages)))
	return out, err
}

// OutboxByID reads effects by their ids.
func (s *Store) OutboxByID(ctx context.Context, ids []int64) (out []OutboxRow, err error) {
	err = s.base.Read(ctx, "listing effects", sql.Ask(func(row sql.Row) error {
		o, err := scanOutbox(row)
		out = append(out, o)
		return err
	}, `SELECT `+outboxColumns+` FROM outbox o WHERE o.id = ANY($1)`, sql.Sorted(ids)))
	return out, err
}

// Outbox lists effects, along the index outbox_created; those of a ticket by its messages, since the outbox has no
// index over tickets.
func (s *Store) Outbox(ctx context.Context, p Page) ([]OutboxRow, error) {
	out := []OutboxRow{}
	at, err := s.anchor(ctx, p, "outbox", "created_at")
	if err != nil {
		return nil, err
	}
	where, args := p.where(listed{"o.created_at", "o.id", "o.state", "", "o.inbox"}, at)
	if p.Ticket != 0 {
		where, args = p.ofTicket(where, args)
	}
	err = s.base.Read(ctx, "listing outbox", sql.Ask(func(row sql.Row) error {
		o, err := scanOutbox(row)
		out = append(out, o)
		return err
	}, `SELECT `+outboxColumns+` FROM outbox o`+where, args...))
	return out, err
}

// Acknowledgements reads those of messages, by message, in the order in which they were made: one, and where that failed
// those at further addresses.
func (s *Store) Acknowledgements(ctx context.Context, messages []int64) (map[int64][]OutboxRow, error) {
	out := map[int64][]OutboxRow{}
	err := s.base.Read(ctx, "listing acknowledgements", sql.Ask(func(row sql.Row) error {
		o, err := scanOutbox(row)
		out[o.Message] = append(out[o.Message], o)
		return err
	}, `SELECT `+outboxColumns+` FROM outbox o WHERE o.message <> 0 AND o.message = ANY($1) AND o.kind = '`+effects.KindAcknowledgement+`' ORDER BY o.id`, sql.Sorted(messages)))
	return out, err
}

// ofTicket narrows a list of effects to those of a ticket's messages: messages_ticket gives the messages,
// outbox_message their rows. The last condition leaves out rows of a message that went over to another ticket.
func (p Page) ofTicket(where string, args []any) (string, []any) {
	args = append(args, p.Ticket)
	of := " WHERE o.message <> 0 AND o.message {in SELECT id FROM messages WHERE ticket <> 0 AND ticket = $" + strconv.Itoa(len(args)) +
		"} AND o.ticket = $" + strconv.Itoa(len(args))
	if rest, more := strings.CutPrefix(where, " WHERE "); more {
		return of + " AND " + rest, args
	}
	return of + where, args
}

// ParkedMessage is one line of the list of what waits for a person.
type ParkedMessage struct {
	ID         int64      `json:"id"`
	Cause      string     `json:"cause"`
	Evidence   string     `json:"evidence"`
	Inbox      string     `json:"inbox"`
	Channel    string     `json:"channel"`
	From       string     `json:"from"`           // empty when it could not be read
	Name       string     `json:"name,omitempty"` // what its sender calls himself
	Proven     bool       `json:"proven"`
	Subject    string     `json:"subject"`
	Text       string     `json:"text,omitempty"` // the beginning, masked
	ReceivedAt base.Stamp `json:"received_at"`
}

// Parked lists parked messages. Page.State is the parking cause. The partial index messages_parked holds just these
// rows, so they are sorted after they are read; a desk has thousands of them at most.
func (s *Store) Parked(ctx context.Context, p Page) ([]ParkedMessage, error) {
	out := []ParkedMessage{}
	at, err := s.anchor(ctx, p, "deliveries", "recorded_at")
	if err != nil {
		return nil, err
	}
	where, args := p.where(listed{"d.recorded_at", "d.id", "m.cause", "", "m.inbox"}, at)
	where = strings.Replace(where, " WHERE ", " AND ", 1)
	err = s.base.Read(ctx, "listing parked messages", sql.Ask(func(row sql.Row) error {
		var m ParkedMessage
		var at int64
		err := row.Scan(&m.ID, &m.Cause, &m.Evidence, &m.Inbox, &m.Channel, &m.From, &m.Name, &m.Proven, &m.Subject, &m.Text, &at)
		m.From, m.ReceivedAt = base.Shown(m.From), base.StampOf(at)
		out = append(out, m)
		return err
	}, `SELECT m.id, m.cause, m.evidence, m.inbox, m.channel, m.sender_value, m.sender_name, m.proven, m.subject, substr(m.visible, 1, 200), d.at FROM messages m JOIN deliveries d ON d.id = m.id WHERE m.state = 'parked'`+where, args...))
	return out, err
}

// Inbox is one line of the list of inboxes.
// LagSeconds is the age of the oldest message that the source still holds for us; SourceCount and RecordedCount are
// equal when nothing is missing.
type Inbox struct {
	Name          string     `json:"name"`
	Channel       string     `json:"channel"`
	Address       string     `json:"address"`
	State         string     `json:"state"`
	LastContactAt base.Stamp `json:"last_contact_at"`
	LagSeconds    int64      `json:"lag_seconds"`
	LastError     string     `json:"last_error"`
	SendingError  string     `json:"sending_error"` // why the provider refuses us; the state is failing then
	ConnectedAt   base.Stamp `json:"connected_at"`
	SourceCount   int        `json:"source_count"`   // of the last reconciliation
	RecordedCount int        `json:"recorded_count"` // likewise
	CheckedAt     base.Stamp `json:"checked_at"`
}

// stateFailing is the runners' word for an inbox that fails.
const stateFailing = "failing"

// Inboxes lists the inboxes that were ever seen, by name. An inbox that fails to send is failing, though it may still
// receive.
func (s *Store) Inboxes(ctx context.Context) ([]Inbox, error) {
	out := []Inbox{}
	err := s.base.Read(ctx, "listing inboxes", sql.Ask(func(row sql.Row) error {
		var i Inbox
		var connected, contact, lag, checked int64
		err := row.Scan(&i.Name, &i.Channel, &i.Address, &i.State, &connected, &contact, &lag, &i.LastError, &i.SendingError, &i.SourceCount, &i.RecordedCount, &checked)
		if i.SendingError != "" {
			i.State, i.LastError = stateFailing, cmp.Or(i.LastError, i.SendingError)
		}
		i.ConnectedAt, i.LastContactAt, i.CheckedAt = base.StampOf(connected), base.StampOf(contact), base.StampOf(checked)
		i.LagSeconds = int64(time.Duration(lag) * time.Microsecond / time.Second)
		out = append(out, i)
		return err
	}, `SELECT inbox, channel, address, state, connected_at, last_contact_at, lag, last_error, sending_error, source_count, recorded_count, checked_at
FROM inbox_status ORDER BY inbox`))
	return out, err
}
