package promise

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/pipeline/match"
)

// counted is a start, a business time and the moment that comes of it, on the wall of one zone.
type counted struct {
	name, start string
	add         time.Duration
	want        string
}

func addAll(t *testing.T, h *Hours, cases []counted) {
	t.Helper()
	for _, c := range cases {
		t.Run(h.name+"/"+c.name, func(t *testing.T) {
			start := at(t, c.start, h.Zone())
			got, err := h.Add(start, c.add)
			if err != nil {
				t.Fatal(err)
			}
			if shown := got.In(h.Zone()).Format("2006-01-02 15:04"); shown != c.want {
				t.Errorf("%s and %s is %s, want %s", c.start, c.add, shown, c.want)
			}
			if back := h.Between(start, got); back != c.add {
				t.Errorf("between them lie %s, want %s", back, c.add)
			}
		})
	}
}

// TestChineseHolidays: the Spring Festival and the National Day of 2026 as the State Council moves days for them: the days off in the
// middle of a week, and the Saturdays and Sundays that are worked for them.
func TestChineseHolidays(t *testing.T) {
	t.Parallel()
	var off []Date
	for d := 16; d <= 20; d++ { // Monday to Friday
		off = append(off, Date{2026, time.February, d})
	}
	for d := 1; d <= 7; d++ {
		off = append(off, Date{2026, time.October, d})
	}
	h := compile(t, Calendar{Name: "holidays", Zone: zone(t, "Asia/Shanghai"), Week: week(hours(9, 12), hours(13, 18)), Holidays: off,
		Workdays: []Workday{{Date: Date{2026, time.February, 14}, As: time.Monday}, {Date: Date{2026, time.February, 28}, As: time.Monday}, {Date: Date{2026, time.September, 20}, As: time.Friday}, {Date: Date{2026, time.October, 10}, As: time.Friday}}})
	addAll(t, h, []counted{
		{"the last working day before the festival", "2026-02-14 17:00", time.Hour, "2026-02-14 18:00"},
		{"over the festival", "2026-02-14 17:30", time.Hour, "2026-02-23 09:30"},
		{"in the middle of the festival", "2026-02-18 10:00", time.Hour, "2026-02-23 10:00"},
		{"at midnight of its first day", "2026-02-16 00:00", time.Minute, "2026-02-23 09:01"},
		{"a minute before midnight of its last day", "2026-02-22 23:59", time.Minute, "2026-02-23 09:01"},
		{"a Saturday that is worked for it", "2026-02-27 17:30", 2 * time.Hour, "2026-02-28 10:30"},
		{"the Sunday behind that Saturday is free", "2026-02-28 17:30", time.Hour, "2026-03-02 09:30"},
		{"a Sunday that is worked before the National Day", "2026-09-19 12:00", time.Hour, "2026-09-20 10:00"},
		{"over the National Day", "2026-09-30 17:59", 2 * time.Minute, "2026-10-08 09:01"},
		{"its Saturday that is worked", "2026-10-09 18:00", 8 * time.Hour, "2026-10-10 18:00"},
		{"forty hours over the festival", "2026-02-13 09:00", 40 * time.Hour, "2026-02-25 18:00"},
		{"the lunch of a day that is worked for another", "2026-02-28 11:30", time.Hour, "2026-02-28 13:30"},
		{"the end of lunch", "2026-02-24 12:00", time.Minute, "2026-02-24 13:01"},
		{"the beginning of lunch is a moment that counts", "2026-02-24 11:00", time.Hour, "2026-02-24 12:00"},
		{"the end of a day is a moment that counts", "2026-02-24 17:00", time.Hour, "2026-02-24 18:00"},
		{"one minute more is the next day", "2026-02-24 17:00", time.Hour + time.Minute, "2026-02-25 09:01"},
		{"New Year is none of these holidays", "2026-12-31 17:30", time.Hour, "2027-01-01 09:30"},
		{"the day that a leap year has not", "2026-02-27 18:00", 8 * time.Hour, "2026-02-28 18:00"},
	})
	for _, c := range []struct {
		when string
		open bool
	}{
		{"2026-02-14 10:00", true},
		{"2026-02-15 10:00", false},
		{"2026-02-16 10:00", false},
		{"2026-02-20 17:59", false},
		{"2026-02-23 09:00", true},
		{"2026-02-23 08:59", false},
		{"2026-02-23 12:00", false},
		{"2026-02-23 13:00", true},
		{"2026-02-23 18:00", false},
		{"2026-02-28 10:00", true},
		{"2026-09-20 10:00", true},
		{"2026-10-07 10:00", false},
		{"2026-10-08 10:00", true},
		{"2026-10-11 10:00", false},
	} {
		if got := h.Open(at(t, c.when, h.Zone())); got != c.open {
			t.Errorf("open at %s: %v", c.when, got)
		}
	}
}

