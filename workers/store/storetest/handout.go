package storetest

import (
	"errors"
	"sync"
	"time"

	"frontdesk/pipeline/domain/agents"
	work "frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/tickets"
	handout "frontdesk/pipeline/route/assign"
	"frontdesk/workers/store"
	table "frontdesk/workers/store/desk"
	"frontdesk/workers/store/dispatch"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
)

// handoutCases are about work that comes to agents unasked.
func handoutCases() []namedCase {
	return []namedCase{
		{"D25: who becomes free is given the oldest of his own, and the entry says why", freedGetsOldest},
		{"D26: however many give out at once, nobody gets two and no ticket two owners", roundsAtOnce},
		{"what somebody has given back is not given to him again until its customer writes", declinedStays},
		{"nobody is given work who is away, may not answer there, or is no member", roundRights},
		{"what somebody was given comes before what waits, until he has begun it or may no longer answer there", unbegunFirst},
		{"what waits too long goes to another queue, in its place", overflows},
		{"in a queue that is worked on in order nobody chooses, but for who had it and who directs", inOrder},
		{"where a ticket belongs is said, by who may, and nobody of the queue before has it", routes},
	}
}

var pushed = handout.Rules{Queues: map[string]handout.Queue{"payments": {Push: true, Overflow: "cards", After: time.Hour}}}

// staff are people who may answer everywhere, are members of payments and there.
func (d *desk) staff(all ...int64) {
	d.t.Helper()
	for _, user := range all {
		d.must(d.Base.Do(d.ctx, "making a person", sql.Do(`INSERT INTO users (id, version, login, name, email, language, zone, state, password, demo, created_at, changed_at)
VALUES ($1, 1, $2, $2, '', 'en', '', 'active', '', $3, 0, 0)`, user, agent(user, viewer.Agent).Login, false), sql.Do(`INSERT INTO grants (person, role, queue) VALUES ($1, 'agent', '')`, user)))
		d.member(user, "payments")
	}
	d.hear(all...)
}

func (d *desk) round() []dispatch.Claim {
	d.t.Helper()
	claims, _, err := d.Dispatch.Round(d.ctx, pushed, d.now)
	d.must(err)
	return claims
}

// acted is the last act of a kind that was done with a ticket.
func (d *desk) acted(ticket int64, what string) table.Act {
	d.t.Helper()
	lines, _, err := d.Desk.Timeline(d.ctx, agent(9, viewer.Lead, viewer.Every), ticket, table.Mark{}, 0)
	d.must(err)
	for _, l := range lines {
		if l.Act != nil && l.Act.What == what {
			return *l.Act
		}
	}
	d.t.Errorf("nobody has done %s with ticket %d", what, ticket)
	return table.Act{}
}

func about(category string) func(*tickets.Ticket) {
	return func(t *tickets.Ticket) { t.Category = category }
}

func freedGetsOldest(d *desk) {
	d.staff(1)
	d.can(1, users.AbilityCategory, map[string]int64{"refund": 1, "password": 2})
	foreign := d.ticket(1, d.now.Add(-30*time.Minute), about("fraud"))
	second := d.ticket(2, d.now.Add(-20*time.Minute), about("password"))
	younger, oldest := d.ticket(3, d.now.Add(-5*time.Minute), nil), d.ticket(4, d.now.Add(-10*time.Minute), nil)
	hot := d.ticket(5, d.now.Add(-3*time.Hour), about("password"))
	for _, want := range []dispatch.Claim{{Ticket: hot, User: 1, Reason: work.ReasonHalf}, {Ticket: oldest, User: 1, Reason: work.ReasonRank}, {Ticket: younger, User: 1, Reason: work.ReasonRank},
		{Ticket: second, User: 1, Reason: handout.ReasonSecondary}, {Ticket: foreign, User: 1, Reason: handout.ReasonRelaxed}} {
		d.same("what he is given", []dispatch.Claim{want}, d.round())
		d.same("nothing beside it", []dispatch.Claim(nil), d.round())
		d.same("given, not begun", []any{int64(1), true}, []any{d.item(want.Ticket).Owner, d.item(want.Ticket).Begun.IsZero()})
		act := d.acted(want.Ticket, entries.ActGive)
		d.same("the reason is told", []string{want.Reason, entries.Service}, []string{act.Reason, act.Who})
		d.must(d.Desk.SetPending(d.ctx, agent(1, viewer.Agent, viewer.Every), want.Ticket, d.now))
	}
}

