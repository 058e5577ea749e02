package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/thread"
	"frontdesk/workers/store"
	"frontdesk/workers/store/acts"
	"frontdesk/workers/store/auditing"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/outbox"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/view"
)

// promise is the state of a ticket's acknowledgement promise, and when it was settled.
func (d *desk) promise(ticket int64) (string, time.Time) {
	d.t.Helper()
	list, err := d.View.Promises(d.ctx, view.Page{Ticket: ticket})
	d.must(err)
	if len(list) != 1 {
		d.t.Fatalf("ticket %d has %d promises", ticket, len(list))
	}
	return list[0].State, list[0].SettledAt.Time
}

// effect is an outbox row as it is listed.
func (d *desk) effect(id int64) view.OutboxRow {
	d.t.Helper()
	list, err := d.View.Outbox(d.ctx, view.Page{ID: id})
	d.must(err)
	if len(list) != 1 || list[0].ID != id {
		d.t.Fatalf("there is no outbox row %d", id)
	}
	return list[0]
}

func (d *desk) settle(o ...commands.SendEnded) {
	d.t.Helper()
	d.must(d.Outbox.Settle(d.ctx, o, d.now))
}

func (d *desk) receipt(r channels.Receipt) {
	d.t.Helper()
	_, err := d.Intake.Record(d.ctx, intake.Lot{Receipts: []plans.InboxReceipt{{Inbox: "hotline", Receipt: r}}}, d.now)
	d.must(err)
}

func settleSent(d *desk) {
	plan := d.open("k1", phone(1))
	id := plan.Effects[0].ID
	rows := d.claim(id)
	if len(rows) != 1 {
		d.t.Fatalf("claimed %d rows", len(rows))
	}
	row := rows[0]
	d.same("facts of the row", outbox.EffectRow{ID: id, Key: plan.Effects[0].Key, Kind: effects.KindAcknowledgement, Ticket: plan.Ticket.ID,
		Message: plan.Message, Contact: plan.Contact.ID, Inbox: "hotline", Channel: "sms", To: phone(1), Payload: json.RawMessage(`{"language":"en"}`),
		State: effects.Due, Attempts: 1, CreatedAt: d.now, DueAt: d.now,
		Of:       &outbox.TicketFacts{ID: plan.Ticket.ID, Display: "Refund?", Status: "open", Language: "en", Queue: "payments", Category: "refund", OpenedAt: start},
		Promises: []outbox.PromiseFacts{{Kind: "acknowledgement", Due: start.Add(24 * time.Hour), State: promises.Due, Calendar: "always"}},
	}, row)
	d.settle(commands.SendEnded{ID: id, State: effects.Sent, ProviderID: "SM1"})
	state, settled := d.promise(plan.Ticket.ID)
	d.same("promise", []any{"kept", d.now}, []any{state, settled})
	e := d.effect(id)
	d.same("effect", []any{"sent", "SM1", d.now, 1}, []any{e.State, e.ProviderID, e.SentAt.Time, e.Attempts})
	if again := d.claim(id); len(again) != 0 {
		d.t.Error("a sent row was claimed")
	}
	d.counted()
}

func settleLate(d *desk) {
	plan := d.open("k1", phone(1))
	second := d.open("k2", phone(2))
	d.now = start.Add(25 * time.Hour)
	events, err := d.Outbox.WakePromises(d.ctx, d.now, 1)
	d.must(err)
	d.same("events", 1, len(events))
	for _, p := range []pipeline.Plan{plan, second} {
		d.claim(p.Effects[0].ID)
		d.settle(commands.SendEnded{ID: p.Effects[0].ID, State: effects.Sent})
		state, settled := d.promise(p.Ticket.ID)
		d.same("promise", []any{"broken", d.now}, []any{state, settled})
	}
	c, err := d.View.Counts(d.ctx, d.now)
	d.must(err)
	d.same("overdue", int64(0), c.Overdue)
	d.counted()
}

