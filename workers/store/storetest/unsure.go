package storetest

import (
	"time"

	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/tickets"
	handout "frontdesk/pipeline/route/assign"
	"frontdesk/workers/store/auditing"
	agents "frontdesk/workers/store/desk"
	"frontdesk/workers/store/viewer"
)

// deskUnsure: a ticket whose category is a guess is in the list until a person says what it is, or a later message does for sure.
func deskUnsure(d *desk) {
	v, other := agent(1, viewer.Agent, "payments", "cards"), agent(2, viewer.Agent, "other")
	guess := func(t *tickets.Ticket) { t.Queue, t.Category, t.Guesses = "payments", "refund", "refund,invoice" }
	at := func(minutes int) time.Time { return d.now.Add(-time.Duration(minutes) * time.Minute) }
	d.ticket(1, at(9), nil)
	confirmed, corrected, begun, learned, closed := d.ticket(2, at(8), guess), d.ticket(3, at(7), guess), d.ticket(4, at(6), guess), d.ticket(5, at(5), guess), d.ticket(6, at(4), guess)
	unsure := func(what string, want ...int64) {
		d.t.Helper()
		d.same(what, want, d.listed(v, agents.Seek{List: agents.Unsure}))
		c, err := d.Desk.Counts(d.ctx, v, d.now)
		d.must(err)
		d.same(what+", counted", len(want), c.Unsure)
	}
	d.must(d.Desk.Close(d.ctx, v, closed, d.now))
	unsure("who has written last first, open ones alone", learned, begun, corrected, confirmed)
	d.same("in a queue that is not his", []int64(nil), d.listed(other, agents.Seek{List: agents.Unsure}))
	p, err := d.Desk.List(d.ctx, v, agents.Seek{List: agents.Unsure}, d.now)
	d.must(err)
	d.same("what it may be", []string{"refund", "invoice"}, p.Cards[0].Guesses)

	d.must(d.Desk.Route(d.ctx, v, confirmed, agents.Belongs{Queue: "payments", Category: "refund", Confirms: true}, d.now))
	d.must(d.Desk.Route(d.ctx, v, corrected, agents.Belongs{Category: "invoice"}, d.now))
	unsure("once a person has said it", learned, begun)

	says := func(p *tickets.Plan) { p.Sure = &tickets.SurePlan{Queue: "cards", Category: "invoice"} }
	d.write(learned, 1, at(2), nil)
	unsure("a message that says nothing for sure", learned, begun)
	d.write(learned, 2, at(1), says)
	unsure("a message that says it for sure", begun)
	d.same("its queue and category", []string{"cards", "invoice"}, []string{d.item(learned).Queue, d.item(learned).Category})
	act := d.acted(learned, entries.ActRoute)
	d.same("who did it, and why", []string{entries.Service, entries.ReasonLearned, "refund", "invoice"}, []string{act.Who, act.Reason, act.Before.Category, act.After.Category})

	d.must(d.Desk.Take(d.ctx, v, begun, handout.Rules{}, d.now))
	d.must(d.Desk.Begin(d.ctx, v, begun, d.now))
	d.write(begun, 1, at(1), says)
	unsure("nothing is a guess any more")
	d.same("who has begun goes on, in his queue", []any{"payments", "invoice", int64(1)}, []any{d.item(begun).Queue, d.item(begun).Category, d.item(begun).Owner})

	for _, id := range []int64{confirmed, corrected} {
		before := d.item(id)
		d.write(id, 1, at(1), says)
		d.same("after a person's word", []string{before.Queue, before.Category}, []string{d.item(id).Queue, d.item(id).Category})
	}
	d.must(d.Desk.Reopen(d.ctx, v, closed, d.now))
	unsure("one that is open again", closed)
	d.must(d.Desk.Close(d.ctx, v, closed, d.now))
	d.write(closed, 1, at(1), says)
	unsure("one that its customer opens again, and says what it is about")
	d.same("of a closed one", "cards", d.item(closed).Queue)
	b, err := d.Auditing.Audit(d.ctx, auditing.AuditOptions{}, d.now)
	d.must(err)
	d.same("findings", []auditing.Finding{}, b.Findings)
}
