package storetest

import (
	"errors"
	"fmt"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/challenge"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store"
	"frontdesk/workers/store/checking"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/persons"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/viewer"
)

// provenCases are about contacts that are joined by a code.
func provenCases() []namedCase {
	return []namedCase{
		{"a code that went to one proven address and came back from the other joins both by itself, once", provenJoins},
		{"nothing joins by itself but what both ends have proven", provenAttacks},
		{"what has changed since a code came back joins nobody", provenStale},
	}
}

// asked is the check that waits, as the line knows it.
func (d *desk) asked() pipeline.Check {
	d.t.Helper()
	all := d.facts(pipeline.Asks{Coded: true}).Checks
	if len(all) != 1 {
		d.t.Fatalf("the line knows %+v", all)
	}
	return all[0]
}

// comesBack is an answer to a check, in the ticket that opened with plan.
func (d *desk) comesBack(plan pipeline.Plan, check int64, passed bool, n int) {
	d.t.Helper()
	dec := d.following(d.pending(d.record(item("hotline", fmt.Sprint("answer", check, n), "123456"))...)[0], plan, int64(n), int64(n))
	dec.Plan.Check = &pipeline.CheckPlan{ID: check, Ticket: plan.Ticket.ID, Passed: passed}
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
}

func (d *desk) proves(want int) {
	d.t.Helper()
	n, err := d.Persons.Prove(d.ctx, d.now)
	d.must(err)
	d.same("joined by codes", want, n)
}

func provenJoins(d *desk) {
	ann := mailbox("ann@customer.example")
	sms, mail := d.came("k1", phone(1)), d.came("k2", ann)
	call, at := sms.Ticket.ID, mail.Ticket.ID
	ways := checking.Ways(own)
	id, err := d.Checking.BeginJoining(d.ctx, wang, ways, call, at, d.now)
	d.must(err)
	k := d.asked()
	d.same("its answer is the telephone's alone", []any{id, call, sms.Contact.ID}, []any{k.ID, k.Ticket, k.By})
	d.same("the code goes to the mailbox, and says that it joins", []string{ann.Value}, d.texts(`SELECT o.to_value FROM checks c JOIN outbox o ON o.id = c.effect WHERE o.kind = 'code' AND o.payload LIKE '%"joins":true%' AND c.ticket = $1`, call))
	if _, waits, err := d.Checking.Waits(d.ctx, d.Checking.Link(id), d.now); err != nil || waits {
		d.t.Errorf("our page asks for it: %t %v", waits, err)
	}
	d.proves(0)
	d.comesBack(sms, id, false, 1)
	d.proves(0)
	d.comesBack(sms, id, true, 2)
	d.proves(1)
	d.proves(0)
	p, addresses, tickets := d.person(wang, call)
	d.same("one person", []any{[]string{ann.Value}, []int64{at}}, []any{addresses, tickets})
	d.same("by the desk itself", []any{contacts.WhyCode, entries.Service}, []any{p.Steps[0].Why, p.Steps[0].By})
	d.same("books", []string(nil), d.faults())
	if _, err := d.Checking.BeginJoining(d.ctx, wang, ways, call, at, d.now); !errors.Is(err, persons.ErrUnfit) {
		d.t.Errorf("who is one person already: %v", err)
	}
	d.must(d.Persons.Undo(d.ctx, liu, call, p.Steps[0].ID, d.now))
	for _, pair := range [][2]int64{{call, at}, {at, call}} {
		if _, err := d.Checking.BeginJoining(d.ctx, wang, ways, pair[0], pair[1], d.now); !errors.Is(err, persons.ErrUnfit) {
			d.t.Errorf("whom a person has parted a code joins again: %v", err)
		}
	}
	d.counted()
	d.clean()
}

