package configs

import (
	"cmp"
	"path/filepath"
	"time"

	"frontdesk/channels/descriptor"
	"frontdesk/configs/rules"
	"frontdesk/configs/values"
	"frontdesk/pipeline/message"
)

const (
	second = values.Duration(time.Second)
	minute = values.Duration(time.Minute)
	hour   = values.Duration(time.Hour)
	day    = 24 * hour
)

// Default is the embedded default: everything in dataDir, loopback only, one mail inbox behind the
// SMTP listener, no account and no server needed.
// It is what runs without any file, to try the desk on one machine.
func Default(dataDir string, kinds descriptor.Kinds) Config {
	c := base(dataDir, kinds)
	fill(&c)
	return c
}

// base is the embedded default before everything empty gets its default.
func base(dataDir string, kinds descriptor.Kinds) Config {
	c := sections(kinds)
	c.Desk = Desk{Name: "Frontdesk", Domain: "desk.example"}
	c.DataDir = dataDir
	c.Keys.Master = []MasterKey{{Name: "first", File: filepath.Join(dataDir, "keys", "master.key")}}
	c.Listen.SMTP, c.Listen.Desk = "127.0.0.1:2525", "127.0.0.1:8082"
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
// Numbers whose meaning needs reasons are explained in docs/configuration.md and beside their field.
func sections(kinds descriptor.Kinds) Config {
	shared := map[string]descriptor.Shared{}
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
		Screening: rules.Screening{
			SpamThreshold: 6, FloodPerHour: 2500,
			AcksPerSenderHour: 1, AcksPerSenderDay: 4, AcksPerMinute: 6000,
			AcksToStrangersHour: 200, AcksToStrangersDay: 1000,
			AskSendersAgain: 5 * minute, FingerprintWindow: 3 * day, ReopenWithin: 14 * day,
		},
		Classify: rules.Classify{Model: "default"},
		Outgoing: Outgoing{Cards: "block", IdentityNumbers: "warn"},
		Scanners: Scanners{Deadline: 20 * second},
		Acknowledgements: rules.Acknowledgements{
			Enabled: true, SignReplyAddress: true, Tone: true,
			Fallback:      namesOf(kinds, answers),
			ShortChannels: namesOf(kinds, func(t descriptor.Traits) bool { return t.Words == message.WordsSMS }),
		},
		SMS:       rules.SMS{ClaimedPerRange: 10, PerRange: 500, Price: 0.05, DailyBudget: 20},
		Retention: Retention{Originals: 30 * day, Log: 400 * day},
		Audit:     Audit{Every: hour},
		Log:       Log{Format: "text", Level: "info"},
		Limits: Limits{
			MaxBody: 20 << 20, MaxMessage: 40 << 20, MaxInFlight: 256 << 20, MaxMedia: 20 << 20, MaxUndecided: 1024,
			Connections: 4096, ConnectionsPerAddress: 256, ConnectionsPerNetwork: 512,
			SMTPSessions: 20, SMTPRate: 600, Shutdown: values.Duration(25 * time.Second),
		},
	}
}

// fill gives every empty value its default.
// It comes after the file and the environment, so an empty value is one that neither has given.
func fill(c *Config) {
	fillDesk(&c.Desk)
	c.DataDir = cmp.Or(c.DataDir, "frontdesk-data")
	c.Blobs.Dir = cmp.Or(c.Blobs.Dir, filepath.Join(c.DataDir, "blobs"))
	if c.Database.URL.Empty() {
		c.Database.URL = values.NewSecret(filepath.Join(c.DataDir, "frontdesk.db"))
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
	fillScanners(&c.Scanners)
	c.Alerts.fill()
	for i := range c.Outgoing.ForbiddenWords {
		c.Outgoing.ForbiddenWords[i].Action = cmp.Or(c.Outgoing.ForbiddenWords[i].Action, "warn")
	}
	fillRules(c)
	if h := c.Identity.Addresses; h != nil {
		h.Timeout = cmp.Or(h.Timeout, values.Duration(5*time.Second))
	}
	if s := c.Classify.SecondOpinion; s != nil {
		s.Fill()
	}
	for i := range c.Webhooks {
		c.Webhooks[i].Events = list(c.Webhooks[i].Events, "promise.warning", "promise.breach", "inbox.failing", "acknowledgements.held", "share.unusual")
	}
}

// fillRules fills what tickets are treated by, in a struct of package rules, and takes it back.
// Categories, routing, redaction and SMS have no defaults there, so they need not come back.
func fillRules(c *Config) {
	continues := map[string]values.Duration{}
	for _, k := range c.Kinds {
		if converses(k.Traits) {
			continues[k.Name] = values.Duration(k.Traits.Continues)
		}
	}
	if o := c.Access.OIDC; o != nil {
		o.Scopes, o.GroupsClaim = list(o.Scopes, "profile", "email"), cmp.Or(o.GroupsClaim, "groups")
	}
	r := c.rules()
	r.Fill(c.Desk.Timezone, continues)
	c.Calendars, c.Promises, c.Queues, c.DefaultQueue, c.Screening, c.Agents = r.Calendars, r.Promises, r.Queues, r.DefaultQueue, r.Screening, r.Agents
}

// rules are the parts of the configuration by which tickets are treated.
func (c Config) rules() rules.Rules {
	return rules.Rules{Calendars: c.Calendars, Promises: c.Promises, Escalations: c.Escalations, Queues: c.Queues, DefaultQueue: c.DefaultQueue, Categories: c.Categories,
		Routing: c.Routing, Groups: c.ContactGroups, Screening: c.Screening, Redaction: c.Redaction, SMS: c.SMS, Agents: c.Agents, Access: c.Access}
}

// Belongs are the queues and the categories to which a ticket may belong, by their keys.
func (c Config) Belongs() (queues, categories []string) {
	return c.rules().QueueNames(), c.rules().CategoryKeys()
}

// list is words, or the defaults when there are none.
func list(words []string, defaults ...string) []string {
	if len(words) == 0 {
		return defaults
	}
	return words
}

// fillDesk fills languages and zone; the first language is the default one.
func fillDesk(d *Desk) {
	d.Languages = list(d.Languages, "zh-Hans", "zh-Hant", "en")
	d.DefaultLanguage = cmp.Or(d.DefaultLanguage, d.Languages[0])
	d.Timezone = cmp.Or(d.Timezone, "Asia/Shanghai")
}

// namesOf are the channels of which something holds.
func namesOf(kinds descriptor.Kinds, holds func(descriptor.Traits) bool) (out []string) {
	for _, k := range kinds {
		if holds(k.Traits) {
			out = append(out, k.Name)
		}
	}
	return out
}

// answers reports whether a channel writes to its customers, converses whether their messages continue tickets.
func answers(t descriptor.Traits) bool { return t.Address != "" }

func converses(t descriptor.Traits) bool { return t.Continues > 0 }
