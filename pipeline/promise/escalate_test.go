package promise

import (
	"testing"
	"time"

	"frontdesk/pipeline/match"
)

// TestWhenSomethingIsDoneAboutAPromise: by its own hours, each step once, and by the wall clock only when somebody works.
func TestWhenSomethingIsDoneAboutAPromise(t *testing.T) {
	calendar := Calendar{Name: "office", Zone: time.UTC}
	for day := time.Monday; day <= time.Friday; day++ {
		calendar.Week[day] = []Span{{From: 9 * time.Hour, To: 18 * time.Hour}}
	}
	office, err := calendar.Compile()
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, time.UTC) }
	monday := at(23, 9, 0)
	rule := func(e Escalation) []Escalation { return []Escalation{e} }
	in := Promised{Kind: FirstReply, Calendar: "office", From: monday, Due: at(24, 18, 0)} // eighteen hours
	paused := in
	paused.Kind, paused.From, paused.Used = Resolution, at(24, 9, 0), 9*time.Hour
	night := Promised{Kind: FirstReply, From: at(23, 16, 0), Due: at(24, 0, 0)}
	turn := in
	turn.Kind, turn.Turn = NextReply, 3
	for _, c := range []struct {
		name  string
		rules []Escalation
		of    Promised
		about match.Case
		want  []Step
	}{
		{"at a share of its time", rule(Escalation{At: 0.75, Priority: "high"}), in, match.Case{}, []Step{{At: at(24, 13, 30), Name: "first-reply 0.75", Priority: "high"}}},
		{"at the deadline", rule(Escalation{At: 1, Leads: true}), in, match.Case{}, []Step{{At: at(24, 18, 0), Name: "first-reply 1", Leads: true}}},
		{"behind it, in its hours", rule(Escalation{At: 1.5}), in, match.Case{}, []Step{{At: at(25, 18, 0), Name: "first-reply 1.5"}}},
		{"so long before it", rule(Escalation{Before: 10 * time.Hour}), in, match.Case{}, []Step{{At: at(23, 17, 0), Name: "first-reply -10h0m0s"}}},
		{"of a turn", rule(Escalation{At: 1}), turn, match.Case{}, []Step{{At: at(24, 18, 0), Name: "next-reply:3 1"}}},
		{"after a pause by what was used", rule(Escalation{At: 0.75}), paused, match.Case{}, []Step{{At: at(24, 13, 30), Name: "resolution 0.75"}}},
		{"two of a moment are one", []Escalation{{At: 0.5, Priority: "high"}, {At: 0.5, Queue: "leads", Priority: "urgent"}}, in, match.Case{}, []Step{{At: at(23, 18, 0), Name: "first-reply 0.5", Priority: "high", Queue: "leads"}}},
		{"earliest first", []Escalation{{At: 1}, {At: 0.5}}, in, match.Case{}, []Step{{At: at(23, 18, 0), Name: "first-reply 0.5"}, {At: at(24, 18, 0), Name: "first-reply 1"}}},
		{"nobody works at night", rule(Escalation{At: 0.75}), night, match.Case{}, []Step{{At: at(24, 9, 0), Name: "first-reply 0.75"}}},
		{"another kind", rule(Escalation{At: 1, Kinds: []Kind{Resolution}}), in, match.Case{}, nil},
		{"another queue", rule(Escalation{At: 1, Rule: match.Rule{Queues: []string{"refunds"}}}), in, match.Case{Queue: "payments"}, nil},
	} {
		p := Policy{Calendars: map[string]*Hours{"office": office}, Escalations: c.rules}
		got := p.Steps(c.about, c.of)
		if len(got) != len(c.want) {
			t.Errorf("%s: %+v", c.name, got)
			continue
		}
		for i, s := range got {
			if w := c.want[i]; !s.At.Equal(w.At) || s.Name != w.Name || s.Priority != w.Priority || s.Queue != w.Queue || s.Leads != w.Leads {
				t.Errorf("%s: %+v, want %+v", c.name, s, w)
			}
		}
	}
	p := Policy{Calendars: map[string]*Hours{"office": office}, Default: "office", Rules: []Rule{{Kind: FirstReply, Within: 18 * time.Hour}}, Escalations: rule(Escalation{At: 0.75})}
	if made := Make(p, Facts{}, monday, monday); len(made) != 2 || !made[1].Step.Equal(at(24, 13, 30)) || !made[0].Step.IsZero() {
		t.Errorf("made: %+v", made)
	}
	plain := p
	plain.Escalations = nil
	if p.Print() == plain.Print() {
		t.Error("what is done about a promise makes no difference")
	}
}
