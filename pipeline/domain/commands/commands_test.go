package commands

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/agents"
	"frontdesk/pipeline/domain/commands/merge"
	"frontdesk/pipeline/domain/commands/persons"
	"frontdesk/pipeline/domain/commands/split"
	"frontdesk/pipeline/domain/commands/tags"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/parting"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/domain/tickets"
)

var (
	start    = time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	half     = start.Add(12 * time.Hour)
	most     = start.Add(18 * time.Hour)
	deadline = start.Add(24 * time.Hour)
	later    = deadline.Add(time.Minute)
)

func key(ticket int64, kind string) promises.Key { return promises.Key{Ticket: ticket, Kind: kind} }

// ticket7 is a ticket from which a message was taken out.
func ticket7(version int64, state tickets.State, priority string) tickets.Status {
	return tickets.Status{ID: 7, Version: version, State: state, Priority: priority, Messages: 2}
}

// world is a small desk whose rows stand in states that dice have chosen.
func world(r *rand.Rand) *domain.Known {
	k := domain.NewKnown()
	kinds := []string{effects.KindAcknowledgement, effects.KindDigest, effects.KindNotice, effects.KindReply}
	states := []effects.State{effects.Due, effects.Sending, effects.Sent, effects.Delivered, effects.Failed, effects.Fallback, effects.Withheld}
	for id := int64(1); id <= 6; id++ {
		e := effects.Effect{ID: id, Key: fmt.Sprint("key", id), Kind: kinds[r.IntN(4)], State: states[r.IntN(len(states))], Ticket: 1 + r.Int64N(3), Message: 10 + id,
			Recipient: fmt.Sprint("r", id), Attempts: r.IntN(3), NeedsFallback: r.IntN(2) == 0, Unknown: r.IntN(2) == 0, Erased: r.IntN(4) == 0, Cause: "capped", Next: half}
		if r.IntN(2) == 0 {
			e.Provider = fmt.Sprint("p", id)
		}
		if e.Took() {
			e.Sent = start
		}
		k.AddEffect(e)
		if e.Kind == effects.KindDigest {
			k.Covered[id] = []domain.Covered{{Effect: 90 + id, Ticket: 1 + r.Int64N(3), State: effects.Withheld}}
		}
		if e.Kind == effects.KindReply {
			k.Replies[30+id] = replies.Reply{ID: 30 + id, Ticket: e.Ticket, Kind: replies.Answer, Author: 5, Effect: id}
		}
		if r.IntN(3) == 0 {
			k.Early[id] = []effects.Receipt{{Key: e.Key, Event: []effects.Event{effects.HandOver, effects.Deliver, effects.Fail}[r.IntN(3)], At: half}}
		}
	}
	for id := int64(1); id <= 3; id++ {
		k.Tickets[id] = tickets.Status{ID: id, Version: 3, State: []tickets.State{tickets.Open, tickets.Closed}[r.IntN(2)], Priority: "high", Messages: 2}
		for _, kind := range []string{promises.Acknowledgement, "first-reply", promises.Resolution} {
			p := promises.New(promises.Promise{Ticket: id, Kind: kind, Start: start, Due: deadline, Warn: []time.Time{half}}, []string{"", "", "capped"}[r.IntN(3)], start)
			if p.Open() && r.IntN(3) == 0 {
				p, _ = p.Wake(half)
			}
			if r.IntN(4) == 0 {
				p, _ = promises.OnPause(p, half)
			}
			k.Promises[key(id, kind)] = p
		}
		for turn := range r.Int64N(3) {
			p := promises.Begun(promises.Promise{Ticket: id, Turn: turn + 1, Start: start.Add(time.Duration(r.IntN(2)) * time.Hour), Due: deadline}, r.IntN(3) == 0, start)
			switch r.IntN(3) {
			case 0:
				p, _ = p.Done(half)
			case 1:
				p, _ = promises.OnSetAside(p, half)
			}
			k.Promises[p.Key()] = p
		}
		if r.IntN(2) == 0 {
			k.Closed[id] = half
		}
		k.Talk[id] = r.Int64N(3)
		k.Tags[domain.Tagged{Ticket: id, Tag: "vip"}] = r.IntN(2) == 0
		k.Pages[fmt.Sprint("page", id)] = 30 + id
		if k.Tickets[id].State == tickets.Open && r.IntN(4) > 0 { // an older program leaves tickets without an item
			k.Desk[id] = anyItem(r, id)
		} else if r.IntN(2) == 0 {
			k.Left[id] = anyItem(r, id)
		}
	}
	if r.IntN(3) == 0 {
		if _, err := domain.Decide([]domain.Command{merge.Tickets{Source: 3, Target: 1, Actor: "zhou"}}, k, start); err == nil {
			k.Roots[3] = 1
		}
	}
	for id := int64(51); id <= 55; id++ {
		k.Persons[id] = contacts.Pointer{Contact: id}
	}
	for step := range r.Int64N(5) {
		c := domain.Command(persons.Join{Step: 61 + step, Ticket: 1, Contact: 51 + r.Int64N(5), Into: 51 + r.Int64N(5), Why: contacts.WhyTold, Actor: "zhou"})
		if r.IntN(4) == 0 {
			c = persons.Part{Step: 61 + step, Ticket: 1, Contact: 51 + r.Int64N(5), Why: contacts.WhyMistake, Actor: "zhou"}
		}
		_, _ = domain.Decide([]domain.Command{c}, k, start) // one that means nothing changes nothing
	}
	for id := int64(1); id <= 2; id++ {
		k.Agents[id] = agents.Agent{User: id, Presence: []agents.Presence{agents.Online, agents.Away, agents.Offline}[r.IntN(3)], HeardAt: start, SinceAt: start, Load: r.Int64N(8)}
	}
	for id := int64(11); id <= 14; id++ {
		k.Messages[id] = messages.Status{ID: id, State: []messages.State{messages.Parked, messages.Dismissed, messages.Appended, messages.Ticketed}[r.IntN(4)], Cause: "spam", Ticket: 1 + r.Int64N(3), Original: r.IntN(4) > 0, Erased: r.IntN(5) == 0}
		k.Dismissed[id] = r.IntN(2) == 0
		if r.IntN(2) == 0 {
			key := fmt.Sprint("r", id-10) // of an outbox row's recipient, too
			k.Addresses[key] = contacts.Address{Key: key, Consent: contacts.ConsentOf(r.IntN(2) == 0)}
		}
		k.Appends[id] = entries.Entry{Message: id, Before: entries.Snapshot{Priority: "normal", Ticket: tickets.Closed}, After: entries.Snapshot{Priority: "high", Ticket: tickets.Open, Version: 3}}
	}
	return k
}

