package replay

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/agents"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/commands/check"
	"frontdesk/pipeline/domain/commands/merge"
	"frontdesk/pipeline/domain/commands/persons"
	"frontdesk/pipeline/domain/commands/side"
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
	"frontdesk/pipeline/route/assign"
	"frontdesk/workers/store/decided"
)

var (
	opened = time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	due    = opened.Add(24 * time.Hour)
	closed = opened.Add(time.Hour)
	acted  = opened.Add(2 * time.Hour)
)

// town is what a desk knew on which people act: ticket 7 with three promises and a work item that nobody has, message 11, and acknowledgement 1, withheld for a cap.
func town(change func(*domain.Known)) *domain.Known {
	k := domain.NewKnown()
	k.Tickets[7] = tickets.Status{ID: 7, Version: 4, State: tickets.Open, Priority: "urgent", Messages: 2, Queue: "payments", Language: "en", Category: "refund", Opened: opened, Last: opened}
	k.Desk[7] = desk.Item{Ticket: 7, Last: opened}.As("payments", "en", "refund", "urgent").Came(opened).Owes(opened, time.Time{}, due)
	k.Talk[7] = 3
	k.Messages[11] = messages.Status{ID: 11, State: messages.Parked, Cause: "spam", Original: true}
	k.AddEffect(effects.Effect{ID: 1, Kind: effects.KindAcknowledgement, State: effects.Withheld, Cause: "sender-cap", Ticket: 7, Message: 11})
	for _, kind := range []string{promises.Acknowledgement, "first-reply", promises.Resolution} {
		cause := ""
		if kind == promises.Acknowledgement {
			cause = "sender-cap"
		}
		p := promises.New(promises.Promise{Ticket: 7, Kind: kind, Start: opened, Due: due, Warn: []time.Time{opened.Add(12 * time.Hour)}}, cause, opened)
		k.Promises[p.Key()] = p
	}
	if change != nil {
		change(k)
	}
	return k
}

// guess makes the category of ticket 7 a guess.
func guess(k *domain.Known) {
	k.Tickets[7] = tickets.Status{ID: 7, Version: 4, State: tickets.Open, Priority: "urgent", Messages: 2, Queue: "payments", Language: "en", Category: "refund", Guesses: "refund,invoice", Opened: opened, Last: opened}
}

