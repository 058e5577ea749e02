package configs

import (
	"cmp"
	"path/filepath"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/message"
)

const (
	second = Duration(time.Second)
	minute = Duration(time.Minute)
	hour   = Duration(time.Hour)
	day    = 24 * hour
)

// Default is the embedded default: everything in dataDir, loopback only, one mail inbox behind the
// SMTP listener, no account and no server needed.
func Default(dataDir string, kinds channels.Kinds) Config {
	c := base(dataDir, kinds)
	fill(&c)
	return c
}

// base is the embedded default before everything empty gets its default.
func base(dataDir string, kinds channels.Kinds) Config {
	c := sections(kinds)
	c.Desk = Desk{Name: "Frontdesk", Domain: "desk.example"}
	c.DataDir = dataDir
	c.Keys.Master = []MasterKey{{Name: "first", File: filepath.Join(dataDir, "keys", "master.key")}}
	c.Listen.SMTP = "127.0.0.1:2525"
	for _, k := range kinds {
		if k.Trial != nil {
			trial := k.Trial()
			c.Inboxes = []Inbox{{Name: trial.Inbox, Channel: k.Name, Address: trial.Address, DisplayName: "Support", Section: trial.Section}}
			break
		}
	}
	return c
}

// sections holds the defaults that a file may change to nothing (false, 0); it is the ground that
// a file is decoded on.
func sections(kinds channels.Kinds) Config {
	shared := map[string]channels.Shared{}
	for _, k := range kinds {
		if k.Shared != nil {
			shared[k.Name] = k.Shared()
		}
	}
	return Config{
		Kinds:    kinds,
		Shared:   shared,
		Database: Database{MaxConnections: 16},
		Listen:   Listen{HTTP: "127.0.0.1:8080", Ops: "127.0.0.1:8081"},
		Screening: Screening{
			SpamThreshold: 6, FloodPerHour: 2500,
			AcksPerSenderHour: 1, AcksPerSenderDay: 4, AcksPerMinute: 6000,
			AcksToStrangersHour: 200, AcksToStrangersDay: 1000,
			AskSendersAgain: 5 * minute, FingerprintWindow: 3 * day, ReopenWithin: 14 * day,
		},
		Scanners: Scanners{Deadline: 20 * second},
		Acknowledgements: Acknowledgements{
			Enabled: true, SignReplyAddress: true,
			Fallback:      namesOf(kinds, answers),
			ShortChannels: namesOf(kinds, func(t channels.Traits) bool { return t.Words == message.WordsSMS }),
		},
		SMS:       SMS{ClaimedPerRange: 10, PerRange: 500, Price: 0.05, DailyBudget: 20},
		Retention: Retention{Originals: 30 * day},
		Audit:     Audit{Every: hour},
		Log:       Log{Format: "text", Level: "info"},
		Limits: Limits{
			MaxBody: 20 << 20, MaxMessage: 40 << 20, MaxInFlight: 256 << 20, MaxMedia: 20 << 20, MaxUndecided: 1024,
			Connections: 4096, ConnectionsPerAddress: 256, ConnectionsPerNetwork: 512,
			SMTPSessions: 20, SMTPRate: 600, Shutdown: Duration(25 * time.Second),
		},
	}
}

// fill gives every empty value its default.
func fill(c *Config) {
	fillDesk(&c.Desk)
	c.DataDir = cmp.Or(c.DataDir, "frontdesk-data")
	c.Blobs.Dir = cmp.Or(c.Blobs.Dir, filepath.Join(c.DataDir, "blobs"))
	if c.Database.URL.Empty() {
		c.Database.URL = NewSecret(filepath.Join(c.DataDir, "frontdesk.db"))
	}
	c.Roles = list(c.Roles, RoleIntake, RoleWork, RoleDesk)
	for i := range c.Inboxes {
		in := &c.Inboxes[i]
		if k, ok := c.Kinds.Find(in.Channel); ok && in.Section == nil && k.Section != nil {
			in.Section = k.Section()
		}
	}
	for _, s := range c.sections() {
		s.Fill(s.around)
	}
	fillCalendars(c)
	fillPromises(c)
	fillQueues(c)
	fillScanners(&c.Scanners)
	if c.Screening.ContinueWithin == nil {
		c.Screening.ContinueWithin = map[string]Duration{}
		for _, k := range c.Kinds {
			if converses(k.Traits) {
				c.Screening.ContinueWithin[k.Name] = Duration(k.Traits.Continues)
			}
		}
	}
	for i := range c.Webhooks {
		c.Webhooks[i].Events = list(c.Webhooks[i].Events, "promise.warning", "promise.breach", "inbox.failing", "acknowledgements.held", "share.unusual")
	}
}

