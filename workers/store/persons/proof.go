package persons

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"frontdesk/pipeline/challenge"
	"frontdesk/pipeline/domain"
	command "frontdesk/pipeline/domain/commands/persons"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/identify"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
	"frontdesk/workers/store/viewer"
)

// ErrUnfit says that no code shows of two contacts that they are one person: one of them has proven neither a mailbox nor a telephone number, both have proven the same kind, one is a
// mailbox that several people read, a number was silent for so long that it may be somebody else's, they are one person already, or somebody has parted them.
var ErrUnfit = errors.New("a code does not show that these are one person")

// Provable is where a code goes that shows that the customer of a ticket, who answers it there, is the customer of another one, too; and who that is. sql.ErrNotFound: the viewer does not answer both.
func (s *Store) Provable(ctx context.Context, t sql.Tx, v viewer.Viewer, ticket, other int64, now time.Time) (to message.Address, contact int64, err error) {
	queues, every := v.Where(viewer.Answer)
	found := map[int64]int64{}
	if err := t.Run(ctx, sql.Ask(sql.Pair(func(id, contact int64) { found[id] = contact }), `SELECT id, contact FROM tickets WHERE id = ANY($1) AND ($2 OR queue = ANY($3))`, sql.Sorted([]int64{ticket, other}), every, sql.OrNone(queues))); err != nil {
		return to, 0, err
	}
	if found[ticket] == 0 || found[other] == 0 {
		return to, 0, sql.ErrNotFound
	}
	to, err = fit(ctx, t, found[ticket], found[other], now)
	return to, found[other], err
}

// owned is a proven address of a contact.
type owned struct {
	contact int64
	address message.Address
	mute    bool // nothing may or can be sent there
}

// fit gives the address of the second contact to which a code goes that the first one answers. ErrUnfit: none does.
func fit(ctx context.Context, t sql.Tx, first, second int64, now time.Time) (to message.Address, err error) {
	var sides [2][]owned
	var all [2][]int64
	for i, contact := range []int64{first, second} {
		if all[i], err = person(ctx, t, contact); err != nil {
			return to, err
		}
		if sides[i], err = addresses(ctx, t, all[i]); err != nil {
			return to, err
		}
	}
	if slices.Contains(all[0], second) || !apart(sides[0], sides[1]) {
		return to, ErrUnfit
	}
	for i, contact := range []int64{first, second} {
		at := slices.IndexFunc(sides[i], func(o owned) bool { return o.contact == contact && proves(o.address.Kind) })
		if at < 0 || identify.Shared(sides[i][at].address.Identity()) {
			return to, ErrUnfit
		}
		if i == 1 {
			if to = sides[i][at].address; sides[i][at].mute {
				return to, ErrUnfit
			}
		}
		if sides[i][at].address.Kind != message.Phone {
			continue
		}
		if lapsed, err := lapsed(ctx, t, contact, now); err != nil || lapsed {
			return to, orUnfit(err)
		}
	}
	if parted, err := parted(ctx, t, all[0], all[1]); err != nil || parted {
		return to, orUnfit(err)
	}
	return to, nil
}

// parted reports whether somebody has said of two persons that they are not the same: has parted them, taken their joining back, or said so of a suggestion.
func parted(ctx context.Context, t sql.Tx, first, second []int64) (bool, error) {
	n := int64(0)
	err := t.Run(ctx, sql.Ask(sql.Into(&n), `SELECT count(*) FROM contact_steps s WHERE s.id {in SELECT id FROM contact_steps WHERE contact = ANY($1) AND root = ANY($2)
UNION SELECT id FROM contact_steps WHERE contact = ANY($2) AND root = ANY($1)} AND (s.kind <> '`+contacts.StepJoin+`' AND s.stands OR s.kind = '`+contacts.StepJoin+`' AND s.undone_at > 0)`, sql.Sorted(first), sql.Sorted(second)))
	return n > 0, err
}

func orUnfit(err error) error {
	if err != nil {
		return err
	}
	return ErrUnfit
}

// proves reports whether a code to such an address, or from it, shows who reads there: a mailbox whose mail is authenticated, or a number that its provider vouches for.
func proves(kind message.AddressKind) bool { return kind == message.Email || kind == message.Phone }

