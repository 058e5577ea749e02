package commands

import (
	"errors"
	"testing"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/domain/tickets"
)

// answered is a ticket in which twice somebody has written, and what an agent answers.
func answered() (*domain.Known, SendReply) {
	k := domain.NewKnown()
	k.Tickets[7], k.Talk[7] = tickets.Status{ID: 7, State: tickets.Open, Version: 4}, 2
	return k, SendReply{Reply: replies.Plan{ID: 32, Key: "page", Kind: replies.Answer, Ticket: 7, Effect: 2, Of: 12}, Row: &effects.Plan{ID: 2, Kind: effects.KindReply}, Contact: 5, Actor: "wang", Seen: 2}
}

func TestWhoMayAnswerNow(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*domain.Known, *SendReply)
		want   error
		writes int
	}{
		{"who has seen all that was said", nil, nil, 1},
		{"not before he is shown what came meanwhile", func(k *domain.Known, _ *SendReply) { k.Talk[7] = 3 }, domain.ErrOvertaken, 0},
		{"who has been shown it, and says so", func(k *domain.Known, s *SendReply) { k.Talk[7], s.Anyway = 3, true }, nil, 1},
		{"who thinks to have seen more than there is looks again", func(_ *domain.Known, s *SendReply) { s.Seen = 9 }, domain.ErrOvertaken, 0},
		{"a page once, whatever came meanwhile", func(k *domain.Known, _ *SendReply) { k.Pages["page"], k.Talk[7] = 31, 3 }, nil, 0},
		{"on a closed ticket, too", func(k *domain.Known, _ *SendReply) { k.Tickets[7] = tickets.Status{ID: 7, State: tickets.Closed} }, nil, 1},
		{"nobody where all are erased", func(k *domain.Known, _ *SendReply) { k.Tickets[7] = tickets.Status{ID: 7, Erased: true} }, domain.ErrNotSo, 0},
		{"nobody where there is no ticket", func(k *domain.Known, _ *SendReply) { delete(k.Tickets, 7) }, domain.ErrNotSo, 0},
		{"no answer without a row", func(_ *domain.Known, s *SendReply) { s.Row = nil }, domain.ErrNotSo, 0},
		{"no note with one", func(_ *domain.Known, s *SendReply) { s.Reply.Kind = replies.Note }, domain.ErrNotSo, 0},
	} {
		k, s := answered()
		if c.change != nil {
			c.change(k, &s)
		}
		plan, err := domain.Decide([]domain.Command{s}, k, most)
		if !errors.Is(err, c.want) || c.want == nil && err != nil || len(plan.Replies) != c.writes || len(plan.Sends) != c.writes || len(plan.Entries) != c.writes {
			t.Errorf("%s: %+v, %v", c.name, plan, err)
		}
		if len(plan.Tickets)+len(plan.Promises)+len(plan.Messages) > 0 {
			t.Errorf("%s: it changes what the line reads: %+v", c.name, plan)
		}
	}
}

func TestWhatAnAnswerLeaves(t *testing.T) {
	k, s := answered()
	plan, err := domain.Decide([]domain.Command{s}, k, most)
	if err != nil {
		t.Fatal(err)
	}
	e := plan.Entries[0]
	if e.Kind != entries.ActReply || e.Actor != "wang" || e.Ticket != 7 || e.Message != 12 || e.Before.Talk != 2 || e.After.Talk != 3 || e.After.Reply != 32 || e.After.Effect != effects.Due {
		t.Errorf("the entry is %+v", e)
	}
	if w := plan.Sends[0]; w.Ticket != 7 || w.Message != 12 || w.Contact != 5 || w.Row.ID != 2 {
		t.Errorf("the row is %+v", w)
	}
	note := SendReply{Reply: replies.Plan{ID: 33, Key: "other", Kind: replies.Note, Ticket: 7}, Actor: "li", Seen: 3}
	if plan, err = domain.Decide([]domain.Command{note}, k, most); err != nil || plan.Entries[0].Kind != entries.ActNote || plan.Entries[0].After.Effect != "" || len(plan.Sends) != 0 {
		t.Errorf("a note: %+v, %v", plan, err)
	}
}

// reply7 is an answer on its way, on a ticket that is owed a first reply.
func reply7(state effects.State) *domain.Known {
	k := domain.NewKnown()
	k.AddEffect(effects.Effect{ID: 2, Key: "r", Kind: effects.KindReply, State: state, Ticket: 7, Message: 12, Attempts: 1})
	k.Replies[32] = replies.Reply{ID: 32, Ticket: 7, Kind: replies.Answer, Effect: 2}
	for _, kind := range []string{promises.Acknowledgement, promises.FirstReply, promises.Resolution} {
		k.Promises[key(7, kind)] = promises.New(promises.Promise{Ticket: 7, Kind: kind, Start: start, Due: deadline}, "", start)
	}
	return k
}

