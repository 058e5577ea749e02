package pipeline_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline"
	"frontdesk/pipeline/answer"
	"frontdesk/pipeline/answer/fit"
	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/pipeline/match"
	"frontdesk/pipeline/route"
	"frontdesk/pipeline/screen"
)

// says is a model with one opinion.
type says classify.Finding

func (s says) Classify(classify.Input) classify.Finding { return classify.Finding(s) }

// TestAGuessIsNoFact: of a guess the category stays, and no queue, no word to the customer and no question follows from it.
func TestAGuessIsNoFact(t *testing.T) {
	for _, c := range []struct {
		name             string
		model            says
		inbox            string
		queue, told      string
		answers, missing int
	}{
		{"sure", says{Category: "refund"}, "", "by-rule", "refund", 1, 1},
		{"unsure", says{Category: "refund", Unsure: true, Top: [classify.Top]classify.Runner{{Category: "refund", Score: 0.1}, {Category: "invoice", Score: 0.1}}}, "", "general", "other", 0, 0},
		{"unsure, and yet an answer fits", says{Category: "refund", Unsure: true, Top: [classify.Top]classify.Runner{{Category: "refund", Score: 0.95}, {Category: "invoice", Score: 0.03}}}, "", "general", "other", 1, 0},
		{"unsure in an inbox with a queue of its own", says{Category: "refund", Unsure: true, Top: [classify.Top]classify.Runner{{Category: "refund", Score: 0.1}, {Category: "invoice", Score: 0.1}}}, "billing-queue", "billing-queue", "other", 0, 0},
		{"outside", says{Category: "other", Unsure: true, Outside: true}, "", "general", "other", 0, 0},
	} {
		s := settings(t)
		s.Classifier = c.model
		s.Route.Rules = []route.Rule{{Rule: match.Rule{Categories: []string{"refund"}}, To: "by-rule"}}
		list, err := s.Finder.Checklist([]answer.Fact{{Key: "order-number", Ask: "the order's number"}})
		if err != nil {
			t.Fatal(err)
		}
		if s.Answers, err = fit.New([]fit.Entry{{Key: "long", Category: "refund", Texts: map[string]*fit.Text{"en": {Question: "How long does a refund take?", Answer: "A week."}}}}, nil); err != nil {
			t.Fatal(err)
		}
		s.Desk["refund"] = pipeline.Category{Queue: "refunds", Facts: map[string]*answer.Checklist{"en": list}}
		in := s.Inboxes["support"]
		in.Queue = c.inbox
		s.Inboxes["support"] = in
		got := batch(t, s, pipeline.NewFacts(), counter{}, proven(mail(1, "support", "li@customer.example", "Refund", "How long does a refund take?")))[0].Plan
		if got.State != messages.Ticketed || got.Ticket.Open.Category != c.model.Category || got.Ticket.Open.Queue != c.queue {
			t.Errorf("%s: %s, a ticket of %s in %s, want %s", c.name, got.State, got.Ticket.Open.Category, got.Ticket.Open.Queue, c.queue)
		}
		acknowledged := false
		for _, e := range got.Effects {
			if e.Kind != effects.KindAcknowledgement {
				continue
			}
			acknowledged = true
			var p pipeline.AckPayload
			if err := json.Unmarshal(e.Payload, &p); err != nil {
				t.Fatal(err)
			}
			if p.Category != c.told || len(p.FAQ) != c.answers || len(p.Missing) != c.missing {
				t.Errorf("%s: the acknowledgement has %+v", c.name, p)
			}
		}
		if !acknowledged {
			t.Errorf("%s: no acknowledgement", c.name)
		}
	}
}

// byWord is a model that knows a word for sure, and of all else nothing.
type byWord map[string]string

func (b byWord) Classify(in classify.Input) classify.Finding {
	for word, category := range b {
		if strings.Contains(in.Text, word) {
			return classify.Finding{Category: category}
		}
	}
	return classify.Finding{Category: "refund", Unsure: true, Top: [classify.Top]classify.Runner{{Category: "refund"}, {Category: "invoice"}}}
}