func roundsAtOnce(d *desk) {
	const people = 20
	for n := range people {
		d.staff(int64(n + 1))
	}
	for n := range 3 * people {
		d.ticket(n+1, d.now.Add(-time.Duration(n)*time.Minute), nil)
	}
	var wait sync.WaitGroup
	var mutex sync.Mutex
	owner, got := map[int64]int64{}, map[int64]int{}
	for range 8 {
		wait.Go(func() {
			for again := true; again; {
				claims, more, err := d.Dispatch.Round(d.ctx, pushed, d.now)
				if err != nil {
					d.t.Errorf("a round: %v", err)
					return
				}
				again = more
				mutex.Lock()
				for _, c := range claims {
					if owner[c.Ticket] != 0 {
						d.t.Errorf("ticket %d was given to %d and %d", c.Ticket, owner[c.Ticket], c.User)
					}
					owner[c.Ticket] = c.User
					got[c.User]++
				}
				mutex.Unlock()
			}
		})
	}
	wait.Wait()
	d.same("each has one", people, len(got))
	for user, n := range got {
		d.same("and no more", 1, n)
		d.inHand("in hand", user, 1, 1)
	}
}

func declinedStays(d *desk) {
	d.staff(1)
	id := d.ticket(1, d.now.Add(-time.Hour), nil)
	d.same("given", 1, len(d.round()))
	d.must(d.Desk.HandBack(d.ctx, agent(1, viewer.Agent, viewer.Every), id, d.now))
	d.same("not again", 0, len(d.round()))
	c, err := d.Dispatch.Next(d.ctx, agent(1, viewer.Agent, viewer.Every), pushed, d.now)
	d.must(err)
	d.same("he may ask for it", id, c.Ticket)
	d.must(d.Desk.HandBack(d.ctx, agent(1, viewer.Agent, viewer.Every), id, d.now))
	d.write(id, 1, d.now, nil)
	d.same("again, when its customer has written", []dispatch.Claim{{Ticket: id, User: 1, Reason: handout.ReasonBefore}}, d.round())
}

func unbegunFirst(d *desk) {
	d.staff(1)
	v := agent(1, viewer.Agent, viewer.Every)
	given := d.ticket(1, d.now.Add(-time.Hour), nil)
	if _, err := d.Dispatch.Unbegun(d.ctx, v); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("before anything was given: %v", err)
	}
	d.same("given", 1, len(d.round()))
	d.ticket(2, d.now.Add(-2*time.Hour), nil)
	got, err := d.Dispatch.Unbegun(d.ctx, v)
	d.must(err)
	d.same("what was given", given, got)
	if _, err := d.Dispatch.Unbegun(d.ctx, agent(1, viewer.Agent, "cards")); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("in a queue that is no longer his: %v", err)
	}
	d.must(d.Desk.Begin(d.ctx, v, given, d.now))
	if _, err := d.Dispatch.Unbegun(d.ctx, v); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("when it is begun: %v", err)
	}
	d.write(given, 1, d.now, nil)
	if _, err := d.Dispatch.Unbegun(d.ctx, v); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("when its customer has answered: %v", err)
	}
}

func roundRights(d *desk) {
	d.staff(1, 2, 3)
	d.must(d.Base.Do(d.ctx, "taking roles", sql.Do(`UPDATE grants SET role = 'auditor' WHERE person = 2`), sql.Do(`DELETE FROM members WHERE person = 3`)))
	d.must(d.Agents.Move(d.ctx, 1, agents.GoAway, d.now))
	id := d.ticket(1, d.now.Add(-time.Hour), nil)
	d.same("nobody", 0, len(d.round()))
	d.must(d.Agents.Move(d.ctx, 1, agents.ComeBack, d.now))
	d.same("who is back", []dispatch.Claim{{Ticket: id, User: 1, Reason: work.ReasonRank}}, d.round())
}

