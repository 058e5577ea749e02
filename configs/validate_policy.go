package configs

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"frontdesk/configs/values"
)

func (v *validation) calendars(calendars map[string]Calendar, deskZone string) {
	for name, c := range calendars {
		at := "calendars." + name
		if c.Timezone != deskZone {
			v.zone(at+".timezone", c.Timezone)
		}
		open := 0
		for i, key := range weekdays {
			spans := c.Week.Days()[i]
			open += len(spans)
			v.spans(at+".week."+key, spans)
		}
		if open == 0 {
			v.add(at+".week", "the calendar is never open, so no business time ever ends", `give hours to some weekday, such as mon: ["09:00-18:00"]`)
		}
		v.days(at, c)
	}
}

// spans reports spans that overlap; the later line is the one to correct.
func (v *validation) spans(at string, spans []Span) {
	for i, s := range spans {
		for _, earlier := range spans[:i] {
			if s.Start < earlier.End && earlier.Start < s.End {
				v.add(fmt.Sprintf("%s[%d]", at, i), fmt.Sprintf("%s overlaps %s", s, earlier), "let one end where the other starts")
			}
		}
	}
}

// days checks holidays, make-up workdays and special days against each other.
func (v *validation) days(at string, c Calendar) {
	holidays, workdays, special := map[Date]bool{}, map[Date]bool{}, map[Date]bool{}
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
				v.add(here, fmt.Sprintf("%s is a holiday and a workday", d), "keep one of them")
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
func (v *validation) workday(calendar, at string, w Workday, week Week) {
	like := cmp.Or(w.Like, "mon")
	day := slices.Index(weekdays, like)
	switch {
	case w.Like != "" && len(w.Hours) > 0:
		v.add(at, "like and hours contradict each other", "keep one of them")
	case len(w.Hours) > 0 || day < 0 || len(week.Days()[day]) > 0 || v.unread(calendar+".week."+like):
	case w.Like == "":
		v.add(at, "a make-up workday has the hours of Monday unless it says otherwise, and mon is closed in this calendar", `write like: with a day that is open, or hours: ["09:00-18:00"]`)
	default:
		v.add(at+".like", fmt.Sprintf("%s is closed in this calendar, so the make-up workday would have no hours", like), `name a day that is open, or write hours: ["09:00-18:00"] in its place`)
	}
}

// unread reports whether something at path, or within it, could not be read.
func (v *validation) unread(path string) bool {
	for p := range v.unreadable {
		if p == path || strings.HasPrefix(p, path+"[") {
			return true
		}
	}
	return false
}

func (v *validation) once(at string, r DateRange, seen map[Date]bool, what string) {
	if r == (DateRange{}) {
		return
	}
	reported := false
	for _, d := range r.Days() {
		if seen[d] && !reported {
			v.add(at, fmt.Sprintf("%s is in %s already", d, what), "keep one of them")
			reported = true
		}
		seen[d] = true
	}
}

func (v *validation) promises(c Config) {
	for i, p := range c.Promises {
		at := fmt.Sprintf("promises[%d]", i)
		v.match(at+".match", p.Match, c)
		named := 0
		for _, t := range []struct {
			key    string
			target *Target
		}{{"acknowledgement", p.Acknowledgement}, {"first_reply", p.FirstReply}, {"resolution", p.Resolution}} {
			if t.target != nil {
				named++
				v.target(at+"."+t.key, *t.target, c)
			}
		}
		if named == 0 {
			v.add(at, "the rule promises nothing", "add acknowledgement, first_reply or resolution")
		}
		v.warnings(at+".warn_at", p.WarnAt)
	}
}

func (v *validation) warnings(at string, fractions []float64) {
	for i, f := range fractions {
		if f <= 0 || f >= 1 || i > 0 && f <= fractions[i-1] {
			v.add(fmt.Sprintf("%s[%d]", at, i), "warnings are fractions of the time between 0 and 1, in rising order", "write for example [0.5, 0.8]")
			return
		}
	}
}

func (v *validation) target(at string, t Target, c Config) {
	if t.Calendar != "" {
		v.word(at+".calendar", t.Calendar, "calendar", slices.Sorted(maps.Keys(c.Calendars)))
	}
	switch {
	case t.Clock == "business" && t.Calendar == "":
		v.add(at, "business time needs a calendar", "add calendar, or set clock: wall")
	case t.Clock == "wall" && t.Calendar != "":
		v.add(at, "the wall clock needs no calendar", "remove calendar, or set clock: business")
	}
}

func queueNames(c Config) []string {
	var names []string
	for _, q := range c.Queues {
		names = append(names, q.Name)
	}
	return names
}

func (v *validation) queues(c Config) {
	names := queueNames(c)
	v.unique(names, func(i int) string { return fmt.Sprintf("queues[%d].name", i) }, "queue name")
	v.word("default_queue", c.DefaultQueue, "queue", names)
	for i, q := range c.Queues {
		v.texts(fmt.Sprintf("queues[%d].title", i), q.Title)
	}
}

// categoryKeys lists the configured categories and the built-in ones.
func categoryKeys(c Config) []string {
	keys := strings.Fields(builtinCategories)
	for _, own := range c.Categories {
		keys = append(keys, own.Key)
	}
	return keys
}

func (v *validation) categories(c Config) {
	keys := make([]string, len(c.Categories))
	for i, cat := range c.Categories {
		keys[i] = cat.Key
		at := fmt.Sprintf("categories[%d]", i)
		if cat.Queue != "" {
			v.word(at+".queue", cat.Queue, "queue", queueNames(c))
		}
		v.texts(at+".names", cat.Names)
		for tag := range cat.Terms {
			v.language(at+".terms."+tag, tag, nil)
		}
		for j, fact := range cat.Facts {
			v.texts(fmt.Sprintf("%s.facts[%d].ask", at, j), fact.Ask)
		}
		for j, faq := range cat.FAQ {
			v.texts(fmt.Sprintf("%s.faq[%d].question", at, j), faq.Question)
			v.texts(fmt.Sprintf("%s.faq[%d].answer", at, j), faq.Answer)
		}
	}
	v.unique(keys, func(i int) string { return fmt.Sprintf("categories[%d].key", i) }, "category key")
}

func (v *validation) routing(c Config) {
	for i, r := range c.Routing {
		at := fmt.Sprintf("routing[%d]", i)
		v.match(at+".match", r.Match, c)
		if len(r.Match.Queue) > 0 {
			v.add(at+".match.queue", "routing chooses the queue, so no queue is known yet", "match on something else")
		}
		if r.Queue != "" {
			v.word(at+".queue", r.Queue, "queue", queueNames(c))
		}
	}
}

func (v *validation) match(at string, m Match, c Config) {
	inboxes := make([]string, len(c.Inboxes))
	for i, in := range c.Inboxes {
		inboxes[i] = in.Name
	}
	v.words(at+".inbox", m.Inbox, "inbox", inboxes)
	v.words(at+".queue", m.Queue, "queue", queueNames(c))
	v.words(at+".category", m.Category, "category", categoryKeys(c))
	for i, tag := range m.Language {
		v.language(fmt.Sprintf("%s.language[%d]", at, i), tag, nil)
	}
}

func (v *validation) words(at string, words []string, kind string, allowed []string) {
	for i, w := range words {
		v.word(fmt.Sprintf("%s[%d]", at, i), w, kind, allowed)
	}
}

func (v *validation) screening(s Screening) {
	for i, b := range s.Blocked {
		domain, isDomainRule := strings.CutPrefix(b, "@")
		if isDomainRule && values.IsDomain(domain) && domain != "" || values.IsMail(b) || values.IsPhone(b) {
			continue
		}
		v.add(fmt.Sprintf("screening.blocked[%d]", i), "this is no sender", "write an address, a domain as @example.com, or a number with +")
	}
	for channel := range s.ContinueWithin {
		v.word("screening.continue_within."+channel, channel, "channel", namesOf(v.kinds, converses))
	}
	if s.AskSendersAgain < 0 || s.AskSendersAgain.Std() > 15*time.Minute {
		v.add("screening.ask_senders_again", "acknowledgements would come too late", "write at most 15m, or 0 to ask nobody again")
	}
	if s.AcksToStrangersHour < 0 || s.AcksToStrangersDay < 0 {
		v.add("screening.max_acks_to_strangers_hour", "a cap below 0 means nothing", "write 0 for no bound, or more")
	}
	if s.AcksPerSenderDay < s.AcksPerSenderHour {
		v.add("screening.max_acks_per_sender_day", "a day allows less than an hour", "raise it, or lower max_acks_per_sender_hour")
	}
}

// redaction checks what can be told of each expression alone; how wide it is, and which cards it fits, the
// start and "check" tell.
func (v *validation) redaction(r Redaction) {
	for i, p := range r.OrderFormats {
		at := fmt.Sprintf("redaction.order_formats[%d]", i)
		switch _, err := regexp.Compile(p); {
		case p == "":
			v.add(at, "the expression is empty", `write one such as TX\d{16}, or take the line out`)
		case err != nil:
			v.add(at, "this is no expression (RE2): "+err.Error(), `write one such as TX\d{16}, in single quotes`)
		}
	}
}

var countryCode = regexp.MustCompile(`^[A-Z]{2}$`)

func (v *validation) smsPolicy(s SMS) {
	for i, code := range s.Countries {
		if !countryCode.MatchString(code) {
			v.add(fmt.Sprintf("sms.countries[%d]", i), "this is no country", "write two capital letters, such as HK")
		}
	}
	for code, price := range s.Prices {
		if !countryCode.MatchString(code) || price <= 0 {
			v.add("sms.prices."+code, "a price belongs to a country and is above 0", "write for example HK: 0.06")
		}
	}
	for _, a := range []struct {
		key    string
		amount float64
	}{{"max_claimed_per_range_day", float64(s.ClaimedPerRange)}, {"max_per_range_day", float64(s.PerRange)}, {"price", s.Price}, {"daily_budget", s.DailyBudget}} {
		if a.amount < 0 || a.amount > 1e9 {
			v.add("sms."+a.key, "the amount is out of range", "write 0 for no bound, or more")
		}
	}
	if s.DailyBudget > 0 && s.Price <= 0 {
		v.add("sms.price", "without a price the budget bounds nothing", "write what one part of a text costs")
	}
}

// amounts checks that numbers that count or measure something are at least one.
func (v *validation) amounts(c Config) {
	for _, a := range []struct {
		path   string
		amount int64
	}{
		{"database.max_connections", int64(c.Database.MaxConnections)},
		{"screening.flood_per_hour", int64(c.Screening.FloodPerHour)},
		{"screening.max_acks_per_sender_hour", int64(c.Screening.AcksPerSenderHour)},
		{"screening.max_acks_per_sender_day", int64(c.Screening.AcksPerSenderDay)},
		{"screening.acks_per_minute", int64(c.Screening.AcksPerMinute)},
		{"retention.originals", int64(c.Retention.Originals)},
		{"audit.every", int64(c.Audit.Every)},
		{"limits.max_body", int64(c.Limits.MaxBody)},
		{"limits.max_message", int64(c.Limits.MaxMessage)},
		{"limits.max_inflight", int64(c.Limits.MaxInFlight)},
		{"limits.max_media", int64(c.Limits.MaxMedia)},
		{"limits.max_undecided", int64(c.Limits.MaxUndecided)},
		{"limits.max_connections", int64(c.Limits.Connections)},
		{"limits.max_connections_per_address", int64(c.Limits.ConnectionsPerAddress)},
		{"limits.max_connections_per_network", int64(c.Limits.ConnectionsPerNetwork)},
		{"limits.smtp_sessions_per_remote", int64(c.Limits.SMTPSessions)},
		{"limits.smtp_messages_per_minute", int64(c.Limits.SMTPRate)},
		{"limits.shutdown", int64(c.Limits.Shutdown)},
	} {
		if a.amount <= 0 {
			v.add(a.path, "nothing would work with this", "write more than 0, or leave the key out for the default")
		}
	}
}
