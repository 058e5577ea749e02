package storetest

import (
	"fmt"
	"strings"
	"time"

	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/match"
	"frontdesk/pipeline/promise"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/escalating"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
)

// raising is a ladder that leaves tickets in their queue.
func raising(_ match.Case, p promises.Promise) []promise.Step {
	if p.Kind != promises.FirstReply && p.Kind != promises.NextReply {
		return nil
	}
	return []promise.Step{{At: p.Due.Add(-3 * time.Hour), Name: fmt.Sprint(p.Kind, " early"), Priority: "high"}, {At: p.Due, Name: fmt.Sprint(p.Kind, " late"), Priority: "urgent", Leads: true}}
}

// escalates does what has come, and gives the entries that tell of it in a ticket.
func (k *talk) escalates() []string {
	k.d.t.Helper()
	_, err := k.d.Escalate.Escalate(k.d.ctx, escalating.Rules{Steps: raising}, k.d.now, 100)
	k.d.must(err)
	return k.escalations()
}

// acknowledged sends the acknowledgement of what a ticket was opened with.
func (k *talk) acknowledged() *talk {
	k.d.t.Helper()
	ack := k.first.Effects[0].ID
	if rows := k.d.claim(ack); len(rows) != 1 {
		k.d.t.Fatalf("claimed %d rows", len(rows))
	}
	k.d.settle(commands.SendEnded{ID: ack, State: effects.Sent, ProviderID: fmt.Sprint("SM", ack)})
	return k
}

// twoStepped are two tickets of one customer: the first is owed its first reply within ten hours, the second within twenty.
func (d *desk) twoStepped() (first, second *talk) {
	d.t.Helper()
	first = d.stepped().acknowledged()
	dec := d.opening(d.pending(d.record(item("hotline", "k2", "And my parcel?"))...)[0], phone(1))
	dec.Plan.Contact = contacts.Plan{ID: first.first.Contact.ID, Version: 1}
	dec.Plan.Promises = append(dec.Plan.Promises, promises.Plan{Kind: promises.FirstReply, Due: d.now.Add(20 * time.Hour), Step: d.now.Add(17 * time.Hour), Calendar: "always"})
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	return first, (&talk{d: d, first: dec.Plan}).acknowledged()
}

// mergedEscalates: a merged ticket has nobody who looks at it, so what is done about its promises is done where it is worked on, and nothing is once
// that is answered.
func mergedEscalates(d *desk) {
	lead, err := d.Users.Add(d.ctx, users.User{Login: "lead", Name: "Lead"}, d.now, "setup")
	d.must(err)
	d.must(d.Users.SetGrants(d.ctx, lead.ID, []viewer.Grant{{Role: viewer.Lead, Queue: "payments"}}, d.now, "setup"))
	directs, err := d.Users.Viewer(d.ctx, lead.ID)
	d.must(err)
	source, root := d.twoStepped()
	from, into := source.first.Ticket.ID, root.first.Ticket.ID
	begun := d.now
	d.merges(wang, from, into)
	d.same("the nearer deadline is that of both", begun.Add(10*time.Hour).UTC(), d.item(into).Due.UTC())

	d.now = begun.Add(7 * time.Hour)
	early := fmt.Sprintf("frontdesk: first-reply early (%d)", from)
	d.same("what comes of the merged one is done in the other, which says whose it is", []string{early}, root.escalates())
	d.same("once", []string{early}, root.escalates())
	d.same("the other is raised, and the merged one stays where it is", []any{"high", true}, []any{d.item(into).Priority, d.item(from).Gone()})
	d.same("the merged one has no entry of its own", 0, len(source.escalations()))

	d.now = begun.Add(10 * time.Hour)
	d.same("its deadline passes once", []string{"first-reply broken"}, d.wakes())
	late := fmt.Sprintf("frontdesk: first-reply late (%d)", from)
	d.same("and is escalated there", []string{early, late}, root.escalates())
	d.same("urgent", "urgent", d.item(into).Priority)
	named, err := d.Mentions.Tickets(d.ctx, directs, 10)
	d.must(err)
	d.same("who directs is sent to where it is worked on", []int64{into}, named)

	root.answers()
	d.same("one answer settles both", []string{"broken", "kept"}, []string{d.promiseOf(from, promises.FirstReply), d.promiseOf(into, promises.FirstReply)})
	for range 30 {
		d.now = d.now.Add(time.Hour)
		d.same("an answered one is warned of no more", 0, len(d.wakes()))
		d.same("and escalates no more, merged or not", []string{early, late}, root.escalates())
	}
	d.same("nothing is owed", time.Time{}, d.item(into).Due)
	d.counted()
	d.clean()
}

// partedEscalates: what was merged escalates by itself again when that is taken back.
func partedEscalates(d *desk) {
	source, root := d.twoStepped()
	from, into := source.first.Ticket.ID, root.first.Ticket.ID
	begun := d.now
	d.merges(wang, from, into)
	_, err := d.Merging.Undo(d.ctx, wang, from, d.now)
	d.must(err)
	d.now = begun.Add(10 * time.Hour)
	root.escalates()
	d.same("all that was missed is done in its own ticket", []string{"frontdesk: first-reply early;first-reply late"}, source.escalations())
	d.same("the other one's time has not come", 0, len(root.escalations()))
	d.same("their priorities", []string{"urgent", "normal"}, []string{d.item(from).Priority, d.item(into).Priority})
	d.counted()
	d.clean()
}

