package storetest

import (
	"encoding/json"
	"errors"
	"strings"

	"frontdesk/channels"
	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/recipients"
	"frontdesk/workers/store/answering"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/sql"
)

func mails(values ...string) (out []message.Address) {
	for _, v := range values {
		out = append(out, message.Address{Kind: message.Email, Value: v})
	}
	return out
}

// plain is an address without a name.
func plain(a message.Address) message.Address { return message.Address{Kind: a.Kind, Value: a.Value} }

// readings are what answers stand on, opened, by message.
func (d *desk) readings() map[int64]string {
	d.t.Helper()
	sealed, out := map[int64][]byte{}, map[int64]string{}
	d.must(d.Base.DB.Read(d.ctx, func(t sql.Tx) error {
		return t.Run(d.ctx, sql.Ask(sql.Pair(func(id int64, b []byte) { sealed[id] = b }), `SELECT message, sealed FROM readings ORDER BY message`))
	}))
	for id, b := range sealed {
		if strings.Contains(string(b), "@") && strings.Contains(string(b), "example") {
			d.t.Errorf("what an answer to message %d stands on lies open", id)
		}
		r, err := base.OpenReading(d.ctx, d.Base.Ring, id, b)
		d.must(err)
		text, err := json.Marshal(r)
		d.must(err)
		out[id] = string(text)
	}
	return out
}

// answerMail: an answer goes to all whom the newest mail shows, below that mail.
func answerMail(d *desk) {
	ann, bob, carl, dora := mails("ann@shop.example")[0], mails("bob@shop.example")[0], mails("carl@other.example")[0], mails("dora@other.example")[0]
	us := mails("support@desk.example")[0]
	first := d.opening(d.pending(d.record(mailItem("k1", ann, "Where is my refund?"))...)[0], ann)
	first.Plan.Row.Reading = recipients.Reading{MessageID: "m1@shop.example", References: []string{"m0@shop.example"}, To: []message.Address{us, bob}, Cc: []message.Address{carl}}
	first.Plan.Effects[0].Payload = json.RawMessage(`{"language":"en","thread":"","in_reply_to":"m1@shop.example"}`)
	parked := d.pending(d.record(mailItem("k2", bob, "spam"))...)[0]
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{first, {Pending: parked, Known: []byte(`{}`), Plan: pipeline.Plan{Message: parked.ID, State: messages.Parked, Cause: causes.Automated,
		Row: pipeline.MessageRow{Kind: "message", From: bob, Reading: recipients.Reading{MessageID: "spam@shop.example"}}}}}, d.now))
	ticket := first.Plan.Ticket.ID
	d.same("kept of what people see in a ticket, and of nothing else", 1, len(d.readings()))
	g := d.ground(wang, ticket)
	d.same("to whom", replies.Recipients{To: []message.Address{ann}, Cc: []message.Address{bob, carl}}, g.Recipients)
	d.same("proven is who has written himself", []bool{true, false, false}, []bool{g.Proves(ann), g.Proves(bob), g.Proves(carl)})

	d.stops(carl)
	more := d.following(d.pending(d.record(mailItem("k3", ann, "And?"))...)[0], first.Plan, 1, 1)
	more.Plan.Row.Proven, more.Plan.Row.Reading = true, recipients.Reading{MessageID: "m2@shop.example", References: []string{"m0@shop.example", "m1@shop.example"},
		ReplyTo: []message.Address{dora}, To: []message.Address{us}, Cc: []message.Address{carl}}
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{more}, d.now))
	g = d.ground(wang, ticket)
	d.same("of the newest mail, to whom it asks to be answered", replies.Recipients{To: []message.Address{dora}}, g.Recipients)
	d.same("not to who has said STOP", []recipients.Left{{Address: carl, Why: recipients.OptedOut}}, g.Left)

	sent := d.sends(wang, d.answer(wang, ticket, "page-1", "It is on its way."))
	d.now = sent.Until
	rows := d.claim(sent.Effect)
	var p answering.Payload
	d.must(json.Unmarshal(rows[0].Payload, &p))
	d.same("below the newest mail", answering.Payload{InReplyTo: "m2@shop.example", References: []string{"m0@shop.example", "m1@shop.example", "m2@shop.example"}}, p)
	d.same("who is gone stays who was shown", []message.Address{dora}, rows[0].Reply.Recipients.To)

	d.must(d.Acts.TakeOut(d.ctx, more.Plan.Message, d.now, "li"))
	d.same("what was taken out of the ticket", 1, len(d.readings()))
	d.same("the mail before it is the newest again", []message.Address{bob}, d.ground(wang, ticket).Recipients.Cc)
	d.misplaced(ticket, first.Plan.Message)
	d.clean()
}

// misplaced: what is put in another one's place does not open there, and an answer goes without.
func (d *desk) misplaced(ticket, id int64) {
	d.t.Helper()
	var before []byte
	d.must(d.Base.DB.Read(d.ctx, func(t sql.Tx) error {
		return t.Run(d.ctx, sql.Ask(sql.Into(&before), `SELECT sealed FROM readings WHERE message = $1`, id))
	}))
	set := func(b []byte) {
		d.must(d.Base.Write(d.ctx, func(t sql.Tx) error {
			return t.Run(d.ctx, sql.Do(`UPDATE readings SET sealed = $2 WHERE message = $1`, id, b))
		}))
	}
	other, err := base.SealReading(d.Base.Ring, id+1, recipients.Reading{Cc: mails("evil@x.example")})
	d.must(err)
	set(other)
	d.same("copies", 0, len(d.ground(wang, ticket).Recipients.Cc))
	d.same("an audit names it", 1, len(d.findings()))
	set(before)
}

// stops has somebody say STOP.
func (d *desk) stops(who message.Address) {
	d.t.Helper()
	p := d.pending(d.record(mailItem("stop "+who.Value, who, "STOP"))...)[0]
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{{Pending: p, Known: []byte(`{}`), Plan: pipeline.Plan{Message: p.ID, State: messages.Suppressed, Cause: "opt-out",
		Row: pipeline.MessageRow{Kind: "message", From: who}, Consent: said(who.Identity(), true)}}}, d.now))
}

// copiesAreRefused by a channel that carries none, or not so many; nothing is written.
func copiesAreRefused(d *desk) {
	ticket := d.open("k1", phone(1)).Ticket.ID
	w := d.answer(wang, ticket, "page-1", "Yes.")
	w.Recipients.Cc = []message.Address{phone(2)}
	_, err := d.Answering.Send(d.ctx, wang, house, w, d.now)
	var e *channels.Error
	if !errors.As(err, &e) || e.Code != "no-copies" {
		d.t.Errorf("a copy by SMS: %v", err)
	}
	w.Carries.Cc = 1
	w.Recipients.Cc = append(w.Recipients.Cc, phone(3))
	_, err = d.Answering.Send(d.ctx, wang, house, w, d.now)
	if !errors.As(err, &e) || e.Code != "too-many-copies" {
		d.t.Errorf("more copies than fit: %v", err)
	}
	d.same("nothing is said", int64(1), d.ground(wang, ticket).Talk)
}
