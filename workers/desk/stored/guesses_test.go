package stored

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline/domain/entries"
	"frontdesk/templates/desk"
	"frontdesk/templates/desk/acts"
	agents "frontdesk/workers/store/desk"
)

// TestWhatATicketMayBeAbout: the first message of the ticket that says something is asked about, until a person has said what it is. What the desk has not is
// not offered, and a queue that it has not is the ticket's own.
func TestWhatATicketMayBeAbout(t *testing.T) {
	d := New(Config{Categories: []string{"refund", "technical"}, Queues: []string{"refunds", "general"}, Guess: func(_, text, _ string) ([]acts.Guess, bool) {
		switch text {
		case "hello":
			return nil, false
		case "my refund":
			return nil, true
		}
		return []acts.Guess{{Category: "refund", Queue: "refunds"}, {Category: "gone", Queue: "refunds"}, {Category: "technical", Queue: "closed down"}}, true
	}})
	k := agents.Ticket{}
	k.Card.Ticket, k.Queue = 7, "general"
	wrote := func(text string, change ...func(*agents.Line)) agents.Line {
		l := agents.Line{Ticket: 7, Message: &agents.Message{Visible: text}}
		for _, c := range change {
			c(&l)
		}
		return l
	}
	did := func(what, who string) agents.Line { return agents.Line{Act: &agents.Act{What: what, Who: who}} }
	asked := []acts.Guess{{Category: "refund", Queue: "refunds"}, {Category: "technical", Queue: "general"}}
	for _, c := range []struct {
		name  string
		lines []agents.Line // the newest first
		want  []acts.Guess
	}{
		{"what nobody is sure of is asked", []agents.Line{wrote("it is gone")}, asked},
		{"what is sure is not", []agents.Line{wrote("it is gone"), wrote("my refund")}, nil},
		{"a greeting says nothing", []agents.Line{wrote("it is gone"), wrote("hello")}, asked},
		{"greetings alone are not asked about", []agents.Line{wrote("hello"), wrote("hello")}, nil},
		{"a person has said it", []agents.Line{did(entries.ActRoute, "li"), wrote("it is gone")}, nil},
		{"the desk has moved it", []agents.Line{did(entries.ActRoute, entries.Service), wrote("it is gone")}, asked},
		{"a later message has said it", []agents.Line{{Act: &agents.Act{What: entries.ActRoute, Who: entries.Service, Reason: entries.ReasonLearned}}, wrote("it is gone")}, nil},
		{"a person has done something else", []agents.Line{did(entries.ActTake, "li"), wrote("it is gone")}, asked},
		{"a third party's answer is no customer's", []agents.Line{wrote("it is gone", func(l *agents.Line) { l.Message.Side = 3 })}, nil},
		{"what was erased", []agents.Line{wrote("it is gone", func(l *agents.Line) { l.Message.Erased = true })}, nil},
		{"what was merged into it", []agents.Line{wrote("it is gone", func(l *agents.Line) { l.Ticket = 6 })}, nil},
	} {
		if diff := cmp.Diff(c.want, d.guesses(k, c.lines)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	k.Category, k.Language = "refund", "en"
	if diff := cmp.Diff([]desk.Reason{{Word: "language", Of: "en"}}, why(k, true)); diff != "" {
		t.Errorf("why it is here, where that is a guess (-want +got):\n%s", diff)
	}
	if got := why(k, false); len(got) != 3 || got[0].Of != "refund" || got[1].Of != "general" {
		t.Errorf("why it is here: %v", got)
	}
	if got := New(Config{}).guesses(k, []agents.Line{wrote("it is gone")}); got != nil {
		t.Errorf("where nobody guesses: %v", got)
	}
}

// TestWhatIsAtStakeIsShown: each sign once, of the customer's own messages alone.
func TestWhatIsAtStakeIsShown(t *testing.T) {
	d := New(Config{Stake: func(_, text, _ string) (out []desk.Reason) {
		for word := range strings.FieldsSeq(text) {
			out = append(out, desk.Reason{Word: "stake." + word, Of: text})
		}
		return out
	}})
	wrote := func(text string, change func(m *agents.Message)) agents.Line {
		m := &agents.Message{Visible: text, Written: "human"}
		change(m)
		return agents.Line{Ticket: 7, Message: m}
	}
	as := func(*agents.Message) {}
	got := d.stake(agents.Ticket{}, []agents.Line{wrote("legal", as), {Act: &agents.Act{What: entries.ActTake}}, wrote("waited legal", as), wrote("danger", func(m *agents.Message) { m.Side = 3 }),
		wrote("danger", func(m *agents.Message) { m.Erased = true }), wrote("danger", func(m *agents.Message) { m.Written = "auto" })})
	want := []desk.Reason{{Word: "stake.legal", Of: "legal"}, {Word: "stake.waited", Of: "waited legal"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := New(Config{}).stake(agents.Ticket{}, []agents.Line{wrote("legal", as)}); got != nil {
		t.Errorf("where nobody listens: %v", got)
	}
}

// TestWhatAListAsks: what the line has noted, as far as the desk still has it.
func TestWhatAListAsks(t *testing.T) {
	d := New(Config{Categories: []string{"refund", "technical"}, Queues: []string{"refunds", "general"}, QueueOf: func(category string) string { return category + "s" }})
	c := agents.Card{Guesses: []string{"technical", "gone", "refund"}}
	c.Queue = "general"
	if diff := cmp.Diff([]acts.Guess{{Category: "technical", Queue: "general"}, {Category: "refund", Queue: "refunds"}}, d.noted(c)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	act := agents.Act{What: entries.ActRoute, Who: entries.Service, Reason: entries.ReasonLearned}
	act.After.Category = "refund"
	if word, of := routed(act); word != "learned" || of != "refund" {
		t.Errorf("what a later message has said is told as %s %s", word, of)
	}
}
