package merge

import (
	"errors"
	"testing"
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/domain/tickets"
)

var (
	start = time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	half  = start.Add(12 * time.Hour)
	most  = start.Add(18 * time.Hour)
	later = start.Add(24 * time.Hour)
)

func key(ticket int64, kind string) promises.Key { return promises.Key{Ticket: ticket, Kind: kind} }

// two is a desk with ticket 7, which is due earlier and waits for longer, and ticket 8, each with its item and the promise of a first reply.
func two(change ...func(*domain.Known)) *domain.Known {
	k := domain.NewKnown()
	for id, since := range map[int64]time.Time{7: start, 8: start.Add(time.Hour), 9: start.Add(2 * time.Hour)} {
		k.Tickets[id] = tickets.Status{ID: id, Version: 1, State: tickets.Open, Messages: 1, Queue: "payments", Language: "en", Category: "refund", Priority: "normal", Opened: since, Last: since}
		p := promises.New(promises.Promise{Ticket: id, Kind: promises.FirstReply, Start: since, Due: since.Add(20 * time.Hour)}, "", since)
		k.Promises[p.Key()] = p
		k.Desk[id] = k.Owing(desk.Item{Ticket: id}.As("payments", "en", "refund", "normal").Came(since))
	}
	for _, c := range change {
		c(k)
	}
	return k
}

func decide(t *testing.T, k *domain.Known, now time.Time, all ...domain.Command) domain.Plan {
	t.Helper()
	plan, err := domain.Decide(all, k, now)
	if err != nil {
		t.Fatalf("%+v: %v", all, err)
	}
	for _, m := range plan.Merges { // as whoever reads them anew
		if k.Roots[m.Source] = m.Target; m.Undone {
			delete(k.Roots, m.Source)
		}
	}
	return plan
}

// changed changes the item of a ticket.
func changed(ticket int64, how func(desk.Item) desk.Item) func(*domain.Known) {
	return func(k *domain.Known) { k.Desk[ticket] = how(k.Desk[ticket]) }
}

