package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/contacts"
	work "frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/pipeline/message"
	handout "frontdesk/pipeline/route/assign"
	"frontdesk/workers/store"
	"frontdesk/workers/store/commit"
	agents "frontdesk/workers/store/desk"
	"frontdesk/workers/store/dispatch"
	"frontdesk/workers/store/erasure"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
)

// tableCases are about the work items of tickets, and the agents that work on them.
func tableCases() []namedCase {
	return []namedCase{
		{"an open ticket has a work item, which follows what is written", itemFollows},
		{"what the line writes unread is what the domain says", itemUnread},
		{"a ticket is taken, handed back and put away, and each is taken back", itemActs},
		{"an act needs its right in the ticket's queue", itemRights},
		{"a closing takes a ticket from the desk, and its undo brings it back as it was", itemClosed},
		{"the next ticket is in the order of work, in a language and a queue of the agent's", nextInOrder},
		{"two hundred agents at once take two hundred tickets, none twice", nextAtOnce},
		{"tickets of which nobody is sure are listed until somebody is", deskUnsure},
		{"lists of the desk have what the viewer may read, page by page", deskLists},
		{"a ticket's page and its timeline", deskTicket},
		{"what is dear to count is counted once for all who ask in one moment, and a moment later anew", deskCountedOnce},
		{"what an older program leaves at the desk is mended", deskMended},
		{"an erased person's ticket is nobody's work", deskErased},
	}
}

// agent is somebody with a role in these queues.
func agent(user int64, role viewer.Role, queues ...string) viewer.Viewer {
	v := viewer.Viewer{User: user, Login: fmt.Sprint("agent", user)}
	for _, q := range queues {
		v.Grants = append(v.Grants, viewer.Grant{Role: role, Queue: q})
	}
	return v
}

// item is the work item of a ticket as the database has it; that of one that has none is gone.
func (d *desk) item(ticket int64) work.Item {
	d.t.Helper()
	i := work.Item{Ticket: ticket, State: work.Gone}
	d.must(d.Base.Read(d.ctx, "reading an item", sql.Ask(func(row sql.Row) error {
		r, err := sql.Read[plans.DeskRow](row)
		i = work.Item(r)
		return err
	}, `SELECT `+plans.DeskColumns+` FROM desk d WHERE d.ticket = $1`, ticket)))
	return i
}

// ticket opens one, received at that time, with a promise of a first reply.
func (d *desk) ticket(n int, at time.Time, change func(*tickets.Ticket)) int64 {
	d.t.Helper()
	in := item("hotline", fmt.Sprint("t", n), "text")
	in.At = at
	dec := d.opening(d.pending(d.record(in)...)[0], phone(n))
	dec.Plan.Promises = append(dec.Plan.Promises, promises.Plan{Kind: "first-reply", Due: at.Add(4 * time.Hour)}, promises.Plan{Kind: promises.Resolution, Due: at.Add(48 * time.Hour)})
	if change != nil {
		change(&dec.Plan.Ticket.Open)
	}
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	return dec.Plan.Ticket.ID
}

// write adds a message to a ticket.
func (d *desk) write(ticket int64, n int, at time.Time, change func(*tickets.Plan)) {
	d.t.Helper()
	in := item("hotline", fmt.Sprint("w", ticket, ".", n), "And?")
	in.At = at
	k := d.facts(pipeline.Asks{Tokens: []pipeline.Token{{Ticket: ticket}}}).Tickets[ticket]
	dec := commit.Decision{Pending: d.pending(d.record(in)...)[0], Known: []byte(`{}`)}
	dec.Plan = pipeline.Plan{Message: dec.Pending.ID, State: "appended", Ticket: tickets.Plan{ID: ticket, Version: k.Version, At: dec.Pending.At, Channel: "sms", Reopen: k.Status == tickets.Closed},
		Row: pipeline.MessageRow{Kind: "human", From: phone(1), Visible: "And?"}}
	if change != nil {
		change(&dec.Plan.Ticket)
	}
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
}