func overflows(d *desk) {
	long, short, owned := d.ticket(1, d.now.Add(-time.Hour), nil), d.ticket(2, d.now.Add(-59*time.Minute), nil), d.ticket(3, d.now.Add(-2*time.Hour), nil)
	d.must(d.Desk.Take(d.ctx, agent(1, viewer.Agent, viewer.Every), owned, handout.Rules{}, d.now))
	before := d.item(long)
	n, err := d.Dispatch.Overflow(d.ctx, pushed, d.now)
	d.must(err)
	d.same("tickets", 1, n)
	before.Queue = "cards"
	d.same("in its place", before, d.item(long))
	d.same("the others stay", []string{"payments", "payments"}, []string{d.item(short).Queue, d.item(owned).Queue})
	act := d.acted(long, entries.ActRoute)
	d.same("the reason is told", []string{handout.ReasonOverflow, "cards"}, []string{act.Reason, act.After.Queue})
	n, err = d.Dispatch.Overflow(d.ctx, pushed, d.now)
	d.must(err)
	d.same("once", 0, n)
}

func inOrder(d *desk) {
	strict := handout.Rules{Queues: map[string]handout.Queue{"payments": {InOrder: true}}, Weights: map[string]int64{"sms": 2}}
	zhou, li, lead := agent(1, viewer.Agent, "payments"), agent(2, viewer.Agent, "payments"), agent(3, viewer.Lead, "payments")
	older, younger := d.ticket(1, d.now.Add(-time.Hour), nil), d.ticket(2, d.now.Add(-time.Minute), nil)
	if err := d.Desk.Take(d.ctx, zhou, younger, strict, d.now); !errors.Is(err, table.ErrInOrder) || !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("choosing: %v", err)
	}
	c, err := d.Dispatch.Next(d.ctx, zhou, strict, d.now)
	d.must(err)
	d.same("the next one", older, c.Ticket)
	d.inHand("as heavy as its channel says", 1, 2, 0)
	d.must(d.Desk.HandBack(d.ctx, zhou, older, d.now))
	if err := d.Desk.Take(d.ctx, li, older, strict, d.now); !errors.Is(err, table.ErrInOrder) {
		d.t.Errorf("choosing what somebody else had: %v", err)
	}
	d.must(d.Desk.Take(d.ctx, zhou, older, strict, d.now))
	d.must(d.Desk.Take(d.ctx, lead, younger, strict, d.now))
	d.inHand("who directs chooses", 3, 2, 0)
}

func routes(d *desk) {
	id := d.ticket(1, d.now.Add(-time.Hour), nil)
	v := agent(1, viewer.Agent, "payments")
	d.must(d.Desk.Take(d.ctx, v, id, handout.Rules{}, d.now))
	d.must(d.Desk.Route(d.ctx, v, id, table.Belongs{Category: "password", Priority: "urgent"}, d.now))
	d.same("another matter, and still his", []any{"payments", "password", "urgent", int64(1)}, []any{d.item(id).Queue, d.item(id).Category, d.item(id).Priority, d.item(id).Owner})
	if err := d.Desk.Route(d.ctx, agent(2, viewer.Agent, "cards"), id, table.Belongs{Queue: "cards"}, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("by who may not read it: %v", err)
	}
	d.must(d.Desk.Route(d.ctx, v, id, table.Belongs{Queue: "cards"}, d.now))
	d.same("in another queue, and nobody's", []any{"cards", int64(0), int64(1)}, []any{d.item(id).Queue, d.item(id).Owner, d.item(id).LastOwner})
	if err := d.Desk.Route(d.ctx, v, id, table.Belongs{Queue: "payments"}, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("taken back by who may not read it there: %v", err)
	}
	d.must(d.Desk.Route(d.ctx, agent(9, viewer.Lead, viewer.Every), id, table.Belongs{Queue: "payments"}, d.now))
	d.same("back", "payments", d.item(id).Queue)
	d.write(id, 1, d.now, nil)
	d.same("what is written goes where it is", "payments", d.item(id).Queue)
}
