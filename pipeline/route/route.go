// Package route chooses the queue of a ticket by rules. It is pure.
package route

import (
	"fmt"
	"strings"

	"frontdesk/pipeline/match"
)

// Rule sends the cases that it takes to a queue.
// The words of a customer are not asked here: classify and prioritize have made a category and a level of them.
type Rule struct {
	match.Rule
	Name string // shown in the reason; may be empty
	To   string // queue
}

// Facts is what is asked about a case.
type Facts struct {
	match.Case

	// CategoryQueue is the queue that the category itself names; used when no rule takes the case.
	CategoryQueue string
}

// Decision is the chosen queue with its reason in words.
type Decision struct {
	// Queue is never empty after a policy that Validate takes. Reason names the rule and what of the case it asked for.
	Queue  string `json:"queue"`
	Reason string `json:"reason"`
}

// Policy is the list of rules in the order in which they are tried, and the queue for the rest.
// The first rule wins, so the narrow ones stand before the wide ones.
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
		if strings.TrimSpace(r.To) == "" {
			return fmt.Errorf("routing rule %d: no queue", i+1)
		}
	}
	return nil
}

// Choose returns the queue of the first rule that matches, else the category's, else the default.
// It is pure and may be called by several at a time.
func (p Policy) Choose(f Facts) Decision {
	for i, r := range p.Rules {
		if r.Takes(f.Case) {
			return Decision{r.To, r.reason(i, f)}
		}
	}
	if f.CategoryQueue != "" {
		return Decision{f.CategoryQueue, "queue of category " + f.Category}
	}
	return Decision{p.Default, "default queue: no rule matches"}
}

// reason names the rule and what it asked for.
func (r Rule) reason(index int, f Facts) string {
	name := r.Name
	if name == "" {
		name = fmt.Sprintf("rule %d", index+1)
	}
	asked := r.Asked(f.Case)
	if len(asked) == 0 {
		return name + ": matches everything"
	}
	return name + ": " + strings.Join(asked, ", ")
}