func itemFollows(d *desk) {
	at := d.now.Add(-3 * time.Hour)
	id := d.ticket(1, at, nil)
	want := work.Item{Ticket: id, Channel: "sms", Last: at}.As("payments", "en", "refund", "normal").Came(at).Owes(at, time.Time{}, at.Add(4*time.Hour))
	d.same("of a new ticket", want, d.item(id))

	d.write(id, 1, at.Add(time.Hour), nil)
	want = want.Came(at.Add(time.Hour))
	d.same("of one in which somebody has written again", want, d.item(id))
	d.write(id, 2, at.Add(2*time.Hour), func(p *tickets.Plan) { p.Machine = true })
	d.same("of one in which a machine has written", want, d.item(id))

	d.must(d.Acts.CloseTicket(d.ctx, id, d.now, "zhou"))
	d.same("of a closed one", true, d.item(id).Gone())
	d.write(id, 3, d.now, func(p *tickets.Plan) { p.Reopen, p.Machine = false, true })
	d.same("of a closed one in which a machine has written", true, d.item(id).Gone())
	d.write(id, 4, d.now, nil)
	d.same("of one that is open again", work.Item{Ticket: id, Channel: "sms", Last: d.now}.As("payments", "en", "refund", "normal").Came(d.now), d.item(id))

	in := item("hotline", "h", "history")
	dec := d.opening(d.pending(d.record(in)...)[0], phone(2))
	dec.Plan.Ticket.Open.Status = tickets.Closed
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	d.same("of history", true, d.item(dec.Plan.Ticket.ID).Gone())

	greeted := d.ticket(3, at, nil)
	d.write(greeted, 1, at.Add(time.Hour), func(p *tickets.Plan) {
		p.Settle = &tickets.SettlePlan{Queue: "cards", Category: "blocked", Priority: "urgent", Language: "zh"}
	})
	d.same("of one that has learned its matter", work.Item{Ticket: greeted, Channel: "sms", Last: at.Add(time.Hour)}.As("cards", "zh", "blocked", "urgent").Came(at).Owes(at, time.Time{}, at.Add(4*time.Hour)),
		func() work.Item { i := d.item(greeted); i.Last = at.Add(time.Hour); return i }())
}

// itemUnread: in whatever state an item is, the line's statement, which reads nothing, comes to what work.Item.Came says.
func itemUnread(d *desk) {
	at := d.now.Add(-10 * time.Hour)
	who := agent(7, viewer.Lead, "payments")
	d.must(d.Agents.SetRoom(d.ctx, who.User, 100))
	n := 0
	for _, state := range []work.State{work.Waiting, work.Pending, work.Snoozed} {
		for _, raised := range []string{"", "high", "urgent"} {
			for _, owned := range []bool{false, true} {
				n++
				id := d.ticket(n, at, nil)
				if owned {
					d.must(d.Desk.Take(d.ctx, who, id, handout.Rules{}, d.now))
				}
				switch state {
				case work.Pending:
					d.must(d.Desk.SetPending(d.ctx, who, id, d.now))
				case work.Snoozed:
					d.must(d.Desk.Snooze(d.ctx, who, id, d.now.Add(time.Hour), d.now))
				}
				want := d.item(id)
				d.write(id, 1, at.Add(time.Hour), func(p *tickets.Plan) { p.Priority = raised })
				if raised != "" {
					want = want.As(want.Queue, want.Language, want.Category, raised)
				}
				d.same(fmt.Sprintf("%s, raised to %q, owned %t", state, raised, owned), want.Came(at.Add(time.Hour)), d.item(id))
			}
		}
	}
}

