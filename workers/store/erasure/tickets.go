package erasure

import (
	"context"
	"slices"

	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/commands/persons"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/particulars"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/find"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// tickets makes the person's tickets neutral. One in which nobody else wrote is closed, and what was promised in it
// is void and nobody's work; one in which others wrote goes on for them. Each ticket is one transaction with its row locked and its
// version raised: a decision that has read it before decides again.
func (e *eraser) tickets(ctx context.Context, ids []int64) error {
	for _, id := range ids {
		err := e.s.base.Write(ctx, func(t sql.Tx) error {
			k, err := lockTicket(ctx, t, id)
			if err != nil || k == nil {
				return err
			}
			others := 0
			if err := t.Run(ctx, sql.Ask(sql.Into(&others), `SELECT count(*) FROM messages WHERE ticket <> 0 AND ticket = $1 AND erased_at = 0`, id)); err != nil {
				return err
			}
			count := base.Tally{}
			status := k.Status
			if others == 0 {
				status = tickets.Closed
			}
			count.Move("ticket", string(k.Status), string(status))
			if err := e.voidPromises(ctx, t, id, others == 0, count); err != nil {
				return err
			}
			if err := e.claimed(ctx, t, k); err != nil {
				return err
			}
			people := e.without(k.Participants)
			if k.Claimed && (len(people) == 0 || !people[0].IsZero()) { // nobody else becomes who opened it
				people = append([]message.Identity{{}}, people...)
			}
			calls := append(e.s.find.Unsearch(find.TicketsBy, []int64{id}), sql.Do(`UPDATE tickets SET version = version + 1, status = $2, subject = $3, display = $3, numbers = '', guesses = '', participants = $4 WHERE id = $1`,
				id, string(status), erasedWord, sql.List(people)))
			if status == tickets.Closed {
				if err := plans.DropItem(ctx, t, id); err != nil {
					return err
				}
			}
			return t.Run(ctx, append(calls, count.Call())...)
		})
		if err != nil {
			return err
		}
		e.out.Tickets++
	}
	return nil
}

// claimed removes what a ticket that was opened under a claim has of its own: the contact, which is known by nothing
// else, and the person's words that others quoted.
func (e *eraser) claimed(ctx context.Context, t sql.Tx, k *tables.TicketsRow) error {
	if !k.Claimed {
		return nil
	}
	if err := e.leave(ctx, t, k.Contact); err != nil {
		return err
	}
	return t.Run(ctx, sql.Do(`UPDATE messages SET quoted = '' WHERE ticket <> 0 AND ticket = $1 AND quoted <> ''`, k.ID),
		sql.Do(`DELETE FROM contacts WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM identities i WHERE i.contact <> 0 AND i.contact = $1)`, k.Contact))
}

// leave takes contacts that go out of the person that they are one with; the others stay one. Of a contact that is not the erased person's own it does so only where
// it has no address, since it stays else.
func (e *eraser) leave(ctx context.Context, t sql.Tx, contacts ...int64) error {
	var happened []domain.Command
	calls := append(e.s.plans.LockPersons(), sql.Ask(sql.Value(func(id int64) { happened = append(happened, persons.Erase{Contact: id}) }),
		`SELECT p.id FROM (SELECT contact AS id FROM contact_pointers WHERE contact = ANY($1) UNION SELECT root FROM contact_pointers WHERE root = ANY($1)) AS p
WHERE p.id = $2 OR NOT EXISTS (SELECT 1 FROM identities i WHERE i.contact <> 0 AND i.contact = p.id) ORDER BY p.id`, sql.Sorted(contacts), e.p.Contact))
	if err := t.Run(ctx, calls...); err != nil || len(happened) == 0 {
		return err
	}
	d, err := e.s.plans.Carry(ctx, t, happened, nil, e.now, base.Tally{})
	if err != nil {
		return err
	}
	return t.Run(ctx, d.Calls...)
}

// lockTicket reads a ticket to change it; nil when it is not there.
func lockTicket(ctx context.Context, t sql.Tx, id int64) (k *tables.TicketsRow, err error) {
	err = t.Run(ctx, sql.Ask(func(row sql.Row) error {
		found, err := sql.Read[tables.TicketsRow](row)
		if err == nil {
			k = &found
		}
		return err
	}, `SELECT `+tables.TicketColumns+` FROM tickets t WHERE t.id = $1 FOR UPDATE`, id))
	return k, err
}

// without leaves the person out. Where he comes first nobody does: a claimed ticket belongs to the first, and
// none of the others may take it over.
func (e *eraser) without(people []message.Identity) []message.Identity {
	own := e.s.names(e.p).own
	out := slices.Clone(people)
	if len(out) > 0 && own[out[0]] {
		out[0] = message.Identity{}
	}
	return slices.DeleteFunc(out, func(id message.Identity) bool { return own[id] })
}

// voidPromises withdraws what is still open: the acknowledgement always, the rest when nobody is left.
func (e *eraser) voidPromises(ctx context.Context, t sql.Tx, ticket int64, all bool, count base.Tally) error {
	c := commands.ErasePromises{Ticket: ticket, NobodyLeft: all, Cause: causes.Erased}
	d, err := e.s.plans.Carry(ctx, t, []domain.Command{c}, nil, e.now, count)
	if err != nil {
		return err
	}
	return t.Run(ctx, d.Calls...)
}

// joined takes the numbers out of tickets of others that nobody but the person has named there. Numbers join later
// messages, so they are computed again from the messages that stay (particulars.Numbers). It must come before the messages
// are blank.
func (e *eraser) joined(ctx context.Context, ids []int64) error {
	for _, id := range ids {
		err := e.s.base.Write(ctx, func(t sql.Tx) error {
			k, err := lockTicket(ctx, t, id)
			if err != nil || k == nil || len(k.Numbers) == 0 {
				return err
			}
			named := map[string]bool{}
			if err := t.Run(ctx, sql.Ask(func(row sql.Row) error {
				var id int64
				var subject, visible string
				err := row.Scan(&id, &subject, &visible)
				if !e.going[id] {
					for _, n := range particulars.Numbers(subject + "\n" + visible) {
						named[n] = true
					}
				}
				return err
			}, `SELECT id, subject, visible FROM messages WHERE ticket <> 0 AND ticket = $1 AND erased_at = 0`, id)); err != nil {
				return err
			}
			left := slices.DeleteFunc(slices.Clone(k.Numbers), func(n string) bool { return !named[n] })
			if len(left) == len(k.Numbers) {
				return nil
			}
			return t.Run(ctx, sql.Do(`UPDATE tickets SET version = version + 1, numbers = $2 WHERE id = $1`, id, sql.List(left)))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// otherTickets takes the person out of tickets of others.
func (e *eraser) otherTickets(ctx context.Context, ids []int64) error {
	n := e.s.names(e.p)
	for _, id := range ids {
		err := e.s.base.Write(ctx, func(t sql.Tx) error {
			k, err := lockTicket(ctx, t, id)
			if err != nil || k == nil {
				return err
			}
			numbers := slices.DeleteFunc(slices.Clone(k.Numbers), func(s string) bool { return n.in(s) })
			return t.Run(ctx, append(e.s.find.Unsearch(find.TicketsBy, []int64{id}), sql.Do(`UPDATE tickets SET version = version + 1, subject = $2, display = $3, numbers = $4, participants = $5 WHERE id = $1`,
				id, n.mask(k.Subject), n.mask(k.Display), sql.List(numbers), sql.List(e.without(k.Participants))))...)
		})
		if err != nil {
			return err
		}
		e.out.Mentions++
	}
	return nil
}