func settleVoidLate(d *desk) {
	late, early := d.open("k1", phone(1)), d.open("k2", phone(2))
	give := func(p pipeline.Plan) (string, time.Time) {
		d.claim(p.Effects[0].ID)
		d.settle(commands.SendEnded{ID: p.Effects[0].ID, State: effects.Failed, Code: "gone", Void: "no-address"})
		return d.promise(p.Ticket.ID)
	}
	state, _ := give(early)
	d.same("in time", "void", state)
	d.now = start.Add(25 * time.Hour)
	_, err := d.Outbox.WakePromises(d.ctx, d.now, 10)
	d.must(err)
	state, settled := give(late)
	d.same("too late", []any{"broken", d.now}, []any{state, settled})
	d.counted()
	b, err := d.Auditing.Audit(d.ctx, auditing.AuditOptions{}, d.now)
	d.must(err)
	d.same("findings", []auditing.Finding{}, b.Findings)
}

func claimOnce(d *desk) {
	plan := d.open("k1", phone(1))
	id := plan.Effects[0].ID
	if len(d.claim(id)) != 1 || len(d.claim(id)) != 0 {
		d.t.Fatal("the row was not claimed exactly once")
	}
	next := d.now.Add(15 * time.Second)
	d.settle(commands.SendEnded{ID: id, State: effects.Due, Next: next, Code: "429", Detail: "too many", PartsDone: 2})
	if len(d.claim(id)) != 0 {
		d.t.Error("the row was claimed before its time")
	}
	d.now = next
	rows := d.claim(id)
	if len(rows) != 1 || rows[0].Attempts != 2 || rows[0].PartsDone != 2 || rows[0].Unknown || rows[0].LastError != "429" {
		d.t.Errorf("claimed again: %+v", rows)
	}
}

func claimRanOut(d *desk) {
	plan := d.open("k1", phone(1))
	id := plan.Effects[0].ID
	d.claim(id)
	d.now = d.now.Add(3 * time.Minute)
	rows := d.claim(id)
	if len(rows) != 1 || !rows[0].Unknown || rows[0].State != effects.Sending {
		d.t.Fatalf("claimed again: %+v", rows)
	}
	d.settle(commands.SendEnded{ID: id, State: effects.Sent})
	d.settle(commands.SendEnded{ID: id, State: effects.Due, Next: d.now, Code: "late loser"})
	d.same("state", "sent", d.effect(id).State)
	d.counted()
}

// claimRanOutLate: a process stood still over the end of its claim, and says only now that its attempt
// came to nothing. The row is a later attempt's, which may be sending just now.
func claimRanOutLate(d *desk) {
	plan := d.open("k1", phone(1))
	id := plan.Effects[0].ID
	d.claim(id)
	d.now = d.now.Add(3 * time.Minute)
	d.claim(id)
	for _, late := range []commands.SendEnded{
		{ID: id, Attempt: 1, State: effects.Due, Next: d.now, Code: "unknown", Unknown: true},
		{ID: id, Attempt: 1, State: effects.Failed, Code: "550", Void: "no-address"},
	} {
		d.settle(late)
		d.same("state after the first attempt's "+late.Code, "sending", d.effect(id).State)
		d.same("rows that another worker may claim", 0, len(d.claim(id)))
	}
	state, _ := d.promise(plan.Ticket.ID)
	d.same("promise", "due", state)
	d.settle(commands.SendEnded{ID: id, Attempt: 2, State: effects.Sent}, commands.SendEnded{ID: id, Attempt: 1, State: effects.Due, Next: d.now})
	d.same("state when both speak at once", "sent", d.effect(id).State)
	d.counted()
}

// failureOvertakes: the provider says that a message will never arrive before the attempt that handed it
// over has said anything. Nobody else can be reached, and then the attempt comes back. Whoever says that
// it failed has had it, so the promise is kept, as when the words come in their order.
func failureOvertakes(d *desk) {
	plan := d.open("k1", phone(1))
	id := plan.Effects[0].ID
	row := d.claim(id)[0]
	d.receipt(channels.Receipt{Key: row.Key, ProviderID: "SM1", Status: channels.StatusFailed, Reason: "30003"})
	d.settle(commands.SendEnded{ID: id, Attempt: 1, State: effects.Failed, Code: "bounced", Detail: "30003", Void: "no-address"})
	d.settle(commands.SendEnded{ID: id, Attempt: 1, State: effects.Sent, ProviderID: "SM1"})
	state, _ := d.promise(plan.Ticket.ID)
	d.same("promise and row", []any{"kept", "failed"}, []any{state, d.effect(id).State})
	d.counted()
}

