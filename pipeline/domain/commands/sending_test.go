package commands

import (
	"bytes"
	"reflect"
	"slices"
	"testing"
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/tickets"
)

// underway is an acknowledgement that is being sent, with its open promise.
func underway(change func(*effects.Effect)) *domain.Known {
	k := standing(tickets.Open, messages.Ticketed, effects.Sending)
	e := k.Effects[1]
	e.Recipient, e.Attempts, e.Cause = "ann", 2, ""
	if change != nil {
		change(&e)
	}
	k.AddEffect(e)
	return k
}

// TestHowAnAttemptIsTold: what of its end stands in its story.
func TestHowAnAttemptIsTold(t *testing.T) {
	words := []byte("sealed")
	for _, c := range []struct {
		name  string
		known *domain.Known
		end   SendEnded
		want  domain.Attempt
	}{
		{"sent", underway(nil), SendEnded{State: effects.Sent, Words: words}, domain.Attempt{N: 2, Outcome: "sent", Words: words}},
		{"delivered at once", underway(nil), SendEnded{State: effects.Delivered}, domain.Attempt{N: 2, Outcome: "delivered"}},
		{"put off", underway(nil), SendEnded{State: effects.Due, Code: "421", Detail: "come back"}, domain.Attempt{N: 2, Outcome: "retry", Code: "421", Detail: "come back"}},
		{"without an answer", underway(nil), SendEnded{State: effects.Due, Unknown: true}, domain.Attempt{N: 2, Outcome: OutcomeUnknown}},
		{"failed", underway(nil), SendEnded{State: effects.Failed, Code: "550"}, domain.Attempt{N: 2, Outcome: "failed", Code: "550"}},
		{"gone on elsewhere", underway(nil), SendEnded{State: effects.Failed, Fallback: &effects.Plan{ID: 77}}, domain.Attempt{N: 2, Outcome: "fallback"}},
		{"withheld", underway(nil), SendEnded{State: effects.Withheld, Code: "opted-out"}, domain.Attempt{N: 2, Outcome: "withheld", Code: "opted-out"}},
		{"of an earlier attempt", underway(nil), SendEnded{Attempt: 1, State: effects.Failed}, domain.Attempt{N: 1, Outcome: "failed"}},
		{"of an erased person nothing that was said", underway(func(e *effects.Effect) { e.Erased = true }), SendEnded{State: effects.Sent, Words: words}, domain.Attempt{N: 2, Outcome: "sent"}},
	} {
		c.end.ID, c.want.Effect = 1, 1
		plan, err := domain.Decide([]domain.Command{c.end}, c.known, most)
		if err != nil || len(plan.Attempts) != 1 || !reflect.DeepEqual(plan.Attempts[0], c.want) {
			t.Errorf("%s: %+v, %v", c.name, plan.Attempts, err)
		}
	}
	if !bytes.Equal(words, []byte("sealed")) {
		t.Error("what was said is changed")
	}
}

