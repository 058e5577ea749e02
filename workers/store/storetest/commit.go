package storetest

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/dedupe"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/thread"
	"frontdesk/workers/store"
	"frontdesk/workers/store/backlog"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/fates"
	"frontdesk/workers/store/view"
)

func (d *desk) known(from message.Address, a pipeline.Asks) pipeline.Known {
	a.Proven = true
	d.t.Helper()
	a.Proven, a.Trusted = true, true
	return d.facts(a).For(message.Message{Inbox: "hotline", Channel: "sms", From: from}, a)
}

func openTicket(d *desk) {
	plan := d.open("k1", phone(1))
	who := phone(1).Identity()
	k := d.known(phone(1), pipeline.Asks{From: who, Recipient: who, Print: "f00d", Thread: "hotline|" + phone(1).Value})
	d.same("contact", &contacts.Contact{ID: plan.Contact.ID, Version: 1, Name: "Ann", Language: "en",
		Identities: []contacts.Identity{{Identity: who, Verified: true}}}, k.Contact)
	want := plan.Ticket.Open
	want.ID, want.Version, want.Contact = plan.Ticket.ID, 1, plan.Contact.ID
	d.same("recent tickets", []tickets.Ticket{want}, k.Recent)
	d.same("named tickets", []thread.Named{{Ticket: want, How: thread.ByConversation}}, k.Named)
	d.same("counts", []int{1, 1, 1, 1}, []int{k.LastHour, k.Sent.Hour, k.Sent.Day, k.Sent.Repeats})

	d.now = d.now.Add(2 * time.Hour)
	k = d.known(phone(1), pipeline.Asks{From: who, Recipient: who, Print: "f00d"})
	d.same("counts after two hours", []int{0, 0, 1, 1}, []int{k.LastHour, k.Sent.Hour, k.Sent.Day, k.Sent.Repeats})
}

func commitFollowing(d *desk) {
	pending := d.pending(d.record(item("hotline", "k1", "one"), item("hotline", "k2", "two"), item("hotline", "k3", "three"))...)
	first := d.opening(pending[0], phone(1))
	second := d.following(pending[1], first.Plan, 1, 1)
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{first, second}, d.now))
	third := d.following(pending[2], first.Plan, 2, 2)
	third.Plan.Ticket.At, third.Plan.Ticket.Priority, third.Plan.Ticket.People = d.now, "urgent", []message.Identity{phone(2).Identity()}
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{third}, d.now))

	k := d.known(phone(1), pipeline.Asks{From: phone(1).Identity()})
	if len(k.Recent) != 1 {
		d.t.Fatalf("there are %d tickets", len(k.Recent))
	}
	t := k.Recent[0]
	d.same("versions", []int64{3, 3}, []int64{k.Contact.Version, t.Version})
	d.same("messages", 3, t.Messages)
	d.same("channels", []string{"sms", "email"}, t.Channels)
	d.same("numbers", []string{"A-77"}, t.Numbers)
	d.same("participants", []message.Identity{phone(1).Identity(), phone(2).Identity()}, t.Participants)
	d.same("last and priority", []any{d.now, "urgent"}, []any{t.LastAt, t.Priority})
}

func commitStale(d *desk) {
	first := d.open("k1", phone(1))
	pending := d.pending(d.record(item("hotline", "k2", "two"), item("hotline", "k3", "three"))...)
	for name, versions := range map[string][2]int64{"contact": {0, 1}, "ticket": {1, 0}, "later contact": {2, 1}} {
		fresh := d.opening(pending[1], phone(9))
		err := d.Commit.Commit(d.ctx, []commit.Decision{fresh, d.following(pending[0], first, versions[0], versions[1])}, d.now)
		if !errors.Is(err, store.ErrConflict) {
			d.t.Errorf("%s: error is %v, want ErrConflict", name, err)
		}
	}
	d.pending(pending[0].ID, pending[1].ID)
	if k := d.known(phone(9), pipeline.Asks{From: phone(9).Identity()}); k.Contact != nil {
		d.t.Error("part of a batch in conflict was committed")
	}
	gone := d.following(pending[0], first, 1, 1)
	gone.Plan.Ticket.ID = 999_999
	if err := d.Commit.Commit(d.ctx, []commit.Decision{gone}, d.now); !errors.Is(err, store.ErrConflict) {
		d.t.Errorf("ticket that is not there: error is %v, want ErrConflict", err)
	}
}