// TestChangesOfTheClocks in both directions, within hours, across midnight, and at the moment itself.
func TestChangesOfTheClocks(t *testing.T) {
	t.Parallel()
	var always, nights [7][]Span
	for d := range always {
		always[d], nights[d] = []Span{hours(0, 24)}, []Span{hours(22, 30)}
	}
	for zoneName, cases := range map[string][]counted{
		"Europe/London": {
			{"over the spring night", "2026-03-28 23:00", 4 * time.Hour, "2026-03-29 04:00"},
			{"to the moment of the change", "2026-03-29 00:00", time.Hour, "2026-03-29 02:00"},
			{"a minute before it", "2026-03-29 00:00", 59 * time.Minute, "2026-03-29 00:59"},
			{"over the autumn night", "2026-10-24 23:00", 4 * time.Hour, "2026-10-25 02:00"},
			{"a week over spring", "2026-03-25 12:00", 7 * 24 * time.Hour, "2026-04-01 13:00"},
			{"a week over autumn", "2026-10-21 12:00", 7 * 24 * time.Hour, "2026-10-28 11:00"},
			{"a year over both", "2026-01-01 12:00", 365 * 24 * time.Hour, "2027-01-01 12:00"},
		},
		"America/New_York": {
			{"over the spring night", "2026-03-07 23:00", 4 * time.Hour, "2026-03-08 04:00"},
			{"over the autumn night", "2026-10-31 23:00", 4 * time.Hour, "2026-11-01 02:00"},
		},
		"Australia/Sydney": {
			{"spring comes in October", "2026-10-03 23:00", 4 * time.Hour, "2026-10-04 04:00"},
			{"autumn comes in April", "2026-04-04 23:00", 4 * time.Hour, "2026-04-05 02:00"},
		},
		"Australia/Lord_Howe": {
			{"half an hour in spring", "2026-10-03 23:00", 4 * time.Hour, "2026-10-04 03:30"},
			{"half an hour in autumn", "2026-04-04 23:00", 4 * time.Hour, "2026-04-05 02:30"},
		},
		"Asia/Shanghai": {
			{"no change at all", "2026-03-28 23:00", 4 * time.Hour, "2026-03-29 03:00"},
			{"nor in autumn", "2026-10-24 23:00", 4 * time.Hour, "2026-10-25 03:00"},
		},
	} {
		addAll(t, compile(t, Calendar{Name: "always " + zoneName, Zone: zone(t, zoneName), Week: always}), cases)
	}
	early := compile(t, Calendar{Name: "early London", Zone: zone(t, "Europe/London"), Week: [7][]Span{{hours(1.5, 4)}, {hours(1.5, 4)}, {hours(1.5, 4)}, {hours(1.5, 4)}, {hours(1.5, 4)}, {hours(1.5, 4)}, {hours(1.5, 4)}}})
	addAll(t, early, []counted{
		{"hours that begin at a time that the clocks jump over", "2026-03-29 00:00", time.Hour, "2026-03-29 03:00"},
		{"and end on time", "2026-03-29 00:00", 2 * time.Hour, "2026-03-29 04:00"},
		{"hours that begin at a time that comes twice", "2026-10-25 00:00", 90 * time.Minute, "2026-10-25 02:00"},
		{"an ordinary night", "2026-06-14 00:00", time.Hour, "2026-06-14 02:30"},
	})
	night := compile(t, Calendar{Name: "nights London", Zone: zone(t, "Europe/London"), Week: nights})
	addAll(t, night, []counted{
		{"a night of seven hours", "2026-03-28 22:00", 7 * time.Hour, "2026-03-29 06:00"},
		{"a night of nine hours", "2026-10-24 22:00", 9 * time.Hour, "2026-10-25 06:00"},
		{"one hour more is the next night", "2026-03-28 22:00", 8 * time.Hour, "2026-03-29 23:00"},
		{"an ordinary night", "2026-06-13 22:00", 8 * time.Hour, "2026-06-14 06:00"},
		{"by day it waits for the evening", "2026-06-13 12:00", time.Hour, "2026-06-13 23:00"},
		{"across midnight", "2026-06-13 23:30", time.Hour, "2026-06-14 00:30"},
		{"across the end of a month", "2026-06-30 23:30", time.Hour, "2026-07-01 00:30"},
		{"across the end of a year", "2026-12-31 23:30", time.Hour, "2027-01-01 00:30"},
		{"across the day of a leap year", "2028-02-28 23:30", time.Hour, "2028-02-29 00:30"},
	})
}