func TestAMergedTicketIsWorkedOnInTheOther(t *testing.T) {
	urgent := func(k *domain.Known) {
		s := k.Tickets[7]
		s.Priority = "urgent"
		k.Tickets[7], k.Desk[7] = s, k.Desk[7].As(s.Queue, s.Language, s.Category, s.Priority)
	}
	owned := func(ticket, by int64) func(*domain.Known) {
		return changed(ticket, func(i desk.Item) desk.Item { return i.Taken(by, half, true) })
	}
	in := func(ticket int64, state desk.State, wake time.Time) func(*domain.Known) {
		return changed(ticket, func(i desk.Item) desk.Item { i.State, i.Wake = state, wake; return i })
	}
	closed := func(ticket int64) func(*domain.Known) {
		return func(k *domain.Known) { decide(t, k, half, commands.CloseTicket{Ticket: ticket, Actor: "zhou"}) }
	}
	early, late := start, start.Add(time.Hour)
	for _, c := range []struct {
		name   string
		change []func(*domain.Known)
		state  tickets.State
		item   desk.Item // State, Since, Due, Owner, Priority, Wake
	}{
		{"the nearer deadline and the older place", nil, tickets.Open, desk.Item{State: desk.Waiting, Since: early, Due: early.Add(20 * time.Hour), Priority: "normal"}},
		{"the higher priority", []func(*domain.Known){urgent}, tickets.Open, desk.Item{State: desk.Waiting, Since: early, Due: early.Add(20 * time.Hour), Priority: "urgent"}},
		{"the target's owner stays", []func(*domain.Known){owned(7, 1), owned(8, 2)}, tickets.Open, desk.Item{State: desk.Waiting, Since: early, Due: early.Add(20 * time.Hour), Priority: "normal", Owner: 2}},
		{"nobody's becomes the source's owner's", []func(*domain.Known){owned(7, 1)}, tickets.Open, desk.Item{State: desk.Waiting, Since: early, Due: early.Add(20 * time.Hour), Priority: "normal", Owner: 1}},
		{"it is our turn where it is in the source", []func(*domain.Known){in(8, desk.Pending, time.Time{})}, tickets.Open, desk.Item{State: desk.Waiting, Since: early, Due: early.Add(20 * time.Hour), Priority: "normal"}},
		{"and where it is in the target", []func(*domain.Known){in(7, desk.Snoozed, later)}, tickets.Open, desk.Item{State: desk.Waiting, Since: late, Due: early.Add(20 * time.Hour), Priority: "normal"}},
		{"of two that are put away the sooner time", []func(*domain.Known){in(7, desk.Snoozed, most), in(8, desk.Snoozed, later)}, tickets.Open, desk.Item{State: desk.Snoozed, Since: early, Due: early.Add(20 * time.Hour), Priority: "normal", Wake: most}},
		{"a closed source changes nothing", []func(*domain.Known){closed(7)}, tickets.Open, desk.Item{State: desk.Waiting, Since: late, Due: late.Add(20 * time.Hour), Priority: "normal"}},
		{"a closed target is open again", []func(*domain.Known){closed(8)}, tickets.Open, desk.Item{State: desk.Waiting, Since: early, Due: early.Add(20 * time.Hour), Priority: "normal"}},
		{"two closed ones stay closed", []func(*domain.Known){closed(7), closed(8)}, tickets.Closed, desk.Item{State: desk.Gone}},
	} {
		k := two(c.change...)
		plan := decide(t, k, most, Tickets{7, 8, "zhou"})
		i := k.Item(8)
		got := desk.Item{State: i.State, Since: i.Since, Due: i.Due, Owner: i.Owner, Priority: i.Priority, Wake: i.Wake}
		if i.Gone() {
			got = desk.Item{State: desk.Gone}
		}
		if s := k.Tickets[7]; s.State != tickets.Closed || s.MergedInto != 8 || !k.Item(7).Gone() || k.Tickets[8].State != c.state || got != c.item {
			t.Errorf("%s: source %+v, target %s with %+v", c.name, s, k.Tickets[8].State, got)
		}
		if len(plan.Entries) != 2 || plan.Entries[0].Ticket != 7 || plan.Entries[1].Ticket != 8 || len(plan.Promises) != 0 {
			t.Errorf("%s: %d entries, %d promises", c.name, len(plan.Entries), len(plan.Promises))
		}
	}
}