func commitTwice(d *desk) {
	pending := d.pending(d.record(item("hotline", "k1", "one"), item("hotline", "k2", "two"), item("hotline", "k3", "three"))...)
	batches := [][]commit.Decision{
		{d.opening(pending[0], phone(1)), d.opening(pending[1], phone(2))},
		{d.opening(pending[1], phone(2)), d.opening(pending[2], phone(3))},
	}
	errs := d.commitAtOnce(batches...)
	won, lost := 0, 1
	if errs[0] != nil {
		won, lost = 1, 0
	}
	d.must(errs[won])
	var gone *store.GoneError
	if !errors.As(errs[lost], &gone) {
		d.t.Fatalf("error is %v, want a GoneError", errs[lost])
	}
	d.same("gone", []int64{pending[1].ID}, gone.IDs)
	tickets, err := d.View.Tickets(d.ctx, view.Page{})
	d.must(err)
	d.same("tickets", 2, len(tickets))
}

// commitAtOnce commits batches beside each other.
func (d *desk) commitAtOnce(batches ...[]commit.Decision) []error {
	errs := make([]error, len(batches))
	var wait sync.WaitGroup
	for i, b := range batches {
		wait.Go(func() { errs[i] = d.Commit.Commit(d.ctx, b, d.now) })
	}
	wait.Wait()
	return errs
}

func commitTwoFirst(d *desk) {
	pending := d.pending(d.record(item("hotline", "k1", "one"), item("support", "k1", "one"))...)
	errs := d.commitAtOnce([]commit.Decision{d.opening(pending[0], phone(1))}, []commit.Decision{d.opening(pending[1], phone(1))})
	lost := 0
	if errs[0] == nil {
		lost = 1
	}
	d.must(errs[1-lost])
	if !errors.Is(errs[lost], store.ErrConflict) {
		d.t.Fatalf("error is %v, want ErrConflict", errs[lost])
	}
	k := d.known(phone(1), pipeline.Asks{From: phone(1).Identity()})
	again := d.opening(pending[lost], phone(1))
	again.Plan.Contact = contacts.Plan{ID: k.Contact.ID, Version: k.Contact.Version}
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{again}, d.now))
	k = d.known(phone(1), pipeline.Asks{From: phone(1).Identity()})
	d.same("version and tickets", []int{2, 2}, []int{int(k.Contact.Version), len(k.Recent)})
}

// commitTakenClaim: a claim stays with its message. It finds nobody, and it goes once somebody proves the address.
func commitTakenClaim(d *desk) {
	first := d.open("k1", phone(1))
	dec := d.opening(d.pending(d.record(item("hotline", "k2", "two"))...)[0], phone(2))
	mail := message.Address{Kind: message.Email, Value: "ann@example.com"}
	dec.Plan.Contact.Add = append(dec.Plan.Contact.Add, contacts.Claim{Address: phone(1)}, contacts.Claim{Address: mail})
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	f := d.facts(pipeline.Asks{From: phone(1).Identity(), Recipient: mail.Identity()}, pipeline.Asks{From: phone(2).Identity()})
	d.same("owners", map[message.Identity]int64{phone(1).Identity(): first.Contact.ID, phone(2).Identity(): dec.Plan.Contact.ID}, f.Owners)
	reach := func() []contacts.Identity {
		addresses, err := d.Outbox.Addresses(d.ctx, dec.Plan.Contact.ID, dec.Plan.Message)
		d.must(err)
		return addresses
	}
	own := contacts.Identity{Identity: phone(2).Identity(), Verified: true}
	d.same("its own and what nobody has proven", []contacts.Identity{own, {Identity: mail.Identity()}}, reach())
	other, err := d.Outbox.Addresses(d.ctx, dec.Plan.Contact.ID, first.Message)
	d.must(err)
	d.same("a claim is its own message's", []contacts.Identity{own}, other)
	d.open("k3", mail)
	d.same("after its owner has proven it", []contacts.Identity{own}, reach())
}