// anyItem is a work item in a state that dice have chosen, of one of two users or nobody.
func anyItem(r *rand.Rand, ticket int64) desk.Item {
	i := desk.Item{Ticket: ticket, Last: start}.As("payments", "en", "refund", "high").Came(start).Owes(start, time.Time{}, deadline)
	if owner := r.Int64N(3); owner > 0 {
		i = i.Taken(owner, start, r.IntN(2) == 0)
	}
	switch r.IntN(3) {
	case 1:
		i.State = desk.Pending
		i = i.Stands(half, half)
	case 0:
		i = i.Stands(half, most)
	case 2:
		i.State, i.Wake = desk.Snoozed, []time.Time{half, deadline}[r.IntN(2)]
	}
	return i
}

// cloned is a copy of what is known.
func cloned(k *domain.Known) *domain.Known {
	c := domain.NewKnown()
	for _, e := range k.Effects {
		c.AddEffect(e)
	}
	maps.Copy(c.Messages, k.Messages)
	maps.Copy(c.Tickets, k.Tickets)
	maps.Copy(c.Promises, k.Promises)
	maps.Copy(c.Early, k.Early)
	maps.Copy(c.Covered, k.Covered)
	maps.Copy(c.Appends, k.Appends)
	maps.Copy(c.Dismissed, k.Dismissed)
	maps.Copy(c.Closed, k.Closed)
	maps.Copy(c.Left, k.Left)
	maps.Copy(c.Desk, k.Desk)
	maps.Copy(c.Agents, k.Agents)
	maps.Copy(c.Addresses, k.Addresses)
	maps.Copy(c.Talk, k.Talk)
	maps.Copy(c.Replies, k.Replies)
	maps.Copy(c.Pages, k.Pages)
	maps.Copy(c.Roots, k.Roots)
	maps.Copy(c.Members, k.Members)
	maps.Copy(c.Merges, k.Merges)
	maps.Copy(c.Tags, k.Tags)
	maps.Copy(c.Persons, k.Persons)
	maps.Copy(c.Steps, k.Steps)
	return c
}

// asked is what commands get to know of a world that answers their needs and no more.
func asked(commands []domain.Command, w *domain.Known) *domain.Known {
	k := domain.NewKnown()
	for range 5 {
		for _, c := range commands {
			n := c.Needs(k)
			take(k.Messages, w.Messages, n.Messages)
			take(k.Appends, w.Appends, n.Appends)
			take(k.Dismissed, w.Dismissed, n.Dismissed)
			take(k.Closed, w.Closed, n.Closed)
			take(k.Left, w.Left, n.Closed)
			take(k.Desk, w.Desk, n.Desk)
			take(k.Agents, w.Agents, n.Agents)
			take(k.Tickets, w.Tickets, n.Tickets)
			take(k.Covered, w.Covered, n.Covered)
			take(k.Talk, w.Talk, n.Talk)
			take(k.Replies, w.Replies, n.Replies)
			take(k.Roots, w.Roots, n.Roots)
			take(k.Members, w.Members, n.Members)
			take(k.Merges, w.Merges, n.Merges)
			take(k.Steps, w.Steps, n.Steps)
			for _, contact := range n.Persons {
				if root, there := w.Person(contact); there {
					take(k.Persons, w.Persons, append(w.Joined(root), root))
				}
			}
			for _, tag := range n.Tags {
				k.Tags[tag] = w.Tags[tag]
			}
			for _, page := range n.Pages {
				if id, ok := w.Pages[page]; ok {
					k.Pages[page] = id
				}
			}
			for _, a := range n.Addresses {
				if known, ok := w.Addresses[a.Key]; ok {
					k.Addresses[a.Key] = known
				}
			}
			for _, e := range w.Effects {
				if slices.Contains(n.Effects, e.ID) || slices.Contains(n.Keys, e.Key) || slices.Contains(n.Providers, e.Provider) {
					k.AddEffect(e)
				}
			}
			for _, e := range n.Early {
				take(k.Early, w.Early, []int64{e.Effect})
			}
			for key, p := range w.Promises {
				if slices.Contains(n.Promises, key.Ticket) || key.Kind == promises.Acknowledgement && slices.Contains(n.Acknowledgements, key.Ticket) {
					k.Promises[key] = p
				}
			}
		}
	}
	return k
}

