package faq

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/cmd/frontdesk/policy"
	"frontdesk/configs"
	"frontdesk/configs/rules"
	"frontdesk/pipeline/domain/replies"
	agents "frontdesk/workers/store/desk"
	"frontdesk/workers/store/view"
)

// config has reviewed one built-in category, and has two entries of its own.
func config() configs.Config {
	var c configs.Config
	c.Acknowledgements.ReviewedAnswers = []string{"refund"}
	c.Categories = []rules.Category{{Key: "own", FAQ: []rules.FAQ{
		{Question: map[string]string{"en": "How long?"}, Answer: map[string]string{"en": "A week."}, Variants: map[string][]string{"en": {"when"}, "zh": {"多久"}}},
		{Question: map[string]string{"en": "Where?"}, Answer: map[string]string{"en": "Here."}},
	}}}
	return c
}

func TestTheListSaysHowEachIsMatched(t *testing.T) {
	var got []string
	keys := map[string]bool{}
	for _, e := range list(config()) {
		got = append(got, fmt.Sprint(e.Category, " ", e.MatchedBy, " ", e.Variants, " ", question(e.Questions, []string{"en"})))
		keys[e.Key] = true
	}
	want := []string{"refund model 24 When will my refund arrive?", "refund model 24 How do I ask for a refund?", "refund model 24 Can I cancel a payment I have just made?",
		"own variants 2 How long?", "own words 0 Where?"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !keys["refund/1"] || len(keys) != 5 {
		t.Errorf("the keys are %v", keys)
	}
}

func TestWhatIsAskedOftenAndHasNoAnswerIsGrouped(t *testing.T) {
	book, err := policy.Answers(config())
	if err != nil {
		t.Fatal(err)
	}
	var solved []solvedTicket
	add := func(category, answer string, texts ...string) {
		for _, text := range texts {
			solved = append(solved, solvedTicket{number: fmt.Sprint("T-", len(solved)+1), category: category, asked: text, answered: answer})
		}
	}
	add("refund", "", "how many days for a refund to arrive", "how many days until the refund arrives", "the refund, how many days until it arrives")
	add("payment-methods", "Not yet.", "Can I pay in instalments?", "may I pay in instalments here", "can I pay my order in instalments", "is it possible to pay in instalments")
	add("technical", "", "the letters of the app are too small", "letters in the app too small for me")
	add("other", "", "zebra")
	got := group(solved, book, 10)
	if len(got) != 2 || got[0].Category != "payment-methods" || got[0].Tickets != 4 || got[0].Answer != "Not yet." || len(got[0].Examples) != examples || len(got[0].Numbers) != 4 ||
		got[1].Category != "technical" || got[1].Tickets != 2 || got[1].Answer != "" {
		t.Fatalf("%+v", got)
	}
	if got := group(solved, book, 1); len(got) != 1 {
		t.Errorf("one is asked for, %d come", len(got))
	}
	var plain, machine bytes.Buffer
	if err := show(&plain, got, len(solved), false); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(plain.String(), "1. 4 tickets, mostly payment-methods: T-") || !strings.Contains(plain.String(), "  answered\n    Not yet.\n") {
		t.Error(plain.String())
	}
	if err := show(&machine, got, len(solved), true); err != nil || !strings.HasPrefix(machine.String(), "[\n  {\n    \"tickets\": 4,") {
		t.Errorf("%v %s", err, machine.String())
	}
}

func TestNothingToSuggest(t *testing.T) {
	var plain, machine bytes.Buffer
	if err := show(&plain, group(nil, nil, 3), 1, false); err != nil || plain.String() != "Of 1 closed ticket none asks what another asks and no ready answer fits.\n" {
		t.Errorf("%v %q", err, plain.String())
	}
	if err := show(&machine, group(nil, nil, 3), 0, true); err != nil || machine.String() != "[]\n" {
		t.Errorf("%v %q", err, machine.String())
	}
}

// TestATicketIsWhatOpenedItAndWhatWasAnsweredFirst: no note, no third party's words, nothing of an erased person.
func TestATicketIsWhatOpenedItAndWhatWasAnsweredFirst(t *testing.T) {
	said := func(text string, side int64, erased bool) agents.Line {
		return agents.Line{Message: &agents.Message{Subject: "S", Visible: text, Side: side, Erased: erased}}
	}
	reply := func(kind replies.Kind, text string) agents.Line {
		return agents.Line{Reply: &agents.Reply{Kind: kind, Text: text}}
	}
	newestFirst := []agents.Line{said("later", 0, false), reply(replies.Answer, "second"), reply(replies.Answer, "first"), reply(replies.Note, "a note"), said("a bank", 4, false), said("  the question ", 0, false), said("gone", 0, true)}
	got := solvedOf(view.Ticket{Number: "T-7", Category: "refund"}, newestFirst)
	if want := (solvedTicket{"T-7", "refund", "S", "the question", "first"}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := begin(strings.Repeat("问", 500), textShown); len([]rune(got)) != textShown || !strings.HasSuffix(got, "…") {
		t.Errorf("a long text is %d characters", len([]rune(got)))
	}
}