// closedMerged: closing the ticket in which a merged one is worked on ends what was owed in both.
func closedMerged(d *desk) {
	source, root := d.twoStepped()
	d.merges(wang, source.first.Ticket.ID, root.first.Ticket.ID)
	d.must(d.Desk.Close(d.ctx, wang, root.first.Ticket.ID, d.now))
	d.now = d.now.Add(48 * time.Hour)
	d.same("nothing is told", 0, len(d.wakes()))
	d.same("nothing is done", 0, len(root.escalates())+len(source.escalations()))
	d.counted()
	d.clean()
}

// firstStays: what the customer adds before our first words has no promise of its own, so the nearest deadline stays that of the first reply, which
// breaks and escalates at its own time.
func firstStays(d *desk) {
	k := d.stepped().acknowledged()
	begun := d.now
	for range 4 {
		d.now = d.now.Add(2 * time.Hour)
		k.writes()
		k.is("the first reply alone is owed, at its own time", begun.Add(10*time.Hour), "0 due")
	}
	d.same("it escalates by its own time", []string{"frontdesk: first-reply early"}, k.escalates())
	d.now = begun.Add(10 * time.Hour)
	d.same("and breaks by it", []string{"first-reply broken"}, d.wakes())
	d.same("at its deadline", []string{"frontdesk: first-reply early", "frontdesk: first-reply late"}, k.escalates())
	d.now = d.now.Add(time.Hour)
	k.writes()
	k.is("a broken one is still the one that is owed", begun.Add(10*time.Hour), "0 broken")
}

// midnightMail: what comes at midnight is owed by the hours of the day, and nobody is warned or hurried before somebody works, whichever clock a promise
// runs by.
func midnightMail(d *desk) {
	zone := time.FixedZone("HKT", 8*3600)
	office := promise.Calendar{Name: "office", Zone: zone}
	for day := time.Monday; day <= time.Friday; day++ {
		office.Week[day] = []promise.Span{{From: 9 * time.Hour, To: 18 * time.Hour}}
	}
	hours, err := office.Compile()
	d.must(err)
	policy := promise.Policy{Calendars: map[string]*promise.Hours{"office": hours}, Default: "office", Warn: []float64{0.5},
		Rules:       []promise.Rule{{Kind: promise.FirstReply, Within: 2 * time.Hour}, {Kind: promise.Resolution, Within: 14 * time.Hour, Clock: promise.Wall}},
		Escalations: []promise.Escalation{{At: 0.25, Kinds: []promise.Kind{promise.Resolution}, Priority: "high"}, {Before: 30 * time.Minute, Kinds: []promise.Kind{promise.FirstReply}, Priority: "urgent"}}}
	d.must(policy.Validate())

	midnight := time.Date(2026, 12, 1, 0, 0, 0, 0, zone) // a Tuesday
	d.now = midnight
	in := item("hotline", "midnight", "Where is my refund?")
	in.At = midnight
	dec := d.opening(d.pending(d.record(in)...)[0], phone(1))
	for _, p := range promise.Make(policy, promise.Facts{}, midnight, midnight) {
		if p.Kind != promise.Acknowledgement {
			dec.Plan.Promises = append(dec.Plan.Promises, promises.Plan{Kind: string(p.Kind), Due: p.Due, Half: p.Half, Warn: p.Warn, Step: p.Step, Calendar: p.Calendar})
		}
	}
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	k := &talk{d: d, first: dec.Plan}
	d.same("it is owed by the hours of the day", midnight.Add(11*time.Hour).UTC(), d.item(k.first.Ticket.ID).Due.UTC())

	rules := escalating.Rules{Steps: func(about match.Case, p promises.Promise) []promise.Step {
		return policy.Steps(about, promise.Promised{Kind: promise.Kind(p.Kind), Calendar: p.Calendar, From: p.Since(), Due: p.Due})
	}}
	var heard []string
	seen := 0
	for ; !d.now.After(midnight.Add(18 * time.Hour)); d.now = d.now.Add(15 * time.Minute) {
		for _, told := range d.wakes() {
			heard = append(heard, d.now.In(zone).Format("15:04 ")+told)
		}
		_, err := d.Escalate.Escalate(d.ctx, rules, d.now, 100)
		d.must(err)
		done := k.escalations()
		for _, what := range done[seen:] {
			heard = append(heard, d.now.In(zone).Format("15:04 ")+strings.TrimPrefix(what, "frontdesk: "))
		}
		seen = len(done)
	}
	d.same("what is told and done, and when", []string{"09:00 resolution warned", "09:00 resolution 0.25", "10:00 first-reply warned", "10:30 first-reply -30m0s", "11:00 first-reply broken", "14:00 resolution broken"}, heard)
	d.counted()
}