// fallback is the row that goes on by mail.
func fallback(ticket int64, d *desk) *effects.Plan {
	return &effects.Plan{Key: "acknowledgement:" + thread.TicketNumber(ticket) + ":2", Kind: effects.KindAcknowledgement, Inbox: "support", Channel: "email",
		To: message.Address{Kind: message.Email, Value: "ann@example.com"}, Due: d.now}
}

func settleFallback(d *desk) {
	plan := d.open("k1", phone(1))
	id := plan.Effects[0].ID
	d.claim(id)
	next := fallback(plan.Ticket.ID, d)
	d.settle(commands.SendEnded{ID: id, State: effects.Failed, Code: "21610", Fallback: next, OptedOut: true})
	d.settle(commands.SendEnded{ID: id, State: effects.Failed, Code: "21610", Fallback: next})
	d.same("first row", "fallback", d.effect(id).State)
	rows := d.claim(next.ID)
	if len(rows) != 1 || rows[0].Ticket != plan.Ticket.ID || rows[0].Message != plan.Message || rows[0].To.Value != "ann@example.com" {
		d.t.Fatalf("the next row is %+v", rows)
	}
	d.settle(commands.SendEnded{ID: next.ID, State: effects.Sent})
	state, _ := d.promise(plan.Ticket.ID)
	d.same("promise", "kept", state)
	addresses, err := d.Outbox.Addresses(d.ctx, plan.Contact.ID, plan.Message)
	d.must(err)
	d.same("opted out", true, addresses[0].OptedOut)
	d.counted()
}

func settleVoid(d *desk) {
	plan := d.open("k1", phone(1))
	id := plan.Effects[0].ID
	d.claim(id)
	d.settle(commands.SendEnded{ID: id, State: effects.Failed, Code: "550", Detail: "no such user", Dead: true, Void: "address-failed"})
	state, settled := d.promise(plan.Ticket.ID)
	d.same("promise", []any{"void", d.now}, []any{state, settled})
	k := d.known(phone(1), pipeline.Asks{From: phone(1).Identity(), Recipient: phone(1).Identity()})
	d.same("address failed", true, k.To.Failed)
	d.same("effect", []string{"failed", "550"}, []string{d.effect(id).State, d.effect(id).Cause})
	d.counted()
}

func receiptEarly(d *desk) {
	plan := d.open("k1", phone(1))
	id := plan.Effects[0].ID
	d.claim(id)
	d.receipt(channels.Receipt{ProviderID: "SM1", Status: channels.StatusDelivered, At: d.now})
	d.settle(commands.SendEnded{ID: id, State: effects.Sent, ProviderID: "SM1"})
	d.same("by provider id", "delivered", d.effect(id).State)
	state, _ := d.promise(plan.Ticket.ID)
	d.same("promise", "kept", state)

	second := d.open("k2", phone(2))
	id = second.Effects[0].ID
	d.claim(id)
	d.receipt(channels.Receipt{Key: second.Effects[0].Key, ProviderID: "SM2", Status: channels.StatusDelivered, At: d.now})
	d.same("by key", "delivered", d.effect(id).State)
	d.settle(commands.SendEnded{ID: id, State: effects.Due, Next: d.now, Unknown: true})
	d.same("after a lost answer", []any{"delivered", "SM2"}, []any{d.effect(id).State, d.effect(id).ProviderID})
	state, _ = d.promise(second.Ticket.ID)
	d.same("promise of what arrived, though nobody said that it was sent", "kept", state)

	// The answer was lost, the receipt comes an hour later and says when it arrived.
	third := d.open("k3", phone(3))
	id = third.Effects[0].ID
	d.claim(id)
	sent := d.now
	d.settle(commands.SendEnded{ID: id, State: effects.Due, Next: d.now.Add(48 * time.Hour), Unknown: true})
	d.now = start.Add(25 * time.Hour)
	d.receipt(channels.Receipt{Key: third.Effects[0].Key, Status: channels.StatusDelivered, At: sent})
	state, settled := d.promise(third.Ticket.ID)
	d.same("promise, by the time of the receipt", []any{"kept", sent}, []any{state, settled})
	d.counted()
}

