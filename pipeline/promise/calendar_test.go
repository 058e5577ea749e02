package promise

import (
	"strings"
	"testing"
	"time"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Skipf("no time zone data for %s here: %v", name, err)
	}
	return loc
}

func hours(from, to float64) Span {
	return Span{time.Duration(from * float64(time.Hour)), time.Duration(to * float64(time.Hour))}
}

func week(spans ...Span) [7][]Span {
	var w [7][]Span
	for d := time.Monday; d <= time.Friday; d++ {
		w[d] = spans
	}
	return w
}

func date(t testing.TB, s string) Date {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return Date{d.Year(), d.Month(), d.Day()}
}

func compile(t testing.TB, c Calendar) *Hours {
	t.Helper()
	h, err := c.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// shanghai is a Chinese desk: lunch break, the May holiday of 2026 (1 to 5 May) with a make-up
// Saturday on 9 May, and a sale night on 11 November that runs past midnight.
func shanghai(t testing.TB) *Hours {
	return compile(t, Calendar{
		Name: "shanghai", Zone: zone(t, "Asia/Shanghai"), Week: week(hours(9, 12), hours(13, 18)),
		Holidays: []Date{date(t, "2026-05-01"), date(t, "2026-05-04"), date(t, "2026-05-05")},
		Workdays: []Workday{
			{Date: date(t, "2026-05-09"), As: time.Friday},
			{Date: date(t, "2026-05-10"), Spans: []Span{hours(10, 12)}},
		},
		Special: []SpecialDay{
			{Date: date(t, "2026-11-11"), Spans: []Span{hours(8, 26)}},
			{Date: date(t, "2026-12-31")},
		},
	})
}

func TestAdd(t *testing.T) {
	cn := shanghai(t)
	plain := func(name string) *Hours {
		return compile(t, Calendar{Name: name, Zone: zone(t, name), Week: week(hours(9, 17))})
	}
	var always [7][]Span
	for d := range always {
		always[d] = []Span{hours(0, 24)}
	}
	round := func(name string) *Hours {
		return compile(t, Calendar{Name: name, Zone: zone(t, name), Week: always})
	}
	night := compile(t, Calendar{Name: "night", Zone: zone(t, "Asia/Shanghai"),
		Week: [7][]Span{time.Friday: {hours(22, 30)}}, Holidays: []Date{date(t, "2026-05-02")}})
	cases := []struct {
		name  string
		hours *Hours
		start string
		add   time.Duration
		want  string
	}{
		{"Friday 16:30 plus one hour is Monday 9:30", plain("Europe/London"), "2026-06-12 16:30", time.Hour, "2026-06-15 09:30"},
		{"Friday 16:30 plus half an hour is closing time, not Monday", plain("Europe/London"), "2026-06-12 16:30", 30 * time.Minute, "2026-06-12 17:00"},
		{"a weekend start waits for Monday", plain("Europe/London"), "2026-06-13 03:00", time.Hour, "2026-06-15 10:00"},
		{"nothing to add is the start itself", cn, "2026-06-13 03:00", 0, "2026-06-13 03:00"},
		{"the lunch break does not count", cn, "2026-06-12 11:30", time.Hour, "2026-06-12 13:30"},
		{"a start inside the lunch break waits for its end", cn, "2026-06-12 12:20", time.Hour, "2026-06-12 14:00"},
		{"holidays are stepped over", cn, "2026-04-30 17:00", 2 * time.Hour, "2026-05-06 10:00"},
		{"a make-up Saturday works with a weekday's hours", cn, "2026-05-08 17:30", time.Hour, "2026-05-09 09:30"},
		{"a make-up Sunday works with hours of its own", cn, "2026-05-09 17:30", time.Hour, "2026-05-10 10:30"},
		{"a make-up Sunday that is too short goes on at Monday", cn, "2026-05-10 11:30", time.Hour, "2026-05-11 09:30"},
		{"a sale day has longer hours, past midnight", cn, "2026-11-11 20:00", 5 * time.Hour, "2026-11-12 01:00"},
		{"after the sale night the next day begins as usual", cn, "2026-11-12 01:30", time.Hour, "2026-11-12 09:30"},
		{"a special day without hours is closed", cn, "2026-12-31 10:00", time.Hour, "2027-01-01 10:00"},
		{"a night that began before a holiday ends in it", night, "2026-05-01 23:00", 3 * time.Hour, "2026-05-02 02:00"},
		{"a start after midnight is inside last night's hours", night, "2026-05-02 05:00", 2 * time.Hour, "2026-05-08 23:00"},
		{"the night the clocks go forward has an hour less", round("America/New_York"), "2026-03-08 00:00", 12 * time.Hour, "2026-03-08 13:00"},
		{"the night the clocks go back has an hour more", round("America/New_York"), "2026-11-01 00:00", 12 * time.Hour, "2026-11-01 11:00"},
		{"office hours keep their wall-clock time over a change of clocks", plain("America/New_York"), "2026-03-06 16:30", time.Hour, "2026-03-09 09:30"},
		{"forty business hours are a week", plain("America/New_York"), "2026-03-06 09:00", 40 * time.Hour, "2026-03-12 17:00"},
		{"two thousand business hours skip whole weeks over both changes", plain("America/New_York"), "2026-01-05 09:00", 2000 * time.Hour, "2026-12-18 17:00"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.hours.Add(at(t, c.start, c.hours.Zone()), c.add)
			if err != nil {
				t.Fatal(err)
			}
			if want := at(t, c.want, c.hours.Zone()); !got.Equal(want) {
				t.Errorf("got %s, want %s", got.In(c.hours.Zone()), want)
			}
			if back := c.hours.Between(at(t, c.start, c.hours.Zone()), got); back != c.add {
				t.Errorf("Between gives %s back, want %s", back, c.add)
			}
		})
	}
}