// TestAddingTwiceIsAddingOnce: business time can be cut anywhere, and later starts are due no earlier.
func TestAddingTwiceIsAddingOnce(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	london := compile(t, Calendar{Name: "london", Zone: zone(t, "Europe/London"), Week: week(hours(9, 12.5), hours(13.25, 17)), Holidays: []Date{{2026, time.December, 25}, {2026, time.December, 28}}})
	for _, h := range []*Hours{shanghai(t), london} {
		first := at(t, "2026-01-01 00:00", h.Zone())
		for range 3000 {
			start := first.Add(time.Duration(r.Int64N(int64(400 * 24 * time.Hour)))).Round(time.Second)
			a, b := time.Duration(r.Int64N(int64(30*time.Hour))), time.Duration(r.Int64N(int64(60*time.Hour)))
			mid, err1 := h.Add(start, a)
			twice, err2 := h.Add(mid, b)
			once, err3 := h.Add(start, a+b)
			if err1 != nil || err2 != nil || err3 != nil || !twice.Equal(once) {
				t.Fatalf("%s: %s, %s and %s is %s, in one %s", h.name, start, a, b, twice, once)
			}
			if b > 0 && !once.After(mid) || mid.Before(start) {
				t.Fatalf("%s: %s and %s goes back from %s", h.name, start, a+b, mid)
			}
			later, err := h.Add(start.Add(time.Hour), a+b)
			if err != nil || later.Before(once) {
				t.Fatalf("%s: an hour after %s it is due earlier: %s, not %s", h.name, start, later, once)
			}
			if h.Between(start, once) != h.Between(start, mid)+h.Between(mid, once) {
				t.Fatalf("%s: the time from %s to %s is not that of its two parts", h.name, start, once)
			}
			if a+b > 0 && !h.Open(once.Add(-1)) {
				t.Fatalf("%s: %s lies behind a closed moment", h.name, once)
			}
		}
	}
}

func TestADayOffMovesEveryPromiseOverIt(t *testing.T) {
	t.Parallel()
	zone := zone(t, "Asia/Shanghai")
	plain := compile(t, Calendar{Name: "plain", Zone: zone, Week: week(hours(9, 18))})
	for d := 1; d <= 28; d++ {
		day := Date{2026, time.June, d}
		off := compile(t, Calendar{Name: "off", Zone: zone, Week: week(hours(9, 18)), Holidays: []Date{day}})
		from, to := at(t, "2026-06-01 00:00", zone), at(t, "2026-06-30 00:00", zone)
		lost := time.Duration(0)
		if w := time.Date(2026, time.June, d, 0, 0, 0, 0, zone).Weekday(); w != time.Saturday && w != time.Sunday {
			lost = 9 * time.Hour
		}
		if got := plain.Between(from, to) - off.Between(from, to); got != lost {
			t.Errorf("%s off takes %s away, want %s", day, got, lost)
		}
		if off.Open(time.Date(2026, time.June, d, 12, 0, 0, 0, zone)) {
			t.Errorf("%s is off and open", day)
		}
	}
}

func TestTimesThatCustomersRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, lang, zone, due, now, want, short string }{
		{"today", "en", "Asia/Shanghai", "2026-06-12 18:00", "2026-06-12 09:00", "Friday 12 June, 18:00 (Shanghai time)", "12 Jun 18:00 (Shanghai time)"},
		{"midnight", "en", "Asia/Shanghai", "2026-06-13 00:00", "2026-06-12 09:00", "Saturday 13 June, 00:00 (Shanghai time)", "13 Jun 00:00 (Shanghai time)"},
		{"midnight in Chinese", "zh", "Asia/Shanghai", "2026-06-13 00:00", "2026-06-12 09:00", "6月13日（星期六）00:00（北京时间）", "6月13日00:00（北京时间）"},
		{"a minute before", "zh", "Asia/Shanghai", "2026-06-12 23:59", "2026-06-12 09:00", "6月12日（星期五）23:59（北京时间）", "6月12日23:59（北京时间）"},
		{"a Sunday in Simplified", "zh-CN", "Asia/Shanghai", "2026-06-14 09:05", "2026-06-12 09:00", "6月14日（星期日）09:05（北京时间）", "6月14日09:05（北京时间）"},
		{"a Sunday in Traditional", "zh-TW", "Asia/Taipei", "2026-06-14 09:05", "2026-06-12 09:00", "6月14日（週日）09:05（台北時間）", "6月14日09:05（台北時間）"},
		{"Hong Kong", "zh-HK", "Asia/Hong_Kong", "2026-06-15 09:05", "2026-06-12 09:00", "6月15日（週一）09:05（香港時間）", "6月15日09:05（香港時間）"},
		{"Macau", "zh-MO", "Asia/Macau", "2026-06-15 09:05", "2026-06-12 09:00", "6月15日（週一）09:05（澳門時間）", "6月15日09:05（澳門時間）"},
		{"Singapore reads Simplified", "zh-SG", "Asia/Singapore", "2026-06-15 09:05", "2026-06-12 09:00", "6月15日（星期一）09:05（新加坡时间）", "6月15日09:05（新加坡时间）"},
		{"the script goes before the region", "zh-Hans-TW", "Asia/Taipei", "2026-06-15 09:05", "2026-06-12 09:00", "6月15日（星期一）09:05（台北时间）", "6月15日09:05（台北时间）"},
		{"in capitals", "ZH-HANT", "Asia/Taipei", "2026-06-15 09:05", "2026-06-12 09:00", "6月15日（週一）09:05（台北時間）", "6月15日09:05（台北時間）"},
		{"the next year", "en", "Europe/London", "2027-01-01 00:00", "2026-12-31 23:59", "Friday 1 January 2027, 00:00 (London time)", "1 Jan 2027 00:00 (London time)"},
		{"the next year in Chinese", "zh-Hant", "Asia/Hong_Kong", "2027-01-01 00:00", "2026-12-31 23:59", "2027年1月1日（週五）00:00（香港時間）", "2027年1月1日00:00（香港時間）"},
		{"the last minute of this one", "en", "Europe/London", "2026-12-31 23:59", "2026-01-01 00:00", "Thursday 31 December, 23:59 (London time)", "31 Dec 23:59 (London time)"},
		{"summer", "zh", "America/Denver", "2026-07-01 10:00", "2026-06-12 09:00", "7月1日（星期三）10:00（UTC-06:00）", "7月1日10:00（UTC-06:00）"},
		{"winter", "zh", "America/Denver", "2026-12-01 10:00", "2026-06-12 09:00", "12月1日（星期二）10:00（UTC-07:00）", "12月1日10:00（UTC-07:00）"},
		{"half an hour", "zh", "Asia/Kolkata", "2026-12-01 10:00", "2026-06-12 09:00", "12月1日（星期二）10:00（UTC+05:30）", "12月1日10:00（UTC+05:30）"},
		{"half an hour in English", "en", "Asia/Kolkata", "2026-12-01 10:00", "2026-06-12 09:00", "Tuesday 1 December, 10:00 (Kolkata time)", "1 Dec 10:00 (Kolkata time)"},
		{"another language", "ja", "Asia/Tokyo", "2026-12-01 10:00", "2026-06-12 09:00", "Tuesday 1 December, 10:00 (Tokyo time)", "1 Dec 10:00 (Tokyo time)"},
		{"a language that begins like Chinese", "zha", "Asia/Shanghai", "2026-12-01 10:00", "2026-06-12 09:00", "Tuesday 1 December, 10:00 (Shanghai time)", "1 Dec 10:00 (Shanghai time)"},
		{"no language", "", "Asia/Shanghai", "2026-12-01 10:00", "2026-06-12 09:00", "Tuesday 1 December, 10:00 (Shanghai time)", "1 Dec 10:00 (Shanghai time)"},
		{"the day of a leap year", "zh", "Asia/Shanghai", "2028-02-29 10:00", "2028-02-01 09:00", "2月29日（星期二）10:00（北京时间）", "2月29日10:00（北京时间）"},
	} {
		loc := zone(t, c.zone)
		due, now := at(t, c.due, loc), at(t, c.now, loc)
		if got := Announce(due, c.lang, loc, now); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if got := AnnounceShort(due, c.lang, loc, now); got != c.short {
			t.Errorf("%s, short: %q, want %q", c.name, got, c.short)
		}
		if got := Announce(due.In(time.UTC), c.lang, loc, now.In(zone(t, "America/New_York"))); got != c.want {
			t.Errorf("%s, told in other zones: %q", c.name, got)
		}
		if short := AnnounceShort(due, c.lang, loc, now); len([]rune(short)) > len([]rune(c.want)) {
			t.Errorf("%s: the short form %q is longer", c.name, short)
		}
	}
}