// TestALaterMessageThatIsSure: it says what a ticket is about of which that was a guess, and of no other one.
func TestALaterMessageThatIsSure(t *testing.T) {
	const first = "Something is wrong with what I had from you last week"
	for _, c := range []struct {
		name, first, then string
		guesses           string
		want              *tickets.SurePlan
	}{
		{"sure after a guess", first, "I mean the receipt of last week", "refund,invoice", &tickets.SurePlan{Queue: "invoices", Category: "invoice"}},
		{"unsure again", first, "You know what I am talking about", "refund,invoice", nil},
		{"surely none of the categories, as thanks are", first, "Many thanks for all of this then", "refund,invoice", nil},
		{"sure from the beginning", "The receipt of last week is wrong", "I cannot get into the account any more", "", nil},
	} {
		s := settings(t)
		s.Classifier = byWord{"receipt": "invoice", "thanks": "other", "account": "account-locked"}
		s.Desk["invoice"] = pipeline.Category{Queue: "invoices"}
		reply := proven(mail(2, "support", "li@customer.example", "Re: Help", c.then))
		reply.References = []string{"m1@customer.example"}
		got := batch(t, s, pipeline.NewFacts(), counter{}, proven(mail(1, "support", "li@customer.example", "Help", c.first)), reply)
		if got[1].Plan.State != messages.Appended {
			t.Fatalf("%s: the second message is %s", c.name, got[1].Plan.State)
		}
		if guesses := got[0].Plan.Ticket.Open.Guesses; guesses != c.guesses {
			t.Errorf("%s: the ticket may be %q, want %q", c.name, guesses, c.guesses)
		}
		if diff := cmp.Diff(c.want, got[1].Plan.Ticket.Sure); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// TestAGreetingIsNoGuess: it is about nothing yet; the first matter may be one.
func TestAGreetingIsNoGuess(t *testing.T) {
	s := settings(t)
	s.Classifier = byWord{}
	got := batch(t, s, pipeline.NewFacts(), counter{}, chat(1, "hi", 0), chat(2, "Something is wrong with what I had from you last week", time.Minute))
	settled := got[1].Plan.Ticket.Settle
	if got[0].Plan.Ticket.Open.Guesses != "" || settled == nil || settled.Guesses != "refund,invoice" || got[1].Plan.Ticket.Sure != nil {
		t.Errorf("the greeting may be %q, its matter %+v", got[0].Plan.Ticket.Open.Guesses, settled)
	}
}

// TestASecondOpinionOverrulesNothingThatIsSure: neither words that must never be missed nor a model that is sure; it names what the desk has, and never that it is none of that.
func TestASecondOpinionOverrulesNothingThatIsSure(t *testing.T) {
	guess := says{Category: "refund", Unsure: true, Outside: true}
	for _, c := range []struct {
		name     string
		model    says
		category string
		want     string
		unsure   bool
	}{
		{"of a guess", guess, "invoice", "invoice", false},
		{"of a guess, the same", guess, "refund", "refund", false},
		{"of what must never be missed", says{Category: "security-fraud", Must: true}, "invoice", "security-fraud", false},
		{"of what must never be missed, whatever the model says of its own surety", says{Category: "security-fraud", Must: true, Unsure: true}, "invoice", "security-fraud", true},
		{"of what is sure", says{Category: "refund"}, "invoice", "refund", false},
		{"none of the categories", guess, "other", "refund", true},
		{"one that the desk has not", guess, "lottery", "refund", true},
		{"nothing", guess, "", "refund", true},
	} {
		s := settings(t)
		s.Classifier = c.model
		for _, key := range []string{"refund", "invoice", "other", "security-fraud"} {
			s.Desk[key] = pipeline.Category{Queue: key}
		}
		heard := []screen.Opinion{{Scanner: screen.SecondOpinion, Verdict: "named", Second: &screen.Second{Model: "small-1", Category: c.category}}}
		m := proven(mail(1, "support", "li@customer.example", "Help", "Something is wrong with what I had from you last week"))
		got := pipeline.ReadHeard(m, heard, s, now)
		if got.Class.Category != c.want || got.Class.Unsure != c.unsure || got.Class.Outside && !c.unsure {
			t.Errorf("%s: %+v, want %s", c.name, got.Class, c.want)
		}
		if alone := pipeline.Read(m, s, now); alone.Class.Category != c.model.Category {
			t.Errorf("%s: without it %s", c.name, alone.Class.Category)
		}
	}
}