func itemActs(d *desk) {
	id := d.ticket(1, d.now.Add(-time.Hour), nil)
	zhou, li, lead := agent(1, viewer.Agent, "payments"), agent(2, viewer.Agent, "payments"), agent(3, viewer.Lead, "payments")
	first := d.item(id)
	later := d.now.Add(time.Hour)
	d.must(d.Desk.Take(d.ctx, zhou, id, handout.Rules{}, d.now))
	d.same("taken", []any{work.Waiting, int64(1)}, []any{d.item(id).State, d.item(id).Owner})
	if err := d.Desk.Take(d.ctx, li, id, handout.Rules{}, d.now); !errors.Is(err, agents.ErrOwned) || !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("taking what somebody has: %v", err)
	}
	if err := d.Desk.HandBack(d.ctx, li, id, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("handing back what somebody else has: %v", err)
	}
	d.must(d.Desk.HandBack(d.ctx, zhou, id, d.now))
	back := d.item(id)
	first.LastOwner, first.Declined = 1, 1
	d.same("handed back, in its place", first, back)
	d.hear(2)
	d.must(d.Desk.Give(d.ctx, lead, id, 2, handout.Rules{}, d.now))
	d.must(d.Desk.HandBack(d.ctx, lead, id, d.now))
	d.same("taken from who had it", []int64{0, 2}, []int64{d.item(id).Owner, d.item(id).LastOwner})

	d.must(d.Desk.Snooze(d.ctx, li, id, later, d.now))
	if err := d.Desk.Snooze(d.ctx, li, id, later, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("putting away twice: %v", err)
	}
	n, err := d.Desk.WakeDue(d.ctx, later.Add(-time.Second), 10)
	d.must(err)
	d.same("before its time", []any{0, work.Snoozed}, []any{n, d.item(id).State})
	n, err = d.Desk.WakeDue(d.ctx, later, 10)
	d.must(err)
	d.same("at its time", []any{1, work.Waiting}, []any{n, d.item(id).State})
	d.must(d.Desk.Snooze(d.ctx, li, id, later, d.now))
	d.must(d.Desk.Wake(d.ctx, li, id, d.now))
	if err := d.Desk.Wake(d.ctx, li, id, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("waking twice: %v", err)
	}
	d.must(d.Desk.SetPending(d.ctx, li, id, d.now))
	d.must(d.Desk.SetWaiting(d.ctx, li, id, d.now))
	if err := d.Desk.SetWaiting(d.ctx, li, id, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("calling up twice: %v", err)
	}
	d.resumes() // nothing has stood still for any time
	first.LastOwner, first.Declined = 2, 2
	d.same("after all that, in its place", first, d.item(id))
	acts, err := d.View.TicketActs(d.ctx, id)
	d.must(err)
	var did []string
	for _, a := range acts {
		did = append(did, a.Who+" "+a.Act)
	}
	d.same("acts", []string{"agent1 take", "agent1 hand-back", "agent3 give", "agent3 hand-back", "agent2 snooze", "frontdesk wake", "agent2 snooze", "agent2 wake", "agent2 set-pending", "agent2 set-waiting", "frontdesk resume"}, did)
	d.counted()

	known := d.facts(pipeline.Asks{Tokens: []pipeline.Token{{Ticket: id}}}).Tickets[id]
	d.same("what decisions read of the ticket is as it was", int64(1), known.Version)
}

