package storetest

import (
	"errors"
	"fmt"
	"sync"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store"
	"frontdesk/workers/store/answering"
	"frontdesk/workers/store/auditing"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/erasure"
	"frontdesk/workers/store/persons"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/viewer"
)

// liu directs work in the queue in which the suite's tickets lie, gao looks after the desk.
var (
	liu = viewer.Viewer{User: 5, Login: "liu", Name: "Liu", Grants: []viewer.Grant{{Role: viewer.Lead, Queue: "payments"}}}
	gao = viewer.Viewer{User: 6, Login: "gao", Name: "Gao", Grants: []viewer.Grant{{Role: viewer.Administrator, Queue: viewer.Every}}}
)

// joinedCases are about contacts that are one person.
func joinedCases() []namedCase {
	return []namedCase{
		{"contacts are joined, parted and given back, and the books balance at each step", joinedBalance},
		{"of two who join two customers into each other at once one wins", joinedRace},
		{"a joining changes no recipient, offers no address, and brings no message into another ticket", joinedAside},
		{"leads and administrators say who is one person, on tickets that they may read", joinedRights},
		{"who is erased leaves the others one person", joinedErased},
		{"an audit finds pointers and joinings that do not fit", joinedAudited},
	}
}

// came opens a ticket of that address.
func (d *desk) came(key string, from message.Address, change ...func(*commit.Decision)) pipeline.Plan {
	d.t.Helper()
	inbox := "hotline"
	if from.Kind == message.Email {
		inbox = "support"
	}
	dec := d.opening(d.pending(d.record(item(inbox, key, "Where is my refund?"))...)[0], from)
	for _, c := range change {
		c(&dec)
	}
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	return dec.Plan
}

func mailbox(value string) message.Address {
	return message.Address{Kind: message.Email, Value: value}
}

// person is who wrote a ticket: the addresses of whom it is beside its own contact, and their tickets.
func (d *desk) person(v viewer.Viewer, ticket int64) (p persons.Person, addresses []string, tickets []int64) {
	d.t.Helper()
	p, err := d.Persons.Of(d.ctx, v, ticket)
	d.must(err)
	for _, c := range p.Contacts {
		addresses = append(addresses, c.Value)
	}
	for _, k := range p.Tickets {
		tickets = append(tickets, k.ID)
	}
	return p, addresses, tickets
}

// faults are what an audit says of who is one person.
func (d *desk) faults() (out []string) {
	d.t.Helper()
	b, err := d.Auditing.Audit(d.ctx, auditing.AuditOptions{}, d.now)
	d.must(err)
	for _, f := range b.Findings {
		if f.Rule == auditing.RulePerson {
			out = append(out, f.Detail)
		}
	}
	return out
}

func joinedBalance(d *desk) {
	ann := mailbox("ann@customer.example")
	mail, sms, second := d.came("k1", ann), d.came("k2", phone(1)), d.came("k3", phone(2))
	at, call, other := mail.Ticket.ID, sms.Ticket.ID, second.Ticket.ID
	d.must(d.Persons.Join(d.ctx, liu, at, call, contacts.WhyTold, d.now))
	p, addresses, tickets := d.person(liu, at)
	d.same("the mail's page", []any{[]string{phone(1).Value}, []int64{call}, true}, []any{addresses, tickets, p.May})
	_, addresses, tickets = d.person(wang, call)
	d.same("the call's page, which an agent reads", []any{[]string{ann.Value}, []int64{at}}, []any{addresses, tickets})
	d.same("what was done", []any{contacts.StepJoin, phone(1).Value, ann.Value, contacts.WhyTold, "liu"}, []any{p.Steps[0].Kind, p.Steps[0].Who.Value, p.Steps[0].With.Value, p.Steps[0].Why, p.Steps[0].By})
	if err := d.Persons.Join(d.ctx, liu, call, at, contacts.WhyTold, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("joined twice: %v", err)
	}
	d.must(d.Persons.Join(d.ctx, liu, other, at, contacts.WhyOrder, d.now))
	_, addresses, tickets = d.person(liu, other)
	d.same("all three", []any{[]string{ann.Value, phone(1).Value}, []int64{call, at}}, []any{addresses, tickets})
	d.same("books", []string(nil), d.faults())

	d.must(d.Persons.Part(d.ctx, liu, at, mail.Contact.ID, contacts.WhyShared, d.now))
	_, addresses, _ = d.person(liu, at)
	d.same("who has left is alone", []string(nil), addresses)
	_, addresses, _ = d.person(liu, other)
	d.same("the others stay", []string{phone(1).Value}, addresses)
	d.same("books after a parting", []string(nil), d.faults())
	p, _, _ = d.person(liu, at)
	parted := p.Steps[0].ID
	d.must(d.Persons.Undo(d.ctx, liu, at, parted, d.now))
	if err := d.Persons.Undo(d.ctx, liu, at, parted, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("taken back twice: %v", err)
	}
	_, addresses, _ = d.person(liu, at)
	d.same("taken back, all three again", []string{phone(1).Value, phone(2).Value}, addresses)
	p, _, _ = d.person(liu, call)
	first := p.Steps[len(p.Steps)-1]
	d.same("the first joining", contacts.WhyTold, first.Why)
	if err := d.Persons.Part(d.ctx, liu, at, mail.Contact.ID, "because", d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("parted for a reason of nobody's list: %v", err)
	}
	d.must(d.Persons.Undo(d.ctx, liu, call, first.ID, d.now))
	_, addresses, _ = d.person(liu, call)
	d.same("the first taken back", []string(nil), addresses)
	_, addresses, _ = d.person(liu, other)
	d.same("the second stands", []string{ann.Value}, addresses)
	d.same("books at the end", []string(nil), d.faults())
	d.counted()
}

