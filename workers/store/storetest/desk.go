package storetest

import (
	"time"

	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/view"
)

// journal: what people did stands in one list, the newest first, whatever it was done with.
func journal(d *desk) {
	plan := d.open("k1", phone(1))
	parked := item("hotline", "k2", "spam")
	parked.Cause = "spam"
	message := d.record(parked)[0]
	d.must(d.Acts.CloseTicket(d.ctx, plan.Ticket.ID, d.now, "zhou"))
	d.must(d.Acts.Dismiss(d.ctx, message, d.now.Add(time.Second), "li"))
	d.must(d.Acts.Looked(d.ctx, plan.Message, "text", d.now.Add(2*time.Second), "li"))
	all, err := d.View.Journal(d.ctx, view.Page{})
	d.must(err)
	var got []any
	for _, n := range all {
		got = append(got, n.Who, n.Act.Act, n.Message, n.Ticket, n.Detail)
	}
	d.same("journal", []any{"li", "look", plan.Message, int64(0), "text", "li", "dismiss", message, int64(0), "spam", "zhou", "close", int64(0), plan.Ticket.ID, ""}, got)
	rest, err := d.View.Journal(d.ctx, view.Page{Before: all[0].ID, Limit: 1})
	d.must(err)
	if len(rest) != 1 || rest[0].Act.Act != "dismiss" || !rest[0].At.Equal(d.now.Add(time.Second)) {
		d.t.Errorf("the next page is %+v", rest)
	}
}

// sameCustomer: a ticket leads to the others of its contact, and to those that were written from the same address.
func sameCustomer(d *desk) {
	mail := message.Address{Kind: message.Email, Value: "ann@example.com"}
	claimed := func(key string, from message.Address) view.Ticket {
		dec := d.opening(d.pending(d.record(item("hotline", key, key))...)[0], from)
		dec.Plan.Contact.Add[0].Verified, dec.Plan.Ticket.Open.Claimed, dec.Plan.Row.Proven = false, true, false
		d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
		d.now = d.now.Add(time.Minute)
		rows, err := d.View.Tickets(d.ctx, view.Page{ID: dec.Plan.Ticket.ID})
		d.must(err)
		return rows[0]
	}
	first, second := claimed("k1", mail), claimed("k2", mail)
	proven := d.open("k3", mail)
	d.open("k4", phone(4))
	rows, err := d.View.Tickets(d.ctx, view.Page{ID: proven.Ticket.ID})
	d.must(err)
	for _, c := range []struct {
		what string
		of   view.Ticket
		want []int64
	}{
		{"a claimed one", first, []int64{proven.Ticket.ID, second.ID}},
		{"a proven one", rows[0], []int64{second.ID, first.ID}},
	} {
		others, err := d.View.SameCustomer(d.ctx, c.of)
		d.must(err)
		got := []int64{}
		for _, t := range others {
			got = append(got, t.ID)
		}
		d.same("the tickets beside "+c.what, c.want, got)
	}
	alone, err := d.View.Tickets(d.ctx, view.Page{Limit: 1})
	d.must(err)
	others, err := d.View.SameCustomer(d.ctx, alone[0])
	d.must(err)
	d.same("the tickets of somebody else", []view.Ticket{}, others)
}

// came: what was received and recorded since then counts by its channel; what is older or imported does not.
func came(d *desk) {
	since := d.now
	late := item("hotline", "k0", "from before")
	late.Delivery.At = since.Add(-time.Hour)
	imported := item("hotline", "k1", "imported")
	imported.Imported = true
	mail := item("support", "k2", "a mail")
	mail.Delivery.Channel = "email"
	d.now = d.now.Add(time.Minute)
	for _, i := range []*intake.Item{&imported, &mail} {
		i.Delivery.At = d.now
	}
	sms := item("hotline", "k3", "an SMS")
	sms.Delivery.At = d.now
	d.record(late, imported, mail, sms)
	got, err := d.View.Came(d.ctx, since)
	d.must(err)
	d.same("what came", map[string]int64{"email": 1, "sms": 1}, got)
	none, err := d.View.Came(d.ctx, d.now.Add(time.Hour))
	d.must(err)
	d.same("what came later", map[string]int64{}, none)
}

// unsentSince: an inbox owes since its oldest row was due that was tried in vain.
func unsentSince(d *desk) {
	plan := d.open("k1", phone(1))
	got, err := d.View.UnsentSince(d.ctx)
	d.must(err)
	d.same("before anything was tried", map[string]base.Stamp{}, got)
	due := d.now
	d.claim(plan.Effects[0].ID)
	d.settle(commands.SendEnded{ID: plan.Effects[0].ID, State: effects.Due, Next: d.now.Add(time.Minute), Code: "20003", Refused: true})
	got, err = d.View.UnsentSince(d.ctx)
	d.must(err)
	d.same("after a refusal", map[string]base.Stamp{"hotline": {Time: due}}, got)
}
