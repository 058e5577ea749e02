package rules

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/configs/check"
	"frontdesk/configs/values"
)

// filled are the rules of a file that names none.
func filled() Rules {
	r := Rules{}
	r.Fill("Asia/Shanghai", map[string]values.Duration{"sms": 72 * hour})
	r.Screening.AcksPerSenderHour, r.Screening.AcksPerSenderDay = 1, 4
	return r
}

// mistakes are the paths that are reported.
func mistakes(r Rules, unread ...string) (out []string) {
	r.Validate(Around{Report: check.Report{Add: func(path, _, _ string) { out = append(out, path) }}, Timezone: "Asia/Shanghai", Inboxes: []string{"support"}, Converse: []string{"sms"},
		Read: func(path string) bool { return !slices.Contains(unread, path) }})
	return out
}

func TestAFileWithoutRulesHasDefaults(t *testing.T) {
	r := filled()
	fraud, all := r.Promises[0], r.Promises[1]
	got := []any{r.Calendars[office].Timezone, len(r.Calendars[office].Week.Days()[time.Monday]), len(r.Calendars[office].Week.Days()[time.Sunday]), fraud.Match.Category[0], fraud.FirstReply.Within.Std(),
		all.FirstReply.Calendar, all.FirstReply.Clock, all.Acknowledgement.Clock, all.WarnAt, r.DefaultQueue, len(r.Queues)}
	want := []any{"Asia/Shanghai", 2, 0, "security-fraud", time.Hour, office, "business", "wall", []float64{0.5, 0.8}, "general", 9}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	two := Rules{Calendars: map[string]Calendar{"a": {}, "b": {Timezone: "UTC"}}}
	two.Fill("Asia/Hong_Kong", nil)
	if p := two.Promises[1]; p.FirstReply != nil || p.Resolution != nil || two.Calendars["a"].Timezone != "Asia/Hong_Kong" || two.Calendars["b"].Timezone != "UTC" {
		t.Errorf("with two calendars: %+v, %+v", p, two.Calendars)
	}
}

func TestMistakes(t *testing.T) {
	open := []values.Span{{Start: 9 * 60, End: 18 * 60}}
	day := func(d int) values.DateRange {
		on := values.Date{Year: 2026, Month: time.October, Day: d}
		return values.DateRange{First: on, Last: on}
	}
	calendar := func(c Calendar) func(*Rules) {
		c.Timezone = "Asia/Shanghai"
		return func(r *Rules) { r.Calendars[office] = c }
	}
	for _, c := range []struct {
		name   string
		change func(*Rules)
		unread string
		want   []string
	}{
		{"none", func(*Rules) {}, "", nil},
		{"a calendar that is never open", calendar(Calendar{}), "", []string{"calendars.office.week"}},
		{"spans that overlap", calendar(Calendar{Week: Week{Mon: append(open, values.Span{Start: 600, End: 700})}}), "", []string{"calendars.office.week.mon[1]"}},
		{"one holiday twice", calendar(Calendar{Week: Week{Mon: open}, Holidays: []Holiday{{Date: day(1)}, {Date: day(1)}}}), "", []string{"calendars.office.holidays[1]"}},
		{"a holiday that is worked", calendar(Calendar{Week: Week{Mon: open}, Holidays: []Holiday{{Date: day(1)}}, Workdays: []Workday{{Date: day(1)}}}), "", []string{"calendars.office.workdays[0]"}},
		{"a workday like a closed day", calendar(Calendar{Week: Week{Mon: open}, Workdays: []Workday{{Date: day(1), Like: "tue"}}}), "", []string{"calendars.office.workdays[0].like"}},
		{"a workday like a day that could not be read", calendar(Calendar{Week: Week{Mon: open}, Workdays: []Workday{{Date: day(1), Like: "tue"}}}), "calendars.office.week.tue", nil},
		{"a promise of nothing", func(r *Rules) { r.Promises = []Promise{{}} }, "", []string{"promises[0]"}},
		{"business time without a calendar", func(r *Rules) { r.Promises[1].Acknowledgement.Clock = "business" }, "", []string{"promises[1].acknowledgement"}},
		{"warnings that fall", func(r *Rules) { r.Promises[0].WarnAt = []float64{0.8, 0.5} }, "", []string{"promises[0].warn_at[1]"}},
		{"names that lead nowhere", func(r *Rules) {
			r.Promises[0].Match = Match{Inbox: []string{"mial"}, Queue: []string{"risk"}, Category: []string{"refnd"}, Language: []string{"!!"}}
			r.Promises[1].FirstReply.Calendar, r.DefaultQueue = "offce", "generel"
		}, "", []string{"promises[0].match.inbox[0]", "promises[0].match.queue[0]", "promises[0].match.category[0]", "promises[0].match.language[0]", "promises[1].first_reply.calendar", "default_queue"}},
		{"a category in a queue that is not there", func(r *Rules) { r.Categories = []Category{{Key: "own", Queue: "nowhere"}, {Key: "own"}} }, "", []string{"categories[0].queue", "categories[1].key"}},
		{"variants that cannot be matched", func(r *Rules) {
			r.Categories = []Category{{Key: "own", FAQ: []FAQ{{Variants: map[string][]string{"en": {"how long", " ", strings.Repeat("a", 201)}, "zh": slices.Repeat([]string{"多久"}, 65), "!!": {"why"}}}}}}
		}, "", []string{"categories[0].faq[0].variants.!!", "categories[0].faq[0].variants.en[1]", "categories[0].faq[0].variants.en[2]", "categories[0].faq[0].variants.zh"}},
		{"as many variants as there may be", func(r *Rules) {
			r.Categories = []Category{{Key: "own", FAQ: []FAQ{{Variants: map[string][]string{"en": {strings.Repeat("a", 200)}, "zh": slices.Repeat([]string{"多久"}, 64)}}}}}
		}, "", nil},
		{"a route by the queue", func(r *Rules) { r.Routing = []Route{{Match: Match{Queue: []string{"general"}}, Queue: "general"}} }, "", []string{"routing[0].match.queue"}},
		{"a blocked sender that is none", func(r *Rules) { r.Screening.Blocked = []string{"a@b.example", "@b.example", "+85221234567", "b"} }, "", []string{"screening.blocked[3]"}},
		{"a day that allows less than an hour", func(r *Rules) { r.Screening.AcksPerSenderDay = 0 }, "", []string{"screening.max_acks_per_sender_day"}},
		{"a channel on which nothing continues", func(r *Rules) { r.Screening.ContinueWithin = map[string]values.Duration{"form": hour} }, "", []string{"screening.continue_within.form"}},
		{"an expression that is none", func(r *Rules) { r.Redaction.OrderFormats = []string{"TX("} }, "", []string{"redaction.order_formats[0]"}},
		{"a budget without a price", func(r *Rules) { r.SMS.DailyBudget = 20 }, "", []string{"sms.price"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := filled()
			c.change(&r)
			if diff := cmp.Diff(c.want, mistakes(r, c.unread)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