// TestWhatTheEndOfASendBrings beside the row itself.
func TestWhatTheEndOfASendBrings(t *testing.T) {
	other := &effects.Plan{ID: 77, Kind: effects.KindAcknowledgement}
	for _, c := range []struct {
		name  string
		known *domain.Known
		end   SendEnded
		check func(domain.Plan, effects.Effect) bool
	}{
		{"an address that takes nothing any more", underway(nil), SendEnded{State: effects.Failed, Dead: true},
			func(p domain.Plan, _ effects.Effect) bool {
				return slices.Equal(p.Dead, []string{"ann"}) && p.Addresses == nil
			}},
		{"somebody who said STOP", underway(nil), SendEnded{State: effects.Withheld, OptedOut: true},
			func(p domain.Plan, _ effects.Effect) bool {
				return slices.Equal(p.Addresses, []contacts.Address{{Key: "ann", Consent: contacts.OptedOut}}) && p.Dead == nil
			}},
		{"a fallback, with the row that it stands for", underway(nil), SendEnded{State: effects.Failed, Code: "550", Fallback: other},
			func(p domain.Plan, e effects.Effect) bool {
				return len(p.Fallbacks) == 1 && p.Fallbacks[0].Row == other && p.Fallbacks[0].Of.ID == 1 && e.LastError == "550"
			}},
		{"no second fallback of a row that has one", underway(func(e *effects.Effect) { e.State = effects.Fallback }), SendEnded{State: effects.Failed, Fallback: other},
			func(p domain.Plan, _ effects.Effect) bool { return len(p.Fallbacks) == 0 }},
		{"a question whether it arrived", underway(nil), SendEnded{State: effects.Sent, Ask: later},
			func(p domain.Plan, _ effects.Effect) bool {
				return slices.Equal(p.Checks, []domain.Check{{Effect: 1, At: later}})
			}},
		{"none where it is known that it arrived", underway(nil), SendEnded{State: effects.Delivered, Ask: later},
			func(p domain.Plan, _ effects.Effect) bool { return len(p.Checks) == 0 }},
		{"none where it is known that it failed", underway(func(e *effects.Effect) { e.State = effects.Failed }), SendEnded{State: effects.Sent, Ask: later},
			func(p domain.Plan, _ effects.Effect) bool { return len(p.Checks) == 0 }},
		{"the provider's name", underway(nil), SendEnded{State: effects.Sent, ProviderID: "SM1"}, func(_ domain.Plan, e effects.Effect) bool { return e.Provider == "SM1" }},
		{"no other name where it says none", underway(func(e *effects.Effect) { e.Provider = "SM1" }), SendEnded{State: effects.Sent}, func(_ domain.Plan, e effects.Effect) bool { return e.Provider == "SM1" }},
		{"how many parts are done, which grows", underway(func(e *effects.Effect) { e.Parts = 3 }), SendEnded{State: effects.Due, PartsDone: 2}, func(_ domain.Plan, e effects.Effect) bool { return e.Parts == 3 }},
		{"the next try at the time that it names", underway(nil), SendEnded{State: effects.Due, Next: later, Code: "421"}, func(_ domain.Plan, e effects.Effect) bool { return e.Next.Equal(later) && e.LastError == "421" }},
		{"the next try at once where it names none", underway(nil), SendEnded{State: effects.Due, Detail: "come back"}, func(_ domain.Plan, e effects.Effect) bool { return e.Next.Equal(most) && e.LastError == "come back" }},
		{"nothing where a receipt has said meanwhile that it went out", underway(func(e *effects.Effect) { e.State, e.Sent = effects.Delivered, half }), SendEnded{State: effects.Due, Next: later},
			func(_ domain.Plan, e effects.Effect) bool { return e.State == effects.Delivered && e.Next.IsZero() }},
		{"nothing for a row that was withheld meanwhile", underway(func(e *effects.Effect) { e.State = effects.Withheld }), SendEnded{State: effects.Sent},
			func(p domain.Plan, e effects.Effect) bool { return e.State == effects.Withheld && len(p.Promises) == 0 }},
		{"doubt of an earlier attempt stays with the row", underway(nil), SendEnded{Attempt: 1, State: effects.Due, Unknown: true}, func(_ domain.Plan, e effects.Effect) bool { return e.Unknown && e.State == effects.Sending }},
	} {
		c.end.ID = 1
		plan, err := domain.Decide([]domain.Command{c.end}, c.known, most)
		if e := c.known.Effects[1]; err != nil || !c.check(plan, e) {
			t.Errorf("%s: %+v, %+v, %v", c.name, plan, e, err)
		}
	}
}