func receiptRank(d *desk) {
	plan := d.open("k1", phone(1))
	id := plan.Effects[0].ID
	d.claim(id)
	d.settle(commands.SendEnded{ID: id, State: effects.Sent, ProviderID: "SM1"})
	for _, step := range []struct {
		status channels.Status
		want   string
	}{{channels.StatusSent, "sent"}, {channels.StatusDelivered, "delivered"}, {channels.StatusSent, "delivered"}, {channels.StatusFailed, "failed"}, {channels.StatusDelivered, "failed"}} {
		d.receipt(channels.Receipt{ProviderID: "SM1", Status: step.status, Reason: "30005", At: d.now})
		d.same("after "+string(step.status), step.want, d.effect(id).State)
	}
	d.wantFallback(plan)
	d.counted()
}

// wantFallback sees that the sweep brings a failed acknowledgement to a worker, who goes on elsewhere.
func (d *desk) wantFallback(plan pipeline.Plan) {
	d.t.Helper()
	id := plan.Effects[0].ID
	d.same("woken", []int64{id}, d.wokenEffects(time.Minute))
	rows := d.claim(id)
	if len(rows) != 1 || rows[0].State != effects.Failed || rows[0].Attempts != 1 {
		d.t.Fatalf("claimed for its fallback: %+v", rows)
	}
	d.settle(commands.SendEnded{ID: id, State: effects.Due, Next: d.now, Code: "handed-back"})
	d.same("handed back", "failed", d.effect(id).State)
	d.same("claimed again", 1, len(d.claim(id)))
	d.settle(commands.SendEnded{ID: id, State: effects.Failed, Code: "bounced", Fallback: fallback(plan.Ticket.ID, d)})
	d.same("state", "fallback", d.effect(id).State)
}

func commitBounce(d *desk) {
	plan := d.open("k1", phone(1))
	id := plan.Effects[0].ID
	d.claim(id)
	d.settle(commands.SendEnded{ID: id, State: effects.Sent})
	for i := range 2 {
		p := d.pending(d.record(item("hotline", "dsn"+string(rune('0'+i)), "DSN"))...)[0]
		d.must(d.Commit.Commit(d.ctx, []commit.Decision{{Pending: p, Plan: pipeline.Plan{Message: p.ID, State: messages.Suppressed, Cause: "bounce",
			Bounce: &pipeline.BouncePlan{Effect: id, Reason: "5.1.1", Dead: true}}}}, d.now))
	}
	k := d.known(phone(1), pipeline.Asks{From: phone(1).Identity(), Recipient: phone(1).Identity()})
	d.same("address failed", true, k.To != nil && k.To.Failed)
	e := d.effect(id)
	d.same("effect", []string{"failed", "bounced", "5.1.1"}, []string{e.State, e.Cause, e.LastError})
	d.wantFallback(plan)
	d.counted()

	p := d.pending(d.record(item("hotline", "again", "it lives"))...)[0]
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{{Pending: p, Plan: pipeline.Plan{Message: p.ID, State: messages.Suppressed, Cause: "opt-in", Alive: phone(1).Identity()}}}, d.now))
	k = d.known(phone(1), pipeline.Asks{From: phone(1).Identity(), Recipient: phone(1).Identity()})
	d.same("address failed after somebody has written from it", false, k.To != nil && k.To.Failed)
}

// commitFullMailbox is a bounce that says nothing about the address for ever.
func commitFullMailbox(d *desk) {
	plan := d.open("k1", phone(1))
	id := plan.Effects[0].ID
	d.claim(id)
	d.settle(commands.SendEnded{ID: id, State: effects.Sent})
	p := d.pending(d.record(item("hotline", "dsn", "DSN"))...)[0]
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{{Pending: p, Plan: pipeline.Plan{Message: p.ID, State: messages.Suppressed, Cause: "bounce",
		Bounce: &pipeline.BouncePlan{Effect: id, Reason: "bounce 4.2.2"}}}}, d.now))
	k := d.known(phone(1), pipeline.Asks{From: phone(1).Identity(), Recipient: phone(1).Identity()})
	d.same("address failed", false, k.To != nil && k.To.Failed)
	d.same("effect", "failed", d.effect(id).State)
	d.wantFallback(plan)
}