// commitAdoption: a ticket that somebody opened under a claim becomes the contact's who proves the address.
func commitAdoption(d *desk) {
	mail := message.Address{Kind: message.Email, Value: "ann@example.com"}
	first := d.opening(d.pending(d.record(item("hotline", "k1", "one"))...)[0], mail)
	first.Plan.Contact.Add[0].Verified, first.Plan.Ticket.Open.Claimed, first.Plan.Row.Proven = false, true, false
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{first}, d.now))
	asks := pipeline.Asks{From: mail.Identity(), Proven: true, Tokens: []pipeline.Token{{Ticket: first.Plan.Ticket.ID, How: thread.ByReplyAddress}}}
	k := d.facts(asks).For(message.Message{Inbox: "hotline", From: mail}, asks)
	if k.Contact != nil || len(k.Named) != 1 || !k.Named[0].Ticket.Claimed {
		d.t.Fatalf("known is %+v", k)
	}
	p := d.pending(d.record(item("hotline", "k2", "two"))...)[0]
	second := d.assigned(commit.Decision{Pending: p, Known: []byte(`{}`), Plan: pipeline.Plan{Message: p.ID, State: messages.Appended,
		Contact: contacts.Plan{New: true, Add: []contacts.Claim{{Address: mail, Verified: true}}},
		Ticket:  tickets.Plan{ID: first.Plan.Ticket.ID, Version: 1, At: p.At, Channel: "email", Adopt: true},
		Row:     pipeline.MessageRow{Kind: "message", From: mail, Proven: true, Visible: "And?"}}})
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{second}, d.now))
	owner := second.Plan.Contact.ID
	k = d.facts(asks).For(message.Message{Inbox: "hotline", From: mail}, asks)
	d.same("its ticket", []int64{owner, first.Plan.Ticket.ID}, []int64{k.Contact.ID, k.Recent[0].ID})
	d.same("claimed", false, k.Recent[0].Claimed)
	for _, message := range []int64{first.Plan.Message, p.ID} {
		story, err := d.View.Trace(d.ctx, message)
		d.must(err)
		d.same("the message's contact", owner, story.Contact)
		d.same("proven", message == p.ID, story.Message.Proven)
	}
}

// claimFails: what is known of an address that is only claimed outlives the message that claimed it.
func claimFails(d *desk) {
	mail := message.Address{Kind: message.Email, Value: "ann@example.com"}
	first := d.opening(d.pending(d.record(item("hotline", "k1", "one"))...)[0], mail)
	first.Plan.Contact.Add[0].Verified, first.Plan.Ticket.Open.Claimed = false, true
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{first}, d.now))
	id := first.Plan.Effects[0].ID
	d.claim(id)
	d.settle(commands.SendEnded{ID: id, State: effects.Failed, Code: "550", Dead: true, Void: "no-address"})
	asks := pipeline.Asks{From: mail.Identity(), Recipient: mail.Identity()}
	k := d.facts(asks).For(message.Message{Inbox: "hotline", From: mail}, asks)
	d.same("failed, nobody's", []bool{true, true}, []bool{k.To != nil && k.To.Failed, k.Contact == nil && !k.Owned})
}