// TestWhatCameEarlyIsHeardWithTheAttempt and only once.
func TestWhatCameEarlyIsHeardWithTheAttempt(t *testing.T) {
	k := underway(nil)
	k.Early[1] = []effects.Receipt{{Key: "k", Event: effects.Deliver, At: half}}
	plan, err := domain.Decide([]domain.Command{SendEnded{ID: 1, Attempt: 2, State: effects.Due, Unknown: true}}, k, most)
	if e := k.Effects[1]; err != nil || e.State != effects.Delivered || !e.Sent.Equal(half) || e.Unknown || len(k.Early[1]) != 0 {
		t.Errorf("%+v, %v", e, err)
	}
	if p := plan.Promises; len(p) != 1 || p[0].After.State != promises.Kept || !p[0].After.Settled.Equal(half) {
		t.Errorf("its promise: %+v", p)
	}
}

// TestWordsForNobody: what a provider says of a row that is not there yet is kept; what no row can be is let go.
func TestWordsForNobody(t *testing.T) {
	for _, c := range []struct {
		name string
		said effects.Receipt
		kept int
	}{
		{"a key that no row has", effects.Receipt{ID: 5, Key: "other", Event: effects.Deliver}, 1},
		{"a provider's name that no row has", effects.Receipt{ID: 5, Provider: "SM9", Event: effects.Fail}, 1},
		{"a row's key", effects.Receipt{ID: 5, Key: "k", Event: effects.Deliver}, 0},
	} {
		plan, err := domain.Decide([]domain.Command{ReceiptCame{c.said}}, underway(nil), most)
		if err != nil || len(plan.Receipts) != c.kept || (len(plan.Effects) == 1) == (c.kept == 1) {
			t.Errorf("%s: %+v, %v", c.name, plan, err)
		}
	}
}

// TestAWordThatComesTwiceSaysNothingTwice: the second plan is empty, but for the attempt that an end of a send tells of.
func TestAWordThatComesTwiceSaysNothingTwice(t *testing.T) {
	for _, c := range []struct {
		name string
		said domain.Command
	}{
		{"sent", SendEnded{ID: 1, Attempt: 2, State: effects.Sent}},
		{"delivered", SendEnded{ID: 1, Attempt: 2, State: effects.Delivered}},
		{"failed", SendEnded{ID: 1, Attempt: 2, State: effects.Failed, Void: "unreachable"}},
		{"withheld", SendEnded{ID: 1, Attempt: 2, State: effects.Withheld, Void: "opted-out"}},
		{"gone on elsewhere", SendEnded{ID: 1, Attempt: 2, State: effects.Failed, Fallback: &effects.Plan{ID: 77}}},
		{"a receipt of delivery", ReceiptCame{effects.Receipt{Key: "k", Event: effects.Deliver, At: half}}},
		{"a receipt of failure", ReceiptCame{effects.Receipt{Key: "k", Event: effects.Fail, At: half}}},
		{"a mail that came back", BounceCame{Effect: 1, At: half}},
		{"an erasure", EraseEffect{1, "erased"}},
		{"an erasure of promises", ErasePromises{7, true, "erased"}},
		{"a promise made anew", PromiseAnew{7, []promises.Promise{{Kind: promises.Resolution, Start: half, Due: most}}}},
	} {
		k := underway(nil)
		if _, err := domain.Decide([]domain.Command{c.said}, k, most); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		plan, err := domain.Decide([]domain.Command{c.said}, k, most.Add(time.Second))
		plan.Attempts = nil // the table of attempts has each once
		if err != nil || !reflect.DeepEqual(plan, domain.Plan{}) {
			t.Errorf("%s: the second time %+v, %v", c.name, plan, err)
		}
	}
}