// bounceFirst is a bounce that comes before it is written down that the mail went out: before the
// attempt is settled, or after a death between the two.
func bounceFirst(d *desk) {
	bounce := func(key string, id int64) {
		p := d.pending(d.record(item("hotline", key, "DSN"))...)[0]
		d.must(d.Commit.Commit(d.ctx, []commit.Decision{{Pending: p, Plan: pipeline.Plan{Message: p.ID, State: messages.Suppressed, Cause: "bounce",
			Bounce: &pipeline.BouncePlan{Effect: id, Reason: "5.1.1"}}}}, d.now))
	}
	end := commands.SendEnded{State: effects.Failed, Code: "bounced", Void: causes.NoAddress}
	for n, c := range []struct {
		name string
		then []commands.SendEnded // what is settled after the bounce
		want string
	}{
		{"settled, then no other address", []commands.SendEnded{{State: effects.Sent, ProviderID: "M1"}, end}, "failed"},
		{"no other address, then settled", []commands.SendEnded{end, {State: effects.Sent, ProviderID: "M2"}}, "failed"},
		{"never settled, no other address", []commands.SendEnded{end}, "failed"},
	} {
		plan := d.open(fmt.Sprintf("k%d", n), phone(n))
		id := plan.Effects[0].ID
		d.claim(id)
		bounce(fmt.Sprintf("dsn%d", n), id)
		state, _ := d.promise(plan.Ticket.ID)
		d.same(c.name+": promise after the bounce", "kept", state)
		for _, o := range c.then {
			o.ID = id
			if o.State == effects.Failed {
				d.same(c.name+": claimed for its fallback", 1, len(d.claim(id)))
			}
			d.settle(o)
		}
		state, _ = d.promise(plan.Ticket.ID)
		d.same(c.name+": promise and effect", []string{"kept", c.want}, []string{state, d.effect(id).State})
	}
	d.counted()
	b, err := d.Auditing.Audit(d.ctx, auditing.AuditOptions{}, d.now)
	d.must(err)
	d.same("findings", []auditing.Finding{}, b.Findings)
}

func settleDigest(d *desk) {
	first := d.open("k1", phone(1))
	pending := d.pending(d.record(item("hotline", "k2", "two"), item("hotline", "k3", "three"))...)
	var plans []pipeline.Plan
	for i, p := range pending {
		dec := d.opening(p, phone(1))
		dec.Plan.Contact = contacts.Plan{ID: first.Contact.ID, Version: int64(1 + i)}
		dec.Plan.Effects[0].Cause = "sender-cap"
		if i == 0 {
			dec.Plan.Effects = append(dec.Plan.Effects, effects.Plan{Kind: effects.KindDigest, Inbox: "hotline", Channel: "sms", To: phone(1), Due: d.now.Add(time.Hour)})
			dec.Plan.Effects[1].Key = ""
			dec = d.assigned(dec)
		}
		d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
		plans = append(plans, dec.Plan)
	}
	digest := plans[0].Effects[1].ID
	if k := d.known(phone(1), pipeline.Asks{Recipient: phone(1).Identity()}); !k.Sent.Digest || k.Sent.Day != 1 || !k.Sent.Late.IsZero() {
		d.t.Errorf("sends are %+v", k.Sent)
	}
	if len(d.claim(digest)) != 0 {
		d.t.Error("the digest was claimed before its time")
	}
	d.now = d.now.Add(time.Hour)
	rows := d.claim(digest)
	if len(rows) != 1 || len(rows[0].Covers) != 2 || rows[0].Covers[0].ID != plans[0].Ticket.ID || rows[0].Covers[1].ID != plans[1].Ticket.ID {
		d.t.Fatalf("the digest covers %+v", rows)
	}
	d.settle(commands.SendEnded{ID: digest, State: effects.Sent})
	for _, p := range plans {
		state, _ := d.promise(p.Ticket.ID)
		d.same("promise", "kept", state)
	}
	state, _ := d.promise(first.Ticket.ID)
	d.same("promise of the first ticket", "due", state)
	d.counted()
}

