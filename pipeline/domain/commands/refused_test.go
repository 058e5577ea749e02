package commands

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/tickets"
)

// owing is the open promise of ticket 7 of a kind.
func owing(kind string) promises.Promise {
	return promises.New(promises.Promise{Ticket: 7, Kind: kind, Start: start, Due: deadline, Warn: []time.Time{half, most}}, "", start)
}

// standing is ticket 7 with three open promises, its appended message 12, message 11 and an acknowledgement, 1; each stands as it is told.
func standing(ticket tickets.State, msg messages.State, effect effects.State) *domain.Known {
	k := domain.NewKnown()
	k.Tickets[7] = tickets.Status{ID: 7, Version: 4, State: ticket, Priority: "normal", Messages: 2}
	for _, kind := range []string{promises.Acknowledgement, "first-reply", promises.Resolution} {
		k.Promises[promises.Key{Ticket: 7, Kind: kind}] = owing(kind)
	}
	k.Messages[11] = messages.Status{ID: 11, State: msg, Cause: "spam", Ticket: 7, Original: true}
	k.AddEffect(effects.Effect{ID: 1, Key: "k", Kind: effects.KindAcknowledgement, State: effect, Ticket: 7, Message: 11, Cause: "capped"})
	k.Dismissed[11] = true
	k.Closed[7] = half
	return k
}

var (
	ticketStates  = []tickets.State{tickets.Open, tickets.Closed}
	messageStates = []messages.State{messages.Recorded, messages.Awaiting, messages.Ticketed, messages.Appended, messages.Duplicate, messages.Suppressed, messages.Parked, messages.Dismissed}
	effectStates  = []effects.State{effects.Due, effects.Sending, effects.Sent, effects.Delivered, effects.Failed, effects.Fallback, effects.Withheld}
)

// TestAnActMeansSomethingInItsStatesOnly tries each act in every state of what it is about. Where it is refused nothing is planned, and
// what is known stays as it was.
func TestAnActMeansSomethingInItsStatesOnly(t *testing.T) {
	for _, c := range []struct {
		act domain.Command
		in  []string // the states of its thing
	}{
		{CloseTicket{Ticket: 7, Actor: "zhou"}, []string{"open"}},
		{ReopenTicket{7, "li"}, []string{"closed"}},
		{ReleaseMessage{Message: 11, Actor: "zhou"}, []string{"parked"}},
		{DismissMessage{11, "zhou"}, []string{"parked"}},
		{UndismissMessage{11, "li"}, []string{"dismissed"}},
		{TakeOutMessage{11, "li"}, []string{"appended"}},
		{ReleaseHeld{Effect: 1, Actor: "zhou"}, []string{"withheld"}},
		{HoldBackHeld{Effect: 1, Actor: "li", Cause: "capped"}, []string{"due"}},
		{NeverSend{1, "premium-number"}, []string{"withheld"}},
	} {
		for _, ticket := range ticketStates {
			for _, msg := range messageStates {
				for _, effect := range effectStates {
					k := standing(ticket, msg, effect)
					plan, err := domain.Decide([]domain.Command{c.act}, k, most)
					means := slices.ContainsFunc(c.in, func(s string) bool { return s == string(ticket) || s == string(msg) || s == string(effect) })
					if means != (err == nil) || !means && !errors.Is(err, domain.ErrNotSo) {
						t.Fatalf("%T with a ticket %s, a message %s, a row %s: %v", c.act, ticket, msg, effect, err)
					}
					if !means {
						unchanged(t, c.act, plan, k, standing(ticket, msg, effect))
					}
				}
			}
		}
	}
}

func unchanged(t *testing.T, act domain.Command, plan domain.Plan, k, before *domain.Known) {
	t.Helper()
	if !reflect.DeepEqual(plan, domain.Plan{}) {
		t.Fatalf("%T is refused, and plans %+v", act, plan)
	}
	if !maps.Equal(k.Tickets, before.Tickets) || !maps.Equal(k.Messages, before.Messages) || !maps.Equal(k.Effects, before.Effects) || !reflect.DeepEqual(k.Promises, before.Promises) {
		t.Fatalf("%T is refused, and changes what is known", act)
	}
}

