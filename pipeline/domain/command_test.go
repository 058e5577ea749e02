package domain

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
)

// world is a small desk whose rows stand in states that dice have chosen.
func world(r *rand.Rand) *Known {
	k := NewKnown()
	kinds := []string{KindAcknowledgement, KindDigest, KindNotice}
	states := []EffectState{EffectDue, EffectSending, EffectSent, EffectDelivered, EffectFailed, EffectFallback, EffectWithheld}
	for id := int64(1); id <= 6; id++ {
		e := Effect{ID: id, Key: fmt.Sprint("key", id), Kind: kinds[r.IntN(3)], State: states[r.IntN(len(states))], Ticket: 1 + r.Int64N(3), Message: 10 + id,
			Recipient: fmt.Sprint("r", id), Attempts: r.IntN(3), NeedsFallback: r.IntN(2) == 0, Unknown: r.IntN(2) == 0, Erased: r.IntN(4) == 0, Cause: "capped", Next: half}
		if r.IntN(2) == 0 {
			e.Provider = fmt.Sprint("p", id)
		}
		if e.Took() {
			e.Sent = start
		}
		k.AddEffect(e)
		if e.Kind == KindDigest {
			k.Covered[id] = []Covered{{Effect: 90 + id, Ticket: 1 + r.Int64N(3), State: EffectWithheld}}
		}
		if r.IntN(3) == 0 {
			k.Early[id] = []Receipt{{Key: e.Key, Event: []EffectHappening{HandOver, Deliver, Fail}[r.IntN(3)], At: half}}
		}
	}
	for id := int64(1); id <= 3; id++ {
		k.Tickets[id] = TicketStatus{ID: id, Version: 3, State: []TicketState{TicketOpen, TicketClosed}[r.IntN(2)], Priority: "high", Messages: 2}
		for _, kind := range []string{Acknowledgement, "first-reply", Resolution} {
			p := NewPromise(Promise{Ticket: id, Kind: kind, Start: start, Due: deadline, Warn: []time.Time{half}}, []string{"", "", "capped"}[r.IntN(3)], start)
			if p.Open() && r.IntN(3) == 0 {
				p, _ = p.Wake(half)
			}
			k.Promises[PromiseKey{id, kind}] = p
		}
		if r.IntN(2) == 0 {
			k.Closed[id] = half
		}
	}
	for id := int64(11); id <= 14; id++ {
		k.Messages[id] = Message{ID: id, State: []MessageState{Parked, Dismissed, Appended, Ticketed}[r.IntN(4)], Cause: "spam", Ticket: 1 + r.Int64N(3), Original: r.IntN(4) > 0, Erased: r.IntN(5) == 0}
		k.Dismissed[id] = r.IntN(2) == 0
		k.Appends[id] = Entry{Message: id, Before: Snapshot{Priority: "normal", Ticket: TicketClosed}, After: Snapshot{Priority: "high", Ticket: TicketOpen, Version: 3}}
	}
	return k
}

// cloned is a copy of what is known.
func cloned(k *Known) *Known {
	c := NewKnown()
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
	return c
}

