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
	atWork "frontdesk/workers/store/agents"
	table "frontdesk/workers/store/desk"
	"frontdesk/workers/store/erasure"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/viewer"
)

// agentCases are about who is there, what he has in hand, and what stays his.
func agentCases() []namedCase {
	return []namedCase{
		{"what an agent has in hand follows whatever is done", handsFollow},
		{"D26: no path fills an agent's hands beyond the limit, however many ask at once", handsFull},
		{"a lead may give beyond the limit, and the entry says so", handsBeyond},
		{"a sign of life is written at most every twenty seconds", signsOfLife},
		{"D24: what an agent has not begun goes back in its place when nothing is heard of him for a minute", silentGivesBack},
		{"D24: nobody is given work who is not there", absentIsGivenNothing},
		{"D27: who opens a ticket that somebody has does not become its owner", secondOpener},
		{"D28: what is given and lies goes back after five minutes, and who lets three lie is away", letsLie},
		{"D29: what was begun stays with who is not there for twenty minutes", breakKeeps},
		{"D30: a customer's answer to who is not there goes to the queue in its place, and stays with who is", answeredWhileAway},
		{"what an agent had before anything was counted is counted when he is first heard", countedAtLast},
	}
}

// agentOf is an agent, after a look whether what is said that agents have in hand is what they have.
func (d *desk) agentOf(user int64) agents.Agent {
	d.t.Helper()
	wrong := 0
	d.must(d.Base.Read(d.ctx, "counting what agents have in hand", sql.Ask(sql.Into(&wrong), `SELECT count(*) FROM agents WHERE agents.person > 0 AND `+plans.Miscounted)))
	if wrong > 0 {
		d.t.Errorf("of %d agents another load is said than they have", wrong)
	}
	a, err := d.Agents.Of(d.ctx, user)
	d.must(err)
	return a
}

func (d *desk) inHand(what string, user, load, notBegun int64) {
	d.t.Helper()
	a := d.agentOf(user)
	d.same(what, []int64{load, notBegun}, []int64{a.Load, a.NotBegun})
}

// hear has users be there.
func (d *desk) hear(users ...int64) {
	d.t.Helper()
	for _, user := range users {
		_, err := d.Agents.Hear(d.ctx, user, d.now)
		d.must(err)
	}
}

// after lets time pass, with a sign of life of those who are there, and a sweep at its end.
func (d *desk) after(pass time.Duration, there ...int64) atWork.Swept {
	d.t.Helper()
	d.now = d.now.Add(pass)
	d.hear(there...)
	swept, err := d.Agents.Sweep(d.ctx, d.now, 100)
	d.must(err)
	return swept
}

// returned is the reason for which a ticket was last taken back from somebody; "" where nobody has.
func (d *desk) returned(ticket int64) (why string) {
	d.t.Helper()
	lines, _, err := d.Desk.Timeline(d.ctx, agent(99, viewer.Lead, viewer.Every), ticket, table.Mark{}, 0)
	d.must(err)
	for _, l := range lines {
		if l.Act != nil && l.Act.What == entries.ActHandBack {
			d.same("the desk has done it", entries.Service, l.Act.Who)
			return l.Act.Reason
		}
	}
	return ""
}

func handsFollow(d *desk) {
	zhou, lead := agent(1, viewer.Agent, "payments"), agent(2, viewer.Lead, "payments")
	first, second, third := d.ticket(1, d.now.Add(-time.Hour), nil), d.ticket(2, d.now.Add(-time.Hour), nil), d.ticket(3, d.now.Add(-time.Hour), nil)
	d.must(d.Desk.Take(d.ctx, zhou, first, handout.Rules{}, d.now))
	d.inHand("taken", 1, 1, 0)
	d.hear(1, 2)
	d.must(d.Desk.Give(d.ctx, lead, second, 1, handout.Rules{}, d.now))
	d.inHand("given", 1, 2, 1)
	d.must(d.Desk.Begin(d.ctx, zhou, second, d.now))
	d.must(d.Desk.Begin(d.ctx, zhou, second, d.now))
	d.inHand("begun", 1, 2, 0)
	d.must(d.Desk.Give(d.ctx, lead, third, 1, handout.Rules{}, d.now))
	d.must(d.Desk.Give(d.ctx, lead, third, 2, handout.Rules{}, d.now))
	d.inHand("given to another one", 1, 2, 0)
	d.inHand("who has it now", 2, 1, 1)
	d.must(d.Desk.SetPending(d.ctx, zhou, first, d.now))
	d.inHand("the customer's turn", 1, 1, 0)
	d.write(first, 1, d.now, nil)
	d.inHand("ours again, since he has written", 1, 2, 1)
	d.must(d.Desk.Snooze(d.ctx, zhou, first, d.now.Add(time.Hour), d.now))
	d.inHand("put away", 1, 1, 0)
	d.write(first, 2, d.now, nil)
	d.inHand("he does not wait for it", 1, 2, 1)
	d.must(d.Desk.Close(d.ctx, zhou, first, d.now))
	d.inHand("closed", 1, 1, 0)
	d.must(d.Desk.Reopen(d.ctx, zhou, first, d.now.Add(time.Second)))
	d.inHand("open again", 1, 2, 1)
	d.must(d.Desk.HandBack(d.ctx, zhou, first, d.now))
	d.inHand("handed back", 1, 1, 0)
	d.must(d.Base.Do(d.ctx, "being an older program", sql.Do(`UPDATE desk SET owner = 1 WHERE ticket = $1`, third)))
	var w table.Walk
	for done := false; !done; {
		var err error
		_, done, err = d.Desk.Step(d.ctx, &w, d.now)
		d.must(err)
	}
	d.inHand("moved by an older program, after a walk", 1, 2, 1)
	who, err := d.Erasure.PersonAt(d.ctx, phone(2).Identity())
	d.must(err)
	_, err = d.Erasure.Erase(d.ctx, who, erasure.Erasure{}, d.now)
	d.must(err)
	d.inHand("whose customer was erased", 1, 1, 1)
}