func at(t testing.TB, s string, loc *time.Location) time.Time {
	t.Helper()
	v, err := time.ParseInLocation("2006-01-02 15:04", s, loc)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestAddKeepsItsZone(t *testing.T) {
	cn := shanghai(t)
	start := at(t, "2026-06-12 16:30", cn.Zone()).In(time.UTC)
	got, err := cn.Add(start, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if got.Location() != time.UTC {
		t.Errorf("got a time in %s, want the start's UTC", got.Location())
	}
}

func TestAddGivesUp(t *testing.T) {
	utc := time.UTC
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, utc)
	cases := []struct {
		name     string
		calendar Calendar
		start    time.Time
		add      time.Duration
		want     string
	}{
		{"a calendar without hours", Calendar{Zone: utc}, start, time.Hour, "no opening hours"},
		{"one workday and nothing after it", Calendar{Zone: utc, Workdays: []Workday{{Date: Date{2026, 3, 1}, Spans: []Span{hours(9, 10)}}}}, start, 2 * time.Hour, "no opening hours"},
		{"negative business time", Calendar{Zone: utc, Week: week(hours(9, 17))}, start, -1, "negative"},
		{"a start out of range", Calendar{Zone: utc, Week: week(hours(9, 17))}, time.Time{}, 1, "out of range"},
		{"more business time than the range holds", Calendar{Zone: utc, Week: [7][]Span{1: {{0, time.Second}}}}, start, 24 * time.Hour, "no opening hours"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := compile(t, c.calendar).Add(c.start, c.add)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %s, %v; want an error with %q", got, err, c.want)
			}
		})
	}
}

func TestBetween(t *testing.T) {
	cn := shanghai(t)
	a, b := at(t, "2026-04-30 16:00", cn.Zone()), at(t, "2026-05-06 10:30", cn.Zone())
	if got, want := cn.Between(a, b), 3*time.Hour+30*time.Minute; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := cn.Between(b, a), -(3*time.Hour + 30*time.Minute); got != want {
		t.Errorf("backwards: got %s, want %s", got, want)
	}
	if got := cn.Between(time.Time{}, a); got != 0 {
		t.Errorf("out of range: got %s, want 0", got)
	}
	if cn.Open(at(t, "2026-05-05 10:00", cn.Zone())) || !cn.Open(at(t, "2026-05-06 10:00", cn.Zone())) {
		t.Error("open on the holiday or closed after it")
	}
}

