package promise

import (
	"testing"
	"time"
)

// TestWhatIsLeftIsKeptOverAPause in business time; what was passed before the pause stays where it was.
func TestWhatIsLeftIsKeptOverAPause(t *testing.T) {
	calendar := Calendar{Name: "office", Zone: time.UTC}
	for day := time.Monday; day <= time.Friday; day++ {
		calendar.Week[day] = []Span{{From: 9 * time.Hour, To: 18 * time.Hour}}
	}
	office, err := calendar.Compile()
	if err != nil {
		t.Fatal(err)
	}
	p := Policy{Calendars: map[string]*Hours{"office": office}, Default: "office", Rules: []Rule{{Kind: Resolution, Within: 18 * time.Hour}}}
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, time.UTC) }
	start := at(23, 9, 0) // a Monday; due on Tuesday at 18:00
	for _, c := range []struct {
		name               string
		calendar           string
		paused, again, due time.Time
		used               time.Duration
	}{
		{"within a day", "office", at(23, 12, 0), at(23, 14, 0), at(25, 11, 0), 3 * time.Hour},
		{"over a night and a weekend", "office", at(24, 17, 0), at(28, 12, 0), at(30, 10, 0), 17 * time.Hour},
		{"one that began outside of the hours", "office", at(23, 20, 0), at(24, 7, 0), at(24, 18, 0), 9 * time.Hour},
		{"no time at all", "office", at(23, 12, 0), at(23, 12, 0), at(24, 18, 0), 3 * time.Hour},
		{"a calendar that is there no more counts by the wall clock", "gone", at(23, 12, 0), at(23, 14, 0), at(24, 20, 0), 3 * time.Hour},
	} {
		r := p.Resume(c.calendar, start, c.paused, c.again)
		if due := r.Moved(at(24, 18, 0)); !due.Equal(c.due) || r.Used != c.used {
			t.Errorf("%s: due %s, used %s", c.name, due, r.Used)
		}
		if half := r.Moved(at(23, 10, 0)); !half.Equal(at(23, 10, 0)) {
			t.Errorf("%s: what had come moves to %s", c.name, half)
		}
		if made, ok := Anew(p, Resolution, Facts{}, c.again, r.Used); c.calendar == "office" && (!ok || !made.Due.Equal(c.due)) { // changed calendars count from there
			t.Errorf("%s: counted anew it is due %s", c.name, made.Due)
		}
	}
}
