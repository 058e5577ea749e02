package desk

import (
	"testing"
	"time"

	"frontdesk/pipeline/domain/machine/machinetest"
)

var at = time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)

func TestTheMachineOfAWorkItem(t *testing.T) {
	machinetest.Walk(t, Machine, []Event{Open, Message, Answer, Take, HandBack, Snooze, SetAside, Close, CallUp, Wake}, map[State][]State{
		Gone:    {Waiting, "", "", "", "", "", "", "", "", ""},
		Waiting: {"", Waiting, Pending, Waiting, Waiting, Snoozed, Pending, Gone, "", ""},
		Pending: {"", Waiting, Pending, Pending, Pending, Snoozed, "", Gone, Waiting, ""},
		Snoozed: {"", Waiting, Pending, Snoozed, Snoozed, Snoozed, "", Gone, "", Waiting},
	})
}

// TestThePlaceOfAnItem: by its receipt less the head start of its priority, and from half of its promise on before all others.
func TestThePlaceOfAnItem(t *testing.T) {
	hour := func(n int) time.Time { return at.Add(time.Duration(n) * time.Hour) }
	for _, c := range []struct {
		name       string
		item       Item
		rank, half time.Time
	}{
		{"normal", Item{Priority: "normal"}.Came(at), at, time.Time{}},
		{"high", Item{Priority: "high"}.Came(at), hour(-2), time.Time{}},
		{"low", Item{Priority: "low"}.Came(at), hour(2), time.Time{}},
		{"one that owes something", Item{Priority: "normal"}.Came(at).Owes(at, time.Time{}, hour(4)), at, hour(2)},
		{"one that owes nothing any more", Item{Priority: "normal"}.Came(at).Owes(at, time.Time{}, hour(4)).Owes(time.Time{}, time.Time{}, time.Time{}), at, time.Time{}},
		{"urgent, before all others", Item{Priority: "urgent"}.Came(at).Owes(at, time.Time{}, hour(4)), hour(-24), at.Add(-ahead)},
		{"who waits keeps his place", Item{Priority: "normal"}.Came(at).Came(hour(1)), at, time.Time{}},
		{"who was answered takes a new one", Item{Priority: "normal", State: Pending, Since: at}.Came(hour(1)), hour(1), time.Time{}},
		{"who was put away keeps it", Item{Priority: "normal", State: Snoozed, Since: at, Wake: hour(9)}.Came(hour(1)), at, time.Time{}},
		{"raised, with the time that he has waited", Item{Priority: "normal"}.Came(at).As("q", "en", "c", "high").Came(hour(3)), hour(-2), time.Time{}},
		{"no more urgent", Item{Priority: "urgent"}.Came(at).As("q", "en", "c", "low"), hour(2), time.Time{}},
	} {
		if !c.item.Rank.Equal(c.rank) || !c.item.Half.Equal(c.half) || c.item.State != Waiting || !c.item.Wake.IsZero() {
			t.Errorf("%s: %+v, want rank %s, half %s", c.name, c.item, c.rank, c.half)
		}
	}
}

func TestWhoAnswersHasBegun(t *testing.T) {
	for _, c := range []struct {
		name  string
		item  Item
		owner int64
		begun time.Time
	}{
		{"nobody's becomes his", Item{State: Waiting}, 1, at},
		{"what he was given he begins", Item{State: Waiting, Owner: 1}, 1, at},
		{"what he has begun he began then", Item{State: Waiting, Owner: 1, Begun: at.Add(-1)}, 1, at.Add(-1)},
		{"another's stays his", Item{State: Snoozed, Owner: 2, Wake: at}, 2, time.Time{}},
	} {
		got, ok := c.item.Answered(1, at)
		if !ok || got.State != Pending || got.Owner != c.owner || !got.Begun.Equal(c.begun) || !got.Wake.IsZero() {
			t.Errorf("%s: %+v, %t", c.name, got, ok)
		}
	}
	if _, ok := (Item{}).Answered(1, at); ok {
		t.Error("a closed ticket is answered")
	}
}
