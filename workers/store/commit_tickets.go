package store

import (
	"slices"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/thread"
)

// tickets are the tickets that a batch opens or continues.
type tickets struct {
	b       *batch
	byID    map[int64]*ticketRow
	copies  map[int64]int64 // first copy → its ticket
	entries []domain.Entry
}

type ticketRow struct {
	ticketsRow
	fresh, touched bool
	claimant       int64 // contact that the ticket had before its owner took it over
}

// entry notes what a message has done to a ticket; of one that it opened, before is nothing.
func (k *tickets) entry(p pipeline.Plan, kind string, before, after thread.Ticket) {
	k.entries = append(k.entries, domain.Entry{Kind: kind, Actor: domain.Service, Message: p.Message, Ticket: after.ID, Before: was(before, after), After: was(after, before)})
}

// was is of a ticket what is otherwise in another one.
func was(t, other thread.Ticket) (s domain.Snapshot) {
	s.Version = t.Version
	differs(&s.Ticket, domain.TicketState(t.Status), domain.TicketState(other.Status))
	differs(&s.Queue, t.Queue, other.Queue)
	differs(&s.Category, t.Category, other.Category)
	differs(&s.Priority, t.Priority, other.Priority)
	differs(&s.Contact, t.Contact, other.Contact)
	return s
}

func differs[T comparable](to *T, value, other T) {
	if value != other {
		*to = value
	}
}

func newTickets(b *batch) *tickets {
	return &tickets{b: b, byID: map[int64]*ticketRow{}, copies: map[int64]int64{}}
}

// lock reads the known tickets that plans touch, in the order of their ids: those they name, and
// those of the first copies whose queue is to be informed.
func (k *tickets) lock() []call {
	fresh, ids, firsts := map[int64]bool{}, []int64{}, []int64{}
	for _, d := range k.b.decisions {
		p := d.Plan
		switch {
		case p.Ticket.New:
			fresh[p.Ticket.ID] = true
		case p.Ticket.ID != 0 && !fresh[p.Ticket.ID]:
			ids = append(ids, p.Ticket.ID)
		case p.Inform != "" && p.Duplicate != 0:
			firsts = append(firsts, p.Duplicate)
		}
	}
	var calls []call
	if len(firsts) > 0 {
		calls = append(calls, ask(func(row scanner) error {
			var message, ticket int64
			err := row.Scan(&message, &ticket)
			k.copies[message] = ticket
			return err
		}, `SELECT id, ticket FROM messages WHERE id = ANY($1)`, sorted(firsts)))
	}
	if len(ids) > 0 || len(firsts) > 0 {
		calls = append(calls, ask(func(row scanner) error {
			t, err := scan[ticketsRow](row)
			if err == nil {
				k.byID[t.ID] = &ticketRow{ticketsRow: t}
			}
			return err
		}, `SELECT `+ticketColumns+` FROM tickets t WHERE t.id {in SELECT id FROM tickets WHERE id = ANY($1)
UNION SELECT ticket FROM messages WHERE id = ANY($2)} ORDER BY t.id FOR UPDATE OF t`, sorted(ids), sorted(firsts)))
	}
	return calls
}

func (k *tickets) apply(p pipeline.Plan) error {
	switch {
	case p.Ticket.ID == 0:
		k.inform(p)
		return nil
	case p.Ticket.New:
		return k.open(p)
	}
	row := k.byID[p.Ticket.ID]
	if row == nil || row.Version != p.Ticket.Version {
		return ErrConflict
	}
	row.touched = true
	before := row.Ticket
	if p.Ticket.Adopt && p.Ticket.By != row.Contact {
		row.claimant = row.Contact
	}
	p.Ticket.Continue(&row.Ticket)
	if s := p.Ticket.Settle; s != nil && s.Display != "" {
		row.Display = s.Display
	}
	k.b.count.move("ticket", before.Status, row.Status)
	k.entry(p, domain.EntryContinued, before, row.Ticket)
	return nil
}

func (k *tickets) open(p pipeline.Plan) error {
	if k.byID[p.Ticket.ID] != nil {
		return ErrConflict
	}
	t := p.Ticket.Open
	t.ID, t.Contact, t.Version = p.Ticket.ID, p.Contact.ID, 1
	t.Channels, t.Numbers = slices.Clone(t.Channels), slices.Clone(t.Numbers)
	t.Participants, t.Informed = slices.Clone(t.Participants), slices.Clone(t.Informed)
	k.byID[t.ID] = &ticketRow{ticketsRow: ticketsRow{Ticket: t, Display: p.Ticket.Display}, fresh: true}
	k.copies[p.Message] = t.ID
	k.b.count.move("ticket", "", t.Status)
	k.entry(p, domain.EntryOpened, thread.Ticket{}, t)
	return nil
}

// inform notes on the first copy's ticket that a further queue has it before its eyes. It changes
// nothing that a decision reads, so the version stays.
func (k *tickets) inform(p pipeline.Plan) {
	row := k.byID[k.copies[p.Duplicate]]
	if p.Inform == "" || row == nil || slices.Contains(row.Informed, p.Inform) {
		return
	}
	row.Informed = append(row.Informed, p.Inform)
	row.touched = true
}

var (
	insertTickets = inserting[ticketsRow]("tickets", "")
	updateTickets = updating[ticketsRow]("tickets", "inbox", "subject", "opened_at", "follows", "history", "recorded_at") // those stay as they were
)

func (k *tickets) calls() []call {
	var fresh, known []ticketsRow
	var adopted []call
	for _, id := range keysOf(k.byID) {
		t := k.byID[id]
		if t.claimant != 0 {
			adopted = append(adopted, adopt(t)...)
		}
		switch {
		case t.fresh:
			t.RecordedAt = k.b.now
			fresh = append(fresh, t.ticketsRow)
		case t.touched:
			known = append(known, t.ticketsRow)
		}
	}
	return append([]call{insertTickets.put(fresh...), updateTickets.put(known...)}, adopted...)
}

// adopt gives what the claimant of a ticket wrote and was sent to the contact that has proven the address.
func adopt(t *ticketRow) []call {
	return []call{
		do(`UPDATE messages SET contact = $1 WHERE ticket <> 0 AND ticket = $2 AND contact = $3`, t.Contact, t.ID, t.claimant),
		do(`UPDATE outbox SET contact = $1 WHERE message <> 0 AND message {in SELECT id FROM messages WHERE ticket <> 0 AND ticket = $2} AND contact = $3`,
			t.Contact, t.ID, t.claimant),
	}
}