func take[V any](to, from map[int64]V, ids []int64) {
	for _, id := range ids {
		if v, ok := from[id]; ok {
			to[id] = v
		}
	}
}

// anyCommand is one of each kind about a thing of the world.
func anyCommand(r *rand.Rand) domain.Command {
	effect, ticket, msg := 1+r.Int64N(6), 1+r.Int64N(3), 11+r.Int64N(4)
	all := []domain.Command{
		SendEnded{ID: effect, Attempt: r.IntN(3), State: []effects.State{effects.Sent, effects.Delivered, effects.Failed, effects.Withheld, effects.Due}[r.IntN(5)],
			ProviderID: []string{"", "new"}[r.IntN(2)], Unknown: r.IntN(3) == 0, Void: []string{"", "nobody"}[r.IntN(2)], Dead: r.IntN(3) == 0, OptedOut: r.IntN(3) == 0, Ask: later},
		SendEnded{ID: effect, State: effects.Failed, Code: "550", Fallback: &effects.Plan{ID: 77, Kind: effects.KindAcknowledgement}},
		ReceiptCame{effects.Receipt{Key: fmt.Sprint("key", 1+r.IntN(8)), Event: []effects.Event{effects.HandOver, effects.Deliver, effects.Fail}[r.IntN(3)], At: half, Reason: "30003"}},
		ReceiptCame{effects.Receipt{Provider: fmt.Sprint("p", 1+r.IntN(8)), Event: effects.Deliver, At: later.Add(time.Hour)}},
		BounceCame{Effect: effect, Reason: "5.1.1", At: most, Dead: r.IntN(2) == 0},
		PromiseCame{Promise: key(ticket, promises.Resolution)}, PromiseAnew{Ticket: ticket, Made: []promises.Promise{{Kind: promises.Resolution, Start: half, Due: most}}},
		PromiseAnew{Ticket: ticket, Made: []promises.Promise{{Kind: promises.Resolution, Start: start, Due: deadline.Add(time.Hour)}, {Kind: promises.NextReply, Turn: 1, Start: start, Due: most.Add(time.Hour)}}, Recount: true},
		tags.Tag{Ticket: ticket, Name: "vip", Off: r.IntN(2) == 0, Actor: "li"}, SnoozeTicket{Ticket: ticket},
		merge.Tickets{Source: 1 + r.Int64N(3), Target: ticket, Actor: "zhou"}, merge.Undo{Source: 3, Root: 1, Actor: "li"}, merge.Undo{Source: ticket, Root: 1 + r.Int64N(3), Actor: "li"},
		split.Messages{Ticket: ticket, Actor: "zhou", Contact: 5, Acknowledged: effects.Plan{ID: 78, Kind: effects.KindAcknowledgement, Cause: split.Cause}, Parting: parting.Parting{Ticket: 99, Messages: []int64{msg},
			Queue: "cards", Owner: r.Int64N(3), First: start, Last: half, Since: start, Stays: []time.Time{{}, half}[r.IntN(2)], Answered: []time.Time{{}, most}[r.IntN(2)],
			Promised: []promises.Plan{{Kind: promises.Acknowledgement, Due: most}, {Kind: promises.FirstReply, Due: most.Add(time.Hour)}, {Kind: promises.Resolution, Due: most.Add(2 * time.Hour)}}}},
		CloseTicket{Ticket: ticket, Actor: "zhou"}, ReopenTicket{ticket, "li"},
		persons.Join{Step: 100 + r.Int64N(1<<40), Ticket: ticket, Contact: 51 + r.Int64N(6), Into: 51 + r.Int64N(5), Why: contacts.WhyTold, Actor: "zhou"}, persons.Part{Step: 100 + r.Int64N(1<<40), Ticket: ticket, Contact: 51 + r.Int64N(5), Why: contacts.WhyShared, Actor: "li"},
		persons.Distinct{Step: 100 + r.Int64N(1<<40), Ticket: ticket, Contact: 51 + r.Int64N(5), From: 51 + r.Int64N(5), Actor: "li"},
		persons.Undo{Step: 61 + r.Int64N(4), Ticket: ticket, Actor: "li"}, persons.Erase{Contact: 51 + r.Int64N(5)},
		ReleaseMessage{Message: msg, Actor: "zhou"}, DismissMessage{msg, "zhou"}, UndismissMessage{msg, "li"}, TakeOutMessage{msg, "li"},
		ReleaseHeld{Effect: effect, Actor: "zhou", Wait: 30 * time.Second}, HoldBackHeld{Effect: effect, Actor: "li", Cause: "capped"}, NeverSend{Effect: effect, Cause: "never"},
		ConsentCame{contacts.Address{Key: fmt.Sprint("r", effect)}, []contacts.Event{contacts.Stop, contacts.Start}[r.IntN(2)]},
		SendReply{Reply: replies.Plan{ID: 40, Key: fmt.Sprint("page", 1+r.IntN(5)), Kind: replies.Answer, Ticket: ticket, Effect: 41}, Row: &effects.Plan{ID: 41, Kind: effects.KindReply},
			Actor: "zhou", Seen: r.Int64N(3), Anyway: r.IntN(3) == 0},
		SendReply{Reply: replies.Plan{ID: 42, Key: "new", Kind: replies.Note, Ticket: ticket}, Actor: "zhou", Seen: r.Int64N(3)},
		UndoReply{30 + effect, "zhou", "undone"}, RetryReply{30 + effect, "li", "undone"},
		TakeTicket{Ticket: ticket, User: 1 + r.Int64N(2), Actor: "zhou"}, GiveTicket{Ticket: ticket, To: 1 + r.Int64N(2), Actor: "li"}, AssignTicket{Ticket: ticket, User: 1 + r.Int64N(2), Weight: r.Int64N(3), Limit: r.Int64N(9)},
		RouteTicket{Ticket: ticket, Queue: []string{"", "payments", "cards"}[r.IntN(3)], Priority: []string{"", "urgent"}[r.IntN(2)], Unowned: r.IntN(2) == 0}, HandBack{ticket, r.Int64N(3), "zhou", ""},
		SnoozeTicket{ticket, []time.Time{half, deadline, later}[r.IntN(3)], "zhou"}, WakeTicket{ticket, "li", r.IntN(2) == 0}, SetPending{ticket, "zhou"}, SetWaiting{ticket, "li"},
		resumes(ticket), MendDesk{ticket}, BeginTicket{ticket, 1 + r.Int64N(2)}, ReturnTicket{ticket, 1 + r.Int64N(2)},
		AgentMoved{1 + r.Int64N(2), []agents.Event{agents.Hear, agents.GoAway, agents.ComeBack, agents.Leave, agents.FallSilent}[r.IntN(5)]},
		EraseEffect{effect, "erased"}, ErasePromises{Ticket: ticket, NobodyLeft: r.IntN(2) == 0, Cause: "erased"},
	}
	return all[r.IntN(len(all))]
}

