package rules

import (
	"cmp"
	"time"

	"frontdesk/configs/values"
)

// office is the name of the calendar that is there when none is configured.
const office = "office"

// fillCalendars gives a desk without calendars office hours from Monday to Friday. They know no holidays, which differ from place to place and
// from year to year.
func (r *Rules) fillCalendars(zone string) {
	if len(r.Calendars) == 0 {
		d := []values.Span{{Start: 9 * 60, End: 12 * 60}, {Start: 13 * 60, End: 18 * 60}}
		r.Calendars = map[string]Calendar{office: {Week: Week{Mon: d, Tue: d, Wed: d, Thu: d, Fri: d}}}
	}
	for name, cal := range r.Calendars {
		cal.Timezone = cmp.Or(cal.Timezone, zone)
		r.Calendars[name] = cal
	}
}

// fillPromises makes the promises of a file that names none: business time needs to know which
// calendar, so it is promised only where there is one calendar. Fraud does not wait for office hours: whoever reports it is
// promised an answer within the hour, around the clock.
func (r *Rules) fillPromises() {
	if len(r.Promises) == 0 {
		p := Promise{Acknowledgement: &Target{Within: day}}
		if len(r.Calendars) == 1 {
			for name := range r.Calendars {
				p.FirstReply = &Target{Within: 8 * hour, Calendar: name}
				p.NextReply = &Target{Within: 8 * hour, Calendar: name}
				p.Resolution = &Target{Within: 40 * hour, Calendar: name}
			}
		}
		fraud := Promise{Match: Match{Category: values.OneOrMore{"security-fraud"}}, FirstReply: &Target{Within: hour, Clock: "wall"}, NextReply: &Target{Within: hour, Clock: "wall"}, WarnAt: []float64{0.5, 0.8}}
		r.Promises = []Promise{fraud, p}
	}
	for i := range r.Promises {
		p := &r.Promises[i]
		if p.WarnAt == nil {
			p.WarnAt = []float64{0.5, 0.8}
		}
		for _, t := range []*Target{p.Acknowledgement, p.FirstReply, p.NextReply, p.Resolution} {
			fillTarget(t)
		}
	}
}

// fillTarget takes the clock that the target's words imply: whoever names a calendar means its hours.
func fillTarget(t *Target) {
	if t == nil || t.Clock != "" {
		return
	}
	t.Clock = "wall"
	if t.Calendar != "" {
		t.Clock = "business"
	}
}

// fillQueues gives a desk without queues those to which the built-in categories go. The last one takes what no rule does.
func (r *Rules) fillQueues() {
	if len(r.Queues) == 0 {
		r.Queues = []Queue{
			{Name: "payments", Title: title("支付", "支付", "Payments")},
			{Name: "refunds", Title: title("退款", "退款", "Refunds")},
			{Name: "accounts", Title: title("账户", "帳戶", "Accounts")},
			{Name: "security", Title: title("安全与风控", "安全與風控", "Security and risk")},
			{Name: "cross-border", Title: title("跨境支付", "跨境支付", "Cross-border payments")},
			{Name: "complaints", Title: title("投诉", "投訴", "Complaints")},
			{Name: "marketing", Title: title("活动与优惠", "活動與優惠", "Promotions")},
			{Name: "technical", Title: title("技术支持", "技術支援", "Technical")},
			{Name: "general", Title: title("综合", "綜合", "General")},
		}
	}
	r.DefaultQueue = cmp.Or(r.DefaultQueue, r.Queues[len(r.Queues)-1].Name)
	for i := range r.Queues {
		r.Queues[i].HandOut = cmp.Or(r.Queues[i].HandOut, Pull)
	}
}

// How a queue hands out its work.
const (
	Pull = "pull"
	Push = "push"
)

// fillAgents gives the room that agents have.
func (r *Rules) fillAgents() {
	a := &r.Agents
	a.Limit, a.RelaxAfter = cmp.Or(a.Limit, 6), cmp.Or(a.RelaxAfter, values.Duration(5*time.Minute))
}

// title is a name in the languages of the built-in texts.
func title(hans, hant, en string) map[string]string {
	return map[string]string{"zh-Hans": hans, "zh-Hant": hant, "en": en}
}
