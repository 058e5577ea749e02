package configs

import (
	"cmp"
	"time"

	"frontdesk/configs/values"
)

// Alerts says how the people of the desk are told outside of it what they have chosen to know.
type Alerts struct {
	// The inbox by which mails to them go; its channel is mail. Empty: the first mail inbox. off: no mail goes.
	Inbox string `yaml:"inbox"`
	// Whether people may have a webhook of their own called, such as one of a chat: public (in the public Internet alone, by https), private (it may also lie in a private network, and needs no https) or off. Default: public.
	Webhooks string `yaml:"webhooks" enum:"public,private,off"`
	// Subjects of tickets, as the desk shows them, stand in mails and calls. Default: false, the ticket's number, its queue and what has happened there.
	Subjects bool `yaml:"subjects"`
	// So long what happens is gathered, and so long lies between two mails, or two calls, to one person. Default: 5m.
	Gather values.Duration `yaml:"gather"`
	// So many mails, and so many calls, one person gets an hour; the rest is gathered for the next. Default: 6.
	Hourly int `yaml:"hourly"`
}

// AlertsOff in the place of an inbox or of webhooks says that nobody is told so.
const AlertsOff = "off"

// Private reports whether webhooks of people may lie in a private network.
func (a Alerts) Private() bool { return a.Webhooks == "private" }

func (a *Alerts) fill() {
	a.Webhooks = cmp.Or(a.Webhooks, "public")
	a.Gather, a.Hourly = cmp.Or(a.Gather, values.Duration(5*time.Minute)), cmp.Or(a.Hourly, 6)
}

// alerts checks what the people of the desk are told with.
func (v *validation) alerts(c Config) {
	a := c.Alerts
	if a.Inbox != "" && a.Inbox != AlertsOff {
		at := -1
		for i, in := range c.Inboxes {
			if in.Name == a.Inbox {
				at = i
			}
		}
		k, known := c.Kinds.Find(channelAt(c, at))
		if !known || !k.Traits.Mail {
			v.Add("alerts.inbox", "there is no mail inbox of that name", "name one of inboxes that sends mail, or off")
		}
	}
	if a.Gather != 0 && (a.Gather.Std() < time.Minute || a.Gather.Std() > 12*time.Hour) {
		v.Add("alerts.gather", "this is no time to gather in", "write 1m to 12h")
	}
	if a.Hourly < 0 || a.Hourly > 60 {
		v.Add("alerts.hourly", "this is no bound", "write 1 to 60")
	}
}

func channelAt(c Config, inbox int) string {
	if inbox < 0 {
		return ""
	}
	return c.Inboxes[inbox].Channel
}