// asked is what commands get to know of a world that answers their needs and no more.
func asked(commands []Command, w *Known) *Known {
	k := NewKnown()
	for range 5 {
		for _, c := range commands {
			n := c.Needs(k)
			take(k.Messages, w.Messages, n.Messages)
			take(k.Appends, w.Appends, n.Appends)
			take(k.Dismissed, w.Dismissed, n.Dismissed)
			take(k.Closed, w.Closed, n.Closed)
			take(k.Tickets, w.Tickets, n.Tickets)
			take(k.Covered, w.Covered, n.Covered)
			for _, e := range w.Effects {
				if slices.Contains(n.Effects, e.ID) || slices.Contains(n.Keys, e.Key) || slices.Contains(n.Providers, e.Provider) {
					k.AddEffect(e)
				}
			}
			for _, e := range n.Early {
				take(k.Early, w.Early, []int64{e.Effect})
			}
			for key, p := range w.Promises {
				if slices.Contains(n.Promises, key.Ticket) || key.Kind == Acknowledgement && slices.Contains(n.Acknowledgements, key.Ticket) {
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
func anyCommand(r *rand.Rand) Command {
	effect, ticket, msg := 1+r.Int64N(6), 1+r.Int64N(3), 11+r.Int64N(4)
	all := []Command{
		SendEnded{ID: effect, Attempt: r.IntN(3), State: []EffectState{EffectSent, EffectDelivered, EffectFailed, EffectWithheld, EffectDue}[r.IntN(5)],
			ProviderID: []string{"", "new"}[r.IntN(2)], Unknown: r.IntN(3) == 0, Void: []string{"", "nobody"}[r.IntN(2)], Dead: r.IntN(3) == 0, OptedOut: r.IntN(3) == 0, Ask: later},
		SendEnded{ID: effect, State: EffectFailed, Code: "550", Fallback: &EffectPlan{ID: 77, Kind: KindAcknowledgement}},
		ReceiptCame{Receipt{Key: fmt.Sprint("key", 1+r.IntN(8)), Event: []EffectHappening{HandOver, Deliver, Fail}[r.IntN(3)], At: half, Reason: "30003"}},
		ReceiptCame{Receipt{Provider: fmt.Sprint("p", 1+r.IntN(8)), Event: Deliver, At: later.Add(time.Hour)}},
		BounceCame{Effect: effect, Reason: "5.1.1", At: most, Dead: r.IntN(2) == 0},
		PromiseCame{PromiseKey{ticket, Resolution}}, PromiseAnew{Ticket: ticket, Made: []Promise{{Kind: Resolution, Start: half, Due: most}}},
		CloseTicket{ticket, "zhou"}, ReopenTicket{ticket, "li"},
		ReleaseMessage{Message: msg, Actor: "zhou"}, DismissMessage{msg, "zhou"}, UndismissMessage{msg, "li"}, TakeOutMessage{msg, "li"},
		ReleaseHeld{Effect: effect, Actor: "zhou", Wait: 30 * time.Second}, HoldBackHeld{Effect: effect, Actor: "li", Cause: "capped"}, NeverSend{Effect: effect, Cause: "never"},
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
		whole, errWhole := Decide([]Command{c}, cloned(w), most)
		part, errPart := Decide([]Command{c}, asked([]Command{c}, w), most)
		if !errors.Is(errPart, errWhole) && !errors.Is(errWhole, errPart) || !reflect.DeepEqual(whole, part) {
			t.Fatalf("seed %d: %T is decided otherwise with what it needs:\n%+v %v\n%+v %v", seed, c, part, errPart, whole, errWhole)
		}
		if !reflect.DeepEqual(whole, Plan{}) {
			decidedSome[fmt.Sprintf("%T", c)]++
		}
	}
	if len(decidedSome) < 16 {
		t.Errorf("only these have ever changed something: %v", decidedSome)
	}
}

// TestWhatAPlanSays holds for each command in each world: rows come once each, before is what was there and after what is known now,
// and no step of a state machine is taken that its table has not.
func TestWhatAPlanSays(t *testing.T) {
	for seed := range uint64(4000) {
		r := rand.New(rand.NewPCG(seed, 2))
		w := world(r)
		commands := []Command{anyCommand(r), anyCommand(r)}
		k := cloned(w)
		plan, err := Decide(commands, k, most)
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
			key := PromiseKey{c.After.Ticket, c.After.Kind}
			if seen[key] || !reflect.DeepEqual(c.Before, w.Promises[key]) || !reflect.DeepEqual(c.After, k.Promises[key]) {
				t.Fatalf("seed %d: promise %v: %+v", seed, key, c)
			}
			seen[key] = true
			if open := c.After.Open(); open != c.After.Settled.IsZero() && c.After.State != PromiseBroken || open == c.After.Next.IsZero() {
				t.Fatalf("seed %d: the clock and the books disagree: %+v", seed, c.After)
			}
		}
	}
}

// TestWhatComesTwiceDoesNothingTwice: an act that is done means nothing the second time, and an act that was taken back is not taken back
// again.
func TestWhatComesTwiceDoesNothingTwice(t *testing.T) {
	fresh := func() *Known {
		k := NewKnown()
		k.AddEffect(Effect{ID: 1, Key: "k", Kind: KindAcknowledgement, State: EffectWithheld, Cause: "capped", Ticket: 7, Message: 11})
		k.Tickets[7] = TicketStatus{ID: 7, Version: 1, State: TicketOpen, Messages: 2}
		k.Promises[PromiseKey{7, Acknowledgement}] = in(t, PromiseVoid, true)
		k.Messages[11] = Message{ID: 11, State: Parked, Cause: "spam", Original: true}
		k.Messages[12] = Message{ID: 12, State: Appended, Ticket: 7, Original: true}
		k.Dismissed[11] = true
		k.Closed[7] = most
		return k
	}
	for _, c := range []struct {
		name   string
		before []Command
		act    Command
	}{
		{"a ticket is closed once", nil, CloseTicket{7, "zhou"}},
		{"a closing is taken back once", []Command{CloseTicket{7, "zhou"}}, ReopenTicket{7, "li"}},
		{"a message is released once", nil, ReleaseMessage{Message: 11}},
		{"a message is dismissed once", nil, DismissMessage{11, "zhou"}},
		{"a dismissal is taken back once", []Command{DismissMessage{11, "zhou"}}, UndismissMessage{11, "li"}},
		{"a message is taken out once", nil, TakeOutMessage{12, "li"}},
		{"a held acknowledgement is released once", nil, ReleaseHeld{Effect: 1}},
		{"a release is taken back once", []Command{ReleaseHeld{Effect: 1}}, HoldBackHeld{Effect: 1, Cause: "capped"}},
	} {
		once := append(slices.Clone(c.before), c.act)
		if _, err := Decide(once, fresh(), most); err != nil {
			t.Errorf("%s: the first time: %v", c.name, err)
		}
		plan, err := Decide(append(once, c.act), fresh(), most)
		if !errors.Is(err, ErrNotSo) || !reflect.DeepEqual(plan, Plan{}) {
			t.Errorf("%s: the second time: %v, %+v", c.name, err, plan)
		}
	}
}

// TestWhoTakesAMessageOut: what the message had changed is as before, as far as nobody has changed it since.
func TestWhoTakesAMessageOut(t *testing.T) {
	entry := func(change func(*Entry)) Entry {
		e := Entry{Message: 12, Ticket: 7, Before: Snapshot{Ticket: TicketClosed, Priority: "normal", Version: 4}, After: Snapshot{Ticket: TicketOpen, Priority: "urgent", Version: 5}}
		if change != nil {
			change(&e)
		}
		return e
	}
	ticket := TicketStatus{ID: 7, Version: 5, State: TicketOpen, Priority: "urgent", Messages: 3}
	for _, c := range []struct {
		name   string
		entry  Entry
		ticket func(*TicketStatus)
		want   TicketStatus
		err    error
	}{
		{"all that it changed", entry(nil), nil, TicketStatus{7, 6, TicketClosed, "normal", 2}, nil},
		{"not that it opened the ticket again, if something has come since", entry(nil), func(k *TicketStatus) { k.Version = 6 }, TicketStatus{7, 7, TicketOpen, "normal", 2}, nil},
		{"not the priority, if another one stands", entry(nil), func(k *TicketStatus) { k.Priority = "high" }, TicketStatus{7, 6, TicketClosed, "high", 2}, nil},
		{"of an older program's append only that it was one", Entry{}, nil, TicketStatus{7, 6, TicketOpen, "urgent", 2}, nil},
		{"nothing where it says what the ticket is about", entry(func(e *Entry) { e.After.Queue = "refunds" }), nil, ticket, ErrNotSo},
		{"nothing where the ticket has become its writer's", entry(func(e *Entry) { e.After.Contact = 9 }), nil, ticket, ErrNotSo},
	} {
		k := NewKnown()
		k.Messages[12], k.Appends[12], k.Tickets[7] = Message{ID: 12, State: Appended, Ticket: 7, Original: true}, c.entry, ticket
		if c.ticket != nil {
			now := ticket
			c.ticket(&now)
			k.Tickets[7] = now
		}
		_, err := Decide([]Command{TakeOutMessage{12, "li"}}, k, most)
		if got := k.Tickets[7]; !errors.Is(err, c.err) || err == nil && got != c.want {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
	k := NewKnown()
	k.Messages[12], k.Tickets[7] = Message{ID: 12, State: Appended, Ticket: 7}, ticket
	if _, err := Decide([]Command{TakeOutMessage{12, "li"}}, k, most); !errors.Is(err, ErrOriginalGone) {
		t.Errorf("without its original: %v", err)
	}
}

// sending is an acknowledgement in a state, with its open promise.
func sending(state EffectState, change func(*Effect)) *Known {
	k := NewKnown()
	e := Effect{ID: 1, Key: "k", Kind: KindAcknowledgement, State: state, Ticket: 7, Message: 11, Recipient: "ann", Attempts: 1, Next: half, Wake: half}
	if e.Took() {
		e.Sent = start
	}
	if change != nil {
		change(&e)
	}
	k.AddEffect(e)
	k.Promises[PromiseKey{7, Acknowledgement}] = NewPromise(Promise{Ticket: 7, Kind: Acknowledgement, Start: start, Due: deadline}, "", start)
	return k
}

// story is what became of an acknowledgement and its promise, in short.
func story(k *Known) string {
	e, p := k.Effects[1], k.Promises[PromiseKey{7, Acknowledgement}]
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
	receipt := func(on EffectHappening) Command {
		return ReceiptCame{Receipt{Key: "k", Event: on, At: half, Reason: "30003"}}
	}
	for _, c := range []struct {
		name     string
		known    *Known
		commands []Command
		want     string
	}{
		{"sent keeps the promise", sending(EffectSending, nil), []Command{SendEnded{ID: 1, Attempt: 1, State: EffectSent}}, "sent, kept, sent at most"},
		{"sent and delivered at once", sending(EffectSending, nil), []Command{SendEnded{ID: 1, Attempt: 1, State: EffectDelivered}}, "delivered, kept, sent at most"},
		{"a failed attempt is tried again", sending(EffectSending, nil), []Command{SendEnded{ID: 1, Attempt: 1, State: EffectDue, Next: later}}, "due, due, wakes"},
		{"no answer is remembered", sending(EffectSending, nil), []Command{SendEnded{ID: 1, Attempt: 1, State: EffectDue, Unknown: true}}, "due, due, wakes, unknown"},
		{"nobody can be reached", sending(EffectSending, nil), []Command{SendEnded{ID: 1, Attempt: 1, State: EffectFailed, Void: "unreachable"}}, "failed, void"},
		{"withheld at the last moment", sending(EffectSending, nil), []Command{SendEnded{ID: 1, Attempt: 1, State: EffectWithheld, Void: "opted-out"}}, "withheld, void"},
		{"an older attempt leaves the row to the later one", sending(EffectSending, func(e *Effect) { e.Attempts = 2 }), []Command{SendEnded{ID: 1, Attempt: 1, State: EffectFailed}}, "sending, due, wakes"},
		{"unless it has sent it", sending(EffectSending, func(e *Effect) { e.Attempts = 2 }), []Command{SendEnded{ID: 1, Attempt: 1, State: EffectSent}}, "sent, kept, sent at most"},
		{"a receipt of sending leaves the attempt under way alone", sending(EffectSending, nil), []Command{receipt(HandOver)}, "sending, due, wakes"},
		{"and settles a row that waits to be tried again", sending(EffectDue, func(e *Effect) { e.Unknown = true }), []Command{receipt(HandOver)}, "sent, kept, sent at half"},
		{"a delivery is heard before the attempt has told", sending(EffectSending, nil), []Command{receipt(Deliver), SendEnded{ID: 1, Attempt: 1, State: EffectSent}}, "delivered, kept, sent at half"},
		{"a failure that is told later wins", sending(EffectDelivered, nil), []Command{receipt(Fail)}, "failed, due, wakes, wants a fallback"},
		{"a failure is heard before the attempt has told: what was handed over keeps the promise", sending(EffectSending, nil), []Command{receipt(Fail), SendEnded{ID: 1, Attempt: 1, State: EffectSent}}, "failed, kept, sent at half, wakes, wants a fallback"},
		{"a second word of failure changes nothing", sending(EffectFailed, func(e *Effect) { e.Next, e.Wake = time.Time{}, time.Time{} }), []Command{receipt(Fail)}, "failed, due"},
		{"a delivery after a failure changes nothing", sending(EffectFailed, nil), []Command{receipt(Deliver)}, "failed, due, wakes"},
		{"a bounce of what was never told to be sent keeps the promise by its time", sending(EffectSending, nil), []Command{BounceCame{Effect: 1, At: half}}, "failed, kept, sent at half, wakes, wants a fallback"},
		{"a bounce of what went on elsewhere changes nothing", sending(EffectFallback, nil), []Command{BounceCame{Effect: 1, At: half}}, "fallback, due, wakes"},
		{"its person is erased before it is sent", sending(EffectDue, nil), []Command{EraseEffect{1, "erased"}}, "withheld, void"},
		{"its person is erased while it wants a fallback", sending(EffectFailed, func(e *Effect) { e.NeedsFallback = true }), []Command{EraseEffect{1, "erased"}}, "failed, due"},
		{"its person is erased while it is being sent", sending(EffectSending, nil), []Command{EraseEffect{1, "erased"}}, "sending, due, wakes"},
		{"a row that nobody knows", NewKnown(), []Command{SendEnded{ID: 1, State: EffectSent}, BounceCame{Effect: 1}, EraseEffect{1, "erased"}}, ", "},
	} {
		if _, err := Decide(c.commands, c.known, most); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := story(c.known); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestTheEndsOfOneRowCountByWhatTheyKnow(t *testing.T) {
	ends := []SendEnded{{ID: 1, Attempt: 1, State: EffectFailed}, {ID: 1, Attempt: 3, State: EffectDue}, {ID: 1, Attempt: 2, State: EffectSent}}
	SortEnds(ends)
	if ends[0].Attempt != 2 || ends[1].Attempt != 3 || ends[2].Attempt != 1 {
		t.Errorf("sorted to %+v", ends)
	}
}

func TestWhatADigestDoesForWhatItCovers(t *testing.T) {
	digest := func() *Known {
		k := NewKnown()
		k.AddEffect(Effect{ID: 1, Key: "d", Kind: KindDigest, State: EffectSending, Attempts: 1})
		k.Covered[1] = []Covered{{Effect: 2, Ticket: 7, State: EffectWithheld}, {Effect: 3, Ticket: 8, State: EffectDue}}
		for _, id := range []int64{7, 8} {
			k.Promises[PromiseKey{id, Acknowledgement}] = NewPromise(Promise{Ticket: id, Kind: Acknowledgement, Start: start, Due: deadline}, "", start)
		}
		return k
	}
	for _, c := range []struct {
		name   string
		end    SendEnded
		seven  PromiseState
		eight  PromiseState
		covers []CoverChange
	}{
		{"sent, it keeps what it covers", SendEnded{ID: 1, Attempt: 1, State: EffectSent}, PromiseKept, PromiseKept, nil},
		{"failed, another one may cover it", SendEnded{ID: 1, Attempt: 1, State: EffectFailed}, PromiseDue, PromiseDue, []CoverChange{{Digest: 1, Free: true}}},
		{"fruitless, what is withheld stays so for its cause", SendEnded{ID: 1, Attempt: 1, State: EffectFailed, Void: "unreachable"}, PromiseVoid, PromiseDue, []CoverChange{{Digest: 1, Cause: "unreachable"}}},
	} {
		k := digest()
		plan, err := Decide([]Command{c.end}, k, most)
		if err != nil || k.Promises[PromiseKey{7, Acknowledgement}].State != c.seven || k.Promises[PromiseKey{8, Acknowledgement}].State != c.eight || !slices.Equal(plan.Covers, c.covers) {
			t.Errorf("%s: %+v, %+v, %v", c.name, k.Promises, plan.Covers, err)
		}
	}
}

func TestASnapshotComesBack(t *testing.T) {
	if (Snapshot{}).JSON() != "" {
		t.Error("nothing is something")
	}
	s := Snapshot{Ticket: TicketOpen, Priority: "high", Version: 3, Promises: []PromiseSnapshot{snapshotOf(in(t, PromiseVoid, true))}}
	got, err := ReadSnapshot(s.JSON())
	if err != nil || !reflect.DeepEqual(got, s) {
		t.Errorf("%+v came back as %+v, %v", s, got, err)
	}
	if none, err := ReadSnapshot(""); err != nil || !reflect.DeepEqual(none, Snapshot{}) {
		t.Errorf("nothing came back as %+v, %v", none, err)
	}
	if _, err := ReadSnapshot("{"); err == nil {
		t.Error("half a snapshot is read")
	}
}

func TestWhoClaimsARow(t *testing.T) {
	for _, c := range []struct {
		state    EffectState
		ok       bool
		to       EffectState
		attempts int
		unknown  bool
	}{
		{EffectDue, true, EffectSending, 2, false}, {EffectSending, true, EffectSending, 2, true}, {EffectFailed, true, EffectFailed, 1, false},
		{EffectSent, false, EffectSent, 1, false}, {EffectDelivered, false, EffectDelivered, 1, false}, {EffectFallback, false, EffectFallback, 1, false}, {EffectWithheld, false, EffectWithheld, 1, false},
	} {
		got, ok := Effect{State: c.state, Attempts: 1}.Claimed("me", later)
		if ok != c.ok || got.State != c.to || got.Attempts != c.attempts || got.Unknown != c.unknown || ok != got.Next.Equal(later) {
			t.Errorf("claiming one that is %s: %+v, %t", c.state, got, ok)
		}
	}
}
