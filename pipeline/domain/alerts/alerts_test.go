package alerts

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

func TestWhatIsToldWhen(t *testing.T) {
	b := Bounds{Gather: 5 * time.Minute, Hourly: 3}
	ago := func(d time.Duration) time.Time { return noon.Add(-d) }
	mail := func(w When) Choice { c := Default(); c.Mail = w; return c }
	hook := Default()
	hook.On[Given] = []Way{Hook}
	for _, c := range []struct {
		name  string
		way   Way
		of    Choice
		here  bool
		pace  Pace
		first time.Time
		want  Verdict
		next  time.Time
	}{
		{"what has just come is gathered", Mail, mail(Absent), false, Pace{}, ago(time.Minute), Wait, noon.Add(4 * time.Minute)},
		{"who is not there gets a mail", Mail, mail(Absent), false, Pace{}, ago(5 * time.Minute), Send, time.Time{}},
		{"who is there does not, unless he wants to", Mail, mail(Absent), true, Pace{}, ago(5 * time.Minute), Drop, time.Time{}},
		{"who wants to, does", Mail, mail(Always), true, Pace{}, ago(5 * time.Minute), Send, time.Time{}},
		{"and while he is away", Mail, mail(Always), false, Pace{}, ago(5 * time.Minute), Send, time.Time{}},
		{"who wants quiet while away has it", Mail, mail(Here), false, Pace{}, ago(5 * time.Minute), Wait, noon.Add(LookAgain)},
		{"and is told when he is back", Mail, mail(Here), true, Pace{}, ago(5 * time.Hour), Send, time.Time{}},
		{"a webhook rings for nobody who is away", Hook, hook, false, Pace{}, ago(time.Hour), Wait, noon.Add(LookAgain)},
		{"and tells all of it when he is back", Hook, hook, true, Pace{}, ago(20 * time.Hour), Send, time.Time{}},
		{"between two lies the time of gathering", Hook, hook, true, Pace{Sent: ago(2 * time.Minute), Hour: ago(2 * time.Minute), N: 1}, ago(6 * time.Minute), Wait, noon.Add(3 * time.Minute)},
		{"more than so many an hour wait for the next one", Hook, hook, true, Pace{Sent: ago(10 * time.Minute), Hour: ago(40 * time.Minute), N: 3}, ago(9 * time.Minute), Wait, noon.Add(20 * time.Minute)},
		{"an hour that is over counts no more", Hook, hook, true, Pace{Sent: ago(10 * time.Minute), Hour: ago(time.Hour), N: 3}, ago(9 * time.Minute), Send, time.Time{}},
		{"what is a week old is told to nobody", Hook, hook, false, Pace{}, ago(Kept + time.Second), Drop, time.Time{}},
		{"who wants nothing any more is told nothing", Hook, Default(), true, Pace{}, ago(time.Hour), Drop, time.Time{}},
		{"the browser's ways are not told from here", Show, Default(), true, Pace{}, ago(time.Hour), Drop, time.Time{}},
	} {
		got, next := Decide(c.way, c.of, c.here, c.pace, b, c.first, noon)
		if got != c.want || !next.Equal(c.next) {
			t.Errorf("%s: %s at %s, want %s at %s", c.name, got, next, c.want, c.next)
		}
	}
}

func TestAnHourIsCountedFromItsFirst(t *testing.T) {
	p := Pace{}.After(noon).After(noon.Add(30 * time.Minute))
	if want := (Pace{Sent: noon.Add(30 * time.Minute), Hour: noon, N: 2}); p != want {
		t.Errorf("%+v", p)
	}
	if p = p.After(noon.Add(time.Hour)); p.N != 1 || !p.Hour.Equal(noon.Add(time.Hour)) {
		t.Errorf("the next hour: %+v", p)
	}
}

func TestAChoiceIsReadAsItWasKept(t *testing.T) {
	c := Default()
	c.On[Given], c.On[Risk], c.Mail, c.Style = nil, []Way{Mail, Hook}, Here, Signed
	if diff := cmp.Diff(c, Read(c.String(), c.Mail, c.Style)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(Default(), Read("", "", "")); diff != "" {
		t.Errorf("of who has chosen nothing: %s", diff)
	}
	for name, text := range map[string]string{"words of a newer program": "given:show,pigeon;moon:mail", "no table": "give me everything", "a kind without ways": "given"} {
		got := Read(text, "sometimes", "ornate")
		if got.Mail != Absent || got.Style != Text || !got.Wants(Given, Show) || got.Wants(Given, "pigeon") || !got.Wants(Failed, Mail) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := Read("given:", Absent, Text); got.Wants(Given, Show) || !got.Wants(Answered, Show) {
		t.Errorf("nothing at all: %+v", got)
	}
}

func TestByDefaultMailsAreOfWhatHurtsTheNextDay(t *testing.T) {
	c := Default()
	if diff := cmp.Diff([]Kind{Named, Failed}, c.Of(Mail)); diff != "" || c.Mail != Absent || len(c.Of(Hook)) != 0 || len(c.Of(Show)) != len(Kinds()) {
		t.Errorf("%+v %s", c, diff)
	}
}
