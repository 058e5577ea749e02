package storetest

import (
	"errors"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/recipients"
	"frontdesk/pipeline/thread"
	"frontdesk/workers/store"
	"frontdesk/workers/store/answering"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/sql"
)

// elsewhere is an answer to another address of the customer's, as a page that was just opened would send it.
func (d *desk) elsewhere(h answering.House, ticket int64, key string, to message.Address) answering.Writing {
	d.t.Helper()
	g, err := d.Answering.Elsewhere(d.ctx, wang, h, d.ground(wang, ticket), to.Identity())
	d.must(err)
	return answering.Writing{Key: key, Kind: replies.Answer, Ticket: ticket, Seen: g.Talk, Text: "It is on its way.", Channel: g.Channel, Inbox: g.Inbox, Carries: g.Carries,
		Recipients: g.Recipients, Subject: g.Subject, Language: g.Language, Of: g.Of, Elsewhere: g.Elsewhere}
}

// marked has a table of addresses say something of one.
func (d *desk) marked(a message.Address, set string) {
	d.t.Helper()
	d.must(d.Base.Write(d.ctx, func(t sql.Tx) error {
		return t.Run(d.ctx, sql.Do(`UPDATE identities SET `+set+` WHERE address = $1`, d.Base.Address(a.Identity())))
	}))
}

// answerElsewhere: an answer goes to another address that is proven to be the customer's, keeps the promise of a first reply, and what he answers there comes into the same
// ticket. What is proven of nobody, of somebody else, or takes nothing is no such address, at the moment of sending either.
func answerElsewhere(d *desk) {
	mail, chat := message.Address{Kind: message.Email, Value: "ann@customer.example"}, message.Address{Kind: "telegram", Value: "771"}
	claimed := phone(8)
	dec := d.opening(d.pending(d.record(item("support", "k1", "Where is my refund?"))...)[0], mail)
	dec.Plan.Contact.Add = append(dec.Plan.Contact.Add, contacts.Claim{Address: phone(7), Verified: true}, contacts.Claim{Address: chat, Verified: true}, contacts.Claim{Address: claimed})
	dec.Plan.Promises = append(dec.Plan.Promises, promises.Plan{Kind: promises.FirstReply, Due: d.now.Add(time.Hour), Calendar: "always"})
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	ticket := dec.Plan.Ticket.ID
	d.open("k2", phone(9))

	h := house
	h.Conversation = func(inbox string, to message.Address) string { return inbox + "|desk " + to.Value }
	others := func() []answering.Other {
		all, err := d.Answering.Others(d.ctx, wang, h, d.ground(wang, ticket))
		d.must(err)
		return all
	}
	offered := []answering.Other{{Address: phone(7), Channel: "sms"}, {Address: chat, Why: recipients.NoWay}}
	d.same("what is proven to be his is offered, and why nothing goes by it", offered, others())
	if _, err := d.Answering.Others(d.ctx, zhao, h, d.ground(wang, ticket)); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("who answers elsewhere is told where a customer can be reached: %v", err)
	}
	for what, to := range map[string]message.Address{"that he has only named": claimed, "of somebody else": phone(9), "to which no inbox writes": chat} {
		if _, err := d.Answering.Elsewhere(d.ctx, wang, h, d.ground(wang, ticket), to.Identity()); !errors.Is(err, answering.ErrNobody) {
			d.t.Errorf("an answer to an address %s: %v", what, err)
		}
		w := d.elsewhere(h, ticket, "page-0", phone(7))
		w.Recipients.To = []message.Address{to}
		if _, err := d.Answering.Send(d.ctx, wang, h, w, d.now); to != chat && !errors.Is(err, answering.ErrNobody) {
			d.t.Errorf("sending to an address %s: %v", what, err)
		}
	}
	w := d.elsewhere(h, ticket, "page-1", phone(7))
	d.same("it has no subject of a mail, and nobody gets a copy", []any{"", replies.Recipients{To: []message.Address{phone(7)}}, "sms"}, []any{w.Subject, w.Recipients, w.Channel})

	for _, state := range []struct {
		column string
		why    recipients.Reason
	}{{"opted_out", recipients.OptedOut}, {"failed", recipients.Failed}} {
		d.marked(phone(7), state.column+" = true")
		d.same(state.column, state.why, others()[0].Why)
		if _, err := d.Answering.Send(d.ctx, wang, h, w, d.now); !errors.Is(err, answering.ErrNobody) {
			d.t.Errorf("sending to an address that is %s since the page was made: %v", state.column, err)
		}
		d.marked(phone(7), state.column+" = false")
	}

	asks := pipeline.Asks{From: phone(7).Identity(), Thread: "support|desk " + phone(7).Value, Proven: true, Trusted: true}
	undone, err := d.Answering.Send(d.ctx, wang, h, w, d.now)
	d.must(err)
	d.must(d.Answering.Undo(d.ctx, wang, undone.Reply, d.now))
	d.same("what is taken back begins no conversation", 0, len(d.facts(asks).Threads))
	sent, err := d.Answering.Send(d.ctx, wang, h, d.elsewhere(h, ticket, "page-2", phone(7)), d.now)
	d.must(err)
	d.now = sent.Until
	rows := d.claim(sent.Effect)
	d.same("what goes out", []any{phone(7), "sms", effects.KindReply}, []any{rows[0].To, rows[0].Channel, rows[0].Kind})
	d.settle(commands.SendEnded{ID: sent.Effect, State: effects.Sent, ProviderID: "SM7"})
	d.same("a person's words keep the promise of a first reply by any channel", "kept", d.promiseOf(ticket, promises.FirstReply))
	named := d.facts(asks).For(message.Message{Inbox: "support", Channel: "sms", From: phone(7)}, asks).Named
	if len(named) != 1 || named[0].Ticket.ID != ticket || named[0].How != thread.ByConversation {
		d.t.Errorf("his answer names %+v", named)
	}
	d.counted()
	d.clean()
}