func commitCopy(d *desk) {
	pending := d.pending(d.record(item("hotline", "k1", "one"), item("support", "k2", "two"))...)
	first := d.opening(pending[0], phone(1))
	first.Plan.Row.Content, first.Plan.Row.Reference, first.Plan.Row.SentAt, first.Plan.Row.Proven = "c1", "r1", d.now, false
	first.Plan.Row.Mine = "r1 of phone 1"
	first.Plan.Row.Attachments = []message.Attachment{{Name: "a.pdf"}}
	first.Plan.Effects[0].To = phone(9) // its sender hears nothing
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{first}, d.now))
	second := d.opening(pending[1], phone(2))
	second.Plan.Row.Content = "c1"
	if err := d.Commit.Commit(d.ctx, []commit.Decision{second}, d.now); !errors.Is(err, store.ErrConflict) {
		d.t.Fatalf("error is %v, want ErrConflict", err)
	}
	for own, want := range map[string]map[string]dedupe.Twin{"r1": {"r1": {Message: pending[0].ID, Inbox: "hotline", Ticket: first.Plan.Ticket.ID, From: phone(1).Identity(),
		SentAt: d.now, Text: "Where is my refund?\n", Files: []string{"a.pdf"}}}, "r3": {}} {
		d.same("what bore "+own+" before", want, d.facts(pipeline.Asks{Own: own}).Twins)
	}
	f := d.facts(pipeline.Asks{Content: "c1", References: []string{"r1", "r2"}})
	copied := dedupe.Copy{Message: pending[0].ID, Inbox: "hotline", Ticket: first.Plan.Ticket.ID, Unproven: true}
	d.same("first copy", map[string]dedupe.Copy{"c1": copied}, f.Contents)
	copied.Unproven = false
	later, err := d.Facts.Facts(d.ctx, []pipeline.Asks{{Content: "c0", Vouched: "c1"}}, nil, nil, d.now.Add(8*24*time.Hour))
	d.must(err)
	d.same("first copy, asked for as a vouched one, after a week", map[string]dedupe.Copy{"c1": copied}, later.Contents)
	d.same("references", map[string]int64{"r1": first.Plan.Ticket.ID}, f.References)
	d.same("references as the writer's own", map[string]int64{"r1 of phone 1": first.Plan.Ticket.ID}, d.facts(pipeline.Asks{Mine: []string{"r1 of phone 1", "r1 of phone 2"}}).References)
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{{Pending: pending[1], Plan: pipeline.Plan{Message: pending[1].ID, State: messages.Duplicate,
		Duplicate: pending[0].ID, Inform: "accounts", Row: second.Plan.Row}}}, d.now))
	ticket := d.facts(pipeline.Asks{References: []string{"r1"}}).Tickets[first.Plan.Ticket.ID]
	d.same("informed queues, messages, version", []any{[]string{"accounts"}, 1, int64(1)}, []any{ticket.Informed, ticket.Messages, ticket.Version})
}

func commitVersions(d *desk) {
	var ids []int64
	commit := func(key, version, seen string, at time.Time, state messages.State) {
		d.t.Helper()
		p := d.pending(d.record(item("hotline", key, key))...)[0]
		plan := d.opening(p, phone(len(ids)+1))
		plan.Plan.Row.Version, plan.Plan.Row.Seen, plan.Plan.Ticket.At = version, seen, at
		if state != messages.Ticketed {
			plan.Plan = pipeline.Plan{Message: p.ID, State: state, Cause: "echo", Row: plan.Plan.Row}
		}
		d.must(d.Commit.Commit(d.ctx, []commit.Decision{plan}, d.now))
		ids = append(ids, p.ID)
	}
	knows := func(what string, want map[string]dedupe.Version) {
		d.t.Helper()
		d.same(what, want, d.facts(pipeline.Asks{Version: "v1"}, pipeline.Asks{Version: "v2"}).Versions)
	}
	knows("nothing", map[string]dedupe.Version{})
	commit("k1", "v1", "a", d.now, messages.Ticketed)
	knows("the first", map[string]dedupe.Version{"v1": {Message: ids[0], Seen: "a"}})
	commit("k2", "v1", "b", d.now.Add(time.Minute), messages.Ticketed)
	commit("k3", "v2", "c", d.now, messages.Ticketed)
	both := map[string]dedupe.Version{"v1": {Message: ids[1], Seen: "b"}, "v2": {Message: ids[2], Seen: "c"}}
	knows("the last of each", both)
	commit("k4", "v1", "a", d.now.Add(time.Second), messages.Ticketed)
	knows("one that was overtaken changes nothing", both)
	commit("k5", "v2", "d", d.now.Add(time.Hour), messages.Suppressed)
	knows("nor does one that nobody sees", both)
	_, err := d.Files.Expire(d.ctx, d.now.Add(59*24*time.Hour), 100)
	d.must(err)
	knows("within two months", both)
	_, err = d.Files.Expire(d.ctx, d.now.Add(61*24*time.Hour), 100)
	d.must(err)
	knows("later", map[string]dedupe.Version{})
}

