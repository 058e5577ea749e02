package rules

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"frontdesk/configs/values"
)

func (v Around) calendars(calendars map[string]Calendar) {
	for name, c := range calendars {
		at := "calendars." + name
		if c.Timezone != v.Timezone {
			v.Zone(at+".timezone", c.Timezone)
		}
		open := 0
		for i, key := range weekdays {
			spans := c.Week.Days()[i]
			open += len(spans)
			v.spans(at+".week."+key, spans)
		}
		if open == 0 {
			v.Add(at+".week", "the calendar is never open, so no business time ever ends", `give hours to some weekday, such as mon: ["09:00-18:00"]`)
		}
		v.days(at, c)
	}
}

// spans reports spans that overlap; the later line is the one to correct.
func (v Around) spans(at string, spans []values.Span) {
	for i, s := range spans {
		for _, earlier := range spans[:i] {
			if s.Start < earlier.End && earlier.Start < s.End {
				v.Add(fmt.Sprintf("%s[%d]", at, i), fmt.Sprintf("%s overlaps %s", s, earlier), "let one end where the other starts")
			}
		}
	}
}

// days checks holidays, make-up workdays and special days against each other.
func (v Around) days(at string, c Calendar) {
	holidays, workdays, special := map[values.Date]bool{}, map[values.Date]bool{}, map[values.Date]bool{}
	for i, h := range c.Holidays {
		v.once(fmt.Sprintf("%s.holidays[%d]", at, i), h.Date, holidays, "another holiday")
	}
	for i, w := range c.Workdays {
		here := fmt.Sprintf("%s.workdays[%d]", at, i)
		v.once(here, w.Date, workdays, "another workday")
		v.spans(here+".hours", w.Hours)
		v.workday(at, here, w, c.Week)
		for _, d := range w.Date.Days() {
			if holidays[d] {
				v.Add(here, fmt.Sprintf("%s is a holiday and a workday", d), "keep one of them")
				break
			}
		}
	}
	for i, s := range c.Special {
		here := fmt.Sprintf("%s.special[%d]", at, i)
		v.once(here, s.Date, special, "another special day")
		v.spans(here+".hours", s.Hours)
	}
}

// weekdays are the keys of a week, in the order of Week.Days.
var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// workday checks where a make-up workday has its hours from: a day that is closed has none.
func (v Around) workday(calendar, at string, w Workday, week Week) {
	like := cmp.Or(w.Like, "mon")
	day := slices.Index(weekdays, like)
	switch {
	case w.Like != "" && len(w.Hours) > 0:
		v.Add(at, "like and hours contradict each other", "keep one of them")
	case len(w.Hours) > 0 || day < 0 || len(week.Days()[day]) > 0 || v.Read != nil && !v.Read(calendar+".week."+like):
	case w.Like == "":
		v.Add(at, "a make-up workday has the hours of Monday unless it says otherwise, and mon is closed in this calendar", `write like: with a day that is open, or hours: ["09:00-18:00"]`)
	default:
		v.Add(at+".like", fmt.Sprintf("%s is closed in this calendar, so the make-up workday would have no hours", like), `name a day that is open, or write hours: ["09:00-18:00"] in its place`)
	}
}

// once reports a range that has a day which an earlier one has, with the first such day, and notes its days.
func (v Around) once(at string, r values.DateRange, seen map[values.Date]bool, what string) {
	if r == (values.DateRange{}) {
		return
	}
	reported := false
	for _, d := range r.Days() {
		if seen[d] && !reported {
			v.Add(at, fmt.Sprintf("%s is in %s already", d, what), "keep one of them")
			reported = true
		}
		seen[d] = true
	}
}

// promises checks each rule alone. That an earlier rule takes all that a later one would is no mistake.
func (v Around) promises(r Rules) {
	for i, p := range r.Promises {
		at := fmt.Sprintf("promises[%d]", i)
		v.match(at+".match", p.Match, r)
		named := 0
		for _, t := range []struct {
			key    string
			target *Target
		}{{"acknowledgement", p.Acknowledgement}, {"first_reply", p.FirstReply}, {"next_reply", p.NextReply}, {"resolution", p.Resolution}} {
			if t.target != nil {
				named++
				v.target(at+"."+t.key, *t.target, r)
			}
		}
		if named == 0 {
			v.Add(at, "the rule promises nothing", "add acknowledgement, first_reply, next_reply or resolution")
		}
		v.warnings(at+".warn_at", p.WarnAt)
	}
}