// TestACommandNeedsWhatItIsDecidedUpon: with nothing but what it names it is decided as by somebody who knows everything.
func TestACommandNeedsWhatItIsDecidedUpon(t *testing.T) {
	decidedSome := map[string]int{}
	for seed := range uint64(4000) {
		r := rand.New(rand.NewPCG(seed, 1))
		w, c := world(r), anyCommand(r)
		whole, errWhole := domain.Decide([]domain.Command{c}, cloned(w), most)
		part, errPart := domain.Decide([]domain.Command{c}, asked([]domain.Command{c}, w), most)
		if !errors.Is(errPart, errWhole) && !errors.Is(errWhole, errPart) || !reflect.DeepEqual(whole, part) {
			t.Fatalf("seed %d: %T is decided otherwise with what it needs:\n%+v %v\n%+v %v", seed, c, part, errPart, whole, errWhole)
		}
		if !reflect.DeepEqual(whole, domain.Plan{}) {
			decidedSome[fmt.Sprintf("%T", c)]++
		}
	}
	if len(decidedSome) < 36 {
		t.Errorf("only these have ever changed something: %v", decidedSome)
	}
}

// TestWhatAPlanSays holds for each command in each world: rows come once each, before is what was there and after what is known now,
// and no step of a state machine is taken that its table has not.
func TestWhatAPlanSays(t *testing.T) {
	for seed := range uint64(4000) {
		r := rand.New(rand.NewPCG(seed, 2))
		w := world(r)
		commands := []domain.Command{anyCommand(r), anyCommand(r)}
		k := cloned(w)
		plan, err := domain.Decide(commands, k, most)
		if err != nil {
			continue
		}
		seen := map[any]bool{}
		for _, c := range plan.Effects {
			if seen[c.After.ID] || c.Before != w.Effects[c.After.ID] || c.After != k.Effects[c.After.ID] {
				t.Fatalf("seed %d: outbox row %d: %+v", seed, c.After.ID, c)
			}
			seen[c.After.ID] = true
		}
		for _, c := range plan.Promises {
			key := c.After.Key()
			if seen[key] || !reflect.DeepEqual(c.Before, w.Promises[key]) || !reflect.DeepEqual(c.After, k.Promises[key]) {
				t.Fatalf("seed %d: promise %v: %+v", seed, key, c)
			}
			seen[key] = true
			if open := c.After.Open(); open != c.After.Settled.IsZero() && c.After.State != promises.Broken || open == (c.After.Next.IsZero() && !c.After.Stands()) {
				t.Fatalf("seed %d: the clock and the books disagree: %+v", seed, c.After)
			}
		}
		for _, c := range plan.Desk {
			if seen[-c.After.Ticket] || c.Before != w.Item(c.After.Ticket) || c.After != k.Item(c.After.Ticket) {
				t.Fatalf("seed %d: the item of ticket %d: %+v", seed, c.After.Ticket, c)
			}
			seen[-c.After.Ticket] = true
		}
		for _, c := range plan.Pointers {
			if c.Before != w.Persons[c.After.Contact] || c.After != k.Persons[c.After.Contact] && k.Persons[c.After.Contact] != (contacts.Pointer{}) {
				t.Fatalf("seed %d: the pointer of contact %d: %+v", seed, c.After.Contact, c)
			}
		}
		if err := personsBalance(k); err != nil {
			t.Fatalf("seed %d: %+v: %v", seed, commands, err)
		}
		for _, c := range plan.Agents {
			now := k.Agents[c.After.User]
			if now.Load, now.NotBegun = c.After.Load, c.After.NotBegun; c.Before.Presence != w.Agents[now.User].Presence || c.After != now {
				t.Fatalf("seed %d: agent %d: %+v", seed, c.After.User, c)
			}
		}
		for _, c := range plan.Tickets {
			if now := k.Tickets[c.After.ID].State; (now == tickets.Open) == k.Item(c.After.ID).Gone() {
				t.Fatalf("seed %d: ticket %d is %s, and its item is %+v", seed, c.After.ID, now, k.Item(c.After.ID))
			}
		}
	}
}

