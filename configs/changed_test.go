package configs

import (
	"slices"
	"testing"

	"frontdesk/channels/email"
	"frontdesk/channels/kinds"
	"frontdesk/channels/twilio"
	"frontdesk/configs/rules"
	"frontdesk/configs/values"
)

func TestChangedNamesTheSettings(t *testing.T) {
	base := func() Config {
		c := Default(t.TempDir(), kinds.All())
		c.DataDir = "x"
		c.Inboxes = []Inbox{{Name: "a", Channel: "email", Section: &email.Section{IMAP: &email.IMAP{Host: "h", Password: values.NewSecret("one")}}}, {Name: "b", Channel: "sms", Section: &twilio.Section{Twilio: &twilio.Account{AuthToken: values.NewSecret("one")}}}}
		c.Database.URL, c.Blobs.Dir, c.Keys = values.NewSecret(""), "", Keys{}
		return c
	}
	for name, c := range map[string]struct {
		change func(*Config)
		want   []string
	}{
		"nothing":          {func(*Config) {}, nil},
		"a value":          {func(c *Config) { c.Limits.MaxBody = 7 }, []string{"limits.max_body"}},
		"a level":          {func(c *Config) { c.Log.Level = "debug" }, []string{"log.level"}},
		"a password":       {func(c *Config) { c.Inboxes[0].Section.(*email.Section).IMAP.Password = values.NewSecret("two") }, []string{"inboxes.a.imap.password"}},
		"two values":       {func(c *Config) { c.Inboxes[0].Address, c.Inboxes[1].Section.(*twilio.Section).Twilio.From = "x", "y" }, []string{"inboxes.a.address", "inboxes.b.twilio.from"}},
		"a section":        {func(c *Config) { c.Inboxes[0].Section = &email.Section{} }, []string{"inboxes.a.imap"}},
		"a shared section": {func(c *Config) { c.Shared["email"] = &email.Shared{Relays: []email.Relay{{Name: "out"}}} }, []string{"relays.out (new)"}},
		"in the order of the file": {func(c *Config) {
			c.Shared["email"] = &email.Shared{Relays: []email.Relay{{Name: "out"}}}
			c.Inboxes, c.Limits.MaxBody = c.Inboxes[1:], 7
		}, []string{"inboxes.a (taken away)", "relays.out (new)", "limits.max_body"}},
		"a new one":         {func(c *Config) { c.Inboxes = append(c.Inboxes, Inbox{Name: "c"}) }, []string{"inboxes.c (new)"}},
		"one less":          {func(c *Config) { c.Inboxes = c.Inboxes[1:] }, []string{"inboxes.a (taken away)"}},
		"another order":     {func(c *Config) { slices.Reverse(c.Inboxes) }, []string{"inboxes (their order)"}},
		"a list of words":   {func(c *Config) { c.Screening.Blocked = []string{"x@y.example"} }, []string{"screening.blocked"}},
		"a map of sections": {func(c *Config) { c.Calendars = map[string]rules.Calendar{"x": {}} }, []string{"calendars"}},
	} {
		next := base()
		c.change(&next)
		if got := Changed(base(), next); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