func joinedRace(d *desk) {
	var tickets []int64
	for n := range 4 {
		tickets = append(tickets, d.came(fmt.Sprint("k", n), phone(n+1)).Ticket.ID)
	}
	var wg sync.WaitGroup
	errs := make([]error, 12)
	for i := range errs {
		wg.Go(func() {
			errs[i] = d.Persons.Join(d.ctx, liu, tickets[i%4], tickets[(i+1+i/4)%4], contacts.WhyKnown, d.now)
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, store.ErrNotFound) {
			d.t.Error(err)
		}
	}
	_, addresses, _ := d.person(liu, tickets[0])
	d.same("of all that make four into one three are done", []any{3, 3}, []any{won, len(addresses)})
	d.same("books", []string(nil), d.faults())
}

// joinedAside: who is one person is what agents see. An answer goes where it went, nothing else is offered, and the line knows of each contact what it knew.
func joinedAside(d *desk) {
	ann := mailbox("ann@customer.example")
	mail, sms := d.came("k1", ann), d.came("k2", phone(1))
	at, call := mail.Ticket.ID, sms.Ticket.ID
	look := func() (out []any) {
		for _, ticket := range []int64{at, call} {
			g := d.ground(wang, ticket)
			others, err := d.Answering.Others(d.ctx, wang, house, g)
			d.must(err)
			out = append(out, g.Recipients, len(others))
		}
		for _, from := range []message.Address{ann, phone(1)} {
			a := pipeline.Asks{From: from.Identity(), Proven: true, Trusted: true}
			known := d.facts(a).For(message.Message{}, a)
			var recent []int64
			for _, t := range known.Recent {
				recent = append(recent, t.ID)
			}
			out = append(out, known.Contact.ID, known.Contact.Version, known.Contact.Identities, recent)
		}
		return out
	}
	before := look()
	d.must(d.Persons.Join(d.ctx, liu, at, call, contacts.WhyTold, d.now))
	d.same("joined", before, look())
	w := d.elsewhereTo(at, phone(1))
	if _, err := d.Answering.Send(d.ctx, wang, house, w, d.now); !errors.Is(err, answering.ErrNobody) {
		d.t.Errorf("an answer to the other address of one person: %v", err)
	}
	pair, err := d.Merging.Look(d.ctx, wang, at, call)
	d.must(err)
	d.same("whoever merges the tickets is told that an answer goes to one address alone", true, pair.Foreign)
	_, err = d.Merging.Merge(d.ctx, wang, call, at, true, d.now)
	d.must(err)
	d.same("the merged ticket's recipient", before[0], any(d.ground(wang, at).Recipients))
	d.same("and no further address", 0, len(func() []answering.Other {
		others, err := d.Answering.Others(d.ctx, wang, house, d.ground(wang, at))
		d.must(err)
		return others
	}()))
}

// elsewhereTo is an answer that a page has been made to send to an address that nobody offered.
func (d *desk) elsewhereTo(ticket int64, to message.Address) answering.Writing {
	d.t.Helper()
	w := d.answer(wang, ticket, "page-else", "Here.")
	w.Elsewhere, w.Inbox, w.Channel, w.Recipients.To, w.Recipients.Cc = true, "hotline", "sms", []message.Address{to}, nil
	return w
}

func joinedRights(d *desk) {
	ann := mailbox("ann@customer.example")
	mail, sms := d.came("k1", ann), d.came("k2", phone(1))
	card := d.came("k3", phone(2), func(c *commit.Decision) { c.Plan.Ticket.Open.Queue = "cards" })
	at, call, elsewhere := mail.Ticket.ID, sms.Ticket.ID, card.Ticket.ID
	for who, v := range map[string]viewer.Viewer{"an agent": wang, "an agent of all queues": chen, "an auditor": sun, "an agent of another queue": zhao} {
		if err := d.Persons.Join(d.ctx, v, at, call, contacts.WhyTold, d.now); !errors.Is(err, store.ErrNotFound) {
			d.t.Errorf("%s joins: %v", who, err)
		}
	}
	for _, pair := range [][2]int64{{at, elsewhere}, {elsewhere, at}} {
		if err := d.Persons.Join(d.ctx, liu, pair[0], pair[1], contacts.WhyTold, d.now); !errors.Is(err, store.ErrNotFound) {
			d.t.Errorf("a lead joins whom he may not read: %v", err)
		}
	}
	d.must(d.Persons.Join(d.ctx, gao, at, elsewhere, contacts.WhyTold, d.now))
	d.must(d.Persons.Join(d.ctx, gao, at, call, contacts.WhyTold, d.now))
	p, addresses, tickets := d.person(liu, at)
	d.same("a lead sees what lies in his queue alone", []any{[]string{phone(1).Value}, []int64{call}, 1}, []any{addresses, tickets, len(p.Steps)})
	if err := d.Persons.Part(d.ctx, liu, at, card.Contact.ID, contacts.WhyMistake, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("a lead parts whom he may not read: %v", err)
	}
	all, _, _ := d.person(gao, at)
	hidden := all.Steps[len(all.Steps)-1].ID
	if err := d.Persons.Undo(d.ctx, liu, at, hidden, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("a lead takes back what he may not see: %v", err)
	}
	if _, err := d.Persons.Of(d.ctx, zhao, at); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("who may not read a ticket is told who wrote it: %v", err)
	}
	p, _, _ = d.person(wang, at)
	d.same("an agent may not", false, p.May)
	veiled := liu
	veiled.Veiled = []viewer.Role{viewer.Lead}
	_, addresses, _ = d.person(veiled, at)
	d.same("from whom the house keeps addresses", []string{"•••"}, addresses)
}