// TestAnActOnNothingIsRefused: what is not there has no state.
func TestAnActOnNothingIsRefused(t *testing.T) {
	for _, act := range []domain.Command{
		CloseTicket{Ticket: 7, Actor: "zhou"}, ReopenTicket{7, "li"}, ReleaseMessage{Message: 11}, DismissMessage{11, "zhou"}, UndismissMessage{11, "li"}, TakeOutMessage{11, "li"},
		ReleaseHeld{Effect: 1}, HoldBackHeld{Effect: 1}, NeverSend{Effect: 1}, PromiseCame{promises.Key{Ticket: 7, Kind: promises.Resolution}},
	} {
		k := domain.NewKnown()
		plan, err := domain.Decide([]domain.Command{act}, k, most)
		if !errors.Is(err, domain.ErrNotSo) {
			t.Errorf("%T: %v", act, err)
		}
		unchanged(t, act, plan, k, domain.NewKnown())
	}
}

// TestOneRefusalRefusesAll: commands of one plan are done together or not at all.
func TestOneRefusalRefusesAll(t *testing.T) {
	plan, err := domain.Decide([]domain.Command{CloseTicket{Ticket: 7, Actor: "zhou"}, DismissMessage{11, "zhou"}, CloseTicket{Ticket: 7, Actor: "li"}}, standing(tickets.Open, messages.Parked, effects.Due), most)
	if !errors.Is(err, domain.ErrNotSo) || !reflect.DeepEqual(plan, domain.Plan{}) {
		t.Errorf("%+v, %v", plan, err)
	}
}