// escalations wants one moment of each, and something to be done then.
func (v Around) escalations(r Rules) {
	for i, e := range r.Escalations {
		at := fmt.Sprintf("escalations[%d]", i)
		v.match(at+".match", e.Match, r)
		if e.Queue != "" {
			v.Word(at+".queue", e.Queue, "queue", r.QueueNames())
		}
		switch {
		case (e.At != 0) == (e.Before != 0):
			v.Add(at, "it has no single moment", "write either at, such as 0.75, or before, such as 30m")
		case e.At < 0 || e.At > 10:
			v.Add(at+".at", "it is no share of a promised time", "write for example 0.75; 1 is the deadline")
		case e.Before < 0:
			v.Add(at+".before", "it cannot be below zero", "write for example 30m, or at: 1.5 for what is over")
		}
	}
}

// warnings wants what a person can follow: each warning is later than the one before it.
func (v Around) warnings(at string, fractions []float64) {
	for i, f := range fractions {
		if f <= 0 || f >= 1 || i > 0 && f <= fractions[i-1] {
			v.Add(fmt.Sprintf("%s[%d]", at, i), "warnings are fractions of the time between 0 and 1, in rising order", "write for example [0.5, 0.8]")
			return
		}
	}
}

// target checks that clock and calendar agree. Fill has given the clock.
func (v Around) target(at string, t Target, r Rules) {
	if t.Calendar != "" {
		v.Word(at+".calendar", t.Calendar, "calendar", slices.Sorted(maps.Keys(r.Calendars)))
	}
	switch {
	case t.Clock == "business" && t.Calendar == "":
		v.Add(at, "business time needs a calendar", "add calendar, or set clock: wall")
	case t.Clock == "wall" && t.Calendar != "":
		v.Add(at, "the wall clock needs no calendar", "remove calendar, or set clock: business")
	}
}

func (v Around) queues(r Rules) {
	names := r.QueueNames()
	v.Unique(names, func(i int) string { return fmt.Sprintf("queues[%d].name", i) }, "queue name")
	v.Word("default_queue", r.DefaultQueue, "queue", names)
	for i, q := range r.Queues {
		at := fmt.Sprintf("queues[%d]", i)
		v.Texts(at+".title", q.Title)
		v.counts(at, map[string]int{"ahead": q.Ahead, "limit": q.Limit})
		if q.Ahead > 0 && q.HandOut != Push {
			v.Add(at+".ahead", "nothing is given unasked in this queue", "set hand_out: push, or remove ahead")
		}
		if q.Overflow != nil {
			v.Word(at+".overflow.to", q.Overflow.To, "queue", names)
			if q.Overflow.To == q.Name {
				v.Add(at+".overflow.to", "it is the queue itself", "name another queue")
			}
		}
	}
	v.agents(r)
	v.access(r)
}

// access checks the issuer of the desk's people: what it says in the clear anybody on the way could say, except on this machine.
func (v Around) access(r Rules) {
	c := r.Access.OIDC
	if c == nil {
		return
	}
	u, err := url.Parse(c.Issuer)
	if err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && slices.Contains([]string{"127.0.0.1", "localhost", "::1"}, u.Hostname())) {
		v.Add("access.oidc.issuer", "it is no https address", "write it as its tokens name it, such as https://id.example.com")
	}
	var queues []string
	for _, q := range r.Queues {
		queues = append(queues, q.Name)
	}
	for i, g := range c.Groups {
		for _, queue := range g.Queues {
			v.Word(fmt.Sprintf("access.oidc.groups[%d].queues", i), queue, "queue", queues)
		}
	}
}