func TestCompileRefuses(t *testing.T) {
	utc := time.UTC
	day := Date{2026, 5, 1}
	cases := []struct {
		name     string
		calendar Calendar
		want     string
	}{
		{"no zone", Calendar{}, "no time zone"},
		{"a span that ends before it begins", Calendar{Zone: utc, Week: week(hours(9, 8))}, "span"},
		{"a span that begins tomorrow", Calendar{Zone: utc, Week: week(hours(25, 26))}, "span"},
		{"a span longer than two days", Calendar{Zone: utc, Week: week(hours(1, 49))}, "span"},
		{"overlapping spans", Calendar{Zone: utc, Week: week(hours(9, 12), hours(11, 14))}, "overlap"},
		{"hours that run into the next day's", Calendar{Zone: utc, Week: week(hours(0, 24.5))}, "run into"},
		{"a day that is holiday and make-up workday", Calendar{Zone: utc, Week: week(hours(9, 12)), Holidays: []Date{day}, Workdays: []Workday{{Date: day, As: 1}}}, "also a holiday"},
		{"a make-up workday like a closed day", Calendar{Zone: utc, Week: week(hours(9, 12)), Workdays: []Workday{{Date: day, As: time.Sunday}}}, "has none"},
		{"a make-up workday with bad hours", Calendar{Zone: utc, Workdays: []Workday{{Date: day, Spans: []Span{hours(9, 8)}}}}, "span"},
		{"a special day given twice", Calendar{Zone: utc, Special: []SpecialDay{{Date: day}, {Date: day}}}, "twice"},
		{"a special day with bad hours", Calendar{Zone: utc, Special: []SpecialDay{{Date: day, Spans: []Span{hours(9, 8)}}}}, "span"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if _, err := c.calendar.Compile(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}

func TestADateIsWrittenAsItIsRead(t *testing.T) {
	if got := date(t, "2026-05-01"); got != (Date{2026, 5, 1}) || got.String() != "2026-05-01" {
		t.Error(got)
	}
}

// TestResolve goes through a year of every zone that changes its clocks in an unusual way and
// checks that the order of local times is kept and that times which exist once are exact.
func TestResolve(t *testing.T) {
	for _, name := range []string{"America/New_York", "Europe/London", "Australia/Lord_Howe", "Africa/Casablanca", "America/Santiago", "Pacific/Apia", "Asia/Shanghai"} {
		loc := zone(t, name)
		last := int64(0)
		first := time.Date(2011, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano()
		for i := range int64(366 * 24 * 4) {
			local := first + i*int64(15*time.Minute)
			got := resolve(local, loc)
			if got < last {
				t.Fatalf("%s: %s goes back", name, time.Unix(0, local).UTC())
			}
			last = got
			in := time.Unix(0, got).In(loc)
			_, off := in.Zone()
			start, _ := in.ZoneBounds()
			if got+int64(off)*int64(time.Second) != local && !in.Equal(start) {
				t.Fatalf("%s: local %s became %s", name, time.Unix(0, local).UTC(), in)
			}
		}
	}
}

func BenchmarkAddFewHours(b *testing.B) {
	benchmarkAdd(b, 8*time.Hour)
}

func BenchmarkAddOneYear(b *testing.B) {
	benchmarkAdd(b, 2000*time.Hour)
}

func benchmarkAdd(b *testing.B, d time.Duration) {
	h := shanghai(b)
	start := at(b, "2026-04-30 16:30", h.Zone())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.Add(start, d); err != nil {
			b.Fatal(err)
		}
	}
}