// itemRights: an agent of another queue, an auditor and nobody learn of a ticket not even that it is there; an agent gives nothing to others.
func itemRights(d *desk) {
	id := d.ticket(1, d.now.Add(-time.Hour), nil)
	acts := map[string]func(viewer.Viewer) error{
		"take":        func(v viewer.Viewer) error { return d.Desk.Take(d.ctx, v, id, handout.Rules{}, d.now) },
		"give":        func(v viewer.Viewer) error { return d.Desk.Give(d.ctx, v, id, 9, handout.Rules{}, d.now) },
		"hand back":   func(v viewer.Viewer) error { return d.Desk.HandBack(d.ctx, v, id, d.now) },
		"snooze":      func(v viewer.Viewer) error { return d.Desk.Snooze(d.ctx, v, id, d.now.Add(time.Hour), d.now) },
		"wake":        func(v viewer.Viewer) error { return d.Desk.Wake(d.ctx, v, id, d.now) },
		"set pending": func(v viewer.Viewer) error { return d.Desk.SetPending(d.ctx, v, id, d.now) },
		"set waiting": func(v viewer.Viewer) error { return d.Desk.SetWaiting(d.ctx, v, id, d.now) },
		"close":       func(v viewer.Viewer) error { return d.Desk.Close(d.ctx, v, id, d.now) },
		"reopen":      func(v viewer.Viewer) error { return d.Desk.Reopen(d.ctx, v, id, d.now) },
		"next":        func(v viewer.Viewer) error { _, err := d.Dispatch.Next(d.ctx, v, handout.Rules{}, d.now); return err },
	}
	before := d.item(id)
	for who, v := range map[string]viewer.Viewer{"an agent of another queue": agent(1, viewer.Lead, "cards"), "an auditor": agent(2, viewer.Auditor, viewer.Every), "nobody": {}} {
		for name, act := range acts {
			if err := act(v); !errors.Is(err, store.ErrNotFound) {
				d.t.Errorf("%s: %s: %v", who, name, err)
			}
		}
	}
	if err := acts["give"](agent(3, viewer.Agent, "payments")); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("an agent gives to others: %v", err)
	}
	d.same("nothing has happened", before, d.item(id))

	_, err := d.Desk.Ticket(d.ctx, agent(1, viewer.Lead, "cards"), id)
	_, _, lineErr := d.Desk.Timeline(d.ctx, agent(1, viewer.Lead, "cards"), id, agents.Mark{}, 0)
	if !errors.Is(err, store.ErrNotFound) || !errors.Is(lineErr, store.ErrNotFound) {
		d.t.Errorf("an agent of another queue reads it: %v, %v", err, lineErr)
	}
	for _, list := range agents.Lists() {
		for _, seek := range []agents.Seek{{List: list}, {List: list, Queue: "payments"}} {
			if p, err := d.Desk.List(d.ctx, agent(1, viewer.Lead, "cards"), seek, d.now); err != nil || len(p.Cards) != 0 {
				d.t.Errorf("an agent of another queue sees %+v of %+v, %v", p.Cards, seek, err)
			}
		}
	}
	c, err := d.Desk.Counts(d.ctx, agent(1, viewer.Lead, "cards"), d.now)
	d.must(err)
	d.same("and counts nothing", agents.Counts{Queues: map[string]int{"cards": 0}}, c)
}

func itemClosed(d *desk) {
	id := d.ticket(1, d.now.Add(-time.Hour), nil)
	zhou := agent(1, viewer.Agent, "payments")
	d.must(d.Desk.Take(d.ctx, zhou, id, handout.Rules{}, d.now))
	d.must(d.Desk.Snooze(d.ctx, zhou, id, d.now.Add(time.Hour), d.now))
	was := d.item(id)
	d.must(d.Desk.Close(d.ctx, zhou, id, d.now.Add(time.Second)))
	d.same("closed", true, d.item(id).Gone())
	if err := d.Desk.Take(d.ctx, zhou, id, handout.Rules{}, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("taking a closed one: %v", err)
	}
	d.must(d.Desk.Reopen(d.ctx, zhou, id, d.now.Add(2*time.Second)))
	d.same("open again", was, d.item(id))
	if err := d.Desk.Reopen(d.ctx, zhou, id, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("reopening twice: %v", err)
	}
	d.counted()
}

// nextInOrder: those half of whose time is used by that moment, urgent ones before; then by rank; and never in a language that the agent does not know.
func nextInOrder(d *desk) {
	at := func(minutes int) time.Time { return d.now.Add(time.Duration(minutes) * time.Minute) }
	as := func(queue, language, priority string) func(*tickets.Ticket) {
		return func(t *tickets.Ticket) { t.Queue, t.Language, t.Priority = queue, language, priority }
	}
	normal := d.ticket(1, at(-60), as("payments", "en", "normal"))
	high := d.ticket(2, at(-30), as("payments", "en", "high"))
	low := d.ticket(3, at(-90), as("payments", "en", "low"))
	half := d.ticket(4, at(-150), as("payments", "en", "low")) // of its four hours
	older := d.ticket(5, at(-180), as("cards", "en", "normal"))
	urgent := d.ticket(6, at(-1), as("cards", "en", "urgent"))
	chinese := d.ticket(7, at(-240), as("payments", "zh-Hans", "urgent"))
	foreign := d.ticket(8, at(-250), as("other", "en", "urgent"))
	nameless := d.ticket(9, at(-20), as("payments", "", "normal"))

	v := agent(1, viewer.Agent, "payments", "cards", "other")
	d.must(d.Agents.SetRoom(d.ctx, v.User, 10))
	take := func(v viewer.Viewer) (out []int64, why []string) {
		for {
			c, err := d.Dispatch.Next(d.ctx, v, handout.Rules{}, d.now)
			if errors.Is(err, store.ErrNotFound) {
				return out, why
			}
			d.must(err)
			out, why = append(out, c.Ticket), append(why, c.Reason)
		}
	}
	d.can(1, users.AbilityLanguage, map[string]int64{"en-GB": 1})
	d.member(1, "payments", "cards")
	got, why := take(v)
	d.same("in this order", []int64{urgent, older, half, high, normal, nameless, low}, got)
	d.same("for these reasons", []string{work.ReasonHalf, work.ReasonHalf, work.ReasonHalf, work.ReasonRank, work.ReasonRank, work.ReasonRank, work.ReasonRank}, why)
	d.same("his", []any{int64(1), true}, []any{d.item(high).Owner, d.item(high).Begun.Equal(d.now)})
	d.can(2, users.AbilityLanguage, map[string]int64{"zh": 1})
	got, _ = take(agent(2, viewer.Agent, "payments"))
	d.same("who knows Chinese", []int64{chinese}, got)
	got, _ = take(agent(3, viewer.Agent, viewer.Every))
	d.same("who takes everything", []int64{foreign}, got)

	lines, _, err := d.Desk.Timeline(d.ctx, v, high, agents.Mark{}, 0)
	d.must(err)
	for _, l := range lines {
		if l.Act != nil {
			d.same("the reason is told", []string{entries.ActTake, work.ReasonRank, "agent1"}, []string{l.Act.What, l.Act.Reason, l.Act.Who})
		}
	}
}