func joinedErased(d *desk) {
	ann := mailbox("ann@customer.example")
	mail, sms, second := d.came("k1", ann), d.came("k2", phone(1)), d.came("k3", phone(2))
	at, call, other := mail.Ticket.ID, sms.Ticket.ID, second.Ticket.ID
	d.must(d.Persons.Join(d.ctx, liu, at, call, contacts.WhyTold, d.now))
	d.must(d.Persons.Join(d.ctx, liu, at, other, contacts.WhyTold, d.now))
	who, err := d.Erasure.PersonAt(d.ctx, ann.Identity())
	d.must(err)
	d.same("one address is erased", 1, len(who.Addresses))
	_, err = d.Erasure.Erase(d.ctx, who, erasure.Erasure{}, d.now)
	d.must(err)
	_, addresses, tickets := d.person(liu, call)
	d.same("the others are one person still", []any{[]string{phone(2).Value}, []int64{other}}, []any{addresses, tickets})
	for _, from := range []message.Address{phone(1), phone(2)} {
		a := pipeline.Asks{From: from.Identity(), Proven: true, Trusted: true}
		if known := d.facts(a).For(message.Message{}, a).Contact; known == nil || len(known.Identities) != 1 {
			d.t.Errorf("%s is known as %+v", from.Value, known)
		}
	}
	d.same("books", []string(nil), d.faults())
	who, err = d.Erasure.PersonAt(d.ctx, phone(1).Identity())
	d.must(err)
	_, err = d.Erasure.Erase(d.ctx, who, erasure.Erasure{}, d.now)
	d.must(err)
	p, addresses, _ := d.person(liu, other)
	d.same("the last one is alone, and nothing is to be taken back", []any{[]string(nil), 0}, []any{addresses, len(p.Steps)})
	d.same("books at the end", []string(nil), d.faults())
	n := int64(-1)
	d.must(d.Base.Read(d.ctx, "counting pointers", sql.Ask(sql.Into(&n), `SELECT count(*) FROM contact_pointers`)))
	d.same("pointers", int64(0), n)
}

func joinedAudited(d *desk) {
	a, b, c := d.came("k1", phone(1)), d.came("k2", phone(2)), d.came("k3", phone(3))
	d.must(d.Persons.Join(d.ctx, liu, a.Ticket.ID, b.Ticket.ID, contacts.WhyTold, d.now))
	d.must(d.Persons.Join(d.ctx, liu, a.Ticket.ID, c.Ticket.ID, contacts.WhyTold, d.now))
	d.same("at first", 0, len(d.faults()))
	for _, broken := range []struct {
		name, do, undo string
		id             int64
		want           int
	}{
		{"a chain", `UPDATE contact_pointers SET root = %d WHERE contact = $1`, `UPDATE contact_pointers SET root = %d WHERE contact = $1`, b.Contact.ID, 1},
		{"a joining that was taken away", `UPDATE contact_steps SET stands = false WHERE contact = $1 AND %d > 0`, `UPDATE contact_steps SET stands = true WHERE contact = $1 AND %d > 0`, b.Contact.ID, 1},
		{"a pointer that was taken away", `DELETE FROM contact_pointers WHERE contact = $1 AND %d > 0`, ``, b.Contact.ID, 1},
	} {
		run := func(text string, to int64) {
			d.must(d.Base.Write(d.ctx, func(t sql.Tx) error { return t.Run(d.ctx, sql.Do(fmt.Sprintf(text, to), broken.id)) }))
		}
		run(broken.do, c.Contact.ID)
		if got := d.faults(); len(got) != broken.want {
			d.t.Errorf("%s: %q", broken.name, got)
		}
		if broken.undo != "" {
			run(broken.undo, a.Contact.ID)
		}
	}
}