// TestAnUndoTakesBackWhatStands: out of order, twice, or after something else has come, it is refused.
func TestAnUndoTakesBackWhatStands(t *testing.T) {
	type steps = []domain.Command
	for _, c := range []struct {
		name    string
		known   *domain.Known
		before  steps
		act     domain.Command
		refused error // nil: it is done
	}{
		{"a ticket is closed, opened again and closed again", standing(tickets.Open, messages.Parked, effects.Due), steps{CloseTicket{Ticket: 7, Actor: "zhou"}, ReopenTicket{7, "li"}}, CloseTicket{Ticket: 7, Actor: "zhou"}, nil},
		{"an undo of an undone closing", standing(tickets.Open, messages.Parked, effects.Due), steps{CloseTicket{Ticket: 7, Actor: "zhou"}, ReopenTicket{7, "li"}}, ReopenTicket{7, "li"}, domain.ErrNotSo},
		{"an undo of a closing that no person did", with(standing(tickets.Closed, messages.Parked, effects.Due), func(k *domain.Known) { delete(k.Closed, 7) }), nil, ReopenTicket{7, "li"}, domain.ErrNotSo},
		{"an undo of a closing after which the customer was erased", with(closed(), func(k *domain.Known) {
			k.Tickets[7] = tickets.Status{ID: 7, Version: 6, State: tickets.Closed, Erased: true}
		}), nil, ReopenTicket{7, "li"}, domain.ErrNotSo},
		{"an undo before the act", standing(tickets.Open, messages.Parked, effects.Due), nil, ReopenTicket{7, "li"}, domain.ErrNotSo},
		{"a dismissal is taken back and done again", standing(tickets.Open, messages.Parked, effects.Due), steps{DismissMessage{11, "zhou"}, UndismissMessage{11, "li"}}, DismissMessage{11, "zhou"}, nil},
		{"an undo of an undone dismissal", standing(tickets.Open, messages.Parked, effects.Due), steps{DismissMessage{11, "zhou"}, UndismissMessage{11, "li"}}, UndismissMessage{11, "li"}, domain.ErrNotSo},
		{"an undo of a dismissal that no person did", with(standing(tickets.Open, messages.Dismissed, effects.Due), func(k *domain.Known) { delete(k.Dismissed, 11) }), nil, UndismissMessage{11, "li"}, domain.ErrNotSo},
		{"an undo of a dismissal whose message is erased", with(standing(tickets.Open, messages.Dismissed, effects.Due), message(func(m *messages.Status) { m.Erased = true })), nil, UndismissMessage{11, "li"}, domain.ErrNotSo},
		{"an undo of a dismissal whose original has expired", with(standing(tickets.Open, messages.Dismissed, effects.Due), message(func(m *messages.Status) { m.Original = false })), nil, UndismissMessage{11, "li"}, domain.ErrNotSo},
		{"a release of what is dismissed", standing(tickets.Open, messages.Parked, effects.Due), steps{DismissMessage{11, "zhou"}}, ReleaseMessage{Message: 11}, domain.ErrNotSo},
		{"a release of what was dismissed", standing(tickets.Open, messages.Parked, effects.Due), steps{DismissMessage{11, "zhou"}, UndismissMessage{11, "li"}}, ReleaseMessage{Message: 11}, nil},
		{"a dismissal of what is released", standing(tickets.Open, messages.Parked, effects.Due), steps{ReleaseMessage{Message: 11}}, DismissMessage{11, "zhou"}, domain.ErrNotSo},
		{"a release without an original", with(standing(tickets.Open, messages.Parked, effects.Due), message(func(m *messages.Status) { m.Original = false })), nil, ReleaseMessage{Message: 11}, domain.ErrOriginalGone},
		{"a release for the cause that it is parked for", standing(tickets.Open, messages.Parked, effects.Due), nil, ReleaseMessage{Message: 11, Cause: "spam"}, nil},
		{"a release for another cause", standing(tickets.Open, messages.Parked, effects.Due), nil, ReleaseMessage{Message: 11, Cause: "original-missing"}, domain.ErrNotSo},
		{"a taking out of what is erased", with(standing(tickets.Open, messages.Appended, effects.Due), message(func(m *messages.Status) { m.Erased = true })), nil, TakeOutMessage{11, "li"}, domain.ErrNotSo},
		{"a taking out of a ticket that is not there", with(standing(tickets.Open, messages.Appended, effects.Due), func(k *domain.Known) { delete(k.Tickets, 7) }), nil, TakeOutMessage{11, "li"}, domain.ErrNotSo},
		{"a hold back and another release", standing(tickets.Open, messages.Parked, effects.Withheld), steps{ReleaseHeld{Effect: 1}, HoldBackHeld{Effect: 1, Cause: "capped"}}, ReleaseHeld{Effect: 1}, nil},
		{"an undo of an undone release", standing(tickets.Open, messages.Parked, effects.Withheld), steps{ReleaseHeld{Effect: 1}, HoldBackHeld{Effect: 1, Cause: "capped"}}, HoldBackHeld{Effect: 1, Cause: "capped"}, domain.ErrNotSo},
		{"a hold back of what is sent", standing(tickets.Open, messages.Parked, effects.Withheld), steps{ReleaseHeld{Effect: 1}, SendEnded{ID: 1, State: effects.Sent}}, HoldBackHeld{Effect: 1, Cause: "capped"}, domain.ErrNotSo},
		{"a hold back of what was tried once", with(standing(tickets.Open, messages.Parked, effects.Due), func(k *domain.Known) {
			e := k.Effects[1]
			e.Attempts = 1
			k.AddEffect(e)
		}), nil, HoldBackHeld{Effect: 1, Cause: "capped"}, domain.ErrNotSo},
		{"a hold back of what is withheld for an erasure", standing(tickets.Open, messages.Parked, effects.Due), steps{EraseEffect{1, "erased"}}, HoldBackHeld{Effect: 1, Cause: "capped"}, domain.ErrNotSo},
		{"a release to a person who is erased", with(capped(), func(k *domain.Known) {
			e := k.Effects[1]
			e.Erased = true
			k.AddEffect(e)
		}), nil, ReleaseHeld{Effect: 1}, domain.ErrNotSo},
	} {
		if _, err := domain.Decide(c.before, c.known, most); err != nil {
			t.Errorf("%s: before it: %v", c.name, err)
		}
		if _, err := domain.Decide([]domain.Command{c.act}, c.known, most); !errors.Is(err, c.refused) || (err == nil) != (c.refused == nil) {
			t.Errorf("%s: %v, want %v", c.name, err, c.refused)
		}
	}
}

func with(k *domain.Known, change func(*domain.Known)) *domain.Known {
	change(k)
	return k
}

// message changes message 11.
func message(change func(*messages.Status)) func(*domain.Known) {
	return func(k *domain.Known) {
		m := k.Messages[11]
		change(&m)
		k.Messages[11] = m
	}
}