// handsFull: fifty at once ask for one agent, for the next and for one of their own; two agents at once ask for the same.
func handsFull(d *desk) {
	const callers = 50
	var ids []int64
	for n := range callers {
		ids = append(ids, d.ticket(n+1, d.now.Add(-time.Duration(n)*time.Minute), nil))
	}
	var wait sync.WaitGroup
	errs := make([]error, callers)
	for n := range callers {
		v := agent(int64(1+n%2), viewer.Agent, viewer.Every)
		wait.Go(func() {
			if n%5 == 0 {
				errs[n] = d.Desk.Take(d.ctx, v, ids[n], handout.Rules{}, d.now)
				return
			}
			_, errs[n] = d.Dispatch.Next(d.ctx, v, handout.Rules{}, d.now)
		})
	}
	wait.Wait()
	got := map[int]int{}
	for n, err := range errs {
		switch {
		case err == nil:
			got[1+n%2]++
		case !errors.Is(err, store.ErrNotFound): // his hands are full, or it is somebody's already
			d.t.Errorf("caller %d: %v", n, err)
		}
	}
	d.same("taken", map[int]int{1: agents.DefaultRoom, 2: agents.DefaultRoom}, got)
	d.inHand("one", 1, agents.DefaultRoom, 0)
	d.inHand("the other", 2, agents.DefaultRoom, 0)
	v := agent(1, viewer.Agent, viewer.Every)
	if _, err := d.Dispatch.Next(d.ctx, v, handout.Rules{}, d.now); !errors.Is(err, table.ErrFull) || !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("the next one: %v", err)
	}
	d.must(d.Agents.SetRoom(d.ctx, 1, agents.DefaultRoom+1))
	_, err := d.Dispatch.Next(d.ctx, v, handout.Rules{}, d.now)
	d.must(err)
	d.inHand("with more room", 1, agents.DefaultRoom+1, 0)
	p, err := d.Desk.List(d.ctx, v, table.Seek{List: table.Mine}, d.now)
	d.must(err)
	d.must(d.Desk.SetPending(d.ctx, v, p.Cards[0].Ticket, d.now))
	_, err = d.Dispatch.Next(d.ctx, v, handout.Rules{}, d.now)
	d.must(err)
}

func handsBeyond(d *desk) {
	v, lead := agent(1, viewer.Agent, "payments"), agent(2, viewer.Lead, "payments")
	d.must(d.Agents.SetRoom(d.ctx, 1, 1))
	first, second := d.ticket(1, d.now.Add(-time.Hour), nil), d.ticket(2, d.now.Add(-time.Hour), nil)
	d.must(d.Desk.Take(d.ctx, v, first, handout.Rules{}, d.now))
	if err := d.Desk.Take(d.ctx, v, second, handout.Rules{}, d.now); !errors.Is(err, table.ErrFull) {
		d.t.Errorf("taken by himself: %v", err)
	}
	d.must(d.Desk.Give(d.ctx, lead, second, 1, handout.Rules{}, d.now))
	d.inHand("given", 1, 2, 1)
	lines, _, err := d.Desk.Timeline(d.ctx, v, second, table.Mark{}, 0)
	d.must(err)
	var acts []string
	for _, l := range lines {
		if l.Act != nil {
			acts = append(acts, l.Act.What+" "+l.Act.Reason)
		}
	}
	d.same("the entry", []string{entries.ActGive + " " + agents.ReasonBeyond}, acts)
}

