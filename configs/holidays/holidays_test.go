package holidays

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/configs/values"
)

func date(y, m, d int) values.Date { return values.Date{Year: y, Month: time.Month(m), Day: d} }

// TestTheSetsOfTheProgram can be read, each year says where it stands, and reads again as it is written.
func TestTheSetsOfTheProgram(t *testing.T) {
	for _, name := range Names() {
		s, ok := Named(name)
		if !ok || len(s) == 0 {
			t.Fatalf("%s: cannot be read", name)
		}
		for _, y := range s {
			if !strings.Contains(y.Source, "https://") || len(y.Days) == 0 {
				t.Errorf("%s %d: source %q, %d days", name, y.Year, y.Source, len(y.Days))
			}
			for _, d := range y.Days {
				if weekend := d.Date.In(time.UTC).Weekday()%6 == 0; d.Works && !weekend {
					t.Errorf("%s: %s is worked in exchange, and is no weekend day", name, d.Date)
				}
			}
		}
		again, err := Read(s.Text())
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(s, again); d != "" {
			t.Errorf("%s read again: %s", name, d)
		}
	}
	if _, ok := Named("atlantis"); ok {
		t.Error("there is a set of Atlantis")
	}
}

// TestTheMainland has as many days as the notices say: 28 days off in 2025, 33 in 2026, for five and six days that are worked.
func TestTheMainland(t *testing.T) {
	s, _ := Named("cn-mainland")
	want := map[int][2]int{2025: {1 + 8 + 3 + 5 + 3 + 8, 5}, 2026: {3 + 9 + 3 + 5 + 3 + 3 + 7, 6}}
	got := map[int][2]int{}
	for _, y := range s {
		n := got[y.Year]
		for _, d := range y.Days {
			if d.Works {
				n[1]++
			} else {
				n[0]++
			}
		}
		got[y.Year] = n
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestWhatIsNoSet(t *testing.T) {
	for name, text := range map[string]string{
		"a day before the first year":       "off 2026-10-01 X",
		"a year without a source":           "2026",
		"a year twice":                      "2026 a\n2026 b",
		"a day twice":                       "2026 a\noff 2026-10-01 X\nwork 2026-10-01 Y",
		"a day under another year":          "2026 a\noff 2027-01-01 X",
		"a range that leaves its year":      "2026 a\noff 2026-12-31..2027-01-01 X",
		"a range that ends before it began": "2026 a\noff 2026-10-07..2026-10-01 X",
		"no day":                            "2026 a\noff tomorrow X",
		"another word":                      "2026 a\nclosed 2026-10-01 X",
	} {
		if s, err := Read(text); err == nil || !strings.HasPrefix(err.Error(), "line ") {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
	if s, err := Read("# nothing\n\n"); err != nil || len(s) != 0 {
		t.Errorf("an empty set: %v, %v", s, err)
	}
}

func TestWhatAnImportChanges(t *testing.T) {
	before, err := Read("2026 a\noff 2026-10-01..2026-10-02 National Day\nwork 2026-10-10\n2025 z\noff 2025-10-01 National Day")
	if err != nil {
		t.Fatal(err)
	}
	more, err := Read("2026 b\noff 2026-10-01 国庆节\noff 2026-10-10 国庆节\nwork 2026-09-20 国庆节")
	if err != nil {
		t.Fatal(err)
	}
	after := before.With(more)
	var got []string
	for _, c := range after.Changes(before) {
		got = append(got, c.Date.String()+" "+said(c.Before)+" → "+said(c.After))
	}
	want := []string{"2026-09-20 as its weekday → work", "2026-10-02 off → as its weekday", "2026-10-10 work → off"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if len(after) != 2 || after[0].Year != 2025 || after[1].Source != "b" {
		t.Errorf("after it: %+v", after)
	}
}

func said(d *Day) string {
	switch {
	case d == nil:
		return "as its weekday"
	case d.Works:
		return "work"
	}
	return "off"
}

func TestICal(t *testing.T) {
	file := func(events ...string) string {
		return "BEGIN:VCALENDAR\r\nPRODID:-//Test//1.0//EN\r\nVERSION:2.0\r\n" + strings.Join(events, "") + "END:VCALENDAR\r\n"
	}
	event := func(lines ...string) string {
		return "BEGIN:VEVENT\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT\r\n"
	}
	for _, c := range []struct {
		name, text string
		want       Imported
	}{
		{"days with their end, which is the day after the last", file(event("DTSTART;VALUE=DATE:20261001", "DTEND;VALUE=DATE:20261003", "SUMMARY:国庆节（休）"), event("DTSTART;VALUE=DATE:20261010", "SUMMARY:国庆节（班）")),
			Imported{Product: "-//Test//1.0//EN", Set: Set{{Year: 2026, Days: []Day{{date(2026, 10, 1), false, "国庆节"}, {date(2026, 10, 2), false, "国庆节"}, {date(2026, 10, 10), true, "国庆节"}}}}}},
		{"days that are marked, among festivals that close nothing", file(event("DTSTART;VALUE=DATE:20260214", "SUMMARY:春节", "X-APPLE-SPECIAL-DAY:ALTERNATE-WORKDAY"), event("DTSTART;VALUE=DATE:20260217", "SUMMARY:春节", "X-APPLE-SPECIAL-DAY:WORK-HOLIDAY"), event("DTSTART;VALUE=DATE:20260304", "SUMMARY:元宵节")),
			Imported{Product: "-//Test//1.0//EN", Others: 1, Set: Set{{Year: 2026, Days: []Day{{date(2026, 2, 14), true, "春节"}, {date(2026, 2, 17), false, "春节"}}}}}},
		{"a name that goes on in the next line, with signs that are escaped", file(event("DTSTART;VALUE=DATE:20260101", "SUMMARY:New Year\\, and", "  then some")),
			Imported{Product: "-//Test//1.0//EN", Set: Set{{Year: 2026, Days: []Day{{date(2026, 1, 1), false, "New Year, and then some"}}}}}},
		{"what recurs, has a time or is an observance is counted, and left out", file(event("DTSTART;VALUE=DATE:20200101", "RRULE:FREQ=YEARLY", "SUMMARY:New Year"), event("DTSTART:20260102T090000Z", "SUMMARY:Meeting"), event("DTSTART;VALUE=DATE:20260214", "SUMMARY:Valentine's Day", "DESCRIPTION:Observance"), event("DTSTART;VALUE=DATE:20260401", "STATUS:CANCELLED", "SUMMARY:x")),
			Imported{Product: "-//Test//1.0//EN", Recurring: 1, Timed: 1, Others: 2}},
		{"an alarm within an event is no part of it", file(event("DTSTART;VALUE=DATE:20260101", "SUMMARY:New Year", "BEGIN:VALARM", "SUMMARY:Wake up", "DTSTART;VALUE=DATE:20300101", "END:VALARM")),
			Imported{Product: "-//Test//1.0//EN", Set: Set{{Year: 2026, Days: []Day{{date(2026, 1, 1), false, "New Year"}}}}}},
		{"the first event of a day counts", file(event("DTSTART;VALUE=DATE:20260101", "SUMMARY:New Year"), event("DTSTART;VALUE=DATE:20260101", "SUMMARY:Also")),
			Imported{Product: "-//Test//1.0//EN", Others: 1, Set: Set{{Year: 2026, Days: []Day{{date(2026, 1, 1), false, "New Year"}}}}}},
	} {
		got, err := FromICal(c.text)
		if d := cmp.Diff(c.want, got); d != "" || err != nil {
			t.Errorf("%s: %v %s", c.name, err, d)
		}
	}
	for _, text := range []string{"", "<html>", "END:VCALENDAR", strings.Repeat(" ", maxICal+1)} {
		if _, err := FromICal(text); err == nil {
			t.Errorf("%.20q is taken for a calendar", text)
		}
	}
}

// FuzzFromICal: what an import makes of any file is a set that can be written and read again.
func FuzzFromICal(f *testing.F) {
	f.Add("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20261001\nDTEND;VALUE=DATE:20261008\nSUMMARY:国庆节\nEND:VEVENT\nEND:VCALENDAR")
	f.Add("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:99991231\nDTEND:00010101\nX-A;B=\"c:d\":e\n f\nEND:VEVENT")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := FromICal(text)
		if err != nil {
			return
		}
		for i := range got.Set {
			got.Set[i].Source = "an import"
		}
		again, err := Read(got.Set.Text())
		if err != nil {
			t.Fatalf("%v: %q", err, got.Set.Text())
		}
		if d := cmp.Diff(got.Set, again); d != "" {
			t.Error(d)
		}
	})
}