func commitPoison(d *desk) {
	pending := d.pending(d.record(item("hotline", "k1", "one"), item("hotline", "k2", "two"))...)
	bad := d.opening(pending[1], phone(2))
	bad.Plan.State = "bogus"
	err := d.Commit.Commit(d.ctx, []commit.Decision{d.opening(pending[0], phone(1)), bad}, d.now)
	var data *store.DataError
	if !errors.As(err, &data) {
		d.t.Fatalf("error is %v, want a DataError", err)
	}
	d.pending(pending[0].ID, pending[1].ID)
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{d.opening(pending[0], phone(1))}, d.now))
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{{Pending: pending[1], Plan: pipeline.Plan{Message: pending[1].ID, State: messages.Parked,
		Cause: causes.Unparsable, Evidence: "refused by the database"}}}, d.now))
}

func commitSameEffect(d *desk) {
	pending := d.pending(d.record(item("hotline", "k1", "one"), item("hotline", "k2", "two"))...)
	first, second := d.opening(pending[0], phone(1)), d.opening(pending[1], phone(2))
	second.Plan.Effects[0].Key = first.Plan.Effects[0].Key
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{first}, d.now))
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{second}, d.now))
	rows, err := d.View.Outbox(d.ctx, view.Page{})
	d.must(err)
	if len(rows) != 1 || rows[0].ID != first.Plan.Effects[0].ID {
		d.t.Errorf("outbox is %+v", rows)
	}
	d.counted()
}

func commitDropOriginal(d *desk) {
	large := item("hotline", "k1", string(make([]byte, 300<<10)))
	pending := d.pending(d.record(large, item("hotline", "k2", "cvv 123"))...)
	var batch []commit.Decision
	for i, p := range pending {
		dec := d.opening(p, phone(i))
		dec.Plan.DropOriginal = true
		batch = append(batch, dec)
	}
	d.must(d.Commit.Commit(d.ctx, batch, d.now))
	for _, p := range pending {
		if _, _, err := d.Files.Original(d.ctx, p.ID); !errors.Is(err, store.ErrNotFound) {
			d.t.Errorf("error is %v, want ErrNotFound", err)
		}
	}
}

// said is STOP at an address, or START.
func said(who message.Identity, stop bool) *commands.ConsentCame {
	on := contacts.Start
	if stop {
		on = contacts.Stop
	}
	return &commands.ConsentCame{Address: contacts.Address{Identity: who}, On: on}
}