// list is words, or the defaults when there are none.
func list(words []string, defaults ...string) []string {
	if len(words) == 0 {
		return defaults
	}
	return words
}

func fillDesk(d *Desk) {
	d.Languages = list(d.Languages, "zh-Hans", "zh-Hant", "en")
	d.DefaultLanguage = cmp.Or(d.DefaultLanguage, d.Languages[0])
	d.Timezone = cmp.Or(d.Timezone, "Asia/Shanghai")
}

// namesOf are the channels of which something holds.
func namesOf(kinds channels.Kinds, holds func(channels.Traits) bool) (out []string) {
	for _, k := range kinds {
		if holds(k.Traits) {
			out = append(out, k.Name)
		}
	}
	return out
}

func answers(t channels.Traits) bool { return t.Address != "" }

func converses(t channels.Traits) bool { return t.Continues > 0 }

// office is the name of the calendar that is there when none is configured.
const office = "office"

func fillCalendars(c *Config) {
	if len(c.Calendars) == 0 {
		d := []Span{{Start: 9 * 60, End: 12 * 60}, {Start: 13 * 60, End: 18 * 60}}
		c.Calendars = map[string]Calendar{office: {Week: Week{Mon: d, Tue: d, Wed: d, Thu: d, Fri: d}}}
	}
	for name, cal := range c.Calendars {
		cal.Timezone = cmp.Or(cal.Timezone, c.Desk.Timezone)
		c.Calendars[name] = cal
	}
}

// fillPromises makes the promises of a file that names none: business time needs to know which
// calendar, so it is promised only where there is one calendar. Fraud does not wait for office hours: whoever reports it is
// promised an answer within the hour, around the clock.
func fillPromises(c *Config) {
	if len(c.Promises) == 0 {
		p := Promise{Acknowledgement: &Target{Within: day}}
		if len(c.Calendars) == 1 {
			for name := range c.Calendars {
				p.FirstReply = &Target{Within: 8 * hour, Calendar: name}
				p.Resolution = &Target{Within: 40 * hour, Calendar: name}
			}
		}
		fraud := Promise{Match: Match{Category: OneOrMore{"security-fraud"}}, FirstReply: &Target{Within: hour, Clock: "wall"}, WarnAt: []float64{0.5, 0.8}}
		c.Promises = []Promise{fraud, p}
	}
	for i := range c.Promises {
		p := &c.Promises[i]
		if p.WarnAt == nil {
			p.WarnAt = []float64{0.5, 0.8}
		}
		for _, t := range []*Target{p.Acknowledgement, p.FirstReply, p.Resolution} {
			fillTarget(t)
		}
	}
}

func fillTarget(t *Target) {
	if t == nil || t.Clock != "" {
		return
	}
	t.Clock = "wall"
	if t.Calendar != "" {
		t.Clock = "business"
	}
}

func fillQueues(c *Config) {
	if len(c.Queues) == 0 {
		c.Queues = []Queue{
			{"payments", title("支付", "支付", "Payments")},
			{"refunds", title("退款", "退款", "Refunds")},
			{"accounts", title("账户", "帳戶", "Accounts")},
			{"security", title("安全与风控", "安全與風控", "Security and risk")},
			{"cross-border", title("跨境支付", "跨境支付", "Cross-border payments")},
			{"complaints", title("投诉", "投訴", "Complaints")},
			{"marketing", title("活动与优惠", "活動與優惠", "Promotions")},
			{"technical", title("技术支持", "技術支援", "Technical")},
			{"general", title("综合", "綜合", "General")},
		}
	}
	c.DefaultQueue = cmp.Or(c.DefaultQueue, c.Queues[len(c.Queues)-1].Name)
}

func title(hans, hant, en string) map[string]string {
	return map[string]string{"zh-Hans": hans, "zh-Hant": hant, "en": en}
}
