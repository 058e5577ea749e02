package agents

import (
	"testing"
	"time"

	"frontdesk/pipeline/domain/machine/machinetest"
)

var at = time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)

func TestTheMachineOfAnAgent(t *testing.T) {
	machinetest.Walk(t, Machine, []Event{Hear, GoAway, ComeBack, Leave, FallSilent, Miss, MissAgain}, map[Presence][]Presence{
		Offline: {Online, Away, Online, "", "", "", ""},
		Online:  {Online, Away, Online, Offline, Offline, Online, Away},
		Away:    {Away, Away, Online, Offline, Offline, "", ""},
	})
}

// TestHowLongSomebodyIsThere after the last that was heard of him, and that a sign of life brings nobody back who has said that he is away.
func TestHowLongSomebodyIsThere(t *testing.T) {
	online := Agent{User: 1, Presence: Online, HeardAt: at, SinceAt: at}
	away := Agent{User: 1, Presence: Away, HeardAt: at, SinceAt: at}
	for _, c := range []struct {
		name    string
		agent   Agent
		does    func(Agent) (Agent, bool)
		want    Presence
		since   time.Time
		changed bool
	}{
		{"a first sign of life", Agent{User: 1}, func(a Agent) (Agent, bool) { return a.Heard(at) }, Online, at, true},
		{"another one at once is not noted", online, func(a Agent) (Agent, bool) { return a.Heard(at.Add(Quiet - 1)) }, Online, at, false},
		{"a later one is", online, func(a Agent) (Agent, bool) { return a.Heard(at.Add(Quiet)) }, Online, at, true},
		{"59 seconds of silence are none", online, func(a Agent) (Agent, bool) { return a.Silent(at.Add(59 * time.Second)) }, Online, at, false},
		{"a minute is", online, func(a Agent) (Agent, bool) { return a.Silent(at.Add(Silence)) }, Offline, at.Add(Silence), true},
		{"who is away stays away while his page is open", away, func(a Agent) (Agent, bool) { return a.Heard(at.Add(Quiet)) }, Away, at, true},
		{"who is away and falls silent is absent since he went", away, func(a Agent) (Agent, bool) { return a.Silent(at.Add(Silence)) }, Offline, at, true},
		{"who is offline does not fall silent", Agent{Presence: Offline}, func(a Agent) (Agent, bool) { return a.Silent(at) }, Offline, time.Time{}, false},
	} {
		got, changed := c.does(c.agent)
		if got.Presence != c.want || changed != c.changed || !got.SinceAt.Equal(c.since) {
			t.Errorf("%s: %+v, %t", c.name, got, changed)
		}
	}
}

func TestWhoLetsThreeLieIsAwayUntilHeComesBack(t *testing.T) {
	a := Agent{Presence: Online}
	for n := range 3 {
		if a.Absent() {
			t.Fatalf("away after %d", n)
		}
		a, _ = a.After(Miss, at)
	}
	if a.Presence != Away || !a.SinceAt.Equal(at) {
		t.Errorf("after three: %+v", a)
	}
	if a, _ = a.After(ComeBack, at); a.Presence != Online || a.Missed != 0 {
		t.Errorf("back: %+v", a)
	}
}

func TestHowMuchFits(t *testing.T) {
	for _, c := range []struct {
		name   string
		agent  Agent
		weight int64
		want   bool
	}{
		{"into nothing", Agent{}, 1, true},
		{"the sixth", Agent{Load: 5}, 1, true},
		{"not the seventh", Agent{Load: 6}, 1, false},
		{"not one that weighs more than there is room for", Agent{Load: 5}, 2, false},
		{"into a smaller room of his own", Agent{Load: 2, Room: 2}, 1, false},
		{"into a larger one", Agent{Load: 6, Room: 8}, 2, true},
		{"the heaviest where nothing else is", Agent{Room: 1}, 9, true},
	} {
		if got := c.agent.Fits(c.weight); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

func TestWhatStaysWithItsOwner(t *testing.T) {
	online := Agent{Presence: Online, SinceAt: at}
	gone := Agent{Presence: Offline, SinceAt: at}
	given, begun := Work{Since: at.Add(-time.Hour), Given: at}, Work{Since: at.Add(-time.Hour), Given: at, Begun: at}
	answered := begun
	answered.Since, answered.Begun = at.Add(time.Minute), time.Time{}
	pause, later := Agent{Presence: Away, SinceAt: at}, Agent{Presence: Offline, SinceAt: at.Add(time.Hour)}
	for _, c := range []struct {
		name  string
		agent Agent
		work  Work
		after time.Duration
		want  string
	}{
		{"what was given, for five minutes", online, given, Patience - 1, ""},
		{"no longer", online, given, Patience, ReasonUnbegun},
		{"what was begun, as long as he is there", online, begun, 24 * time.Hour, ""},
		{"an answer, as long as he is there", online, answered, time.Hour, ""},
		{"nothing that he has not begun when he goes", gone, given, 0, ReasonAbsent},
		{"what he has begun, for a break", gone, begun, Break - 1, ""},
		{"no longer than a break", gone, begun, Break, ReasonLong},
		{"no answer that comes while he is not there", gone, answered, time.Minute, ReasonAnswered},
		{"an answer that he has not looked at, no longer than he is there", later, answered, time.Hour, ReasonAbsent},
		{"an answer, for a break that he has said", pause, answered, Break - 1, ""},
		{"no longer than that", pause, answered, Break, ReasonLong},
		{"nothing that he has not begun, on a break", pause, given, 0, ReasonAbsent},
		{"nothing with who was never heard", Agent{}, given, 0, ReasonAbsent},
	} {
		if got := c.agent.Returns(c.work, at.Add(c.after)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