// personsBalance says what is wrong with pointers and the steps that made them: each is flattened and hangs on a joining of its own contact that stands, and
// each joining that stands has its pointer.
func personsBalance(k *domain.Known) error {
	for contact, p := range k.Persons {
		root, there := k.Persons[p.Root]
		step := k.Steps[p.Step]
		switch {
		case p.Root == 0 && p.Step == 0:
		case !there, root.Root != 0, p.Root == contact, p.Contact != contact:
			return fmt.Errorf("contact %d points at %d, which points at %d", contact, p.Root, root.Root)
		case !step.Stands, step.Kind != contacts.StepJoin, step.Contact != contact, step.Undone != "":
			return fmt.Errorf("the pointer of contact %d hangs on %+v", contact, step)
		}
	}
	for id, s := range k.Steps {
		if s.Kind == contacts.StepJoin && s.Stands && k.Persons[s.Contact].Step != id {
			return fmt.Errorf("the joining %+v stands, and contact %d is where %+v says", s, s.Contact, k.Persons[s.Contact])
		}
	}
	return nil
}

// void is the promise of an acknowledgement that was withheld for a cap.
func void() promises.Promise {
	p, _ := promises.New(promises.Promise{Ticket: 7, Kind: promises.Acknowledgement, Start: start, Due: deadline, Warn: []time.Time{half, most}}, "", start).Withdrawn("capped", half)
	return p
}

