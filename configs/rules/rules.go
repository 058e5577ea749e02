// Package rules is the part of a configuration by which tickets are treated: what is promised to whom, where tickets go, what is known
// of each kind of request, what is guarded, and how customers are answered.
package rules

import (
	"strings"
	"time"

	"frontdesk/configs/check"
	"frontdesk/configs/values"
)

// builtinCategories are the categories of the first home, which templates and the classifier
// bring along. Rules may name them without listing them under categories.
const builtinCategories = "payment-failed wrong-amount funds-missing refund password-reset account-locked account-details " +
	"registration security-fraud payment-methods cross-border promotion technical complaint suggestion other"

// Rules are those of one configuration.
// They are what a desk does with messages, whatever channel these come by. Each field is a key at the top of the file; docs/configuration.md
// shows them with examples.
type Rules struct {
	Calendars    map[string]Calendar
	Promises     []Promise
	Escalations  []Escalation
	Queues       []Queue
	Agents       Agents
	Access       Access
	DefaultQueue string
	Categories   []Category
	Routing      []Route
	Groups       []ContactGroup
	Screening    Screening
	Redaction    Redaction
	SMS          SMS
}

// Around is what rules may know beside themselves.
type Around struct {
	check.Report
	// Read reports whether everything at a path, and within it, could be read. Nil: all.
	Read     func(path string) bool
	Timezone string   // of the desk
	Inboxes  []string // their names
	Channels []string // of the program
	Converse []string // channels on which a quiet conversation goes on for a while
}

const (
	hour = values.Duration(time.Hour)
	day  = 24 * hour
)

// Fill gives every empty value its default. zone is the desk's, continues how long a conversation goes on, by channel.
// It comes before Validate, once.
func (r *Rules) Fill(zone string, continues map[string]values.Duration) {
	r.fillCalendars(zone)
	r.fillPromises()
	r.fillQueues()
	r.fillAgents()
	if r.Screening.ContinueWithin == nil {
		r.Screening.ContinueWithin = continues
	}
}

// Validate reports what is wrong beside what the tags say.
// All mistakes are reported, not only the first, each with its path in the file and what to write instead.
func (r Rules) Validate(a Around) {
	a.calendars(r.Calendars)
	a.promises(r)
	a.escalations(r)
	a.queues(r)
	a.categories(r)
	a.routing(r)
	a.groups(r.Groups)
	a.screening(r.Screening)
	a.redaction(r.Redaction)
	a.sms(r.SMS)
}

// CategoryKeys lists the configured categories and the built-in ones.
func (r Rules) CategoryKeys() []string {
	keys := strings.Fields(builtinCategories)
	for _, own := range r.Categories {
		keys = append(keys, own.Key)
	}
	return keys
}

// QueueNames lists the queues.
func (r Rules) QueueNames() []string {
	var names []string
	for _, q := range r.Queues {
		names = append(names, q.Name)
	}
	return names
}
