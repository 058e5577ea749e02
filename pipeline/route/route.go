// Package route chooses the queue of a ticket by rules. It is pure.
package route

import (
	"fmt"
	"slices"
	"strings"

	"frontdesk/pipeline/message"
)

// Rule sends the cases that it matches to a queue. An empty list matches everything; a language
// matches its regions and scripts too ("zh" matches "zh-Hant").
type Rule struct {
	Name       string // shown in the reason; may be empty
	Categories []string
	Languages  []string
	Priorities []string
	Inboxes    []string
	Channels   []string
	Queue      string
}

// Facts is what a rule asks about a case.
type Facts struct {
	Category, Language, Priority, Inbox, Channel string

	// CategoryQueue is the queue that the category itself names; used when no rule matches.
	CategoryQueue string
}

// Decision is the chosen queue with its reason in words.
type Decision struct {
	Queue  string `json:"queue"`
	Reason string `json:"reason"`
}

// Policy is the list of rules in the order in which they are tried, and the queue for the rest.
type Policy struct {
	Rules   []Rule
	Default string
}

// Validate reports a policy that could leave a ticket without a queue.
func (p Policy) Validate() error {
	if strings.TrimSpace(p.Default) == "" {
		return fmt.Errorf("routing: no default queue")
	}
	for i, r := range p.Rules {
		if strings.TrimSpace(r.Queue) == "" {
			return fmt.Errorf("routing rule %d: no queue", i+1)
		}
	}
	return nil
}

// Choose returns the queue of the first rule that matches, else the category's, else the default.
func (p Policy) Choose(f Facts) Decision {
	for i, r := range p.Rules {
		if r.matches(f) {
			return Decision{r.Queue, r.reason(i, f)}
		}
	}
	if f.CategoryQueue != "" {
		return Decision{f.CategoryQueue, "queue of category " + f.Category}
	}
	return Decision{p.Default, "default queue: no rule matches"}
}

func (r Rule) matches(f Facts) bool {
	return has(r.Categories, f.Category) && has(r.Priorities, f.Priority) &&
		has(r.Inboxes, f.Inbox) && has(r.Channels, f.Channel) && message.Speaks(r.Languages, f.Language)
}

func has(list []string, value string) bool {
	return len(list) == 0 || slices.Contains(list, value)
}

// reason names the rule and what it asked for.
func (r Rule) reason(index int, f Facts) string {
	name := r.Name
	if name == "" {
		name = fmt.Sprintf("rule %d", index+1)
	}
	var asked []string
	for _, a := range []struct {
		list        []string
		word, value string
	}{
		{r.Categories, "category", f.Category}, {r.Languages, "language", f.Language}, {r.Priorities, "priority", f.Priority},
		{r.Inboxes, "inbox", f.Inbox}, {r.Channels, "channel", f.Channel},
	} {
		if len(a.list) > 0 {
			asked = append(asked, a.word+" "+a.value)
		}
	}
	if len(asked) == 0 {
		return name + ": matches everything"
	}
	return name + ": " + strings.Join(asked, ", ")
}