// TestEachPlaceIsCalledByItsNames: no zone of the file is told by its distance, and each exists.
func TestEachPlaceIsCalledByItsNames(t *testing.T) {
	t.Parallel()
	if len(places) < 20 {
		t.Fatalf("%d zones", len(places))
	}
	now := time.Date(2026, 1, 2, 2, 0, 0, 0, time.UTC)
	for name, p := range places {
		loc := zone(t, name)
		for lang, want := range map[string]string{"en": p.en + " time", "zh-Hans": p.hans + "时间", "zh-Hant": p.hant + "時間"} {
			for _, got := range []string{Announce(now, lang, loc, now), AnnounceShort(now, lang, loc, now)} {
				if !strings.Contains(got, want) {
					t.Errorf("%s in %s: %q", name, lang, got)
				}
			}
		}
		if p.en == "" || p.hans == "" || p.hant == "" || strings.ContainsAny(p.hans, "國灣門東紐約爾") || strings.ContainsAny(p.hant, "门东纽约尔") {
			t.Errorf("%s is called %+v", name, p)
		}
	}
}

func TestPlacesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"a city without its Chinese names", "[Paris]\nEurope/Paris", "zones.txt:2: "},
		{"names that stand twice", "[Paris]\n巴黎 / 巴黎\n法国 / 法國", "zones.txt:3: "},
		{"a zone before the names", "[Paris]\nEurope/Paris | 巴黎 / 巴黎", "zones.txt:2: "},
		{"a zone of two cities", "[Paris]\n巴黎 / 巴黎\nEurope/Paris\n[Lyon]\n里昂 / 里昂\nEurope/Paris", "zones.txt:6: "},
		{"a city twice", "[Paris]\n巴黎 / 巴黎\n[Paris]\n巴黎 / 巴黎", "zones.txt:3: "},
	} {
		if got, err := readPlaces("zones.txt", c.text); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v and %v, want an error on %s", c.name, got, err, c.want)
		}
	}
	got, err := readPlaces("zones.txt", "[Paris]\n巴黎 / 巴黎斯\nEurope/Paris | A/B")
	if want := (place{"Paris", "巴黎", "巴黎斯"}); err != nil || got["Europe/Paris"] != want || got["A/B"] != want || len(got) != 2 {
		t.Errorf("%v and %v", got, err)
	}
}

