package commands

import (
	"errors"
	"testing"
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/domain/tickets"
)

// resumes counts on by the wall clock what stands still since half in a ticket.
func resumes(ticket int64) ResumePromises {
	before := promises.Promise{Ticket: ticket, Kind: promises.Resolution, Due: deadline, Paused: half}
	return ResumePromises{Ticket: ticket, Made: []domain.Change[promises.Promise]{{Before: before, After: promises.Promise{From: most, Used: 12, Due: deadline.Add(most.Sub(half))}}}}
}

// TestAResolutionStandsStillWhileItIsTheCustomersTurn: whatever hands the turn over, and back.
func TestAResolutionStandsStillWhileItIsTheCustomersTurn(t *testing.T) {
	answer := func(k *domain.Known, state effects.State) {
		k.AddEffect(effects.Effect{ID: 41, Key: "answer", Kind: effects.KindReply, State: effects.Sending, Ticket: 7, Attempts: 1})
		k.Replies[40] = replies.Reply{ID: 40, Ticket: 7, Kind: replies.Answer, Author: zhou, Effect: 41}
		for _, c := range []domain.Command{SendReply{Reply: replies.Plan{ID: 40, Key: "p", Kind: replies.Answer, Ticket: 7, Author: zhou, Effect: 41}, Row: &effects.Plan{ID: 41, Kind: effects.KindReply}, Anyway: true}, SendEnded{ID: 41, Attempt: 1, State: state}} {
			if _, err := domain.Decide([]domain.Command{c}, k, half); err != nil {
				t.Fatal(err)
			}
		}
	}
	at := func(c domain.Command) func(*domain.Known) {
		return func(k *domain.Known) {
			if _, err := domain.Decide([]domain.Command{c}, k, half); err != nil {
				t.Fatalf("%T: %v", c, err)
			}
		}
	}
	pending, answered := at(SetPending{Ticket: 7}), func(k *domain.Known) { answer(k, effects.Sent) }
	for _, c := range []struct {
		name   string
		before func(*domain.Known)
		act    domain.Command
		stands bool // afterwards
		runs   bool // and is to run again
	}{
		{"nothing is to be answered", pending, nil, true, false},
		{"an answer was handed over", answered, nil, true, false},
		{"an answer that failed leaves it ours", func(k *domain.Known) { answer(k, effects.Failed) }, nil, false, false},
		{"a person calls it up", pending, SetWaiting{Ticket: 7}, true, true},
		{"an answer that went out failed after all", answered, BounceCame{Effect: 41, Reason: "5.1.1", At: most}, true, true},
		{"put away it is ours at a later time", pending, SnoozeTicket{Ticket: 7, Until: later}, true, true},
		{"closed it is reached", pending, CloseTicket{Ticket: 7, Actor: "zhou"}, false, false},
		{"set aside twice", pending, MendDesk{7}, true, false},
	} {
		k := worked(desk.Waiting, zhou)
		c.before(k)
		if c.act != nil {
			if _, err := domain.Decide([]domain.Command{c.act}, k, most); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		p, i := k.Promises[key(7, promises.Resolution)], k.Item(7)
		if p.Stands() != c.stands || c.stands && (!p.Paused.Equal(half) || !p.Next.IsZero() || !p.Due.Equal(deadline)) || i.Resume.IsZero() == c.runs || !i.Gone() && i.Paused.IsZero() == c.stands {
			t.Errorf("%s: %+v with %+v", c.name, p, i)
		}
		if c.runs && !i.Resume.Equal(most) {
			t.Errorf("%s: it runs again from %s", c.name, i.Resume)
		}
		if owed := !i.Gone() && !i.Due.IsZero(); c.stands && !c.runs && owed {
			t.Errorf("%s: due %s", c.name, i.Due)
		}
	}
}

// TestAClockRunsAgainOnce, with the old time in its entry; what stands still for another reason by then is left alone.
func TestAClockRunsAgainOnce(t *testing.T) {
	k := worked(desk.Waiting, zhou)
	decide := func(c domain.Command, now time.Time) domain.Plan {
		t.Helper()
		plan, err := domain.Decide([]domain.Command{c}, k, now)
		if err != nil {
			t.Fatal(err)
		}
		return plan
	}
	decide(SetPending{Ticket: 7}, half)
	if plan := decide(resumes(7), most); len(plan.Promises)+len(plan.Entries) > 0 {
		t.Errorf("still the customer's turn: %+v", plan)
	}
	k.Desk[7] = k.Desk[7].Came(most) // the line, which reads no promise
	plan := decide(resumes(7), most)
	p, i := k.Promises[key(7, promises.Resolution)], k.Item(7)
	if p.Stands() || !p.Due.Equal(deadline.Add(most.Sub(half))) || p.Next.IsZero() || p.Used != 12 || !i.Paused.IsZero() || !i.Resume.IsZero() || !i.Due.Equal(p.Due) {
		t.Errorf("%+v with %+v", p, i)
	}
	if len(plan.Entries) != 1 || !plan.Entries[0].Before.Promises[0].Due.Equal(deadline) || !plan.Entries[0].After.Promises[0].Due.Equal(p.Due) {
		t.Errorf("entries: %+v", plan.Entries)
	}
	if plan := decide(resumes(7), most); len(plan.Promises)+len(plan.Desk)+len(plan.Entries) > 0 {
		t.Errorf("the second time: %+v", plan)
	}
	decide(SetPending{Ticket: 7}, most)
	k.Desk[7] = k.Desk[7].Came(later)
	if plan := decide(resumes(7), later); len(plan.Promises) > 0 || k.Item(7).Resume.IsZero() {
		t.Errorf("counted for an older pause: %+v", plan)
	}
}

// TestClosingWhilePausedKeepsItHoweverLate, and taken back it stands still as before.
func TestClosingWhilePausedKeepsItHoweverLate(t *testing.T) {
	k := worked(desk.Waiting, zhou)
	late := deadline.Add(time.Hour)
	for _, c := range []struct {
		act domain.Command
		now time.Time
	}{{SetPending{Ticket: 7}, half}, {CloseTicket{Ticket: 7, Actor: "zhou"}, late}} {
		if _, err := domain.Decide([]domain.Command{c.act}, k, c.now); err != nil {
			t.Fatal(err)
		}
		if item := k.Item(7); !item.Gone() {
			k.Left[7] = item
		}
	}
	if p := k.Promises[key(7, promises.Resolution)]; p.State != promises.Kept {
		t.Errorf("closed: %+v", p)
	}
	k.Closed[7] = late
	_, err := domain.Decide([]domain.Command{ReopenTicket{Ticket: 7, Actor: "li"}}, k, late.Add(time.Minute))
	if p, i := k.Promises[key(7, promises.Resolution)], k.Item(7); err != nil || !p.Stands() || !p.Next.IsZero() || i.State != desk.Pending || !i.Resume.IsZero() {
		t.Errorf("reopened: %+v with %+v, %v", p, i, err)
	}
	if _, err := domain.Decide([]domain.Command{PromiseCame{Promise: key(7, promises.Resolution)}}, k, later.Add(time.Hour)); !errors.Is(err, domain.ErrNotSo) {
		t.Errorf("the clock moves what stands still: %v", err)
	}
	if s := k.Tickets[7].State; s != tickets.Open {
		t.Errorf("the ticket is %s", s)
	}
}
