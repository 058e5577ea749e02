package pipeline_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline"
)

// TestFieldsAreKeptMaskedAndNameTheTicket: what a form or a program gives beside the text is part of what the customer said.
func TestFieldsAreKeptMaskedAndNameTheTicket(t *testing.T) {
	m := mail(1, "support", "li@customer.example", "", "Hello,\n\nWhere is my money?\nIt was\npaid on Monday.")
	m.Channel = "api"
	m.Fields = map[string]string{"orderNo": "TP20261129", "note": "card 4111111111111111", "Tier": "gold"}
	plan := batch(t, settings(t), pipeline.NewFacts(), counter{}, m)[0].Plan
	want := map[string]string{"order-number": "TP20261129", "note": plan.Row.Fields["note"], "Tier": "gold"}
	if diff := cmp.Diff(want, plan.Row.Fields); diff != "" || plan.Row.Fields["note"] == "card 4111111111111111" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if !slices.Contains(plan.Ticket.Open.Numbers, "TP20261129") {
		t.Errorf("the ticket's numbers are %q", plan.Ticket.Open.Numbers)
	}
	if got, want := plan.Ticket.Display, "Where is my money? It was paid on Monday."; got != want {
		t.Errorf("the ticket is called %q, want %q", got, want)
	}
}

func TestAMessageWithoutSubjectIsCalledByWhatItSays(t *testing.T) {
	for text, want := range map[string]string{
		"您好，\n\n我昨天充值 300 元，没有到账。\n谢谢": "我昨天充值 300 元，没有到账。",
		"Hi": "Hi",
		"Dear Sir or Madam,\nplease call me back.\n\nKind regards\nKim": "please call me back.",
	} {
		m := mail(1, "support", "li@customer.example", "", text)
		plan := batch(t, settings(t), pipeline.NewFacts(), counter{}, m)[0].Plan
		if plan.Ticket.Display != want {
			t.Errorf("%q is called %q, want %q", text, plan.Ticket.Display, want)
		}
	}
}