// nextAtOnce: whoever takes at the same moment takes other tickets, and nobody goes away with nothing while there is something.
func nextAtOnce(d *desk) {
	const callers = 200
	for n := range callers {
		d.ticket(n+1, d.now.Add(-time.Duration(n)*time.Minute), func(t *tickets.Ticket) { t.Queue = []string{"payments", "cards"}[n%2] })
	}
	var wait sync.WaitGroup
	claims, errs, took := make([]dispatch.Claim, callers), make([]error, callers), make([]time.Duration, callers)
	begin := time.Now()
	for n := range callers {
		wait.Go(func() {
			defer func() { took[n] = time.Since(begin) }()
			claims[n], errs[n] = d.Dispatch.Next(d.ctx, agent(int64(n+1), viewer.Agent, viewer.Every), handout.Rules{}, d.now)
		})
	}
	wait.Wait()
	slices.Sort(took)
	d.t.Logf("%d at once: p50 %s, p99 %s, the last one after %s", callers, took[callers/2], took[callers*99/100], took[callers-1])
	owner := map[int64]int64{}
	for n := range callers {
		if errs[n] != nil {
			d.t.Errorf("caller %d: %v", n, errs[n])
			continue
		}
		if other := owner[claims[n].Ticket]; other != 0 {
			d.t.Errorf("ticket %d was taken by %d and %d", claims[n].Ticket, other, n+1)
		}
		owner[claims[n].Ticket] = int64(n + 1)
		d.same("its owner", int64(n+1), d.item(claims[n].Ticket).Owner)
	}
	if _, err := d.Dispatch.Next(d.ctx, agent(1, viewer.Agent, viewer.Every), handout.Rules{}, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("one more: %v", err)
	}
}

// listed are the tickets of a list, read page by page.
func (d *desk) listed(v viewer.Viewer, k agents.Seek) (out []int64) {
	d.t.Helper()
	k.Limit = 2
	for range 50 {
		p, err := d.Desk.List(d.ctx, v, k, d.now)
		d.must(err)
		for _, c := range p.Cards {
			out = append(out, c.Ticket)
		}
		if k.After = p.Next; p.Next == (agents.Place{}) {
			return out
		}
	}
	d.t.Fatal("the pages do not end")
	return nil
}