// TestOfTwoMergingsIntoEachOtherOneWins, and no chain of them comes back to where it began.
func TestOfTwoMergingsIntoEachOtherOneWins(t *testing.T) {
	k := two()
	decide(t, k, most, Tickets{7, 8, "zhou"})
	for _, c := range []Tickets{{8, 7, "li"}, {7, 9, "li"}, {9, 7, "li"}, {7, 8, "li"}, {8, 8, "li"}, {8, 99, "li"}} {
		if _, err := domain.Decide([]domain.Command{c}, k, most); !errors.Is(err, domain.ErrNotSo) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	decide(t, k, most, Tickets{8, 9, "li"})
	if k.Tickets[7].MergedInto != 9 || k.Tickets[8].MergedInto != 9 || !k.Desk[9].Since.Equal(start) {
		t.Errorf("a chain ends in %+v and %+v", k.Tickets[7], k.Tickets[8])
	}
	decide(t, k, most, Undo{8, 9, "li"})
	if k.Tickets[7].MergedInto != 8 || k.Tickets[8].MergedInto != 0 || !k.Item(7).Gone() || k.Item(8).Gone() || !k.Desk[9].Since.Equal(start.Add(2*time.Hour)) {
		t.Errorf("taken back, 7 is %+v, 8 is %+v, 9 waits since %s", k.Tickets[7], k.Tickets[8], k.Desk[9].Since)
	}
	decide(t, k, most, Undo{7, 8, "li"})
	if k.Tickets[7].MergedInto != 0 || k.Tickets[7].State != tickets.Open || !k.Desk[7].Since.Equal(start) || !k.Desk[8].Since.Equal(start.Add(time.Hour)) {
		t.Errorf("taken back whole, 7 is %+v with %+v", k.Tickets[7], k.Desk[7])
	}
}

// TestAMergingIsTakenBack: both are as they were, but for what has happened to the two as one.
func TestAMergingIsTakenBack(t *testing.T) {
	merge := Tickets{7, 8, "zhou"}
	answered := func(k *domain.Known) {
		k.AddEffect(effects.Effect{ID: 1, Kind: effects.KindReply, State: effects.Sending, Ticket: 8, Attempts: 1})
		decide(t, k, half, commands.SendReply{Reply: replies.Plan{ID: 31, Key: "p", Kind: replies.Answer, Ticket: 8, Author: 2, Effect: 1}, Row: &effects.Plan{ID: 1, Kind: effects.KindReply}, Anyway: true}, commands.SendEnded{ID: 1, Attempt: 1, State: effects.Sent})
	}
	wrote := func(k *domain.Known) { // the line has brought a message to the source
		s := k.Tickets[7]
		s.Version, s.Last = s.Version+1, half
		k.Tickets[7], k.Desk[8] = s, k.Desk[8].Came(half)
	}
	closed := func(ticket int64) func(*domain.Known) {
		return func(k *domain.Known) {
			decide(t, k, half, commands.CloseTicket{Ticket: ticket, Actor: "zhou"})
			k.Closed[ticket] = half
		}
	}
	owned := changed(7, func(i desk.Item) desk.Item { return i.Taken(1, start, true) })
	for _, c := range []struct {
		name          string
		before, since func(*domain.Known)
		source        tickets.State
		turn, its     desk.State
		waits         time.Time // the source's customer
		owner, owners int64
		promise       promises.State // of the source
	}{
		{"at once", nil, nil, tickets.Open, desk.Waiting, desk.Waiting, start, 0, 0, promises.Due},
		{"whoever had it has it", owned, nil, tickets.Open, desk.Waiting, desk.Waiting, start, 1, 0, promises.Due},
		{"what was answered was answered for both", nil, answered, tickets.Open, desk.Pending, desk.Pending, start, 0, 2, promises.Kept},
		{"who has written since the answer waits since then", nil, func(k *domain.Known) { answered(k); wrote(k) }, tickets.Open, desk.Waiting, desk.Waiting, half, 0, 2, promises.Kept},
		{"one that was closed stays closed", closed(7), nil, tickets.Closed, desk.Gone, desk.Waiting, time.Time{}, 0, 0, promises.Void},
		{"but for one in which somebody has written", closed(7), wrote, tickets.Open, desk.Waiting, desk.Waiting, half, 0, 0, promises.Void},
		{"what closing the root has settled counts again", nil, closed(8), tickets.Open, desk.Waiting, desk.Gone, start, 0, 0, promises.Due},
		{"a root that was closed is closed again", closed(8), nil, tickets.Open, desk.Waiting, desk.Gone, start, 0, 0, promises.Due},
	} {
		k := two()
		if c.before != nil {
			c.before(k)
		}
		decide(t, k, half, merge)
		if c.since != nil {
			c.since(k)
		}
		decide(t, k, most, Undo{7, 8, "li"})
		s, i, o := k.Tickets[7], k.Item(7), k.Item(8)
		if s.State != c.source || s.MergedInto != 0 || i.State != c.turn || o.State != c.its || !c.waits.IsZero() && !i.Since.Equal(c.waits) || i.Owner != c.owner || o.Owner != c.owners || k.Promises[key(7, promises.FirstReply)].State != c.promise {
			t.Errorf("%s: source %s with %+v, root's %+v, promise %s", c.name, s.State, i, o, k.Promises[key(7, promises.FirstReply)].State)
		}
		if _, err := domain.Decide([]domain.Command{Undo{7, 8, "li"}}, k, most); !errors.Is(err, domain.ErrNotSo) {
			t.Errorf("%s: taken back twice: %v", c.name, err)
		}
	}
}

// TestWhatIsDoneInTheRootIsDoneForWhatIsMergedIntoIt: an answer keeps the promises of both, one that fails makes it our turn, and closing
// settles both.
func TestWhatIsDoneInTheRootIsDoneForWhatIsMergedIntoIt(t *testing.T) {
	sending := func(k *domain.Known) {
		k.AddEffect(effects.Effect{ID: 1, Kind: effects.KindReply, State: effects.Sending, Ticket: 7, Attempts: 1})
	}
	k := two(sending)
	decide(t, k, half, Tickets{7, 8, "zhou"})
	decide(t, k, half, commands.SendEnded{ID: 1, Attempt: 1, State: effects.Sent}) // an answer that was written on the source
	for _, id := range []int64{7, 8} {
		if p := k.Promises[key(id, promises.FirstReply)]; p.Open() || p.Settled.IsZero() {
			t.Errorf("answered: the promise of %d is %+v", id, p)
		}
	}
	if !k.Desk[8].Due.IsZero() {
		t.Errorf("answered: still due %s", k.Desk[8].Due)
	}
	k = two(sending, changed(8, func(i desk.Item) desk.Item { i.State = desk.Pending; return i }), changed(7, func(i desk.Item) desk.Item { i.State = desk.Pending; return i }))
	decide(t, k, half, Tickets{7, 8, "zhou"})
	decide(t, k, half, commands.SendEnded{ID: 1, Attempt: 1, State: effects.Failed})
	if k.Desk[8].State != desk.Waiting {
		t.Errorf("failed: the root is %s", k.Desk[8].State)
	}
	decide(t, k, most, commands.CloseTicket{Ticket: 8, Actor: "zhou"})
	if p := k.Promises[key(7, promises.FirstReply)]; p.Open() {
		t.Errorf("closed: the promise of the source is %+v", p)
	}
	k.Closed[8] = most
	decide(t, k, later, commands.ReopenTicket{Ticket: 8, Actor: "li"})
	if p := k.Promises[key(7, promises.FirstReply)]; !p.Open() {
		t.Errorf("reopened: the promise of the source is %+v", p)
	}
	if _, err := domain.Decide([]domain.Command{commands.SendReply{Reply: replies.Plan{ID: 33, Key: "q", Kind: replies.Note, Ticket: 7}, Anyway: true}}, k, later); !errors.Is(err, domain.ErrMerged) {
		t.Errorf("a note on a merged ticket: %v", err)
	}
}

// TestWhatAnOlderProgramOpensAgainIsRejoined: it knows no pointer, and opens the ticket to which a message belongs.
func TestWhatAnOlderProgramOpensAgainIsRejoined(t *testing.T) {
	k := two()
	decide(t, k, half, Tickets{7, 8, "zhou"}, commands.CloseTicket{Ticket: 8, Actor: "zhou"})
	s := k.Tickets[7]
	s.State, s.Last = tickets.Open, most
	k.Tickets[7], k.Desk[7] = s, desk.Item{Ticket: 7}.As("payments", "en", "refund", "normal").Came(most)
	decide(t, k, later, commands.MendDesk{Ticket: 7})
	if k.Tickets[7].State != tickets.Closed || !k.Item(7).Gone() || k.Tickets[8].State != tickets.Open || k.Item(8).State != desk.Waiting || !k.Item(8).Since.Equal(most) {
		t.Errorf("7 is %+v with %+v, 8 %+v with %+v", k.Tickets[7], k.Item(7), k.Tickets[8], k.Item(8))
	}
}