// TestTheClockComesOnce: at each moment of a promise once, and never before it.
func TestTheClockComesOnce(t *testing.T) {
	k := standing(tickets.Open, messages.Ticketed, effects.Sent)
	key := promises.Key{Ticket: 7, Kind: promises.Resolution}
	for _, c := range []struct {
		name  string
		at    time.Time
		event promises.State // "" where it means nothing
	}{
		{"before the first warning", half.Add(-1), ""},
		{"the first warning", half, promises.Warned},
		{"the first warning once more", half, ""},
		{"between the warnings", half.Add(time.Hour), ""},
		{"the second warning", most, promises.Warned},
		{"just before the deadline", deadline.Add(-1), ""},
		{"the deadline", deadline, promises.Broken},
		{"the deadline once more", deadline, ""},
		{"after it", later, ""},
	} {
		plan, err := domain.Decide([]domain.Command{PromiseCame{key}}, k, c.at)
		if (err == nil) != (c.event != "") || c.event != "" && (len(plan.Moved) != 1 || plan.Moved[0].Event != c.event || k.Promises[key].State != c.event) {
			t.Errorf("%s: %+v, %v", c.name, plan.Moved, err)
		}
	}
}

// TestTheClockLeavesAloneWhatIsSettled: kept, void or broken.
func TestTheClockLeavesAloneWhatIsSettled(t *testing.T) {
	key := promises.Key{Ticket: 7, Kind: promises.Resolution}
	for name, settle := range map[string]func(promises.Promise) promises.Promise{
		"kept": func(p promises.Promise) promises.Promise { p, _ = p.Done(half); return p },
		"void": func(p promises.Promise) promises.Promise { p, _ = p.Withdrawn("erased", half); return p },
		"broken": func(p promises.Promise) promises.Promise {
			p, _ = p.Wake(deadline)
			return p
		},
	} {
		k := standing(tickets.Open, messages.Ticketed, effects.Sent)
		k.Promises[key] = settle(k.Promises[key])
		if plan, err := domain.Decide([]domain.Command{PromiseCame{key}}, k, later); err == nil || len(plan.Moved) != 0 {
			t.Errorf("%s: %+v, %v", name, plan.Moved, err)
		}
	}
}

// TestWhoIsErasedIsOwedNothing: what is due to him is withheld, what is another's goes on.
func TestWhoIsErasedIsOwedNothing(t *testing.T) {
	k := standing(tickets.Open, messages.Ticketed, effects.Due)
	k.AddEffect(effects.Effect{ID: 2, Key: "d", Kind: effects.KindDigest, State: effects.Due, Ticket: 7})
	k.AddEffect(effects.Effect{ID: 3, Key: "n", Kind: effects.KindNotice, State: effects.Delivered, Ticket: 7})
	commands := []domain.Command{EraseEffect{1, "erased"}, EraseEffect{2, "erased"}, EraseEffect{3, "erased"}}
	if _, err := domain.Decide(commands, k, most); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[int64]effects.State{1: effects.Withheld, 2: effects.Withheld, 3: effects.Delivered} {
		if got := k.Effects[id].State; got != want {
			t.Errorf("row %d is %s, want %s", id, got, want)
		}
	}
	state := func(kind string) promises.State { return k.Promises[promises.Key{Ticket: 7, Kind: kind}].State }
	if state(promises.Acknowledgement) != promises.Void || state("first-reply") != promises.Due || state(promises.Resolution) != promises.Due {
		t.Errorf("while others are left: %v", k.Promises)
	}
	if _, err := domain.Decide([]domain.Command{ErasePromises{7, true, "erased"}}, k, most); err != nil || state("first-reply") != promises.Void || state(promises.Resolution) != promises.Void {
		t.Errorf("nobody is left: %v, %v", k.Promises, err)
	}
}