// TestPromisesOverAWeekend: each kind by its clock, when a message comes on a Friday evening, on a Saturday and at midnight.
func TestPromisesOverAWeekend(t *testing.T) {
	t.Parallel()
	p := policy(t)
	cn := zone(t, "Asia/Shanghai")
	for _, c := range []struct{ name, start, acknowledged, replied string }{
		{"within hours", "2026-06-10 10:00", "2026-06-11 10:00", "2026-06-10 15:00"},
		{"before the lunch", "2026-06-10 11:59", "2026-06-11 11:59", "2026-06-10 16:59"},
		{"at the end of a day", "2026-06-10 18:00", "2026-06-11 18:00", "2026-06-11 14:00"},
		{"on a Friday evening", "2026-06-12 18:01", "2026-06-13 18:01", "2026-06-15 14:00"},
		{"on a Saturday", "2026-06-13 12:00", "2026-06-14 12:00", "2026-06-15 14:00"},
		{"at midnight of Sunday", "2026-06-14 00:00", "2026-06-15 00:00", "2026-06-15 14:00"},
		{"a minute before Monday opens", "2026-06-15 08:59", "2026-06-16 08:59", "2026-06-15 14:00"},
		{"when Monday opens", "2026-06-15 09:00", "2026-06-16 09:00", "2026-06-15 14:00"},
		{"before the May holiday", "2026-04-30 17:00", "2026-05-01 17:00", "2026-05-06 12:00"},
		{"in the May holiday", "2026-05-02 10:00", "2026-05-03 10:00", "2026-05-06 14:00"},
		{"in the night of the sale", "2026-11-11 23:00", "2026-11-12 23:00", "2026-11-12 10:00"},
		{"on the last day of the year, which is closed", "2026-12-31 10:00", "2027-01-01 10:00", "2027-01-01 14:00"},
	} {
		start := at(t, c.start, cn)
		made := Make(p, Facts{Case: match.Case{Channel: "email"}}, start, start)
		if len(made) != 2 || made[0].Kind != Acknowledgement || made[1].Kind != FirstReply {
			t.Fatalf("%s: %+v", c.name, made)
		}
		if got := made[0].Due.In(cn).Format("2006-01-02 15:04"); got != c.acknowledged {
			t.Errorf("%s: acknowledged until %s, want %s", c.name, got, c.acknowledged)
		}
		if got := made[1].Due.In(cn).Format("2006-01-02 15:04"); got != c.replied {
			t.Errorf("%s: replied until %s, want %s", c.name, got, c.replied)
		}
		for _, m := range made {
			if !m.From.Equal(start) || !m.Due.After(m.From) || m.Note != "" || !slices.IsSortedFunc(m.Warn, time.Time.Compare) {
				t.Errorf("%s: %+v", c.name, m)
			}
			for _, w := range m.Warn {
				if !w.After(start) || !w.Before(m.Due) {
					t.Errorf("%s: %s is warned of at %s, from %s to %s", c.name, m.Kind, w, start, m.Due)
				}
			}
		}
	}
}