func signsOfLife(d *desk) {
	began := d.now
	for n := range 60 {
		d.now = began.Add(time.Duration(n) * time.Second)
		d.hear(1)
		if noted := d.now.Sub(d.agentOf(1).HeardAt); noted >= agents.Quiet {
			d.t.Fatalf("after %d seconds the last sign of life is %s old", n, noted)
		}
		d.same("noted in steps", true, d.agentOf(1).HeardAt.Sub(began)%agents.Quiet == 0)
	}
	a := d.agentOf(1)
	d.same("he is there since he came", []any{agents.Online, true}, []any{a.Presence, a.SinceAt.Equal(began)})
	d.must(d.Agents.Move(d.ctx, 1, agents.GoAway, d.now))
	d.now = d.now.Add(agents.Quiet)
	d.hear(1)
	d.same("an open page brings nobody back who has said that he is away", agents.Away, d.agentOf(1).Presence)
	d.must(d.Agents.Move(d.ctx, 1, agents.ComeBack, d.now))
	d.same("he does", agents.Online, d.agentOf(1).Presence)
	d.must(d.Agents.Move(d.ctx, 1, agents.Leave, d.now))
	d.must(d.Agents.Move(d.ctx, 1, agents.Leave, d.now))
	d.same("who has signed out is offline at once", agents.Offline, d.agentOf(1).Presence)
}

func silentGivesBack(d *desk) {
	lead := agent(2, viewer.Lead, "payments")
	id, begun := d.ticket(1, d.now.Add(-time.Hour), nil), d.ticket(2, d.now.Add(-time.Hour), nil)
	before := d.item(id)
	d.hear(1)
	d.must(d.Desk.Give(d.ctx, lead, id, 1, handout.Rules{}, d.now))
	d.must(d.Desk.Take(d.ctx, agent(1, viewer.Agent, "payments"), begun, handout.Rules{}, d.now))
	d.same("59 seconds later", atWork.Swept{}, d.after(59*time.Second))
	d.same("a minute later", atWork.Swept{Silent: 1, Returned: 1}, d.after(time.Second))
	before.LastOwner = 1
	d.same("in its place", before, d.item(id))
	d.same("why", agents.ReasonAbsent, d.returned(id))
	d.same("what he has begun is still his", int64(1), d.item(begun).Owner)
	d.inHand("he has that", 1, 1, 0)
	d.same("nothing more", atWork.Swept{}, d.after(time.Second))
}

func absentIsGivenNothing(d *desk) {
	lead := agent(2, viewer.Lead, "payments")
	id := d.ticket(1, d.now.Add(-time.Hour), nil)
	for _, on := range []agents.Event{agents.Leave, agents.Hear, agents.GoAway, agents.ComeBack} {
		d.must(d.Agents.Move(d.ctx, 1, on, d.now))
		err := d.Desk.Give(d.ctx, lead, id, 1, handout.Rules{}, d.now)
		if there := d.agentOf(1).Presence == agents.Online; there != (err == nil) || !there && !errors.Is(err, table.ErrAbsent) {
			d.t.Errorf("after %s: %v", on, err)
		}
		if err == nil {
			d.must(d.Desk.HandBack(d.ctx, lead, id, d.now))
		}
	}
}

func secondOpener(d *desk) {
	id := d.ticket(1, d.now.Add(-time.Hour), nil)
	d.must(d.Desk.Begin(d.ctx, agent(1, viewer.Agent, "payments"), id, d.now))
	d.same("nobody's stays nobody's", int64(0), d.item(id).Owner)
	d.hear(1, 2)
	d.must(d.Desk.Give(d.ctx, agent(3, viewer.Lead, "payments"), id, 1, handout.Rules{}, d.now))
	given := d.item(id)
	d.must(d.Desk.Begin(d.ctx, agent(2, viewer.Agent, "payments"), id, d.now.Add(time.Minute)))
	d.must(d.Desk.Saw(d.ctx, agent(2, viewer.Agent, "payments"), id, 1, d.now.Add(time.Minute)))
	d.same("the first one's stays his, not begun", given, d.item(id))
}