// TestAReleasedAcknowledgementIsPromisedAgain by the time that was promised first.
func TestAReleasedAcknowledgementIsPromisedAgain(t *testing.T) {
	key := promises.Key{Ticket: 7, Kind: promises.Acknowledgement}
	for _, c := range []struct {
		name   string
		void   string // the promise's cause
		at     time.Time
		then   []domain.Command
		state  promises.State
		broken bool // at the next look of the sweep
	}{
		{"in time", "capped", most, nil, promises.Due, false},
		{"and sent in time", "capped", most, []domain.Command{SendEnded{ID: 1, State: effects.Sent}}, promises.Kept, false},
		{"after its deadline", "capped", later, nil, promises.Due, true},
		{"and sent after its deadline", "capped", later, []domain.Command{SendEnded{ID: 1, State: effects.Sent}}, promises.Broken, false},
		{"though it was void for another cause", "opted-out", most, nil, promises.Void, false},
		{"and held back", "capped", most, []domain.Command{HoldBackHeld{Effect: 1, Cause: "capped"}}, promises.Void, false},
		{"and erased", "capped", most, []domain.Command{EraseEffect{1, "erased"}}, promises.Void, false},
	} {
		k := standing(tickets.Open, messages.Ticketed, effects.Withheld)
		p, _ := owing(promises.Acknowledgement).Withdrawn(c.void, half)
		k.Promises[key] = p
		if _, err := domain.Decide(append([]domain.Command{ReleaseHeld{Effect: 1}}, c.then...), k, c.at); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := k.Promises[key].State; got != c.state {
			t.Errorf("%s: %s, want %s", c.name, got, c.state)
		}
		if _, err := domain.Decide([]domain.Command{PromiseCame{key}}, k, c.at); (err == nil) != c.broken {
			t.Errorf("%s: the clock says %v", c.name, err)
		}
	}
}

// TestAClosedTicketsPromises: what closing settles, and what reopening gives back of it.
func TestAClosedTicketsPromises(t *testing.T) {
	for _, c := range []struct {
		name          string
		at            time.Time
		before        func(*domain.Known)
		reply, solved promises.State // after the closing
		again, anew   promises.State // after the reopening
	}{
		{"in time", most, nil, promises.Void, promises.Kept, promises.Due, promises.Due},
		{"after the deadline, before the clock has told", later, nil, promises.Void, promises.Broken, promises.Due, promises.Broken},
		{"with a reply that was given", most, func(k *domain.Known) {
			set(k, "first-reply", func(p promises.Promise) promises.Promise { p, _ = p.Done(half); return p })
		},
			promises.Kept, promises.Kept, promises.Kept, promises.Due},
		{"with a reply that is broken", later, func(k *domain.Known) {
			set(k, "first-reply", func(p promises.Promise) promises.Promise { p, _ = p.Wake(deadline); return p })
		},
			promises.Broken, promises.Broken, promises.Broken, promises.Broken},
		{"with a reply that was owed to a person who is erased", most, func(k *domain.Known) {
			set(k, "first-reply", func(p promises.Promise) promises.Promise { p, _ = p.Withdrawn("erased", half); return p })
		},
			promises.Void, promises.Kept, promises.Void, promises.Due},
	} {
		k := standing(tickets.Open, messages.Ticketed, effects.Sent)
		if c.before != nil {
			c.before(k)
		}
		state := func(kind string) promises.State { return k.Promises[promises.Key{Ticket: 7, Kind: kind}].State }
		if _, err := domain.Decide([]domain.Command{CloseTicket{Ticket: 7, Actor: "zhou"}}, k, c.at); err != nil || state("first-reply") != c.reply || state(promises.Resolution) != c.solved {
			t.Errorf("%s: closed, the reply is %s, the resolution %s, %v", c.name, state("first-reply"), state(promises.Resolution), err)
		}
		k.Closed[7] = c.at
		if _, err := domain.Decide([]domain.Command{ReopenTicket{7, "li"}}, k, c.at.Add(time.Minute)); err != nil || state("first-reply") != c.again || state(promises.Resolution) != c.anew {
			t.Errorf("%s: open again, the reply is %s, the resolution %s, %v", c.name, state("first-reply"), state(promises.Resolution), err)
		}
		if k.Tickets[7].Version != 6 || state(promises.Acknowledgement) != promises.Due {
			t.Errorf("%s: version %d, the acknowledgement is %s", c.name, k.Tickets[7].Version, state(promises.Acknowledgement))
		}
	}
}

func set(k *domain.Known, kind string, change func(promises.Promise) promises.Promise) {
	key := promises.Key{Ticket: 7, Kind: kind}
	k.Promises[key] = change(k.Promises[key])
}