// counts refuses numbers below zero.
func (v Around) counts(at string, of map[string]int) {
	for _, key := range slices.Sorted(maps.Keys(of)) {
		if of[key] < 0 {
			v.Add(at+"."+key, "it cannot be below zero", "write 0 or more")
		}
	}
}

func (v Around) agents(r Rules) {
	v.counts("agents", map[string]int{"limit": r.Agents.Limit})
	for name, of := range map[string]map[string]int{"weights": r.Agents.Weights, "limits": r.Agents.Limits} {
		v.counts("agents."+name, of)
		for _, channel := range slices.Sorted(maps.Keys(of)) {
			v.Word("agents."+name, channel, "channel", v.Channels)
		}
	}
	if r.Agents.Calendar != "" {
		v.Word("agents.calendar", r.Agents.Calendar, "calendar", slices.Sorted(maps.Keys(r.Calendars)))
	}
}

// categories checks those of the file. One that has a built-in key takes the place of that one.
func (v Around) categories(r Rules) {
	keys := make([]string, len(r.Categories))
	for i, cat := range r.Categories {
		keys[i] = cat.Key
		at := fmt.Sprintf("categories[%d]", i)
		if cat.Queue != "" {
			v.Word(at+".queue", cat.Queue, "queue", r.QueueNames())
		}
		v.Texts(at+".names", cat.Names)
		for tag := range cat.Terms {
			v.Language(at+".terms."+tag, tag, nil)
		}
		for j, fact := range cat.Facts {
			v.Texts(fmt.Sprintf("%s.facts[%d].ask", at, j), fact.Ask)
		}
		for j, faq := range cat.FAQ {
			v.Texts(fmt.Sprintf("%s.faq[%d].question", at, j), faq.Question)
			v.Texts(fmt.Sprintf("%s.faq[%d].answer", at, j), faq.Answer)
			v.variants(fmt.Sprintf("%s.faq[%d].variants", at, j), faq.Variants)
		}
	}
	v.Unique(keys, func(i int) string { return fmt.Sprintf("categories[%d].key", i) }, "category key")
}

// A question of the FAQ may be put in so many ways a language, each of so many characters.
const maxVariants, maxVariantLength = 64, 200

// variants checks the ways to ask a question: each costs memory and time where messages are matched with it, so they have bounds.
func (v Around) variants(at string, of map[string][]string) {
	for _, tag := range slices.Sorted(maps.Keys(of)) {
		v.Language(at+"."+tag, tag, nil)
		if len(of[tag]) > maxVariants {
			v.Add(at+"."+tag, "these are too many", fmt.Sprintf("write at most %d", maxVariants))
		}
		for i, question := range of[tag] {
			if n := utf8.RuneCountInString(strings.TrimSpace(question)); n == 0 || n > maxVariantLength {
				v.Add(fmt.Sprintf("%s.%s[%d]", at, tag, i), "this is no question to match with", fmt.Sprintf("write one of 1 to %d characters", maxVariantLength))
			}
		}
	}
}

func (v Around) routing(r Rules) {
	for i, route := range r.Routing {
		at := fmt.Sprintf("routing[%d]", i)
		v.match(at+".match", route.Match, r)
		if len(route.Match.Queue) > 0 {
			v.Add(at+".match.queue", "routing chooses the queue, so no queue is known yet", "match on something else")
		}
		if route.Queue != "" {
			v.Word(at+".queue", route.Queue, "queue", r.QueueNames())
		}
	}
}

// match checks that names exist, since a rule with a wrong one would silently never take anything. Channels and levels have their tags.
func (v Around) match(at string, m Match, r Rules) {
	v.Words(at+".inbox", m.Inbox, "inbox", v.Inboxes)
	v.Words(at+".queue", m.Queue, "queue", r.QueueNames())
	v.Words(at+".group", m.Group, "contact group", r.groupNames())
	v.Words(at+".category", m.Category, "category", r.CategoryKeys())
	for i, tag := range m.Language {
		v.Language(fmt.Sprintf("%s.language[%d]", at, i), tag, nil)
	}
}