// apart reports whether no kind of address is on both sides: a person has one mailbox and one number as far as a code may say. A second one of a kind is how two customers on one telephone look.
func apart(a, b []owned) bool {
	return !slices.ContainsFunc(a, func(o owned) bool {
		return slices.ContainsFunc(b, func(other owned) bool { return o.address.Kind == other.address.Kind })
	})
}

func addresses(ctx context.Context, t sql.Tx, all []int64) (out []owned, err error) {
	err = t.Run(ctx, sql.Ask(func(row sql.Row) error {
		var o owned
		err := row.Scan(&o.contact, &o.address.Kind, &o.address.Value, &o.mute)
		out = append(out, o)
		return err
	}, `SELECT contact, kind, value, opted_out OR failed FROM identities WHERE contact <> 0 AND contact = ANY($1) AND verified ORDER BY contact, created_at, address`, sql.Sorted(all)))
	return out, err
}

// mostSpans bounds the tickets that are looked at for when a number was silent.
const mostSpans = 1000

func lapsed(ctx context.Context, t sql.Tx, contact int64, now time.Time) (bool, error) {
	var heard []contacts.Span
	err := t.Run(ctx, sql.Ask(sql.Pair(func(from, to int64) { heard = append(heard, contacts.Span{From: sql.Moment(from), To: sql.Moment(to)}) }),
		`SELECT opened_at, last_at FROM tickets WHERE contact <> 0 AND contact = $1 ORDER BY opened_at DESC, id DESC LIMIT $2`, contact, int64(mostSpans)))
	slices.Reverse(heard)
	return contacts.Lapsed(heard, now), err
}

// mostProven bounds how many joinings are made at once.
const mostProven = 20

// Prove joins those of whom a code has shown that they are one person, once each, and tells how many. What is not so any more joins nobody.
func (s *Store) Prove(ctx context.Context, now time.Time) (joined int, err error) {
	type shown struct{ check, ticket, contact, joins int64 }
	var all []shown
	if err := s.base.Read(ctx, "looking for codes that came back", sql.Ask(func(row sql.Row) error {
		var one shown
		err := row.Scan(&one.check, &one.ticket, &one.contact, &one.joins)
		all = append(all, one)
		return err
	}, `SELECT c.id, c.ticket, t.contact, c.joins FROM checks c JOIN tickets t ON t.id = c.ticket WHERE c.joins <> 0 AND c.result = '`+challenge.Passed+`' AND c.joined_at = 0 ORDER BY c.id LIMIT $1`, int64(mostProven))); err != nil {
		return 0, err
	}
	for _, one := range all {
		ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 2)
		if err != nil {
			return joined, fmt.Errorf("joining by a code: %w", err)
		}
		did := false
		err = s.base.Write(ctx, func(t sql.Tx) error {
			mine := int64(0)
			did = false
			calls := append([]sql.Call{sql.Ask(sql.Into(&mine), `UPDATE checks SET joined_at = $2 WHERE id = $1 AND joined_at = 0 RETURNING id`, one.check, sql.Micros(now))}, s.plans.LockPersons()...)
			if err := t.Run(ctx, calls...); err != nil || mine == 0 {
				return err
			}
			if _, err := fit(ctx, t, one.contact, one.joins, now); err != nil {
				return unless(err, ErrUnfit)
			}
			count := base.Tally{}
			d, err := s.plans.Carry(ctx, t, []domain.Command{command.Join{Step: ids[1], Ticket: one.ticket, Contact: one.joins, Into: one.contact, Why: contacts.WhyCode, Actor: entries.Service}}, ids[:1], now, count)
			if err != nil {
				return unless(err, sql.ErrNotFound)
			}
			did = true
			return t.Run(ctx, append(d.Calls, count.Call())...)
		})
		if err != nil {
			return joined, fmt.Errorf("joining by a code: %w", err)
		}
		if did {
			joined++
		}
	}
	return joined, nil
}

// unless is an error, if it is not that one.
func unless(err, that error) error {
	if errors.Is(err, that) {
		return nil
	}
	return err
}
