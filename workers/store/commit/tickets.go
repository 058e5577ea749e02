package commit

import (
	"slices"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// ticketSet is the tickets that a batch opens or continues.
type ticketSet struct {
	b       *batch
	byID    map[int64]*ticketRow
	copies  map[int64]int64 // first copy → its ticket
	entries []entries.Entry
	begun   base.Tally       // turns that have begun
	sure    []domain.Command // what messages say for sure of tickets of which that was a guess
}

type ticketRow struct {
	tables.TicketsRow
	fresh, touched bool
	claimant       int64            // contact that the ticket had before its owner took it over
	wrote          time.Time        // when the first of the batch's messages was received that is somebody's work; zero: none is
	by             string           // the channel by which somebody has written last
	owed           promises.Plan    // of a new ticket: what is owed to the customer next
	turn           promises.Promise // of another one: what he is promised if it was his turn until that message came
	sure           bool             // a message of the batch says for sure what it is about
	mend           bool             // what is owed may be another thing: the ticket is open again, or has learned its matter
}

// entry notes what a message has done to a ticket; of one that it opened, before is nothing.
func (k *ticketSet) entry(p pipeline.Plan, kind string, before, after tickets.Ticket) {
	k.entries = append(k.entries, entries.Entry{Kind: kind, Actor: entries.Service, Message: p.Message, Ticket: after.ID, Detail: p.Ticket.Because, Before: was(before, after), After: was(after, before)})
}

// was is of a ticket what is otherwise in another one.
func was(t, other tickets.Ticket) (s entries.Snapshot) {
	s.Version = t.Version
	differs(&s.Ticket, t.Status, other.Status)
	differs(&s.Queue, t.Queue, other.Queue)
	differs(&s.Category, t.Category, other.Category)
	differs(&s.Guesses, t.Guesses, other.Guesses)
	differs(&s.Priority, t.Priority, other.Priority)
	differs(&s.Contact, t.Contact, other.Contact)
	return s
}

func differs[T comparable](to *T, value, other T) {
	if value != other {
		*to = value
	}
}

func newTickets(b *batch) *ticketSet {
	return &ticketSet{b: b, byID: map[int64]*ticketRow{}, copies: map[int64]int64{}}
}

// lock reads the known tickets that plans touch, in the order of their ids: those they name, and
// those of the first copies whose queue is to be informed.
func (k *ticketSet) lock() []sql.Call {
	fresh, ids, firsts := map[int64]bool{}, []int64{}, []int64{}
	for _, d := range k.b.decisions {
		p := d.Plan
		switch {
		case p.Ticket.New:
			fresh[p.Ticket.ID] = true
		case p.Ticket.ID != 0 && !fresh[p.Ticket.ID]:
			if ids = append(ids, p.Ticket.ID); p.Ticket.Root != 0 {
				ids = append(ids, p.Ticket.Root)
			}
		case p.Side != nil: // what its answer does there is decided behind all else, and locks them, too
			ids = append(ids, p.Side.Ticket, p.Side.Root)
		case p.Inform != "" && p.Duplicate != 0:
			firsts = append(firsts, p.Duplicate)
		}
	}
	var calls []sql.Call
	if len(firsts) > 0 {
		calls = append(calls, sql.Ask(func(row sql.Row) error {
			var message, ticket int64
			err := row.Scan(&message, &ticket)
			k.copies[message] = ticket
			return err
		}, `SELECT id, ticket FROM messages WHERE id = ANY($1)`, sql.Sorted(firsts)))
	}
	which, args := `t.id = ANY($1)`, []any{sql.Sorted(ids)}
	switch {
	case len(firsts) > 0 && len(ids) > 0:
		which, args = `t.id {in SELECT id FROM tickets WHERE id = ANY($1) UNION SELECT ticket FROM messages WHERE id = ANY($2)}`, append(args, sql.Sorted(firsts))
	case len(firsts) > 0:
		which, args = `t.id {in SELECT ticket FROM messages WHERE id = ANY($1)}`, []any{sql.Sorted(firsts)}
	}
	if len(ids) > 0 || len(firsts) > 0 {
		calls = append(calls, sql.Ask(func(row sql.Row) error {
			t, err := sql.Read[tables.TicketsRow](row)
			if err == nil {
				k.byID[t.ID] = &ticketRow{TicketsRow: t}
			}
			return err
		}, `SELECT `+tables.TicketColumns+` FROM tickets t WHERE `+which+` ORDER BY t.id FOR UPDATE OF t`, args...))
	}
	return calls
}

func (k *ticketSet) apply(p pipeline.Plan) error {
	switch {
	case p.Ticket.ID == 0:
		k.inform(p)
		return nil
	case p.Ticket.New:
		return k.open(p)
	}
	row := k.byID[p.Ticket.ID]
	if row == nil || row.Version != p.Ticket.Version {
		return sql.ErrConflict
	}
	work := row
	if p.Ticket.Root != 0 {
		if work = k.byID[p.Ticket.Root]; work == nil || work.Version != p.Ticket.RootVersion {
			return sql.ErrConflict
		}
	}
	if row.MergedInto != p.Ticket.Root {
		return sql.ErrConflict
	}
	row.touched, work.touched = true, true
	before, stood := row.Ticket, work.Status
	if p.Ticket.Adopt && p.Ticket.By != row.Contact {
		row.claimant = row.Contact
	}
	p.Ticket.Continue(&row.Ticket)
	if s := p.Ticket.Settle; s != nil && s.Display != "" {
		row.Display = s.Display
	}
	if work != row {
		p.Ticket.Lead(&work.Ticket)
	}
	if !p.Ticket.Machine {
		work.by = p.Ticket.Channel
		if work.wrote.IsZero() {
			work.wrote = p.Ticket.At
			if p.Turn != nil {
				work.turn = k.b.promise(work.ID, *p.Turn, p.Ticket.At)
			}
		}
	}
	if s := p.Ticket.Sure; s != nil && before.Guesses != "" && row.Status == tickets.Open && !row.sure {
		row.sure = true
		k.sure = append(k.sure, commands.RouteTicket{Ticket: row.ID, Queue: s.Queue, Category: s.Category, Learned: true, Actor: entries.Service, Reason: entries.ReasonLearned})
	}
	work.mend = work.mend || stood != work.Status || p.Ticket.Settle != nil
	k.b.count.Move("ticket", string(stood), string(work.Status))
	k.entry(p, entries.Continued, before, row.Ticket)
	return nil
}

func (k *ticketSet) open(p pipeline.Plan) error {
	if k.byID[p.Ticket.ID] != nil {
		return sql.ErrConflict
	}
	t := p.Ticket.Open
	t.ID, t.Contact, t.Version = p.Ticket.ID, p.Contact.ID, 1
	t.Channels, t.Numbers = slices.Clone(t.Channels), slices.Clone(t.Numbers)
	t.Participants, t.Informed = slices.Clone(t.Participants), slices.Clone(t.Informed)
	k.byID[t.ID] = &ticketRow{TicketsRow: tables.TicketsRow{Ticket: t, Display: p.Ticket.Display}, fresh: true, wrote: p.Ticket.At, by: p.Ticket.Channel, owed: owed(p.Promises)}
	k.copies[p.Message] = t.ID
	k.b.count.Move("ticket", "", string(t.Status))
	k.entry(p, entries.Opened, tickets.Ticket{}, t)
	return nil
}

// inform notes on the first copy's ticket that a further queue has it before its eyes. It changes
// nothing that a decision reads, so the version stays.
func (k *ticketSet) inform(p pipeline.Plan) {
	row := k.byID[k.copies[p.Duplicate]]
	if p.Inform == "" || row == nil || slices.Contains(row.Informed, p.Inform) {
		return
	}
	row.Informed = append(row.Informed, p.Inform)
	row.touched = true
}

var (
	insertTickets = sql.Inserting[tables.TicketsRow]("tickets", "")
	updateTickets = sql.Updating[tables.TicketsRow]("tickets", "inbox", "subject", "opened_at", "follows", "history", "recorded_at", "merged_into") // those stay as they were
)

func (k *ticketSet) calls() []sql.Call {
	var fresh, known []tables.TicketsRow
	var adopted []sql.Call
	for _, id := range sql.KeysOf(k.byID) {
		t := k.byID[id]
		if t.claimant != 0 {
			adopted = append(adopted, adopt(t)...)
		}
		switch {
		case t.fresh:
			t.RecordedAt = k.b.now
			fresh = append(fresh, t.TicketsRow)
		case t.touched:
			known = append(known, t.TicketsRow)
		}
	}
	return append([]sql.Call{insertTickets.Put(fresh...), updateTickets.Put(known...)}, adopted...)
}

// adopt gives what the claimant of a ticket wrote and was sent to the contact that has proven the address.
func adopt(t *ticketRow) []sql.Call {
	return []sql.Call{
		sql.Do(`UPDATE messages SET contact = $1 WHERE ticket <> 0 AND ticket = $2 AND contact = $3`, t.Contact, t.ID, t.claimant),
		sql.Do(`UPDATE outbox SET contact = $1 WHERE message <> 0 AND message {in SELECT id FROM messages WHERE ticket <> 0 AND ticket = $2} AND contact = $3`,
			t.Contact, t.ID, t.claimant),
	}
}
