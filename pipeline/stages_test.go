package pipeline_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline"
	"frontdesk/pipeline/dedupe"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/screen"
	"frontdesk/pipeline/thread"
)

// silent are the stages that leave no line of trace of their own: what author found stands in the line of identify, and what
// is asked is seen by what is known.
var silent = []string{"author", "ask"}

func traced(c pipeline.Case) (out []string) {
	for _, l := range c.Plan.Trace {
		out = append(out, l.Stage)
	}
	return out
}

// TestEveryStageDoesItsWorkInOrder: a message that goes the whole way leaves a line for each stage of the list.
func TestEveryStageDoesItsWorkInOrder(t *testing.T) {
	first, second := pipeline.Stages()
	want := slices.DeleteFunc(slices.Concat(first, second), func(s string) bool { return slices.Contains(silent, s) || s == "side" }) // which speaks where it finds something
	m := mail(1, "support", "li@customer.example", "Payment failed", "My payment of 200 USD failed.")
	c := pipeline.Read(m, settings(t), now)
	if c.Author.From.Value != "li@customer.example" || c.Asks.Content == "" {
		t.Errorf("the silent stages found author %q, content key %q; want both", c.Author.From.Value, c.Asks.Content)
	}
	if diff := cmp.Diff(want[:len(first)-len(silent)], traced(c)); diff != "" {
		t.Errorf("stages that have read (-want +got):\n%s", diff)
	}
	c = pipeline.Decide(c, pipeline.Known{Opinions: []screen.Opinion{{Scanner: "filter", Verdict: screen.OpinionClean}}})
	if diff := cmp.Diff(want, traced(c)); diff != "" {
		t.Errorf("stages that have read and decided (-want +got):\n%s", diff)
	}
}

// TestWhichStageEndsTheLine: the last line of a message that leaves early is that of the stage that set it aside.
func TestWhichStageEndsTheLine(t *testing.T) {
	plain := mail(1, "support", "li@customer.example", "Payment failed", "My payment of 200 USD failed.")
	spoilt := plain
	spoilt.Envelope.Malware = "Eicar"
	bot := plain
	bot.Headers = append(slices.Clone(plain.Headers), message.Header{Name: "Auto-Submitted", Value: "auto-generated"})
	others := thread.Named{How: thread.ByReplyAddress, Ticket: tickets.Ticket{ID: 4, Contact: 5, Status: tickets.Open, OpenedAt: now, LastAt: now,
		Participants: []message.Identity{{Kind: message.Email, Value: "wang@customer.example"}}}}
	for _, c := range []struct {
		name  string
		m     message.Message
		known pipeline.Known
		last  string
		state messages.State
	}{
		{"malware is parked by screen", spoilt, pipeline.Known{}, "screen", messages.Parked},
		{"a machine's message without a ticket is parked by screen", bot, pipeline.Known{}, "screen", messages.Parked},
		{"a machine's message that a person has let out goes on to the end", bot, pipeline.Known{Released: true}, "acknowledge", messages.Ticketed},
		{"a sender who was erased is suppressed by screen", plain, pipeline.Known{Forgotten: true}, "screen", messages.Suppressed},
		{"a copy leaves with dedupe", plain, pipeline.Known{First: &dedupe.Copy{Message: 9, Inbox: "support", Ticket: 4}}, "dedupe", messages.Duplicate},
		{"the copy of an erased message leaves with dedupe, as such", plain, pipeline.Known{First: &dedupe.Copy{Message: 9, Inbox: "support", Ticket: 4, Erased: true}}, "dedupe", messages.Duplicate},
		{"whoever answers somebody else's ticket is parked by thread", plain, pipeline.Known{Named: []thread.Named{others}}, "thread", messages.Parked},
		{"the same message decided again is no copy of itself", plain, pipeline.Known{First: &dedupe.Copy{Message: 1, Inbox: "support", Ticket: 4}}, "acknowledge", messages.Ticketed},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := pipeline.Decide(pipeline.Read(c.m, settings(t), now), c.known)
			lines := traced(got)
			if last := lines[len(lines)-1]; last != c.last || got.Plan.State != c.state {
				t.Errorf("the line ended with %s as %s (%s), want %s as %s", last, got.Plan.State, got.Plan.Cause, c.last, c.state)
			}
		})
	}
}

// TestADecisionLeavesTheReadingAsItWas: a conflict in the database decides the same reading again.
func TestADecisionLeavesTheReadingAsItWas(t *testing.T) {
	read := pipeline.Read(mail(1, "support", "li@customer.example", "Payment failed", "My payment failed."), settings(t), now)
	once := pipeline.Decide(read, pipeline.Known{})
	again := pipeline.Decide(read, pipeline.Known{Forgotten: true})
	third := pipeline.Decide(read, pipeline.Known{})
	if diff := cmp.Diff(once.Plan, third.Plan); diff != "" {
		t.Errorf("the third decision differs from the first, after another one between them:\n%s", diff)
	}
	if again.Plan.State != messages.Suppressed || len(read.Plan.Trace) != 3 {
		t.Errorf("state %s, %d lines of trace in what was read; want suppressed and 3", again.Plan.State, len(read.Plan.Trace))
	}
}

// TestTheDocumentListsTheStagesInTheirOrder holds the table of docs/architecture.md to the lists of the code.
func TestTheDocumentListsTheStagesInTheirOrder(t *testing.T) {
	page, err := os.ReadFile("../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(page), "### The stages")
	if !ok {
		t.Fatal("the page has no section on the stages")
	}
	var got []string
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) > 4 && strings.Contains(cells[4], "`pipeline/") {
			got = append(got, strings.TrimSpace(cells[2]))
		}
		if strings.HasPrefix(line, "Every stage") {
			break
		}
	}
	first, second := pipeline.Stages()
	if diff := cmp.Diff(slices.Concat(first, second), got); diff != "" {
		t.Errorf("stages in the document (-code +document):\n%s", diff)
	}
}