// TestWhatComesTwiceDoesNothingTwice: an act that is done means nothing the second time, and an act that was taken back is not taken back
// again.
func TestWhatComesTwiceDoesNothingTwice(t *testing.T) {
	fresh := func() *domain.Known {
		k := domain.NewKnown()
		k.AddEffect(effects.Effect{ID: 1, Key: "k", Kind: effects.KindAcknowledgement, State: effects.Withheld, Cause: "capped", Ticket: 7, Message: 11})
		k.Tickets[7] = tickets.Status{ID: 7, Version: 1, State: tickets.Open, Messages: 2}
		k.Tickets[8] = tickets.Status{ID: 8, Version: 1, State: tickets.Open, Messages: 1}
		k.Promises[key(7, promises.Acknowledgement)] = void()
		k.Messages[11] = messages.Status{ID: 11, State: messages.Parked, Cause: "spam", Original: true}
		k.Messages[12] = messages.Status{ID: 12, State: messages.Appended, Ticket: 7, Original: true}
		k.Dismissed[11] = true
		k.Closed[7] = most
		k.AddEffect(effects.Effect{ID: 2, Key: "r", Kind: effects.KindReply, State: effects.Due, Ticket: 7})
		k.AddEffect(effects.Effect{ID: 3, Key: "s", Kind: effects.KindReply, State: effects.Failed, Ticket: 7, Attempts: 1})
		k.Replies[32], k.Replies[33] = replies.Reply{ID: 32, Ticket: 7, Kind: replies.Answer, Effect: 2}, replies.Reply{ID: 33, Ticket: 7, Kind: replies.Answer, Effect: 3}
		k.Agents[5] = agents.Agent{User: 5, Presence: agents.Online, HeardAt: start, SinceAt: start}
		k.Desk[7] = desk.Item{Ticket: 7, Last: start}.As("payments", "en", "refund", "normal").Came(start)
		for _, id := range []int64{51, 52} {
			k.Persons[id] = contacts.Pointer{Contact: id}
		}
		return k
	}
	join := persons.Join{Step: 61, Ticket: 7, Contact: 51, Into: 52, Why: contacts.WhyTold, Actor: "zhou"}
	for _, c := range []struct {
		name   string
		before []domain.Command
		act    domain.Command
	}{
		{"a ticket is closed once", nil, CloseTicket{Ticket: 7, Actor: "zhou"}},
		{"a closing is taken back once", []domain.Command{CloseTicket{Ticket: 7, Actor: "zhou"}}, ReopenTicket{7, "li"}},
		{"a tag is put on once", nil, tags.Tag{Ticket: 7, Name: "vip"}},
		{"a tag is taken off once", []domain.Command{tags.Tag{Ticket: 7, Name: "vip"}}, tags.Tag{Ticket: 7, Name: "vip", Off: true}},
		{"a ticket is put away once until its customer writes", nil, SnoozeTicket{Ticket: 7}},
		{"a ticket is split once", nil, split.Messages{Ticket: 7, Parting: parting.Parting{Ticket: 9, Messages: []int64{12}, First: start, Last: start}}},
		{"a ticket is merged once", nil, merge.Tickets{Source: 7, Target: 8, Actor: "zhou"}},
		{"a merging is taken back once", []domain.Command{merge.Tickets{Source: 7, Target: 8, Actor: "zhou"}}, merge.Undo{Source: 7, Root: 8, Actor: "li"}},
		{"two contacts are joined once", nil, join},
		{"a contact is parted once", []domain.Command{join}, persons.Part{Step: 62, Ticket: 7, Contact: 51, Why: contacts.WhyMistake}},
		{"a joining is taken back once", []domain.Command{join}, persons.Undo{Step: 61, Ticket: 7, Actor: "li"}},
		{"a parting is taken back once", []domain.Command{join, persons.Part{Step: 62, Ticket: 7, Contact: 52, Why: contacts.WhyMistake}}, persons.Undo{Step: 62, Ticket: 7, Actor: "li"}},
		{"a ticket is taken once", nil, TakeTicket{Ticket: 7, User: 1}},
		{"a ticket is given once", nil, GiveTicket{Ticket: 7, To: 2}},
		{"a ticket is handed back once", []domain.Command{TakeTicket{Ticket: 7, User: 1}}, HandBack{Ticket: 7, User: 1}},
		{"a ticket is begun once", []domain.Command{GiveTicket{Ticket: 7, To: 2}}, BeginTicket{Ticket: 7, User: 2}},
		{"a ticket goes back once", []domain.Command{GiveTicket{Ticket: 7, To: 5}, AgentMoved{5, agents.Leave}}, ReturnTicket{Ticket: 7, User: 5}},
		{"who leaves leaves once", nil, AgentMoved{5, agents.Leave}},
		{"a ticket is put away once until a time", nil, SnoozeTicket{Ticket: 7, Until: later}},
		{"a ticket is woken once", []domain.Command{SnoozeTicket{Ticket: 7, Until: later}}, WakeTicket{Ticket: 7}},
		{"a ticket is set aside once", nil, SetPending{Ticket: 7}},
		{"a ticket is called up once", []domain.Command{SetPending{Ticket: 7}}, SetWaiting{Ticket: 7}},
		{"a message is released once", nil, ReleaseMessage{Message: 11}},
		{"a message is dismissed once", nil, DismissMessage{11, "zhou"}},
		{"a dismissal is taken back once", []domain.Command{DismissMessage{11, "zhou"}}, UndismissMessage{11, "li"}},
		{"a message is taken out once", nil, TakeOutMessage{12, "li"}},
		{"a held acknowledgement is released once", nil, ReleaseHeld{Effect: 1}},
		{"an answer is taken back once", nil, UndoReply{32, "zhou", "undone"}},
		{"an answer that failed is tried once more, once", nil, RetryReply{33, "zhou", "undone"}},
		{"a release is taken back once", []domain.Command{ReleaseHeld{Effect: 1}}, HoldBackHeld{Effect: 1, Cause: "capped"}},
	} {
		once := append(slices.Clone(c.before), c.act)
		if _, err := domain.Decide(once, fresh(), most); err != nil {
			t.Errorf("%s: the first time: %v", c.name, err)
		}
		plan, err := domain.Decide(append(once, c.act), fresh(), most)
		if !errors.Is(err, domain.ErrNotSo) || !reflect.DeepEqual(plan, domain.Plan{}) {
			t.Errorf("%s: the second time: %v, %+v", c.name, err, plan)
		}
	}
}

