package side

import (
	"errors"
	"testing"
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/domain/tickets"
)

var now = time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)

// known is a ticket whose work item stands so.
func known(state desk.State) *domain.Known {
	k := domain.NewKnown()
	k.Tickets[7] = tickets.Status{ID: 7, State: tickets.Open}
	if state != desk.Gone {
		k.Desk[7] = desk.Item{Ticket: 7, State: state, Owner: 1, Since: now.Add(-time.Hour), Due: now.Add(time.Hour)}
	}
	return k
}

var question = Ask{Reply: replies.Plan{ID: 3, Key: "page", Kind: replies.Answer, Ticket: 7, Side: 5, Effect: 4}, Row: effects.Plan{ID: 4, Kind: effects.KindForward}, Actor: "wang"}

func TestAskingSaysNothingToTheCustomer(t *testing.T) {
	k := known(desk.Waiting)
	plan, err := domain.Decide([]domain.Command{question, question}, k, now)
	if err != nil || len(plan.Replies) != 1 || len(plan.Sends) != 1 || len(plan.Entries) != 1 {
		t.Fatalf("of one page asked twice the plan is %+v, %v", plan, err)
	}
	if len(plan.Desk)+len(plan.Promises)+len(plan.Tickets) != 0 || k.Talk[7] != 0 || plan.Entries[0].Kind != entries.ActForward {
		t.Errorf("it moves what is the customer's: %+v, talk %d", plan, k.Talk[7])
	}
}

func TestWhereNothingIsAsked(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Ask, *domain.Known)
		want   error
	}{
		"there is no ticket":        {func(_ *Ask, k *domain.Known) { delete(k.Tickets, 7) }, domain.ErrNotSo},
		"its customer was erased":   {func(_ *Ask, k *domain.Known) { k.Tickets[7] = tickets.Status{ID: 7, Erased: true} }, domain.ErrNotSo},
		"it is worked on elsewhere": {func(_ *Ask, k *domain.Known) { k.Tickets[7] = tickets.Status{ID: 7, MergedInto: 8} }, domain.ErrMerged},
		"it is in no side thread":   {func(a *Ask, _ *domain.Known) { a.Reply.Side = 0 }, domain.ErrNotSo},
	} {
		a, k := question, known(desk.Waiting)
		c.change(&a, k)
		if _, err := domain.Decide([]domain.Command{a}, k, now); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// TestAThirdPartysAnswerIsWork: for whoever waits for the customer or a time; in its place, and without a promise.
func TestAThirdPartysAnswerIsWork(t *testing.T) {
	for _, c := range []struct{ was, is desk.State }{{desk.Waiting, desk.Waiting}, {desk.Pending, desk.Waiting}, {desk.Snoozed, desk.Waiting}, {desk.Gone, desk.Gone}} {
		k := known(c.was)
		before := k.Desk[7]
		plan, err := domain.Decide([]domain.Command{Came{Message: 11, Ticket: 7}}, k, now)
		after := k.Desk[7]
		if c.was == desk.Gone {
			after.State = desk.Gone
		}
		if err != nil || after.State != c.is || len(plan.Promises)+len(plan.Tickets)+len(plan.Messages) != 0 {
			t.Errorf("one that is %s becomes %s, %+v, %v", c.was, after.State, plan, err)
		}
		if !after.Since.Equal(before.Since) || !after.Due.Equal(before.Due) {
			t.Errorf("one that was %s has another place: %+v", c.was, after)
		}
		if len(plan.Entries) != 1 || plan.Entries[0].Actor != entries.Service || plan.Entries[0].Message != 11 {
			t.Errorf("it is noted as %+v", plan.Entries)
		}
	}
}