// hold commits an opening whose acknowledgement to that address is held for a cause.
func (d *desk) hold(key, channel string, to message.Address, cause string) pipeline.Plan {
	d.t.Helper()
	one := item("hotline", key, "one")
	one.Delivery.Channel = channel
	dec := d.opening(d.pending(d.record(one)...)[0], to)
	dec.Plan.Effects[0].Cause, dec.Plan.Effects[0].Unproven = cause, true
	dec.Plan.Promises[0].Void = cause
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	return dec.Plan
}

// release lets held acknowledgements go and returns how many did, and how many may never go.
func (d *desk) release(r acts.Release) []int {
	d.t.Helper()
	r.Who = "ann"
	got, err := d.Acts.ReleaseHeld(d.ctx, r, d.now)
	d.must(err)
	return []int{got.Count, got.Refused}
}

// releaseHeld: what a cap over the whole desk withheld is listed, and goes when a person says so; its promise
// counts again.
func releaseHeld(d *desk) {
	var plans []pipeline.Plan
	for i := range 3 {
		plans = append(plans, d.hold(fmt.Sprint("k", i), "sms", phone(i), causes.StrangerCap))
	}
	held, err := d.Outbox.Held(d.ctx, d.now.Add(-time.Hour))
	d.must(err)
	if len(held) != 1 || held[0].Count != 3 || held[0].Cause != causes.StrangerCap || held[0].Inbox != "hotline" {
		d.t.Errorf("held: %+v", held)
	}
	d.same("of another cause", []int{0, 0}, d.release(acts.Release{Cause: causes.SMSBudget, Limit: 10}))
	d.same("of another inbox", []int{0, 0}, d.release(acts.Release{Cause: causes.StrangerCap, Inbox: "shop", Limit: 10}))
	d.same("released", []int{2, 0}, d.release(acts.Release{Cause: causes.StrangerCap, Inbox: "hotline", Limit: 2}))
	id := plans[0].Effects[0].ID
	state, _ := d.promise(plans[0].Ticket.ID)
	d.same("promise", "due", state)
	d.same("claimed", 1, len(d.claim(id)))
	d.settle(commands.SendEnded{ID: id, State: effects.Sent})
	state, _ = d.promise(plans[0].Ticket.ID)
	d.same("promise after the send", "kept", state)
	state, _ = d.promise(plans[2].Ticket.ID)
	d.same("promise of what is held", "void", state)
	story, err := d.View.Trace(d.ctx, plans[0].Message)
	d.must(err)
	if len(story.Acts) != 1 || story.Acts[0].Who != "ann" || story.Acts[0].Act != "release-held" || story.Acts[0].Detail != causes.StrangerCap {
		d.t.Errorf("the journal has %+v", story.Acts)
	}
	d.booked()
}

// releaseNamed: a row goes by its id whatever it is held for, and never one to which nothing may go. Of numbers
// that are not served, a whole cause lets only those go from which somebody has written.
func releaseNamed(d *desk) {
	wrote := d.hold("k1", "sms", phone(1), causes.NoServiceArea)
	premium := d.hold("k2", "sms", phone(2), causes.NoServiceArea)
	typed := d.hold("k3", "form", phone(3), causes.NoServiceArea)
	other := d.hold("k4", "form", phone(4), causes.UnprovenNumber)
	sent := d.open("k5", phone(5))
	may := func(a message.Address) bool { return a != phone(2) && a != phone(6) }
	id := func(p pipeline.Plan) int64 { return p.Effects[0].ID }
	d.same("a whole cause", []int{1, 0}, d.release(acts.Release{Cause: causes.NoServiceArea, Limit: 10, May: may}))
	d.same("who wrote", "due", d.effect(id(wrote)).State)
	older := d.hold("k6", "sms", phone(6), causes.NoServiceArea) // as programs before held them, wrote from there or not
	d.same("a whole cause again", []int{0, 0}, d.release(acts.Release{Cause: causes.NoServiceArea, Limit: 10, May: may}))
	state, _ := d.promise(older.Ticket.ID)
	d.same("what may never go is held no more", []string{"withheld", causes.PremiumNumber, "void"}, []string{d.effect(id(older)).State, d.effect(id(older)).Cause, state})
	d.same("named ones", []int{2, 1}, d.release(acts.Release{IDs: []int64{id(premium), id(typed), id(other), id(sent), 999}, May: may}))
	d.same("states", []string{"withheld", "due", "due"}, []string{d.effect(id(premium)).State, d.effect(id(typed)).State, d.effect(id(other)).State})
	d.same("named again", []int{0, 0}, d.release(acts.Release{IDs: []int64{id(typed), id(other)}, May: may}))
	d.booked()
}

