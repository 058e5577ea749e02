package policy

import (
	"fmt"
	"slices"
	"strings"

	"frontdesk/configs"
	"frontdesk/configs/rules"
	"frontdesk/pipeline/match"
)

// groups are the groups of contacts by their members. Who is in several belongs to the first.
func groups(c configs.Config) match.Groups {
	out := match.Groups{}
	for _, g := range c.ContactGroups {
		for _, m := range g.Members {
			if m = strings.ToLower(m); out[m] == "" {
				out[m] = g.Name
			}
		}
	}
	return out
}

// PromiseNotes names the targets that no ticket ever gets, since a rule before them takes all that their own would. It is check's to show:
// which of the two was meant is for people to say.
func PromiseNotes(c configs.Config) (notes configs.Problems) {
	for i, r := range c.Promises {
		for _, of := range []struct {
			key string
			in  func(rules.Promise) *rules.Target
		}{
			{"acknowledgement", func(p rules.Promise) *rules.Target { return p.Acknowledgement }}, {"first_reply", func(p rules.Promise) *rules.Target { return p.FirstReply }},
			{"next_reply", func(p rules.Promise) *rules.Target { return p.NextReply }}, {"resolution", func(p rules.Promise) *rules.Target { return p.Resolution }},
		} {
			first := slices.IndexFunc(c.Promises[:i], func(p rules.Promise) bool { return of.in(p) != nil && covers(p.Match, r.Match) })
			if of.in(r) != nil && first >= 0 {
				path := fmt.Sprintf("promises[%d].%s", i, of.key)
				notes = append(notes, configs.Problem{Path: path, Text: fmt.Sprintf("%s is never promised: promises[%d] stands before it and takes all that this rule would", path, first)})
			}
		}
	}
	return notes
}

// covers reports whether one condition takes every ticket that another one takes, as far as their words tell.
func covers(a, b rules.Match) bool {
	for _, l := range [][2][]string{{a.Channel, b.Channel}, {a.Inbox, b.Inbox}, {a.Queue, b.Queue}, {a.Category, b.Category}, {a.Priority, b.Priority}, {a.Language, b.Language}, {a.Group, b.Group}} {
		wide, narrow := l[0], l[1]
		if len(wide) > 0 && (len(narrow) == 0 || slices.ContainsFunc(narrow, func(v string) bool { return !slices.Contains(wide, v) })) {
			return false
		}
	}
	return true
}