// provenAttacks: each of these sends no code, so it can join nobody. What the line makes of answers is in package pipeline: TestACodeThatJoinsIsAnsweredByItsContactAlone.
func provenAttacks(d *desk) {
	n := 0
	fresh := func(from message.Address, change ...func(*commit.Decision)) int64 {
		n++
		return d.came(fmt.Sprint("fresh", n), from, change...).Ticket.ID
	}
	claims := func(c *commit.Decision) {
		c.Plan.Contact.Add[0].Verified, c.Plan.Row.Proven, c.Plan.Ticket.Open.Claimed = false, false, true
	}
	queued := func(c *commit.Decision) { c.Plan.Ticket.Open.Queue = "cards" }
	sms := d.came("call", phone(1))
	ann, call := fresh(mailbox("ann@customer.example")), sms.Ticket.ID
	family := fresh(phone(20))
	d.must(d.Persons.Join(d.ctx, liu, family, fresh(mailbox("li@customer.example")), contacts.WhyTold, d.now))
	silent := fresh(phone(30))
	d.aged(silent, 60*24*time.Hour, 60*24*time.Hour)
	recycled := fresh(phone(31))
	d.aged(recycled, 300*24*time.Hour, 200*24*time.Hour)
	again := d.came("again", phone(32))
	d.byContact(recycled, again.Contact.ID)
	dead := fresh(mailbox("gone@customer.example"))
	d.marked(mailbox("gone@customer.example"), "failed = true")
	stopped := fresh(mailbox("stop@customer.example"))
	d.marked(mailbox("stop@customer.example"), "opted_out = true")
	for _, c := range []struct {
		name          string
		ticket, other int64
		v             viewer.Viewer
		want          error
	}{
		{"two mailboxes of the same name", ann, fresh(mailbox("ann@other.example")), wang, persons.ErrUnfit},
		{"two mailboxes of one company", ann, fresh(mailbox("bob@customer.example")), wang, persons.ErrUnfit},
		{"a mailbox that several people read", call, fresh(mailbox("info@customer.example")), wang, persons.ErrUnfit},
		{"and from one", fresh(mailbox("sales-2@customer.example")), call, wang, persons.ErrUnfit},
		{"a mailbox that is only claimed", call, fresh(mailbox("claim@customer.example"), claims), wang, persons.ErrUnfit},
		{"from a ticket that was opened by a claim", fresh(mailbox("typed@customer.example"), claims), call, wang, persons.ErrUnfit},
		{"a second customer's mailbox, on a telephone that is another one's already", family, ann, wang, persons.ErrUnfit},
		{"and the other way round", ann, family, wang, persons.ErrUnfit},
		{"a number that was silent for long", ann, silent, wang, persons.ErrUnfit},
		{"a number that was somebody else's before it fell silent", again.Ticket.ID, ann, wang, persons.ErrUnfit},
		{"a chat, for which no provider vouches as for a number", ann, fresh(message.Address{Kind: "telegram", Value: "771"}), wang, persons.ErrUnfit},
		{"a mailbox that takes nothing", call, dead, wang, persons.ErrUnfit},
		{"a mailbox whose owner wants nothing from us", call, stopped, wang, persons.ErrUnfit},
		{"a customer and himself", call, call, wang, persons.ErrUnfit},
		{"the customer of a queue that is not one's own", call, fresh(mailbox("else@customer.example"), queued), wang, store.ErrNotFound},
		{"who only reads", call, ann, sun, store.ErrNotFound},
		{"a ticket that is not there", call, 4_000_000, wang, store.ErrNotFound},
	} {
		if _, err := d.Checking.BeginJoining(d.ctx, c.v, checking.Ways(own), c.ticket, c.other, d.now); !errors.Is(err, c.want) {
			d.t.Errorf("%s: %v", c.name, err)
		}
	}
	d.same("no code went out", 0, len(d.texts(`SELECT to_kind FROM checks WHERE id > 0`)))
	for range 5 {
		_, err := d.Checking.BeginJoining(d.ctx, wang, checking.Ways(own), call, ann, d.now)
		d.must(err)
	}
	other := d.came("k9", phone(9))
	if _, err := d.Checking.BeginJoining(d.ctx, wang, checking.Ways(own), other.Ticket.ID, ann, d.now); !errors.Is(err, checking.ErrMany) {
		d.t.Errorf("a sixth code to one mailbox within an hour, from another ticket: %v", err)
	}
	last := d.asked()
	for i := range challenge.Tries {
		d.comesBack(sms, last.ID, false, i+1)
	}
	d.comesBack(sms, last.ID, true, challenge.Tries+1)
	d.same("guessed five times, and right behind that", []string{challenge.Failed}, d.texts(`SELECT result FROM checks WHERE id = $1`, last.ID))
	d.proves(0)
	d.same("nobody was joined", 1, len(d.texts(`SELECT kind FROM contact_steps WHERE id > 0`)))
}

// aged moves a ticket back in time.
func (d *desk) aged(ticket int64, opened, last time.Duration) {
	d.t.Helper()
	d.must(d.Base.Write(d.ctx, func(t sql.Tx) error {
		return t.Run(d.ctx, sql.Do(`UPDATE tickets SET opened_at = $2, last_at = $3 WHERE id = $1`, ticket, sql.Micros(d.now.Add(-opened)), sql.Micros(d.now.Add(-last))))
	}))
}

// byContact gives a ticket to another contact.
func (d *desk) byContact(ticket, contact int64) {
	d.t.Helper()
	d.must(d.Base.Write(d.ctx, func(t sql.Tx) error {
		return t.Run(d.ctx, sql.Do(`UPDATE tickets SET contact = $2 WHERE id = $1`, ticket, contact))
	}))
}

func provenStale(d *desk) {
	sms, mail := d.came("k1", phone(1)), d.came("k2", mailbox("ann@customer.example"))
	call, at := sms.Ticket.ID, mail.Ticket.ID
	second := d.came("k3", phone(2))
	id, err := d.Checking.BeginJoining(d.ctx, wang, checking.Ways(own), call, at, d.now)
	d.must(err)
	d.comesBack(sms, id, true, 1)
	d.must(d.Persons.Join(d.ctx, liu, at, second.Ticket.ID, contacts.WhyTold, d.now)) // the mailbox is another number's by now
	d.proves(0)
	d.proves(0)
	_, addresses, _ := d.person(liu, call)
	d.same("alone", []string(nil), addresses)
	d.same("books", []string(nil), d.faults())
}

