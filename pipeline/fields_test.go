package pipeline_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline"
	"frontdesk/pipeline/answer"
	"frontdesk/pipeline/message"
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

// TestWhatAProviderAddsAnswersNothing: a user name at Telegram is no account of ours, and the country of a number is not where
// the money went. People see them; what the sender or his program gives under the same name answers.
func TestWhatAProviderAddsAnswersNothing(t *testing.T) {
	for _, c := range []struct {
		name, fact    string
		given, about  map[string]string
		missing       bool
		kept, keptNot string
	}{
		{"a user name at Telegram", "registered-account", nil, map[string]string{"username": "li_wei", "chat_type": "private"}, true, "username", "registered-account"},
		{"a user name that a program gives", "registered-account", map[string]string{"username": "li_wei"}, nil, false, "registered-account", "username"},
		{"the country of a number", "country", nil, map[string]string{"number_country": "US"}, true, "number_country", "country"},
		{"a country by its own name, of a provider", "country", nil, map[string]string{"country": "US", "region": "CA"}, true, "country", ""},
		{"a country that a form gives", "country", map[string]string{"Country": "Kenya"}, map[string]string{"number_country": "US"}, false, "country", "Country"},
		{"the kind of chat, for a fact of the desk's own", "chat-type", nil, map[string]string{"chat_type": "group"}, true, "chat_type", ""},
		{"the same from a program", "chat-type", map[string]string{"chat_type": "group"}, nil, false, "chat_type", ""},
		{"an order number that a provider would add", "order-number", nil, map[string]string{"order": "TP20261129"}, true, "order", "order-number"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := settings(t)
			list, err := s.Finder.Checklist([]answer.Fact{{Key: c.fact, Ask: "the fact that is asked for"}})
			if err != nil {
				t.Fatal(err)
			}
			desk := s.Desk["refund"]
			desk.Facts = map[string]*answer.Checklist{"en": list}
			s.Desk["refund"] = desk
			m := chat(1, "Where is my refund, please?", 0)
			m.From, m.Thread = message.Address{Kind: "telegram", Value: "7001"}, "7001"
			m.Fields, m.About = c.given, c.about
			got := batch(t, s, pipeline.NewFacts(), counter{}, m)[0]
			plan := got.Plan
			if asked := len(got.Answers.Missing) == 1; asked != c.missing {
				t.Errorf("asked for: %q, want it asked: %t (category %s)", got.Answers.Missing, c.missing, plan.Row.Category)
			}
			if plan.Row.Fields[c.kept] == "" || plan.Row.Fields[c.keptNot] != "" {
				t.Errorf("people see %v", plan.Row.Fields)
			}
			if c.about != nil && slices.Contains(plan.Ticket.Open.Numbers, "TP20261129") {
				t.Error("the ticket is named by what a provider added")
			}
		})
	}
}

// TestWhatAProviderAddsIsMasked: a user name can be a card number, too.
func TestWhatAProviderAddsIsMasked(t *testing.T) {
	m := chat(1, "Where is my refund, please?", 0)
	m.About = map[string]string{"username": "4111111111111111"}
	plan := batch(t, settings(t), pipeline.NewFacts(), counter{}, m)[0].Plan
	if got := plan.Row.Fields["username"]; got == "" || got == m.About["username"] || plan.Row.Redacted["card"] != 1 {
		t.Errorf("people see %q; masked %v", got, plan.Row.Redacted)
	}
}