func commitOptOut(d *desk) {
	d.open("k1", phone(1))
	who := phone(1).Identity()
	for i, out := range []bool{true, false} {
		k := d.known(phone(1), pipeline.Asks{From: who})
		p := d.pending(d.record(item("hotline", "stop"+string(rune('0'+i)), "STOP"))...)[0]
		d.must(d.Commit.Commit(d.ctx, []commit.Decision{{Pending: p, Plan: pipeline.Plan{Message: p.ID, State: messages.Suppressed, Cause: "opt-out",
			Contact: contacts.Plan{ID: k.Contact.ID, Version: k.Contact.Version},
			Consent: said(who, out)}}}, d.now))
		k = d.known(phone(1), pipeline.Asks{From: who, Recipient: who})
		d.same("opted out", out, k.To.OptedOut)
	}
	// Somebody nobody knows yet says STOP: it holds when he becomes a contact.
	stranger := phone(7).Identity()
	p := d.pending(d.record(item("hotline", "stop-stranger", "STOP"))...)[0]
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{{Pending: p, Plan: pipeline.Plan{Message: p.ID, State: messages.Suppressed,
		Consent: said(stranger, true)}}}, d.now))
	if k := d.known(phone(7), pipeline.Asks{From: stranger}); k.Contact != nil {
		d.t.Errorf("a STOP made a contact: %+v", k.Contact)
	}
	d.open("k7", phone(7))
	k := d.known(phone(7), pipeline.Asks{From: stranger, Recipient: stranger})
	d.same("opted out before it was known", true, k.To.OptedOut)
	for i, last := range []bool{false, true} { // of one batch the last word counts
		var batch []commit.Decision
		for j, stop := range []bool{!last, last} {
			p := d.pending(d.record(item("hotline", fmt.Sprint("batch", i, j), "STOP or START"))...)[0]
			batch = append(batch, commit.Decision{Pending: p, Plan: pipeline.Plan{Message: p.ID, State: messages.Suppressed, Cause: "opt-out", Consent: said(stranger, stop)}})
		}
		d.must(d.Commit.Commit(d.ctx, batch, d.now))
		k := d.known(phone(7), pipeline.Asks{From: stranger, Recipient: stranger})
		d.same("the last word of a batch", last, k.To.OptedOut)
	}
}

func factsOfMail(d *desk) {
	mail := message.Address{Kind: message.Email, Value: "Ann@Example.com"}
	dec := d.opening(d.pending(d.record(item("hotline", "k1", "one"))...)[0], mail)
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	effect := dec.Plan.Effects[0]
	d.claim(effect.ID)
	d.must(d.Outbox.Settle(d.ctx, []commands.SendEnded{{ID: effect.ID, State: effects.Sent, ProviderID: "ack.1@desk.example"}}, d.now))
	byKey, byID := pipeline.BouncedBy{Key: effect.Key}, pipeline.BouncedBy{MessageID: "ack.1@desk.example"}
	f := d.facts(pipeline.Asks{From: mail.Identity(), Recipient: mail.Identity(), Print: "f00d", Proven: true, Trusted: true,
		Tokens:  []pipeline.Token{{Ticket: dec.Plan.Ticket.ID, How: thread.ByReplyAddress}, {Ticket: 999_999}},
		Bounced: []pipeline.BouncedBy{byKey, byID, {Key: "none"}}})
	want := pipeline.Effect{ID: effect.ID, Key: effect.Key, Kind: effect.Kind, Ticket: dec.Plan.Ticket.ID, To: mail.Value}
	d.same("bounced", map[pipeline.BouncedBy]pipeline.Effect{byKey: want, byID: want}, f.Effects)
	d.same("domain", &pipeline.DomainFacts{AcksHour: 1, Prints: map[string]int{"f00d": 1}}, f.Domains["example.com"])
	d.same("tickets", 1, len(f.Tickets))
	if !f.Since["hotline"].IsZero() {
		d.t.Error("the inbox was never connected")
	}
}

// countApart: what a stranger posts under somebody's number, and what he gets there, counts for nobody else.
func countApart(d *desk) {
	who := phone(1).Identity()
	counts := func(proven bool) []int {
		a := pipeline.Asks{From: who, Recipient: who, Print: "f00d", Proven: proven, Trusted: proven}
		k := d.facts(a).For(message.Message{Inbox: "hotline", Channel: "sms", From: phone(1), Proven: proven}, a)
		return []int{k.LastHour, k.Sent.Hour, k.Sent.Day, k.Sent.Repeats}
	}
	dec := d.opening(d.pending(d.record(item("hotline", "k1", "one"))...)[0], phone(1))
	dec.Plan.Row.Proven, dec.Plan.Effects[0].Unproven = false, true
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	d.same("a stranger's", []int{1, 1, 1, 1}, counts(false))
	d.same("the owner's", []int{0, 0, 0, 0}, counts(true))
}

