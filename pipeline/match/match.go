// Package match says which cases a rule of the configuration concerns. Routing and promises ask the same way, so that
// "language: zh" means the same to both. It is pure.
package match

import (
	"slices"
	"strings"

	"frontdesk/pipeline/message"
)

// Case is what a rule may ask about. An empty value is one that is not known, or not decided yet.
// Channel, Inbox and Queue are names of the configuration, Category is a key, Priority one of the four levels, Language BCP 47.
type Case struct {
	Channel, Inbox, Queue, Category, Priority, Language string

	Group string // of contacts, to which the sender has proven to belong; empty: to none
}

// Groups say to which group of contacts somebody belongs: by his address, or by "@" and the domain of his mail, in lower case.
type Groups map[string]string

// Of is the group of an address; empty where it belongs to none. Whoever asks sees to it that the address is proven: a claim is no membership.
func (g Groups) Of(id message.Identity) string {
	if group, ok := g[strings.ToLower(id.Value)]; ok || id.Kind != message.Email {
		return group
	}
	return g["@"+strings.ToLower(id.Value[strings.LastIndexByte(id.Value, '@')+1:])]
}

// Rule lists what a case must be. An empty list takes every case; a case must be on each list that is not empty.
// The configuration has proven that the names exist. A rule is not changed once it is read.
type Rule struct {
	Channels   []string
	Inboxes    []string
	Queues     []string
	Categories []string
	Priorities []string
	Groups     []string
	Languages  []string // BCP 47; "zh" takes its scripts and regions too, see message.Speaks
}

// Takes reports whether the rule concerns the case.
// What is not known is on no list, so a rule that asks for a category does not take a case without one.
func (r Rule) Takes(c Case) bool {
	return on(r.Channels, c.Channel) && on(r.Inboxes, c.Inbox) && on(r.Queues, c.Queue) && on(r.Categories, c.Category) &&
		on(r.Priorities, c.Priority) && on(r.Groups, c.Group) && message.Speaks(r.Languages, c.Language)
}

// on compares whole names, in their case.
func on(list []string, value string) bool { return len(list) == 0 || slices.Contains(list, value) }

// Asked names what the rule asked for and the case was, such as "category refund"; none for a rule that takes everything.
// It is for the reason of a decision; r must have taken c. The order is that in which people ask.
func (r Rule) Asked(c Case) []string {
	var out []string
	for _, a := range []struct {
		list        []string
		word, value string
	}{
		{r.Categories, "category", c.Category}, {r.Languages, "language", c.Language}, {r.Priorities, "priority", c.Priority}, {r.Groups, "group", c.Group},
		{r.Inboxes, "inbox", c.Inbox}, {r.Channels, "channel", c.Channel}, {r.Queues, "queue", c.Queue},
	} {
		if len(a.list) > 0 {
			out = append(out, a.word+" "+a.value)
		}
	}
	return out
}