// done is what was noted of a command that was carried out at that time.
func done(t *testing.T, c domain.Command, k *domain.Known, at time.Time) decided.Act {
	t.Helper()
	plan, err := domain.Decide([]domain.Command{c}, k, at)
	if err != nil || len(plan.Entries) != 1+len(plan.Merges)+len(plan.Splits) {
		t.Fatalf("%T: %d entries, %v", c, len(plan.Entries), err)
	}
	e := plan.Entries[0]
	a := decided.Act{ID: 41, At: at, Kind: e.Kind, Message: e.Message, Ticket: e.Ticket, Noted: true, Reason: e.Detail}
	for from, to := range map[*entries.Snapshot]*entries.Snapshot{&e.Before: &a.Before, &e.After: &a.After} {
		if *to, err = entries.Read(from.JSON()); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

// sends is what an agent writes.
func sends(kind replies.Kind) commands.SendReply {
	s := commands.SendReply{Reply: replies.Plan{ID: 32, Key: "page", Kind: kind, Ticket: 7, Author: 5, Of: 11}, Actor: "wang", Seen: 3}
	if kind == replies.Answer {
		s.Reply.Effect, s.Row = 2, &effects.Plan{ID: 2, Kind: effects.KindReply}
	}
	return s
}

// replied adds an answer that stands there on its way.
func replied(state effects.State) func(*domain.Known) {
	return func(k *domain.Known) {
		k.AddEffect(effects.Effect{ID: 2, Kind: effects.KindReply, State: state, Ticket: 7, Message: 11})
		k.Replies[32] = replies.Reply{ID: 32, Ticket: 7, Kind: replies.Answer, Effect: 2}
	}
}

// beside adds ticket 8, which somebody has.
func beside(k *domain.Known) {
	k.Tickets[8] = tickets.Status{ID: 8, Version: 2, State: tickets.Open, Priority: "normal", Messages: 1, Queue: "payments", Opened: opened, Last: opened}
	k.Desk[8] = desk.Item{Ticket: 8, Last: opened}.As("payments", "en", "refund", "normal").Came(opened).Taken(3, opened, true)
}

// everyAct is one of each act of people, as it was noted.
func everyAct(t *testing.T) map[string]decided.Act {
	appended := entries.Entry{Message: 11, Ticket: 7, Before: entries.Snapshot{Ticket: tickets.Closed, Priority: "normal", Version: 3}, After: entries.Snapshot{Ticket: tickets.Open, Priority: "urgent", Version: 4}}
	in := func(state messages.State) func(*domain.Known) {
		return func(k *domain.Known) {
			m := k.Messages[11]
			m.State, k.Dismissed[11] = state, true
			if state == messages.Appended {
				m.Ticket, k.Appends[11] = 7, appended
			}
			k.Messages[11] = m
		}
	}
	var left *desk.Item
	after := func(c domain.Command) *domain.Known {
		k := town(nil)
		if was := done(t, c, k, closed).Before; was.Desk != nil {
			left, k.Left[7] = was.Desk, *was.Desk
		}
		k.Closed[7] = closed
		return k
	}
	out := map[string]decided.Act{}
	merged := town(beside)
	merging := done(t, merge.Tickets{Source: 7, Target: 8}, merged, closed)
	undone := done(t, merge.Undo{Source: 7, Root: 8}, merged, acted)
	crowd := town(func(k *domain.Known) {
		for id := int64(51); id <= 53; id++ {
			k.Persons[id] = contacts.Pointer{Contact: id}
		}
	})
	joining := persons.Join{Step: 61, Ticket: 7, Contact: 52, Into: 51, Why: contacts.WhyTold}
	_ = done(t, persons.Join{Step: 60, Ticket: 7, Contact: 53, Into: 52, Why: contacts.WhyOrder}, crowd, closed)
	joined := done(t, joining, crowd, acted)
	parted := done(t, persons.Part{Step: 62, Ticket: 7, Contact: 51, Why: contacts.WhyShared}, crowd, acted)
	apart := done(t, persons.Distinct{Step: 63, Ticket: 7, Contact: 51, From: 52}, crowd, acted)
	rejoined := done(t, persons.Undo{Step: 62, Ticket: 7}, crowd, acted)
	stood := after(commands.SetPending{Ticket: 7})
	stood.Desk[7] = stood.Desk[7].Came(acted)
	paused := stood.Promises[promises.Key{Ticket: 7, Kind: promises.Resolution}]
	for _, a := range []decided.Act{
		done(t, commands.CloseTicket{Ticket: 7}, town(nil), acted),
		done(t, commands.ReopenTicket{Ticket: 7}, after(commands.CloseTicket{Ticket: 7}), acted),
		done(t, commands.ReleaseMessage{Message: 11}, town(nil), acted),
		done(t, commands.DismissMessage{Message: 11}, town(nil), acted),
		done(t, commands.UndismissMessage{Message: 11}, town(in(messages.Dismissed)), acted),
		done(t, commands.TakeOutMessage{Message: 11}, town(in(messages.Appended)), acted),
		done(t, commands.ReleaseHeld{Effect: 1, Wait: time.Minute}, town(nil), acted),
		done(t, commands.TakeTicket{Ticket: 7, User: 1}, town(nil), acted),
		done(t, commands.GiveTicket{Ticket: 7, To: 2}, town(nil), acted),
		done(t, commands.HandBack{Ticket: 7, User: 1}, after(commands.TakeTicket{Ticket: 7, User: 1}), acted),
		done(t, commands.RouteTicket{Ticket: 7, Queue: "cards", Priority: "high"}, town(nil), acted),
		done(t, commands.RouteTicket{Ticket: 7, Category: "refund", Confirms: true, Actor: "wang"}, town(guess), acted),
		done(t, commands.RouteTicket{Ticket: 7, Queue: "cards", Actor: entries.Service, Reason: assign.ReasonOverflow}, town(guess), acted),
		done(t, commands.RouteTicket{Ticket: 7, Queue: "cards", Category: "invoice", Learned: true, Actor: entries.Service, Reason: entries.ReasonLearned}, town(guess), acted),
		done(t, commands.SnoozeTicket{Ticket: 7, Until: due}, town(nil), acted),
		done(t, commands.WakeTicket{Ticket: 7}, after(commands.SnoozeTicket{Ticket: 7, Until: due}), acted),
		done(t, merge.Tickets{Source: 7, Target: 8}, town(beside), acted),
		undone, joined, parted, rejoined, apart,
		done(t, split.Messages{Ticket: 7, Acknowledged: effects.Plan{ID: 37, Kind: effects.KindAcknowledgement, Cause: split.Cause}, Contact: 5, Parting: parting.Parting{Ticket: 9, Messages: []int64{11}, Queue: "cards", Owner: 2, First: opened, Last: opened, Since: town(nil).Desk[7].Since,
			Promised: []promises.Plan{{Kind: promises.Acknowledgement, Due: due}, {Kind: promises.FirstReply, Due: due}, {Kind: promises.Resolution, Due: due}}}}, town(in(messages.Appended)), acted),
		done(t, tags.Tag{Ticket: 7, Name: "vip"}, town(nil), acted),
		done(t, tags.Tag{Ticket: 7, Name: "vip", Off: true}, after(tags.Tag{Ticket: 7, Name: "vip"}), acted),
		done(t, commands.SetPending{Ticket: 7}, town(nil), acted),
		done(t, commands.SetWaiting{Ticket: 7}, after(commands.SetPending{Ticket: 7}), acted),
		done(t, sends(replies.Answer), town(nil), acted),
		done(t, sends(replies.Note), town(nil), acted),
		done(t, check.Begin{Ticket: 7, Kind: "email", Row: effects.Plan{ID: 36, Kind: effects.KindCode}}, town(nil), acted),
		done(t, check.Begin{Ticket: 7, Kind: "email", Joins: true, Row: effects.Plan{ID: 38, Kind: effects.KindCode}}, town(nil), acted),
		done(t, check.Begin{Ticket: 7, Kind: "phone", Vouched: true, Row: effects.Plan{ID: 37, Kind: effects.KindCode}}, town(nil), acted),
		done(t, side.Ask{Reply: replies.Plan{ID: 34, Kind: replies.Answer, Ticket: 7, Side: 1, Effect: 35}, Row: effects.Plan{ID: 35, Kind: effects.KindForward}}, town(nil), acted),
		done(t, commands.UndoReply{Reply: 32, Cause: "undone"}, town(replied(effects.Due)), acted),
		done(t, commands.RetryReply{Reply: 32, Undo: "undone"}, town(replied(effects.Failed)), acted),
		done(t, commands.PromiseAnew{Ticket: 7, Made: []promises.Promise{{Kind: promises.Resolution, Start: opened, Due: due.Add(time.Hour)}}, Recount: true}, town(nil), acted),
		done(t, commands.RouteTicket{Ticket: 7, Queue: "leads", Priority: "urgent", Reason: "resolution 0.75", Owed: &commands.Owed{Promise: promises.Key{Ticket: 7, Kind: promises.Resolution}, Step: acted, Next: due}}, town(func(k *domain.Known) {
			p := k.Promises[promises.Key{Ticket: 7, Kind: promises.Resolution}]
			p.Step = acted
			k.Promises[p.Key()] = p
		}), acted),
		done(t, commands.ResumePromises{Ticket: 7, Made: []domain.Change[promises.Promise]{{Before: paused, After: promises.Promise{Ticket: 7, Kind: promises.Resolution, From: acted, Due: due.Add(time.Hour)}}}}, stood, acted),
		done(t, commands.HoldBackHeld{Effect: 1, Cause: "sender-cap"}, after(commands.ReleaseHeld{Effect: 1}), acted),
	} {
		switch a.Kind { // what was done before is read from the journal and from the ticket's entries
		case entries.ActReopen:
			a.Closed, a.Left = closed, left
		case entries.ActUndoMerge:
			a.Merged = &entries.Entry{Before: merging.Before, After: merging.After}
		case entries.ActUndismiss:
			a.Dismissed = true
		case entries.ActTakeOut:
			a.Appended = &appended
		}
		out[a.Kind] = a
	}
	return out
}

// TestWhatTheDeskDoesByItselfIsDecidedTheSameAgain though nothing is kept of who was there, and had how much in hand.
func TestWhatTheDeskDoesByItselfIsDecidedTheSameAgain(t *testing.T) {
	given := town(nil)
	given.Agents[2] = agents.Agent{User: 2, Presence: agents.Online, Load: 6}
	beyond := done(t, commands.GiveTicket{Ticket: 7, To: 2}, given, acted)
	gone := given.Agents[2]
	gone.Presence = agents.Offline
	given.Agents[2] = gone
	back := done(t, commands.ReturnTicket{Ticket: 7, User: 2}, given, acted)
	if beyond.Reason != agents.ReasonBeyond || back.Reason != agents.ReasonAbsent {
		t.Fatalf("given %q, back %q", beyond.Reason, back.Reason)
	}
	for _, a := range []decided.Act{beyond, back} {
		if v, decidable := actAgain(a, domain.Decide); !decidable || v.Skipped != "" || len(v.Differences) != 0 {
			t.Errorf("%s: %+v", a.Kind, v)
		}
	}
}

func TestEveryActIsDecidedTheSameAgain(t *testing.T) {
	acts := everyAct(t)
	for name := range remade {
		if _, there := acts[name]; !there {
			t.Errorf("nobody tries %s", name)
		}
	}
	for name, a := range acts {
		v, decidable := actAgain(a, domain.Decide)
		if !decidable || v.Skipped != "" || len(v.Differences) != 0 {
			t.Errorf("%s: decidable %t, skipped %q, %+v", name, decidable, v.Skipped, v.Differences)
		}
	}
}

// TestWhatTheJournalListsIsKnownHere: whoever adds an act says whether it can be decided again.
func TestWhatTheJournalListsIsKnownHere(t *testing.T) {
	words, err := os.ReadFile("../../templates/console/words.txt")
	if err != nil {
		t.Fatal(err)
	}
	undecided := map[string]bool{"part": true, "look": true, "redeliver": true, "take-in": true, "give-out": true, "split-off": true, "except": true, "unexcept": true, "block": true, "unblock": true} // by no command
	n := 0
	for line := range strings.Lines(string(words)) {
		name, isAct := strings.CutPrefix(strings.TrimSpace(strings.Split(line, "|")[0]), "act.")
		if !isAct {
			continue
		}
		n++
		if _, decidable := actAgain(decided.Act{Kind: name}, domain.Decide); decidable == (undecided[name] || strings.HasPrefix(name, "user-")) { // users are no customer's matter
			t.Errorf("the act %s: decided again %t", name, decidable)
		}
	}
	if n < len(remade) {
		t.Errorf("only %d acts have words", n)
	}
}

// ruled is a command that another rule decides.
type ruled struct {
	domain.Command
	rule func(*domain.Draft) error
}

func (r ruled) Decide(d *domain.Draft) error { return r.rule(d) }

// otherwise decides with another rule in the place of a command's.
func otherwise(rule func(*domain.Draft) error) decider {
	return func(c []domain.Command, k *domain.Known, now time.Time) (domain.Plan, error) {
		return domain.Decide([]domain.Command{ruled{c[0], rule}}, k, now)
	}
}

// TestAnotherRuleIsSeen: what another program would do in its place is told field by field.
func TestAnotherRuleIsSeen(t *testing.T) {
	acts := everyAct(t)
	enter := func(d *domain.Draft, kind, reason string, steps func()) error {
		d.Enter(entries.Entry{Kind: kind, Ticket: 7, Message: 11, Detail: reason}, entries.Snapshot{}, entries.Snapshot{}, steps)
		return nil
	}
	ticket := func(d *domain.Draft, state tickets.State, priority string) {
		after := d.Tickets[7]
		after.State, after.Priority = state, priority
		d.SetTicket(d.Tickets[7], after)
	}
	message := func(d *domain.Draft, state messages.State) {
		after := d.Messages[11]
		after.State = state
		d.SetMessage(d.Messages[11], after)
	}
	for _, c := range []struct {
		name, act string
		rule      func(*domain.Draft) error
		want      []string
	}{
		{"a closing that settles nothing and leaves the work", entries.ActClose, func(d *domain.Draft) error {
			ticket(d, tickets.Closed, "")
			return enter(d, entries.ActClose, "", func() {})
		}, []string{"work item", "promise first-reply", "promise resolution"}},
		{"a taking by another one", entries.ActTake, func(d *domain.Draft) error {
			return enter(d, entries.ActTake, "", func() { d.SetDesk(d.Item(7), d.Item(7).Taken(9, d.Now, true)) })
		}, []string{"work item"}},
		{"a putting away for longer", entries.ActSnooze, func(d *domain.Draft) error {
			return enter(d, entries.ActSnooze, "", func() {
				after, _ := d.Item(7).After(desk.Snooze)
				after.Wake = due.Add(time.Hour)
				d.SetDesk(d.Item(7), after)
			})
		}, []string{"work item"}},
		{"a closing that moves a promise that was left alone", entries.ActClose, func(d *domain.Draft) error {
			ticket(d, tickets.Closed, "")
			return enter(d, entries.ActClose, "", func() {
				d.StepAll(7, func(p promises.Promise) (promises.Promise, bool) { return promises.OnClose(p, d.Now) })
				d.StepAcknowledgement(7, func(p promises.Promise) (promises.Promise, bool) { return p.Returned(d.Now) })
			})
		}, []string{"work item", "promise acknowledgement"}},
		{"a tag that is put on by nobody", entries.ActTag, func(d *domain.Draft) error {
			return enter(d, entries.ActTag, "vip", func() {})
		}, []string{"tag"}},
		{"a merging that leaves the other as it is", entries.ActMerge, func(d *domain.Draft) error {
			ticket(d, tickets.Closed, "urgent")
			d.SetTicket(d.Tickets[8], d.Tickets[8])
			d.SetMerge(domain.Merge{Source: 7, Target: 8})
			return enter(d, entries.ActMerge, "", func() { d.SetDesk(d.Item(7), desk.Item{Ticket: 7, State: desk.Gone}) })
		}, []string{"other priority"}},
		{"a joining the other way round", persons.ActJoin, func(d *domain.Draft) error {
			d.SetPointer(contacts.Pointer{Contact: 51, Root: 52, Step: 61})
			return enter(d, persons.ActJoin, contacts.WhyTold, func() {})
		}, []string{"persons"}},
		{"a closing that is refused", entries.ActClose, func(*domain.Draft) error { return domain.ErrNotSo }, []string{"act"}},
		{"a reopening that leaves what was settled", entries.ActReopen, func(d *domain.Draft) error {
			ticket(d, tickets.Open, "")
			return enter(d, entries.ActReopen, "", func() {})
		}, []string{"work item", "promise first-reply", "promise resolution"}},
		{"a release that dismisses", entries.ActRelease, func(d *domain.Draft) error {
			message(d, messages.Dismissed)
			return enter(d, entries.ActRelease, "spam", func() {})
		}, []string{"message"}},
		{"a dismissal without its reason", entries.ActDismiss, func(d *domain.Draft) error {
			message(d, messages.Dismissed)
			return enter(d, entries.ActDismiss, "", func() {})
		}, []string{"reason"}},
		{"a dismissal that is taken back and decided at once", entries.ActUndismiss, func(d *domain.Draft) error {
			message(d, messages.Recorded)
			return enter(d, entries.ActUndismiss, "spam", func() {})
		}, []string{"message"}},
		{"a taking out that leaves the ticket as it is", entries.ActTakeOut, func(d *domain.Draft) error {
			message(d, messages.Recorded)
			ticket(d, tickets.Open, "urgent")
			return enter(d, entries.ActTakeOut, "", func() {})
		}, []string{"ticket", "priority", "work item", "promise first-reply", "promise resolution"}},
		{"a release of an acknowledgement that nobody owes", entries.ActReleaseHeld, func(d *domain.Draft) error {
			after := d.Effects[41]
			after.Released(0, d.Now)
			d.SetEffect(d.Effects[41], after)
			return enter(d, entries.ActReleaseHeld, "sender-cap", func() {})
		}, []string{"promise acknowledgement"}},
		{"a holding back that does nothing", entries.ActHoldBack, func(d *domain.Draft) error {
			return enter(d, entries.ActHoldBack, "sender-cap", func() {})
		}, []string{"effect", "promise acknowledgement"}},
		{"an answer that writes nothing", entries.ActReply, func(d *domain.Draft) error {
			return enter(d, entries.ActReply, "", func() {})
		}, []string{"effect", "written", "work item"}},
		{"a note that goes out", entries.ActNote, func(d *domain.Draft) error {
			d.Write(replies.Plan{ID: 32, Ticket: 7}, &domain.Send{})
			return enter(d, entries.ActNote, "", func() {})
		}, []string{"effect"}},
		{"an answer that is sent though it is taken back", entries.ActUndoReply, func(d *domain.Draft) error {
			return enter(d, entries.ActUndoReply, "undone", func() {})
		}, []string{"effect"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, _ := actAgain(acts[c.act], otherwise(c.rule))
			var got []string
			for _, d := range v.Differences {
				if d.Stage != c.act || d.Then == d.Now {
					t.Errorf("told is %+v", d)
				}
				got = append(got, d.Field)
			}
			if diff := cmp.Diff(c.want, got); diff != "" || v.Skipped != "" {
				t.Errorf("skipped %q, differences (-want +got):\n%s", v.Skipped, diff)
			}
		})
	}
}

// TestWhatIsNotNotedIsNotCalledDifferent: an act of which too little is kept is told as such.
func TestWhatIsNotNotedIsNotCalledDifferent(t *testing.T) {
	acts := everyAct(t)
	for _, c := range []struct {
		name, act, want string
		change          func(*decided.Act)
	}{
		{"a dismissal that left a line in the journal alone", entries.ActDismiss, SkippedUnnoted, func(a *decided.Act) { a.Noted, a.Before, a.After = false, entries.Snapshot{}, entries.Snapshot{} }},
		{"a closing before there were entries", entries.ActClose, SkippedUnnoted, func(a *decided.Act) { a.Noted, a.Before, a.After = false, entries.Snapshot{}, entries.Snapshot{} }},
		{"a taking out without the ticket's version", entries.ActTakeOut, SkippedUnnoted, func(a *decided.Act) { a.Before.Version, a.After.Version, a.Before.Beside = 0, 0, nil }},
		{"a reopening of what nobody is known to have closed", entries.ActReopen, SkippedEarlier, func(a *decided.Act) { a.Closed = time.Time{} }},
		{"a dismissal that is taken back and was never noted", entries.ActUndismiss, SkippedEarlier, func(a *decided.Act) { a.Dismissed = false }},
		{"an entry that is broken", entries.ActClose, SkippedBroken, func(a *decided.Act) { a.Unreadable = true }},
		{"an erasure", actErase, SkippedErasure, func(a *decided.Act) { a.Kind = actErase }},
		{"a closing of a program that noted only what it changed", entries.ActClose, "", func(a *decided.Act) { a.Before.Beside = nil }},
		{"a closing by a clock finer than the database's", entries.ActClose, "", func(a *decided.Act) {
			for i := range a.After.Promises {
				a.After.Promises[i].Settled = a.After.Promises[i].Settled.Add(321)
			}
		}},
	} {
		a := acts[c.act]
		a.After.Promises = append([]entries.Promise(nil), a.After.Promises...)
		c.change(&a)
		v, decidable := actAgain(a, domain.Decide)
		if !decidable || v.Skipped != c.want || len(v.Differences) != 0 || v.Faulty() != (c.want == SkippedBroken) {
			t.Errorf("%s: %+v", c.name, v)
		}
	}
}

func TestActsAreAddedUp(t *testing.T) {
	sum := newTally()
	sum.count("", nil)
	sum.count(SkippedErasure, nil)
	sum.count("", []Difference{{Field: "ticket"}, {Field: "promise resolution"}})
	want := Tally{Replayed: 2, Same: 1, Differ: 1, Skipped: 1, ByField: map[string]int{"ticket": 1, "promise resolution": 1}, ByReason: map[string]int{SkippedErasure: 1}}
	if diff := cmp.Diff(want, sum); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