// countScopes: what the whole desk has used up is read back, and a batch that was decided before others used up
// the rest is a conflict.
func countScopes(d *desk) {
	plan := func(key string, n int, count pipeline.CountPlan) error {
		dec := d.opening(d.pending(d.record(item("hotline", key, key))...)[0], phone(n))
		dec.Plan.Counts = []pipeline.CountPlan{count}
		return d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now)
	}
	scope := func() pipeline.Scope { return *d.facts(pipeline.Asks{Scopes: []string{"stranger"}}).Scopes["stranger"] }
	d.same("nothing yet", pipeline.Scope{}, scope())
	d.must(plan("k1", 1, pipeline.CountPlan{Scope: "stranger", At: d.now, N: 3, Room: 1}))
	d.same("used", pipeline.Scope{Hour: 3, Day: 3, Before: 3}, scope())
	if err := plan("k2", 2, pipeline.CountPlan{Scope: "stranger", At: d.now, N: 1, Seen: 0, Room: 2}); !errors.Is(err, store.ErrConflict) {
		d.t.Errorf("others have used up more than there was room for: %v", err)
	}
	d.must(plan("k3", 3, pipeline.CountPlan{Scope: "stranger", At: d.now, N: 1, Seen: 0, Room: 3}))
	for name, at := range map[string]time.Time{"a batch that was held up": d.now.Add(-6 * time.Minute), "one beside which another was held up": d.now.Add(6 * time.Minute)} {
		if err := plan("k2", 2, pipeline.CountPlan{Scope: "stranger", At: at, N: 1, Seen: 3, Room: 0}); !errors.Is(err, store.ErrConflict) {
			d.t.Errorf("%s: %v", name, err)
		}
	}
	d.now = d.now.Add(2 * time.Hour)
	d.same("after two hours", pipeline.Scope{Day: 4}, scope())
	d.now = d.now.Add(24 * time.Hour)
	d.same("after a day", pipeline.Scope{}, scope())
}

// commitShares counts what becomes of messages by inbox and cause, but for what is imported, a copy or released.
func commitShares(d *desk) {
	plan := func(p backlog.Pending, state messages.State, cause string) commit.Decision {
		return commit.Decision{Pending: p, Plan: pipeline.Plan{Message: p.ID, State: state, Cause: cause}}
	}
	var decisions []commit.Decision
	for i := range 30 {
		p := d.pending(d.record(item("hotline", fmt.Sprintf("s%d", i), "x"))...)[0]
		decisions = append(decisions, plan(p, messages.Parked, causes.Automated))
	}
	for i, change := range []func(*commit.Decision){
		func(x *commit.Decision) { x.Pending.Imported = true }, func(x *commit.Decision) { x.Pending.Released = true }, func(x *commit.Decision) { x.Plan.State = messages.Duplicate },
	} {
		p := d.pending(d.record(item("hotline", fmt.Sprintf("o%d", i), "x"))...)[0]
		x := plan(p, messages.Parked, causes.Automated)
		change(&x)
		decisions = append(decisions, x)
	}
	d.must(d.Commit.Commit(d.ctx, decisions, d.now))
	got, err := d.Fates.Shares(d.ctx, d.now)
	d.must(err)
	if len(got) != 1 {
		d.t.Fatalf("shares: %+v, want one", got)
	}
	d.same("share", []any{"hotline", "parked", "automated", int64(30), int64(30), "above"}, []any{got[0].Inbox, got[0].What, got[0].Cause, got[0].Count, got[0].Of, got[0].Unusual})
	again, err := d.Fates.Shares(d.ctx, d.now.Add(30*time.Second))
	d.must(err)
	d.same("shares within a minute", got, again)
	later, err := d.Fates.Shares(d.ctx, d.now.Add(20*24*time.Hour))
	d.must(err)
	d.same("shares after three weeks", 0, len(fates.Unusual(later)))
}