func deskLists(d *desk) {
	v, lead := agent(1, viewer.Agent, "payments", "cards"), agent(2, viewer.Lead, viewer.Every)
	ids := make([]int64, 13)
	for n := range ids[1:] {
		ids[n+1] = d.ticket(n+1, d.now.Add(-time.Duration(n+1)*20*time.Minute), func(t *tickets.Ticket) {
			t.Queue, t.Language = []string{"payments", "cards", "other"}[n%3], []string{"en", "zh"}[n%2]
		})
	}
	of := func(ns ...int) (out []int64) {
		for _, n := range ns {
			out = append(out, ids[n])
		}
		return out
	}
	// payments: 1 4 7 10, cards: 2 5 8 11, other: 3 6 9 12; the higher, the older.
	d.same("unassigned", of(11, 10, 8, 7, 5, 4, 2, 1), d.listed(v, agents.Seek{List: agents.Unassigned}))
	d.same("unassigned of a language", of(11, 7, 5, 1), d.listed(v, agents.Seek{List: agents.Unassigned, Languages: []string{"en"}}))
	d.same("unassigned of a queue", of(11, 8, 5, 2), d.listed(v, agents.Seek{List: agents.Unassigned, Queue: "cards"}))
	d.same("at risk: due within two hours", of(11, 10, 8, 7), d.listed(v, agents.Seek{List: agents.AtRisk}))
	d.same("at risk, everywhere", of(12, 11, 10, 9, 8, 7, 6), d.listed(lead, agents.Seek{List: agents.AtRisk}))

	for _, n := range []int{1, 4, 2, 8, 11} {
		d.must(d.Desk.Take(d.ctx, v, ids[n], handout.Rules{}, d.now))
	}
	d.must(d.Desk.SetPending(d.ctx, v, ids[4], d.now))
	d.must(d.Desk.SetPending(d.ctx, v, ids[8], d.now))
	d.must(d.Desk.Snooze(d.ctx, v, ids[2], d.now.Add(time.Hour), d.now))
	d.must(d.Desk.SetPending(d.ctx, lead, ids[5], d.now)) // nobody's
	d.must(d.Desk.Close(d.ctx, v, ids[10], d.now))
	d.must(d.Desk.Close(d.ctx, lead, ids[12], d.now))
	d.write(ids[11], 1, d.now, nil)
	d.same("mine", of(11, 1), d.listed(v, agents.Seek{List: agents.Mine}))
	d.same("mine, of a queue", of(1), d.listed(v, agents.Seek{List: agents.Mine, Queue: "payments"}))
	d.same("mine that wait for the customer", of(4, 8), d.listed(v, agents.Seek{List: agents.Pending}))
	d.same("all of a queue that wait for the customer", of(5, 8), d.listed(v, agents.Seek{List: agents.Pending, Queue: "cards"}))
	d.same("mine that are put away", of(2), d.listed(v, agents.Seek{List: agents.Snoozed}))
	d.same("a queue, who has written last first", of(11, 2, 5, 8), d.listed(v, agents.Seek{List: agents.Queue, Queue: "cards"}))
	d.same("all of the viewer's", of(11, 1, 2, 4, 5, 7, 8), d.listed(v, agents.Seek{List: agents.Queue}))
	d.same("everything", of(11, 1, 2, 3, 4, 5, 6, 7, 8, 9), d.listed(lead, agents.Seek{List: agents.Queue}))
	d.same("closed", of(10), d.listed(v, agents.Seek{List: agents.Closed}))
	d.same("closed everywhere", of(10, 12), d.listed(lead, agents.Seek{List: agents.Closed}))
	d.same("closed of a queue", of(12), d.listed(lead, agents.Seek{List: agents.Closed, Queue: "other"}))
	d.same("mine, after the queue was taken from me", of(1), d.listed(agent(1, viewer.Agent, "payments"), agents.Seek{List: agents.Mine}))
	d.same("of nobody", []int64(nil), d.listed(viewer.Viewer{}, agents.Seek{List: agents.Mine}))

	c, err := d.Desk.Counts(d.ctx, v, d.now)
	d.must(err)
	d.same("counts", agents.Counts{Mine: 2, Pending: 2, Snoozed: 1, Unassigned: 1, AtRisk: 2, Queues: map[string]int{"payments": 1, "cards": 0}}, c)

	p, err := d.Desk.List(d.ctx, v, agents.Seek{List: agents.Mine}, d.now)
	d.must(err)
	got := p.Cards[0]
	want := agents.Card{Item: d.item(ids[11]), Status: tickets.Open, Subject: "Refund?", Messages: 2, OpenedAt: got.OpenedAt, Contact: got.Contact, Proven: true, Customer: "Ann",
		LastWords: "And?", LastFrom: phone(1).Value, Channel: "sms"}
	d.same("a card", want, got)
}