// TestWhoTakesAMessageOut: what the message had changed is as before, as far as nobody has changed it since.
func TestWhoTakesAMessageOut(t *testing.T) {
	entry := func(change func(*entries.Entry)) entries.Entry {
		e := entries.Entry{Message: 12, Ticket: 7, Before: entries.Snapshot{Ticket: tickets.Closed, Priority: "normal", Version: 4}, After: entries.Snapshot{Ticket: tickets.Open, Priority: "urgent", Version: 5}}
		if change != nil {
			change(&e)
		}
		return e
	}
	ticket := tickets.Status{ID: 7, Version: 5, State: tickets.Open, Priority: "urgent", Messages: 3}
	for _, c := range []struct {
		name   string
		entry  entries.Entry
		ticket func(*tickets.Status)
		want   tickets.Status
		err    error
	}{
		{"all that it changed", entry(nil), nil, ticket7(6, tickets.Closed, "normal"), nil},
		{"not that it opened the ticket again, if something has come since", entry(nil), func(k *tickets.Status) { k.Version = 6 }, ticket7(7, tickets.Open, "normal"), nil},
		{"not the priority, if another one stands", entry(nil), func(k *tickets.Status) { k.Priority = "high" }, ticket7(6, tickets.Closed, "high"), nil},
		{"of an older program's append only that it was one", entries.Entry{}, nil, ticket7(6, tickets.Open, "urgent"), nil},
		{"nothing where it says what the ticket is about", entry(func(e *entries.Entry) { e.After.Queue = "refunds" }), nil, ticket, domain.ErrNotSo},
		{"nothing where the ticket has become its writer's", entry(func(e *entries.Entry) { e.After.Contact = 9 }), nil, ticket, domain.ErrNotSo},
	} {
		k := domain.NewKnown()
		k.Messages[12], k.Appends[12], k.Tickets[7] = messages.Status{ID: 12, State: messages.Appended, Ticket: 7, Original: true}, c.entry, ticket
		if c.ticket != nil {
			now := ticket
			c.ticket(&now)
			k.Tickets[7] = now
		}
		_, err := domain.Decide([]domain.Command{TakeOutMessage{12, "li"}}, k, most)
		if got := k.Tickets[7]; !errors.Is(err, c.err) || err == nil && got != c.want {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
	k := domain.NewKnown()
	k.Messages[12], k.Tickets[7] = messages.Status{ID: 12, State: messages.Appended, Ticket: 7}, ticket
	if _, err := domain.Decide([]domain.Command{TakeOutMessage{12, "li"}}, k, most); !errors.Is(err, domain.ErrOriginalGone) {
		t.Errorf("without its original: %v", err)
	}
}

// sending is an acknowledgement in a state, with its open promise.
func sending(state effects.State, change func(*effects.Effect)) *domain.Known {
	k := domain.NewKnown()
	e := effects.Effect{ID: 1, Key: "k", Kind: effects.KindAcknowledgement, State: state, Ticket: 7, Message: 11, Recipient: "ann", Attempts: 1, Next: half, Wake: half}
	if e.Took() {
		e.Sent = start
	}
	if change != nil {
		change(&e)
	}
	k.AddEffect(e)
	k.Promises[key(7, promises.Acknowledgement)] = promises.New(promises.Promise{Ticket: 7, Kind: promises.Acknowledgement, Start: start, Due: deadline}, "", start)
	return k
}

// story is what became of an acknowledgement and its promise, in short.
func story(k *domain.Known) string {
	e, p := k.Effects[1], k.Promises[key(7, promises.Acknowledgement)]
	out := []string{string(e.State), string(p.State)}
	for word, holds := range map[string]bool{"sent at half": e.Sent.Equal(half), "sent at most": e.Sent.Equal(most)} {
		if holds {
			out = append(out, word)
		}
	}
	if !e.Wake.IsZero() {
		out = append(out, "wakes")
	}
	if e.NeedsFallback {
		out = append(out, "wants a fallback")
	}
	if e.Unknown {
		out = append(out, "unknown")
	}
	return strings.Join(out, ", ")
}

func TestWhatBecomesOfASend(t *testing.T) {
	receipt := func(on effects.Event) domain.Command {
		return ReceiptCame{effects.Receipt{Key: "k", Event: on, At: half, Reason: "30003"}}
	}
	for _, c := range []struct {
		name     string
		known    *domain.Known
		commands []domain.Command
		want     string
	}{
		{"sent keeps the promise", sending(effects.Sending, nil), []domain.Command{SendEnded{ID: 1, Attempt: 1, State: effects.Sent}}, "sent, kept, sent at most"},
		{"sent and delivered at once", sending(effects.Sending, nil), []domain.Command{SendEnded{ID: 1, Attempt: 1, State: effects.Delivered}}, "delivered, kept, sent at most"},
		{"a failed attempt is tried again", sending(effects.Sending, nil), []domain.Command{SendEnded{ID: 1, Attempt: 1, State: effects.Due, Next: later}}, "due, due, wakes"},
		{"no answer is remembered", sending(effects.Sending, nil), []domain.Command{SendEnded{ID: 1, Attempt: 1, State: effects.Due, Unknown: true}}, "due, due, wakes, unknown"},
		{"nobody can be reached", sending(effects.Sending, nil), []domain.Command{SendEnded{ID: 1, Attempt: 1, State: effects.Failed, Void: "unreachable"}}, "failed, void"},
		{"withheld at the last moment", sending(effects.Sending, nil), []domain.Command{SendEnded{ID: 1, Attempt: 1, State: effects.Withheld, Void: "opted-out"}}, "withheld, void"},
		{"an older attempt leaves the row to the later one", sending(effects.Sending, func(e *effects.Effect) { e.Attempts = 2 }), []domain.Command{SendEnded{ID: 1, Attempt: 1, State: effects.Failed}}, "sending, due, wakes"},
		{"unless it has sent it", sending(effects.Sending, func(e *effects.Effect) { e.Attempts = 2 }), []domain.Command{SendEnded{ID: 1, Attempt: 1, State: effects.Sent}}, "sent, kept, sent at most"},
		{"a receipt of sending leaves the attempt under way alone", sending(effects.Sending, nil), []domain.Command{receipt(effects.HandOver)}, "sending, due, wakes"},
		{"and settles a row that waits to be tried again", sending(effects.Due, func(e *effects.Effect) { e.Unknown = true }), []domain.Command{receipt(effects.HandOver)}, "sent, kept, sent at half"},
		{"a delivery is heard before the attempt has told", sending(effects.Sending, nil), []domain.Command{receipt(effects.Deliver), SendEnded{ID: 1, Attempt: 1, State: effects.Sent}}, "delivered, kept, sent at half"},
		{"a failure that is told later wins", sending(effects.Delivered, nil), []domain.Command{receipt(effects.Fail)}, "failed, due, wakes, wants a fallback"},
		{"a failure is heard before the attempt has told: what was handed over keeps the promise", sending(effects.Sending, nil), []domain.Command{receipt(effects.Fail), SendEnded{ID: 1, Attempt: 1, State: effects.Sent}}, "failed, kept, sent at half, wakes, wants a fallback"},
		{"a second word of failure changes nothing", sending(effects.Failed, func(e *effects.Effect) { e.Next, e.Wake = time.Time{}, time.Time{} }), []domain.Command{receipt(effects.Fail)}, "failed, due"},
		{"a delivery after a failure changes nothing", sending(effects.Failed, nil), []domain.Command{receipt(effects.Deliver)}, "failed, due, wakes"},
		{"a bounce of what was never told to be sent keeps the promise by its time", sending(effects.Sending, nil), []domain.Command{BounceCame{Effect: 1, At: half}}, "failed, kept, sent at half, wakes, wants a fallback"},
		{"a bounce of what went on elsewhere changes nothing", sending(effects.Fallback, nil), []domain.Command{BounceCame{Effect: 1, At: half}}, "fallback, due, wakes"},
		{"its person is erased before it is sent", sending(effects.Due, nil), []domain.Command{EraseEffect{1, "erased"}}, "withheld, void"},
		{"its person is erased while it wants a fallback", sending(effects.Failed, func(e *effects.Effect) { e.NeedsFallback = true }), []domain.Command{EraseEffect{1, "erased"}}, "failed, due"},
		{"its person is erased while it is being sent", sending(effects.Sending, nil), []domain.Command{EraseEffect{1, "erased"}}, "sending, due, wakes"},
		{"a row that nobody knows", domain.NewKnown(), []domain.Command{SendEnded{ID: 1, State: effects.Sent}, BounceCame{Effect: 1}, EraseEffect{1, "erased"}}, ", "},
	} {
		if _, err := domain.Decide(c.commands, c.known, most); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := story(c.known); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestTheEndsOfOneRowCountByWhatTheyKnow(t *testing.T) {
	ends := []SendEnded{{ID: 1, Attempt: 1, State: effects.Failed}, {ID: 1, Attempt: 3, State: effects.Due}, {ID: 1, Attempt: 2, State: effects.Sent}}
	SortEnds(ends)
	if ends[0].Attempt != 2 || ends[1].Attempt != 3 || ends[2].Attempt != 1 {
		t.Errorf("sorted to %+v", ends)
	}
}

func TestWhatADigestDoesForWhatItCovers(t *testing.T) {
	digest := func() *domain.Known {
		k := domain.NewKnown()
		k.AddEffect(effects.Effect{ID: 1, Key: "d", Kind: effects.KindDigest, State: effects.Sending, Attempts: 1})
		k.Covered[1] = []domain.Covered{{Effect: 2, Ticket: 7, State: effects.Withheld}, {Effect: 3, Ticket: 8, State: effects.Due}}
		for _, id := range []int64{7, 8} {
			k.Promises[key(id, promises.Acknowledgement)] = promises.New(promises.Promise{Ticket: id, Kind: promises.Acknowledgement, Start: start, Due: deadline}, "", start)
		}
		return k
	}
	for _, c := range []struct {
		name   string
		end    SendEnded
		seven  promises.State
		eight  promises.State
		covers []domain.CoverChange
	}{
		{"sent, it keeps what it covers", SendEnded{ID: 1, Attempt: 1, State: effects.Sent}, promises.Kept, promises.Kept, nil},
		{"failed, another one may cover it", SendEnded{ID: 1, Attempt: 1, State: effects.Failed}, promises.Due, promises.Due, []domain.CoverChange{{Digest: 1, Free: true}}},
		{"fruitless, what is withheld stays so for its cause", SendEnded{ID: 1, Attempt: 1, State: effects.Failed, Void: "unreachable"}, promises.Void, promises.Due, []domain.CoverChange{{Digest: 1, Cause: "unreachable"}}},
	} {
		k := digest()
		plan, err := domain.Decide([]domain.Command{c.end}, k, most)
		if err != nil || k.Promises[key(7, promises.Acknowledgement)].State != c.seven || k.Promises[key(8, promises.Acknowledgement)].State != c.eight || !slices.Equal(plan.Covers, c.covers) {
			t.Errorf("%s: %+v, %+v, %v", c.name, k.Promises, plan.Covers, err)
		}
	}
}