// suggestedCases are about contacts that may be one person.
func suggestedCases() []namedCase {
	return []namedCase{
		{"who may be the same person is suggested with what speaks for it, and not once somebody has said no", suggestsWho},
	}
}

// worded gives a message that opened a ticket its words, and what is folded away below them; numbers are those of orders that the ticket names.
func (d *desk) worded(plan pipeline.Plan, visible, hidden string, numbers ...string) {
	d.t.Helper()
	d.must(d.Base.Write(d.ctx, func(t sql.Tx) error {
		return t.Run(d.ctx, sql.Do(`UPDATE messages SET visible = $2, quoted = $3, contact = $4 WHERE id = $1`, plan.Message, visible, hidden, plan.Contact.ID),
			sql.Do(`UPDATE tickets SET numbers = $2 WHERE id = $1`, plan.Ticket.ID, sql.List(numbers)),
			sql.Do(`INSERT INTO unsearched (ticket, message) VALUES ($1, 0) ON CONFLICT (ticket, message) DO NOTHING`, plan.Ticket.ID))
	}))
	for {
		n, err := d.Find.Index(d.ctx)
		d.must(err)
		if n == 0 {
			return
		}
	}
}

func suggestsWho(d *desk) {
	ann := mailbox("ann@customer.example")
	mail, sms := d.came("k1", ann), d.came("k2", phone(1))
	at, call := mail.Ticket.ID, sms.Ticket.ID
	suggests := func(v viewer.Viewer, ticket int64) (out []any) {
		d.t.Helper()
		all, err := d.Persons.Suggest(d.ctx, v, ticket)
		d.must(err)
		for _, s := range all {
			out = append(out, s.Ticket.ID, fmt.Sprint(s.Evidence))
		}
		return out
	}
	d.same("the same name alone suggests nobody", []any(nil), suggests(wang, at))
	d.worded(mail, "Please call me: "+phone(1).Value, "")
	d.same("the other's number in a message, and the same name", []any{call, "[wrote name]"}, suggests(wang, at))
	d.same("on the other's ticket as well", []any{at, "[wrote name]"}, suggests(wang, call))
	d.worded(mail, "Thank you.", "Ann\n"+phone(1).Value)
	d.same("in a signature", []any{call, "[signature name]"}, suggests(wang, at))
	d.worded(mail, "See below.", "From: Bob <bob@else.example>\n"+phone(1).Value)
	d.same("in a mail that was handed on", []any(nil), suggests(wang, at))
	d.worded(mail, "Order TP-2026-0815 is late", "", "TP20260815")
	d.worded(sms, "TP-2026-0815?", "", "TP20260815")
	d.same("both name an order", []any{call, "[order name]"}, suggests(wang, at))
	d.came("k3", mailbox("info@shop.example"))
	d.worded(sms, "I have written to info@shop.example and TP-2026-0815", "", "TP20260815")
	d.same("a mailbox that several people read suggests nobody", []any{at, "[order name]"}, suggests(wang, call))
	card := d.came("k4", phone(4), func(c *commit.Decision) { c.Plan.Ticket.Open.Queue = "cards" })
	d.worded(card, "TP-2026-0815", "", "TP20260815")
	d.same("what lies in another queue", []any{call, "[order name]"}, suggests(wang, at))
	if _, err := d.Persons.Suggest(d.ctx, zhao, at); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("who may not read the ticket: %v", err)
	}
	if err := d.Persons.Distinct(d.ctx, wang, at, call, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("an agent tells them apart: %v", err)
	}
	d.must(d.Persons.Distinct(d.ctx, liu, at, call, d.now))
	if err := d.Persons.Distinct(d.ctx, liu, call, at, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("told apart twice: %v", err)
	}
	d.same("told apart", []any{[]any(nil), []any(nil)}, []any{suggests(wang, at), suggests(wang, call)})
	if _, err := d.Checking.BeginJoining(d.ctx, wang, checking.Ways(own), call, at, d.now); !errors.Is(err, persons.ErrUnfit) {
		d.t.Errorf("a code to whom somebody has told apart: %v", err)
	}
	p, _, _ := d.person(liu, at)
	d.must(d.Persons.Undo(d.ctx, liu, at, p.Steps[0].ID, d.now))
	d.same("taken back", []any{call, "[order name]"}, suggests(wang, at))
	d.must(d.Persons.Join(d.ctx, liu, at, call, contacts.WhyOrder, d.now))
	d.same("who is one person is not suggested", []any(nil), suggests(wang, at))
	d.same("books", []string(nil), d.faults())
}