func deskCountedOnce(d *desk) {
	var ids []int64
	for n := 1; n <= 103; n++ {
		ids = append(ids, d.ticket(n, d.now.Add(-time.Hour), nil))
	}
	one, other, stranger := agent(1, viewer.Lead, "payments"), agent(2, viewer.Agent, "payments"), agent(3, viewer.Agent, "cards")
	counts := func(what string, v viewer.Viewer, at time.Time, want int) {
		d.t.Helper()
		c, err := d.Desk.Counts(d.ctx, v, at)
		d.must(err)
		if c.Unassigned != want || c.Queues["payments"] != want {
			d.t.Errorf("%s: counted %+v, want %d", what, c, want)
		}
	}
	counts("all that wait", one, d.now, 103)
	d.must(d.Desk.Close(d.ctx, one, ids[0], d.now))
	counts("a colleague in the same moment", other, d.now.Add(200*time.Millisecond), 103)
	counts("who reads in another queue", stranger, d.now, 0)
	counts("a moment later", other, d.now.Add(250*time.Millisecond), 102)
	for _, id := range ids[1:4] {
		d.must(d.Desk.Close(d.ctx, one, id, d.now))
	}
	counts("later", one, d.now.Add(time.Second), 99)
	d.must(d.Desk.Close(d.ctx, one, ids[4], d.now))
	counts("of few each is seen at once", other, d.now.Add(time.Second), 98)
}

// deskTicket: a page tells all of a ticket, and of others only what the viewer may read.
func deskTicket(d *desk) {
	v := agent(1, viewer.Agent, "payments")
	dec := d.opening(d.pending(d.record(item("hotline", "k1", "Where is my refund?"))...)[0], phone(1))
	dec.Plan.Effects[0].Payload = []byte(`{"language":"en","missing":["Which order is it?"]}`)
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	first := dec.Plan
	id := first.Ticket.ID
	more := d.following(d.pending(d.record(item("hotline", "k2", "And?"))...)[0], first, 1, 1)
	more.Plan.Row.Quoted, more.Plan.Row.Attachments = "> refund", []message.Attachment{{Name: "bill.pdf", MediaType: "application/pdf", Size: 3}}
	raised := d.following(d.pending(d.record(item("hotline", "k3", "At once!"))...)[0], first, 2, 2)
	raised.Plan.Ticket.Priority = "urgent"
	var others []int64
	for n, queue := range []string{"payments", "secret"} {
		other := d.opening(d.pending(d.record(item("hotline", "o"+queue, "text"))...)[0], phone(1))
		other.Plan.Contact = contacts.Plan{ID: first.Contact.ID, Version: int64(3 + n)}
		other.Plan.Ticket.Open.Queue = queue
		others = append(others, other.Plan.Ticket.ID)
		d.must(d.Commit.Commit(d.ctx, append([]commit.Decision{more, raised}[:2*(1-n)], other), d.now))
	}
	d.must(d.Desk.Take(d.ctx, v, id, handout.Rules{}, d.now.Add(time.Second)))
	d.must(d.Desk.Close(d.ctx, v, id, d.now.Add(2*time.Second)))

	k, err := d.Desk.Ticket(d.ctx, v, id)
	d.must(err)
	d.same("head", []any{id, "payments", "urgent", tickets.Closed, true, int64(4), "Ann", 3}, []any{k.Card.Ticket, k.Queue, k.Priority, k.Status, k.Proven, k.Version, k.Customer, k.Messages})
	d.same("addresses", []agents.Address{{Kind: message.Phone, Value: phone(1).Value, Verified: true}}, k.Addresses)
	d.same("promises", []string{promises.Acknowledgement}, []string{k.Promises[0].Kind})
	d.same("what is asked for", []string{"Which order is it?"}, k.Missing)
	d.same("other tickets", []int64{others[0]}, []int64{k.Others[0].ID})
	d.same("and no more", 1, len(k.Others))
	if _, err := d.Desk.Ticket(d.ctx, v, others[1]); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("a ticket of another queue: %v", err)
	}

	var lines []agents.Line
	for before := (agents.Mark{}); ; before = lines[len(lines)-1].Mark {
		page, _, err := d.Desk.Timeline(d.ctx, v, id, before, 2)
		d.must(err)
		if len(page) == 0 {
			break
		}
		lines = append(lines, page...)
	}
	var got []string
	for _, l := range lines {
		switch l.Kind {
		case agents.KindMessage:
			got = append(got, fmt.Sprint("message ", l.Message.Visible, l.Message.Quoted, " by ", l.Message.From, ", files ", len(l.Message.Files)))
		case agents.KindSend:
			got = append(got, fmt.Sprint("send ", l.Send.Kind, " ", l.Send.State))
		default:
			got = append(got, fmt.Sprint(l.Kind, " ", l.Act.Who, " ", l.Act.What, " ", l.Act.After.Priority))
		}
	}
	by := phone(1).Value
	d.same("timeline", []string{"act agent1 close ", "act agent1 take ", "send acknowledgement due", "event frontdesk continued urgent",
		"message And? by " + by + ", files 0", "message And?> refund by " + by + ", files 1", "message Where is my refund? by " + by + ", files 0"}, got)
}