// TestEachActLeavesItsEntry: who, what, and how things stood before and after.
func TestEachActLeavesItsEntry(t *testing.T) {
	for _, c := range []struct {
		act    domain.Command
		known  *domain.Known
		kind   string
		actor  string
		detail string
		before entries.Snapshot
		after  entries.Snapshot
		moved  int // promises
		left   int // promises that were looked at
	}{
		{CloseTicket{Ticket: 7, Actor: "zhou"}, standing(tickets.Open, messages.Parked, effects.Due), entries.ActClose, "zhou", "", entries.Snapshot{Ticket: "open"}, entries.Snapshot{Ticket: "closed"}, 2, 1},
		{ReopenTicket{7, "li"}, closed(), entries.ActReopen, "li", "", entries.Snapshot{Ticket: "closed"}, entries.Snapshot{Ticket: "open"}, 2, 1},
		{ReleaseMessage{Message: 11, Actor: "zhou"}, standing(tickets.Open, messages.Parked, effects.Due), entries.ActRelease, "zhou", "spam", entries.Snapshot{Message: "parked"}, entries.Snapshot{Message: "recorded"}, 0, 0},
		{DismissMessage{11, "zhou"}, standing(tickets.Open, messages.Parked, effects.Due), entries.ActDismiss, "zhou", "spam", entries.Snapshot{Message: "parked"}, entries.Snapshot{Message: "dismissed"}, 0, 0},
		{UndismissMessage{11, "li"}, standing(tickets.Open, messages.Dismissed, effects.Due), entries.ActUndismiss, "li", "spam", entries.Snapshot{Message: "dismissed"}, entries.Snapshot{Message: "parked"}, 0, 0},
		{TakeOutMessage{11, "li"}, standing(tickets.Open, messages.Appended, effects.Due), entries.ActTakeOut, "li", "", entries.Snapshot{Message: "appended", Ticket: "open", Priority: "normal", Version: 4},
			entries.Snapshot{Message: "recorded", Ticket: "open", Priority: "normal", Version: 5}, 0, 3},
		{ReleaseHeld{Effect: 1, Actor: "zhou"}, capped(), entries.ActReleaseHeld, "zhou", "capped", entries.Snapshot{Effect: "withheld"}, entries.Snapshot{Effect: "due"}, 1, 0},
		{HoldBackHeld{Effect: 1, Actor: "li", Cause: "capped"}, standing(tickets.Open, messages.Parked, effects.Due), entries.ActHoldBack, "li", "capped", entries.Snapshot{Effect: "due"}, entries.Snapshot{Effect: "withheld"}, 1, 0},
	} {
		plan, err := domain.Decide([]domain.Command{c.act}, c.known, most)
		if err != nil || len(plan.Entries) != 1 {
			t.Errorf("%T leaves %d entries, %v", c.act, len(plan.Entries), err)
			continue
		}
		e := plan.Entries[0]
		if len(e.Before.Promises) != c.moved || len(e.After.Promises) != c.moved || len(plan.Promises) != c.moved {
			t.Errorf("%T moves %+v", c.act, e.After.Promises)
		}
		if len(e.Before.Beside) != c.left || len(e.After.Beside) != 0 {
			t.Errorf("%T leaves as they are %+v", c.act, e.Before.Beside)
		}
		e.Before.Promises, e.After.Promises, e.Before.Beside = nil, nil, nil
		e.Before.Desk, e.After.Desk = nil, nil // see TestTheItemFollowsItsTicket
		if e.Kind != c.kind || e.Actor != c.actor || e.Detail != c.detail || !reflect.DeepEqual(e.Before, c.before) || !reflect.DeepEqual(e.After, c.after) || e.Ticket == 0 && e.Message == 0 {
			t.Errorf("%T leaves %+v", c.act, e)
		}
	}
	if plan, err := domain.Decide([]domain.Command{NeverSend{1, "premium-number"}}, capped(), most); err != nil || len(plan.Entries) != 0 {
		t.Errorf("a number to which nothing may go is the desk's own finding: %+v, %v", plan.Entries, err)
	}
}

// closed is a desk whose ticket a person has closed at half.
func closed() *domain.Known {
	k := standing(tickets.Open, messages.Parked, effects.Due)
	if _, err := domain.Decide([]domain.Command{CloseTicket{Ticket: 7, Actor: "zhou"}}, k, half); err != nil {
		panic(err)
	}
	return k
}

// capped is a desk whose acknowledgement is withheld, and its promise void, for a cap.
func capped() *domain.Known {
	k := standing(tickets.Open, messages.Parked, effects.Withheld)
	k.Promises[promises.Key{Ticket: 7, Kind: promises.Acknowledgement}] = void()
	return k
}