func TestWhatAnAnswerKeeps(t *testing.T) {
	for _, c := range []struct {
		name string
		end  domain.Command
		late bool
		want promises.State
	}{
		{"handed over", SendEnded{ID: 2, Attempt: 1, State: effects.Sent}, false, promises.Kept},
		{"delivered", SendEnded{ID: 2, Attempt: 1, State: effects.Delivered}, false, promises.Kept},
		{"handed over after the deadline", SendEnded{ID: 2, Attempt: 1, State: effects.Sent}, true, promises.Broken},
		{"failed", SendEnded{ID: 2, Attempt: 1, State: effects.Failed, Void: "no-address"}, false, promises.Due},
		{"withheld after STOP", SendEnded{ID: 2, Attempt: 1, State: effects.Withheld, Void: "opted-out"}, false, promises.Due},
		{"to be tried again", SendEnded{ID: 2, Attempt: 1, State: effects.Due}, false, promises.Due},
		{"come back as a bounce that says it went out", BounceCame{Effect: 2, At: half}, false, promises.Kept},
	} {
		k, now := reply7(effects.Sending), most
		if c.late {
			now = later
		}
		if _, err := domain.Decide([]domain.Command{c.end}, k, now); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := k.Promises[key(7, promises.FirstReply)].State; got != c.want {
			t.Errorf("%s: the first reply is %s, want %s", c.name, got, c.want)
		}
		for _, kind := range []string{promises.Acknowledgement, promises.Resolution} {
			if got := k.Promises[key(7, kind)].State; got != promises.Due {
				t.Errorf("%s: the %s is %s", c.name, kind, got)
			}
		}
	}
}

// TestWhoseTurnItIs after what becomes of an answer.
func TestWhoseTurnItIs(t *testing.T) {
	waiting := desk.Item{Ticket: 7}.As("refunds", "en", "refund", "normal").Came(start)
	theirs, _ := waiting.Answered(5, half)
	for _, c := range []struct {
		name  string
		item  desk.Item
		state effects.State
		act   domain.Command
		want  desk.State
		owner int64
	}{
		{"an answer makes it the customer's, and the ticket its writer's", waiting, effects.Failed, SendReply{Reply: replies.Plan{ID: 40, Key: "p", Kind: replies.Answer, Ticket: 7, Author: 5, Effect: 41}, Row: &effects.Plan{ID: 41}}, desk.Pending, 5},
		{"a note does not", waiting, effects.Failed, SendReply{Reply: replies.Plan{ID: 40, Key: "p", Kind: replies.Note, Ticket: 7, Author: 5}}, desk.Waiting, 0},
		{"one that is sent leaves it so", theirs, effects.Sending, SendEnded{ID: 2, Attempt: 1, State: effects.Sent}, desk.Pending, 5},
		{"one that is to be tried again, too", theirs, effects.Sending, SendEnded{ID: 2, Attempt: 1, State: effects.Due}, desk.Pending, 5},
		{"one that fails makes it ours again", theirs, effects.Sending, SendEnded{ID: 2, Attempt: 1, State: effects.Failed}, desk.Waiting, 5},
		{"one that is withheld, too", theirs, effects.Sending, SendEnded{ID: 2, Attempt: 1, State: effects.Withheld}, desk.Waiting, 5},
		{"one that comes back, too", theirs, effects.Sent, BounceCame{Effect: 2, At: half}, desk.Waiting, 5},
		{"one that a provider says has failed, too", theirs, effects.Sent, ReceiptCame{effects.Receipt{Key: "r", Event: effects.Fail, At: half}}, desk.Waiting, 5},
		{"one that is taken back, too", theirs, effects.Due, UndoReply{32, "wang", "undone"}, desk.Waiting, 5},
		{"one that is tried once more makes it the customer's", waiting, effects.Failed, RetryReply{32, "wang", "undone"}, desk.Pending, 0},
	} {
		k := reply7(c.state)
		if e := k.Effects[2]; e.State == effects.Due {
			e.Attempts = 0
			k.AddEffect(e)
		}
		k.Tickets[7], k.Desk[7] = tickets.Status{ID: 7, State: tickets.Open}, c.item
		if _, err := domain.Decide([]domain.Command{c.act}, k, most); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := k.Item(7); got.State != c.want || got.Owner != c.owner || !got.Since.Equal(start) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func TestWhenAnAnswerIsTakenBackOrTriedAgain(t *testing.T) {
	for _, c := range []struct {
		name        string
		state       effects.State
		change      func(*effects.Effect)
		undo, retry bool
	}{
		{"waiting", effects.Due, func(e *effects.Effect) { e.Attempts = 0 }, true, false},
		{"waiting after an attempt that failed", effects.Due, nil, false, false},
		{"on its way", effects.Sending, nil, false, false},
		{"sent", effects.Sent, nil, false, false},
		{"arrived", effects.Delivered, nil, false, false},
		{"failed", effects.Failed, nil, false, true},
		{"failed, and its person erased", effects.Failed, func(e *effects.Effect) { e.Erased = true }, false, false},
		{"withheld after STOP", effects.Withheld, func(e *effects.Effect) { e.Cause = "opted-out" }, false, true},
		{"taken back", effects.Withheld, func(e *effects.Effect) { e.Cause = "undone" }, false, false},
	} {
		for _, act := range []struct {
			command domain.Command
			may     bool
			to      effects.State
		}{{UndoReply{32, "wang", "undone"}, c.undo, effects.Withheld}, {RetryReply{32, "wang", "undone"}, c.retry, effects.Due}} {
			k := reply7(c.state)
			if e := k.Effects[2]; c.change != nil {
				c.change(&e)
				k.AddEffect(e)
			}
			before := k.Effects[2]
			_, err := domain.Decide([]domain.Command{act.command}, k, most)
			if after := k.Effects[2]; act.may && (err != nil || after.State != act.to) || !act.may && (!errors.Is(err, domain.ErrNotSo) || after != before) {
				t.Errorf("%s, %T: %+v, %v", c.name, act.command, after, err)
			}
		}
	}
	k := reply7(effects.Failed)
	if _, err := domain.Decide([]domain.Command{RetryReply{32, "wang", "undone"}}, k, most); err != nil || !k.Effects[2].Next.Equal(most) || !k.Effects[2].Due.Equal(most) {
		t.Errorf("tried again at once: %+v, %v", k.Effects[2], err)
	}
}