// deskMended: what an older program has done beside us is as we would have left it, and what was there before has its item.
func deskMended(d *desk) {
	walk := func() (n int) {
		var w agents.Walk
		for {
			mended, done, err := d.Desk.Step(d.ctx, &w, d.now)
			d.must(err)
			if n += mended; done {
				return n
			}
		}
	}
	old := d.ticket(1, d.now.Add(-time.Hour), nil)
	shut := d.ticket(2, d.now.Add(-time.Hour), nil)
	settled := d.ticket(3, d.now.Add(-time.Hour), nil)
	moved := d.ticket(4, d.now.Add(-time.Hour), nil)
	gone := d.ticket(5, d.now.Add(-time.Hour), nil)
	well := d.ticket(6, d.now.Add(-time.Hour), nil)
	want, due := d.item(old), d.item(settled)
	want.Channel = "" // nothing is known of it until its customer writes again
	before := d.item(well)
	d.must(d.Base.Do(d.ctx, "being an older program", sql.Do(`DELETE FROM desk WHERE ticket = $1`, old), sql.Do(`UPDATE tickets SET status = 'closed' WHERE id = $1`, shut),
		sql.Do(`UPDATE desk SET due_at = 0, half_at = 0 WHERE ticket = $1`, settled), sql.Do(`UPDATE tickets SET queue = 'cards', priority = 'high' WHERE id = $1`, moved),
		sql.Do(`DELETE FROM tickets WHERE id = $1`, gone)))
	d.same("mended", 5, walk())
	d.same("a ticket of before", want, d.item(old))
	d.same("a closed one", true, d.item(shut).Gone())
	d.same("one with another deadline", due, d.item(settled))
	d.same("one in another queue", []string{"cards", "high"}, []string{d.item(moved).Queue, d.item(moved).Priority})
	d.same("one that is no more", true, d.item(gone).Gone())
	d.same("one that was well", before, d.item(well))
	d.must(d.Base.Do(d.ctx, "being an older program", sql.Do(`DELETE FROM desk WHERE ticket = $1`, old)))
	d.same("a moment later", 0, walk())
	d.now = d.now.Add(10 * time.Minute)
	d.same("some minutes later", 1, walk())
}

func deskErased(d *desk) {
	id := d.ticket(1, d.now.Add(-time.Hour), nil)
	d.must(d.Desk.Take(d.ctx, agent(1, viewer.Agent, "payments"), id, handout.Rules{}, d.now))
	who, err := d.Erasure.PersonAt(d.ctx, phone(1).Identity())
	d.must(err)
	_, err = d.Erasure.Erase(d.ctx, who, erasure.Erasure{}, d.now)
	d.must(err)
	d.same("of an erased person", true, d.item(id).Gone())
	p, err := d.Desk.List(d.ctx, agent(1, viewer.Agent, "payments"), agents.Seek{List: agents.Closed}, d.now)
	d.must(err)
	d.same("its card", []string{"erased", "", "", ""}, []string{p.Cards[0].Subject, p.Cards[0].Customer, p.Cards[0].LastWords, p.Cards[0].LastFrom})
}
