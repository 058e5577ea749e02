package sweep

import (
	"testing"
	"time"

	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/match"
	"frontdesk/pipeline/promise"
)

// TestCounting: a promise is counted from its own start, by the rule that takes the ticket now; another calendar is another print.
func TestCounting(t *testing.T) {
	policy := func(holidays ...promise.Date) promise.Policy {
		office := promise.Calendar{Name: "office", Zone: time.UTC, Holidays: holidays}
		for day := time.Monday; day <= time.Friday; day++ {
			office.Week[day] = []promise.Span{{From: 9 * time.Hour, To: 18 * time.Hour}}
		}
		hours, err := office.Compile()
		if err != nil {
			t.Fatal(err)
		}
		return promise.Policy{Calendars: map[string]*promise.Hours{"office": hours}, Default: "office", Rules: []promise.Rule{
			{Kind: promise.NextReply, Rule: match.Rule{Priorities: []string{"high"}}, Within: time.Hour}, {Kind: promise.NextReply, Within: 4 * time.Hour}}}
	}
	friday := time.Date(2026, 11, 27, 16, 30, 0, 0, time.UTC)
	plain, holiday := Counting(policy(), nil), Counting(policy(promise.Date{Year: 2026, Month: 11, Day: 30}), nil)
	if plain.Print == holiday.Print || plain.Print != Counting(policy(), nil).Print {
		t.Errorf("prints: %s, %s", plain.Print, holiday.Print)
	}
	if grouped := Counting(policy(), match.Groups{"@example.com": "vip"}); grouped.Print == plain.Print {
		t.Error("who is in a group makes no difference")
	}
	for _, c := range []struct {
		name     string
		by       func(match.Case, promises.Promise) (promises.Promise, bool)
		priority string
		want     time.Time
	}{
		{"over a weekend", plain.Count, "normal", time.Date(2026, 11, 30, 11, 30, 0, 0, time.UTC)},
		{"and a holiday", holiday.Count, "normal", time.Date(2026, 12, 1, 11, 30, 0, 0, time.UTC)},
		{"by another rule", plain.Count, "high", time.Date(2026, 11, 27, 17, 30, 0, 0, time.UTC)},
	} {
		made, ok := c.by(match.Case{Priority: c.priority}, promises.Promise{Kind: promises.NextReply, Turn: 1, Start: friday})
		if !ok || !made.Due.Equal(c.want) || made.Calendar != "office" {
			t.Errorf("%s: %+v, %t", c.name, made, ok)
		}
	}
	if _, ok := plain.Count(match.Case{}, promises.Promise{Kind: promises.Resolution, Start: friday}); ok {
		t.Error("what is promised no more is counted anew")
	}
}