func letsLie(d *desk) {
	lead := agent(2, viewer.Lead, "payments")
	id := d.ticket(1, d.now.Add(-time.Hour), nil)
	before := d.item(id)
	before.LastOwner, before.Declined = 1, 1
	for n := range 3 {
		d.hear(1)
		d.must(d.Desk.Give(d.ctx, lead, id, 1, handout.Rules{}, d.now))
		d.same("not before its time", atWork.Swept{}, d.after(5*time.Minute-time.Second, 1))
		d.same("after five minutes", atWork.Swept{Returned: 1}, d.after(time.Second, 1))
		d.same("in its place", before, d.item(id))
		d.same("why", agents.ReasonUnbegun, d.returned(id))
		d.same("he is away after three", n == 2, d.agentOf(1).Presence == agents.Away)
	}
	d.must(d.Agents.Move(d.ctx, 1, agents.ComeBack, d.now))
	d.must(d.Desk.Give(d.ctx, lead, id, 1, handout.Rules{}, d.now))
	d.must(d.Desk.Begin(d.ctx, agent(1, viewer.Agent, "payments"), id, d.now))
	d.same("who has looked at it keeps it", atWork.Swept{}, d.after(time.Hour, 1))
}

func breakKeeps(d *desk) {
	v := agent(1, viewer.Agent, "payments")
	id := d.ticket(1, d.now.Add(-time.Hour), nil)
	d.must(d.Desk.Take(d.ctx, v, id, handout.Rules{}, d.now))
	d.must(d.Agents.Move(d.ctx, 1, agents.GoAway, d.now))
	left := d.item(id)
	d.same("away for 19 minutes", atWork.Swept{}, d.after(19*time.Minute, 1))
	d.must(d.Agents.Move(d.ctx, 1, agents.ComeBack, d.now))
	d.same("back for hours", atWork.Swept{}, d.after(3*time.Hour, 1))
	d.must(d.Agents.Move(d.ctx, 1, agents.Leave, d.now))
	d.same("not there for 20 minutes without a second", atWork.Swept{}, d.after(20*time.Minute-time.Second))
	d.same("for 20 minutes", atWork.Swept{Returned: 1}, d.after(time.Second))
	left.LastOwner, left.Owner, left.Given, left.Begun = 1, 0, time.Time{}, time.Time{}
	d.same("in its place", left, d.item(id))
	d.same("why", agents.ReasonLong, d.returned(id))
}

func answeredWhileAway(d *desk) {
	one, other := agent(1, viewer.Agent, "payments"), agent(2, viewer.Agent, "payments")
	left, kept := d.ticket(1, d.now.Add(-time.Hour), nil), d.ticket(2, d.now.Add(-time.Hour), nil)
	d.must(d.Desk.Take(d.ctx, one, left, handout.Rules{}, d.now))
	d.must(d.Desk.Take(d.ctx, other, kept, handout.Rules{}, d.now))
	d.must(d.Desk.SetPending(d.ctx, one, left, d.now))
	d.must(d.Desk.SetPending(d.ctx, other, kept, d.now))
	d.must(d.Agents.Move(d.ctx, 1, agents.Leave, d.now))
	d.same("the customer's turn is nobody's haste", atWork.Swept{}, d.after(time.Second, 2))
	d.now = d.now.Add(time.Minute)
	d.write(left, 1, d.now, nil)
	d.write(kept, 1, d.now, nil)
	d.same("one of them", atWork.Swept{Returned: 1}, d.after(time.Second, 2))
	d.same("nobody's, since he has written", []any{work.Waiting, int64(0), int64(1), true}, []any{d.item(left).State, d.item(left).Owner, d.item(left).LastOwner, d.item(left).Since.Equal(d.now.Add(-time.Second))})
	d.same("why", agents.ReasonAnswered, d.returned(left))
	d.same("his who is there", []any{work.Waiting, int64(2)}, []any{d.item(kept).State, d.item(kept).Owner})
}

func countedAtLast(d *desk) {
	for n := range 2 {
		id := d.ticket(n+1, d.now.Add(-time.Hour), func(t *tickets.Ticket) { t.Queue = "cards" })
		d.must(d.Base.Do(d.ctx, "being an older program", sql.Do(`UPDATE desk SET owner = 1, given_at = 1, begun_at = 1 WHERE ticket = $1`, id)))
	}
	d.hear(1)
	d.inHand("of before", 1, 2, 0)
}

// can says what somebody can, by level.
func (d *desk) can(user int64, kind string, of map[string]int64) {
	d.t.Helper()
	for value, level := range of {
		d.must(d.Base.Do(d.ctx, "noting what an agent can", sql.Do(`INSERT INTO abilities (person, kind, value, level) VALUES ($1, $2, $3, $4)`, user, kind, value, level)))
	}
}

// member makes somebody a member of queues.
func (d *desk) member(user int64, queues ...string) {
	d.t.Helper()
	for _, q := range queues {
		d.must(d.Base.Do(d.ctx, "noting a member", sql.Do(`INSERT INTO members (queue, person, level) VALUES ($1, $2, 1)`, q, user)))
	}
}