// TestNoPromiseIsMadeInThePast: however late a message is read, a reply is due in time to come; an acknowledgement tells the truth.
func TestNoPromiseIsMadeInThePast(t *testing.T) {
	t.Parallel()
	p := policy(t)
	start := at(t, "2026-06-10 10:00", zone(t, "Asia/Shanghai"))
	for _, late := range []time.Duration{0, time.Second, time.Hour, 5*time.Hour - time.Second, 5 * time.Hour, 24 * time.Hour, 90 * 24 * time.Hour} {
		for _, category := range []string{"", "refund"} {
			now := start.Add(late)
			for _, m := range Make(p, Facts{Case: match.Case{Category: category}}, start, now) {
				switch {
				case m.Kind == Acknowledgement:
					if !m.Due.Equal(start.Add(24 * time.Hour)) {
						t.Errorf("%s late: acknowledged until %s", late, m.Due)
					}
				case !m.Due.After(now):
					t.Errorf("%s late: %s is due at %s, which is over", late, m.Kind, m.Due)
				case (m.Note != "") != m.From.Equal(now) && late > 0:
					t.Errorf("%s late: %s counts from %s, and says %q", late, m.Kind, m.From, m.Note)
				}
				for _, w := range m.Warn {
					if !w.After(now) {
						t.Errorf("%s late: a warning at %s is over", late, w)
					}
				}
			}
		}
	}
}

func TestWhichRuleDecides(t *testing.T) {
	t.Parallel()
	h := compile(t, Calendar{Name: "c", Zone: time.UTC, Week: week(hours(9, 17))})
	start := time.Date(2026, 6, 10, 10, 0, 0, 0, time.UTC)
	rule := func(kind Kind, within time.Duration, of match.Rule) Rule {
		return Rule{Kind: kind, Within: within, Clock: Wall, Rule: of}
	}
	for _, c := range []struct {
		name  string
		rules []Rule
		facts Facts
		want  map[Kind]time.Duration
	}{
		{"no rule at all", nil, Facts{}, map[Kind]time.Duration{Acknowledgement: 24 * time.Hour}},
		{"the first that takes the case", []Rule{rule(FirstReply, time.Hour, match.Rule{Channels: []string{"sms"}}), rule(FirstReply, 2*time.Hour, match.Rule{})}, Facts{Case: match.Case{Channel: "sms"}}, map[Kind]time.Duration{Acknowledgement: 24 * time.Hour, FirstReply: time.Hour}},
		{"the next where the first does not", []Rule{rule(FirstReply, time.Hour, match.Rule{Channels: []string{"sms"}}), rule(FirstReply, 2*time.Hour, match.Rule{})}, Facts{Case: match.Case{Channel: "email"}}, map[Kind]time.Duration{Acknowledgement: 24 * time.Hour, FirstReply: 2 * time.Hour}},
		{"a general rule in front hides the others", []Rule{rule(FirstReply, 2*time.Hour, match.Rule{}), rule(FirstReply, time.Hour, match.Rule{Channels: []string{"sms"}})}, Facts{Case: match.Case{Channel: "sms"}}, map[Kind]time.Duration{Acknowledgement: 24 * time.Hour, FirstReply: 2 * time.Hour}},
		{"no time is no promise", []Rule{rule(FirstReply, 0, match.Rule{}), rule(FirstReply, time.Hour, match.Rule{})}, Facts{}, map[Kind]time.Duration{Acknowledgement: 24 * time.Hour}},
		{"nor of an acknowledgement", []Rule{rule(Acknowledgement, 0, match.Rule{})}, Facts{}, map[Kind]time.Duration{}},
		{"a rule of another kind is none of this", []Rule{rule(Resolution, time.Hour, match.Rule{})}, Facts{}, map[Kind]time.Duration{Acknowledgement: 24 * time.Hour, Resolution: time.Hour}},
		{"all of a rule's conditions", []Rule{rule(FirstReply, time.Hour, match.Rule{Channels: []string{"sms"}, Priorities: []string{"urgent"}})}, Facts{Case: match.Case{Channel: "sms", Priority: "low"}}, map[Kind]time.Duration{Acknowledgement: 24 * time.Hour}},
	} {
		got := map[Kind]time.Duration{}
		for _, m := range Make(Policy{Rules: c.rules, Calendars: map[string]*Hours{"c": h}}, c.facts, start, start) {
			got[m.Kind] = m.Due.Sub(start)
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