// holdBack: a release is taken back as far as nothing was sent; the rest stays as it is.
func holdBack(d *desk) {
	const wait = 30 * time.Second
	a, b := d.hold("k1", "sms", phone(1), causes.StrangerCap), d.hold("k2", "form", phone(2), causes.UnprovenNumber)
	other := d.hold("k3", "sms", phone(3), causes.StrangerCap)
	ids := []int64{a.Effects[0].ID, b.Effects[0].ID}
	got, err := d.Acts.ReleaseHeld(d.ctx, acts.Release{IDs: ids, Wait: wait, Who: "ann"}, d.now)
	d.must(err)
	d.now = d.now.Add(time.Second)
	d.release(acts.Release{IDs: []int64{other.Effects[0].ID}, Wait: wait})
	d.same("claimed before its time", 0, len(d.claim(ids...)))
	back := func() int {
		n, err := d.Acts.HoldBack(d.ctx, got.Act, wait, d.now, "bob")
		d.must(err)
		return n
	}
	d.same("taken back", []int{2, 0}, []int{back(), back()})
	for _, p := range []pipeline.Plan{a, b} {
		row := d.effect(p.Effects[0].ID)
		state, _ := d.promise(p.Ticket.ID)
		d.same("row and promise", []string{"withheld", p.Effects[0].Cause, "void"}, []string{row.State, row.Cause, state})
	}
	d.same("of another release", "due", d.effect(other.Effects[0].ID).State)
	d.booked()
	d.now = d.now.Add(time.Second)
	got, err = d.Acts.ReleaseHeld(d.ctx, acts.Release{IDs: ids, Wait: wait, Who: "ann"}, d.now)
	d.must(err)
	d.now = d.now.Add(wait)
	d.same("claimed in its time", 1, len(d.claim(ids[0])))
	d.same("taken back in part", 1, back())
	d.settle(commands.SendEnded{ID: ids[0], State: effects.Sent})
	d.same("states", []string{"sent", "withheld"}, []string{d.effect(ids[0]).State, d.effect(ids[1]).State})
	if _, err := d.Acts.HoldBack(d.ctx, 1<<40, wait, d.now, "bob"); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("an act that never was: %v", err)
	}
	d.booked()
}

// booked: the counters are right, and the audit finds nothing.
func (d *desk) booked() {
	d.t.Helper()
	d.counted()
	b, err := d.Auditing.Audit(d.ctx, auditing.AuditOptions{}, d.now)
	d.must(err)
	d.same("findings", []auditing.Finding{}, b.Findings)
}

// plannedDigest: a decision is told when the last late digest of an address is due.
func plannedDigest(d *desk) {
	pending := d.pending(d.record(item("hotline", "k1", "one"))...)
	dec := d.opening(pending[0], phone(1))
	var last time.Time
	for i, in := range []time.Duration{time.Hour, 20 * time.Hour, 15 * time.Hour} {
		last = d.now.Add(in)
		dec.Plan.Effects = append(dec.Plan.Effects, effects.Plan{Kind: effects.KindDigest, Key: fmt.Sprint("digest:", i), Inbox: "hotline", Channel: "sms", To: phone(1), Due: last})
	}
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{d.assigned(dec)}, d.now))
	d.same("the last late digest", d.now.Add(20*time.Hour), d.known(phone(1), pipeline.Asks{Recipient: phone(1).Identity()}).Sent.Late.UTC())
}
