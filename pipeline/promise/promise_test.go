package promise

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline/match"
)

func policy(t testing.TB) Policy {
	p := Policy{
		Calendars: map[string]*Hours{
			"shanghai": shanghai(t),
			"london":   compile(t, Calendar{Name: "london", Zone: zone(t, "Europe/London"), Week: week(hours(9, 17))}),
		},
		Default: "shanghai",
		Warn:    []float64{0.8, 0.5},
		Rules: []Rule{
			{Kind: Acknowledgement, Rule: match.Rule{Channels: []string{"sms"}}, Within: 2 * time.Hour, Warn: []float64{}},
			{Kind: FirstReply, Rule: match.Rule{Priorities: []string{"urgent"}}, Within: 30 * time.Minute, Clock: Wall},
			{Kind: FirstReply, Rule: match.Rule{Queues: []string{"europe"}}, Within: time.Hour, Calendar: "london"},
			{Kind: FirstReply, Rule: match.Rule{Categories: []string{"suggestion"}}},
			{Kind: FirstReply, Rule: match.Rule{Inboxes: []string{"partners"}, Languages: []string{"zh-Hant", "en"}}, Within: time.Hour, Clock: Wall},
			{Kind: FirstReply, Within: 4 * time.Hour},
			{Kind: Resolution, Rule: match.Rule{Categories: []string{"refund"}}, Within: 40 * time.Hour},
		},
	}
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestMake(t *testing.T) {
	p := policy(t)
	cn := zone(t, "Asia/Shanghai")
	start := at(t, "2026-06-12 16:30", cn) // a Friday
	cases := []struct {
		name  string
		facts Facts
		want  map[Kind]string
	}{
		{"an ordinary mail", Facts{Case: match.Case{Channel: "email"}}, map[Kind]string{Acknowledgement: "2026-06-13 16:30", FirstReply: "2026-06-15 11:30"}},
		{"an SMS is acknowledged sooner", Facts{Case: match.Case{Channel: "sms"}}, map[Kind]string{Acknowledgement: "2026-06-12 18:30", FirstReply: "2026-06-15 11:30"}},
		{"urgent is counted by the wall clock", Facts{Case: match.Case{Priority: "urgent"}}, map[Kind]string{Acknowledgement: "2026-06-13 16:30", FirstReply: "2026-06-12 17:00"}},
		{"a queue with its own calendar", Facts{Case: match.Case{Queue: "europe"}}, map[Kind]string{Acknowledgement: "2026-06-13 16:30", FirstReply: "2026-06-12 17:30"}},
		{"the customer's own calendar", Facts{Calendar: "london"}, map[Kind]string{Acknowledgement: "2026-06-13 16:30", FirstReply: "2026-06-12 20:30"}},
		{"a suggestion is promised no answer", Facts{Case: match.Case{Category: "suggestion"}}, map[Kind]string{Acknowledgement: "2026-06-13 16:30"}},
		{"an inbox and a language with a rule of their own", Facts{Case: match.Case{Inbox: "partners", Language: "zh-Hant"}}, map[Kind]string{Acknowledgement: "2026-06-13 16:30", FirstReply: "2026-06-12 17:30"}},
		{"the same inbox in another language", Facts{Case: match.Case{Inbox: "partners", Language: "zh-Hans"}}, map[Kind]string{Acknowledgement: "2026-06-13 16:30", FirstReply: "2026-06-15 11:30"}},
		{"a refund is also to be resolved", Facts{Case: match.Case{Category: "refund"}}, map[Kind]string{Acknowledgement: "2026-06-13 16:30", FirstReply: "2026-06-15 11:30", Resolution: "2026-06-19 16:30"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := map[Kind]string{}
			for _, m := range Make(p, c.facts, start, start) {
				got[m.Kind] = m.Due.In(cn).Format("2006-01-02 15:04")
				if m.Note != "" {
					t.Errorf("%s: note %q", m.Kind, m.Note)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMakeWarns(t *testing.T) {
	p := policy(t)
	cn := zone(t, "Asia/Shanghai")
	start := at(t, "2026-06-12 16:00", cn)
	got, _ := makeOne(p, FirstReply, Facts{}, start, start)
	want := Promise{Kind: FirstReply, From: start, Due: at(t, "2026-06-15 11:00", cn), Half: at(t, "2026-06-12 18:00", cn), Calendar: "shanghai",
		Warn: []time.Time{at(t, "2026-06-12 18:00", cn), at(t, "2026-06-15 10:12", cn)}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("warnings in business time, earliest first: %s", diff)
	}
	late, _ := makeOne(p, FirstReply, Facts{}, start, at(t, "2026-06-15 10:00", cn))
	if diff := cmp.Diff(want.Warn[1:], late.Warn); diff != "" {
		t.Errorf("warnings that have passed are not made: %s", diff)
	}
	silent, _ := makeOne(p, Acknowledgement, Facts{Case: match.Case{Channel: "sms"}}, start, start)
	if silent.Warn != nil {
		t.Errorf("an empty list means no warnings, got %v", silent.Warn)
	}
}

func TestMakeAfterAnOutage(t *testing.T) {
	p := policy(t)
	cn := zone(t, "Asia/Shanghai")
	now := at(t, "2026-06-15 09:00", cn)
	made := Make(p, Facts{}, at(t, "2026-06-11 10:00", cn), now)
	if got, want := made[0].Due, at(t, "2026-06-12 10:00", cn); !got.Equal(want) {
		t.Errorf("the acknowledgement is late and stays so: due %s, want %s", got, want)
	}
	if got, want := made[1].Due, at(t, "2026-06-15 14:00", cn); !got.Equal(want) {
		t.Errorf("no time in the past is promised: first reply due %s, want %s", got, want)
	}
	if !strings.Contains(made[1].Note, "counted from when it was read") {
		t.Errorf("note %q does not say it", made[1].Note)
	}
}

func TestMakeCutsSeconds(t *testing.T) {
	p := policy(t)
	start := time.Date(2026, 6, 12, 2, 0, 45, 0, time.UTC)
	for _, m := range Make(p, Facts{}, start, start) {
		if exact := m.Due.Second() == 45; exact != (m.Kind == Acknowledgement) {
			t.Errorf("%s is due at %s", m.Kind, m.Due)
		}
	}
}

func TestMakeNeverLosesAPromise(t *testing.T) {
	closed := compile(t, Calendar{Name: "closed", Zone: time.UTC})
	start := time.Date(2026, 6, 12, 10, 0, 0, 0, time.UTC)
	for name, p := range map[string]Policy{
		"a calendar without hours": {Calendars: map[string]*Hours{"closed": closed}, Default: "closed", Rules: []Rule{{Kind: FirstReply, Within: time.Hour}}},
		"no calendar at all":       {Rules: []Rule{{Kind: FirstReply, Within: time.Hour}}},
	} {
		got, ok := makeOne(p, FirstReply, Facts{}, start, start)
		if !ok || !got.Due.Equal(start.Add(time.Hour)) || !strings.Contains(got.Note, "wall clock") {
			t.Errorf("%s: got %+v, want a promise by the wall clock", name, got)
		}
	}
}

func TestValidateRefuses(t *testing.T) {
	for want, p := range map[string]Policy{
		"unknown default":   {Default: "x"},
		"between 0 and 1":   {Warn: []float64{1}},
		"warning at NaN":    {Rules: []Rule{{Kind: FirstReply, Clock: Wall, Warn: []float64{math.NaN()}}}},
		"unknown kind":      {Rules: []Rule{{Kind: "x"}}},
		"negative time":     {Rules: []Rule{{Kind: FirstReply, Within: -1}}},
		"unknown calendar":  {Rules: []Rule{{Kind: FirstReply, Within: 1, Calendar: "x"}}},
		"unknown clock":     {Rules: []Rule{{Kind: FirstReply, Clock: "x"}}},
		"needs a calendar":  {Rules: []Rule{{Kind: FirstReply, Within: 1}}},
		"promise rule 2: u": {Rules: []Rule{{Kind: FirstReply}, {Kind: "x"}}},
	} {
		if err := p.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

func TestAnnounce(t *testing.T) {
	due := time.Date(2025, 5, 6, 2, 0, 0, 0, time.UTC)
	now := due.AddDate(0, 0, -4)
	cases := []struct{ name, lang, zone, want string }{
		{"English", "en", "Asia/Shanghai", "Tuesday 6 May, 10:00 (Shanghai time)"},
		{"a region of English", "en-GB", "Europe/London", "Tuesday 6 May, 03:00 (London time)"},
		{"Simplified Chinese", "zh-Hans", "Asia/Shanghai", "5月6日（星期二）10:00（北京时间）"},
		{"Chinese without script", "zh", "Asia/Shanghai", "5月6日（星期二）10:00（北京时间）"},
		{"Traditional Chinese", "zh-Hant", "Asia/Hong_Kong", "5月6日（週二）10:00（香港時間）"},
		{"Taiwan", "zh_TW", "Asia/Taipei", "5月6日（週二）10:00（台北時間）"},
		{"Simplified in Hong Kong", "zh-Hans-HK", "Asia/Hong_Kong", "5月6日（星期二）10:00（香港时间）"},
		{"another language reads English", "fr", "Europe/Paris", "Tuesday 6 May, 04:00 (Paris time)"},
		{"a zone without a Chinese name", "zh-Hans", "America/Denver", "5月5日（星期一）20:00（UTC-06:00）"},
		{"a city in English", "en", "America/Argentina/Buenos_Aires", "Monday 5 May, 23:00 (Buenos Aires time)"},
		{"no zone", "en", "UTC", "Tuesday 6 May, 02:00 (UTC)"},
		{"a bare offset", "en", "Etc/GMT-3", "Tuesday 6 May, 05:00 (UTC+03:00)"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := Announce(due, c.lang, zone(t, c.zone), now); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	later := time.Date(2026, 1, 2, 2, 0, 0, 0, time.UTC)
	for lang, want := range map[string]string{"en": "Friday 2 January 2026, 10:00 (Shanghai time)", "zh": "2026年1月2日（星期五）10:00（北京时间）", "zh-HK": "2026年1月2日（週五）10:00（北京時間）"} {
		if got := Announce(later, lang, zone(t, "Asia/Shanghai"), now); got != want {
			t.Errorf("another year: got %q, want %q", got, want)
		}
	}
}

func TestAnnounceShort(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	due, now := time.Date(2026, 11, 30, 10, 0, 0, 0, time.UTC), time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC)
	for lang, want := range map[string]string{"en": "30 Nov 18:00 (Shanghai time)", "zh-Hans": "11月30日18:00（北京时间）", "zh-Hant-HK": "11月30日18:00（北京時間）"} {
		if got := AnnounceShort(due, lang, zone, now); got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
	if got := AnnounceShort(due.AddDate(1, 0, 0), "zh", zone, now); got != "2027年11月30日18:00（北京时间）" {
		t.Errorf("another year: %q", got)
	}
}

func TestAnnounceNamesEveryKnownPlace(t *testing.T) {
	for _, name := range []string{"Asia/Shanghai", "Asia/Hong_Kong", "Asia/Macau", "Asia/Taipei", "Asia/Singapore", "Asia/Kuala_Lumpur", "Asia/Tokyo", "Asia/Seoul",
		"Asia/Bangkok", "Asia/Dubai", "Europe/London", "Europe/Paris", "Europe/Berlin", "America/New_York", "America/Los_Angeles", "America/Toronto", "Australia/Sydney"} {
		now := time.Date(2026, 1, 2, 2, 0, 0, 0, time.UTC)
		for _, lang := range []string{"en", "zh-Hans", "zh-Hant"} {
			if got := Announce(now, lang, zone(t, name), now); strings.Contains(got, "UTC") {
				t.Errorf("%s in %s: %q", name, lang, got)
			}
		}
	}
}