// groups checks who belongs to them.
func (v Around) groups(groups []ContactGroup) {
	names := make([]string, len(groups))
	for i, g := range groups {
		names[i] = g.Name
		for j, m := range g.Members {
			domain, isDomain := strings.CutPrefix(m, "@")
			if (!isDomain || domain == "" || !values.IsDomain(domain)) && !values.IsMail(m) && !values.IsPhone(m) {
				v.Add(fmt.Sprintf("contact_groups[%d].members[%d]", i, j), "this is no address", "write an address, a domain as @example.com, or a number with +")
			}
		}
	}
	v.Unique(names, func(i int) string { return fmt.Sprintf("contact_groups[%d].name", i) }, "contact group")
}

func (r Rules) groupNames() (names []string) {
	for _, g := range r.Groups {
		names = append(names, g.Name)
	}
	return names
}

// screening checks senders by their form, and caps against each other. An acknowledgement is promised within a day at most, so asking a
// name server again may take little of it.
func (v Around) screening(s Screening) {
	for i, b := range s.Blocked {
		domain, isDomainRule := strings.CutPrefix(b, "@")
		if isDomainRule && values.IsDomain(domain) && domain != "" || values.IsMail(b) || values.IsPhone(b) {
			continue
		}
		v.Add(fmt.Sprintf("screening.blocked[%d]", i), "this is no sender", "write an address, a domain as @example.com, or a number with +")
	}
	for channel := range s.ContinueWithin {
		v.Word("screening.continue_within."+channel, channel, "channel", v.Converse)
	}
	if s.AskSendersAgain < 0 || s.AskSendersAgain.Std() > 15*time.Minute {
		v.Add("screening.ask_senders_again", "acknowledgements would come too late", "write at most 15m, or 0 to ask nobody again")
	}
	if s.AcksToStrangersHour < 0 || s.AcksToStrangersDay < 0 {
		v.Add("screening.max_acks_to_strangers_hour", "a cap below 0 means nothing", "write 0 for no bound, or more")
	}
	if s.AcksPerSenderDay < s.AcksPerSenderHour {
		v.Add("screening.max_acks_per_sender_day", "a day allows less than an hour", "raise it, or lower max_acks_per_sender_hour")
	}
}

// redaction checks what can be told of each expression alone; how wide it is, and which cards it fits, the
// start and "check" tell.
func (v Around) redaction(r Redaction) {
	for i, p := range r.OrderFormats {
		at := fmt.Sprintf("redaction.order_formats[%d]", i)
		switch _, err := regexp.Compile(p); {
		case p == "":
			v.Add(at, "the expression is empty", `write one such as TX\d{16}, or take the line out`)
		case err != nil:
			v.Add(at, "this is no expression (RE2): "+err.Error(), `write one such as TX\d{16}, in single quotes`)
		}
	}
}

// countryCode is the form of ISO 3166-1 alpha-2; whether there is such a country is asked by package phones.
var countryCode = regexp.MustCompile(`^[A-Z]{2}$`)

// sms checks what bounds the cost of texts. The upper bound keeps an amount in millionths within 64 bits.
func (v Around) sms(s SMS) {
	for i, code := range s.Countries {
		if !countryCode.MatchString(code) {
			v.Add(fmt.Sprintf("sms.countries[%d]", i), "this is no country", "write two capital letters, such as HK")
		}
	}
	for code, price := range s.Prices {
		if !countryCode.MatchString(code) || price <= 0 {
			v.Add("sms.prices."+code, "a price belongs to a country and is above 0", "write for example HK: 0.06")
		}
	}
	for _, a := range []struct {
		key    string
		amount float64
	}{{"max_claimed_per_range_day", float64(s.ClaimedPerRange)}, {"max_per_range_day", float64(s.PerRange)}, {"price", s.Price}, {"daily_budget", s.DailyBudget}} {
		if a.amount < 0 || a.amount > 1e9 {
			v.Add("sms."+a.key, "the amount is out of range", "write 0 for no bound, or more")
		}
	}
	if s.DailyBudget > 0 && s.Price <= 0 {
		v.Add("sms.price", "without a price the budget bounds nothing", "write what one part of a text costs")
	}
}
