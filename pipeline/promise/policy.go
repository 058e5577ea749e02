package promise

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"frontdesk/pipeline/match"
)

// Kind says what is promised.
type Kind string

// The kinds of promise, in the order in which they fall due on a usual ticket.
const (
	Acknowledgement Kind = "acknowledgement" // the automatic "received"
	FirstReply      Kind = "first-reply"     // first words of a person
	NextReply       Kind = "next-reply"      // our answer to what the customer writes after an answer
	Resolution      Kind = "resolution"
)

// Clock says in which time a promise is counted.
type Clock string

// The clocks. The zero Clock is Wall for acknowledgements and Business for everything else.
const (
	Wall     Clock = "wall"     // every hour counts
	Business Clock = "business" // only the opening hours of a calendar count
)

// DefaultAcknowledgement is the time within which a message is acknowledged when no rule says
// otherwise, in wall-clock time from when the source received it.
const DefaultAcknowledgement = 24 * time.Hour

// Rule gives one kind of promise to the cases that it takes. For each kind the first rule that takes a case decides.
type Rule struct {
	match.Rule
	// Kind says what the rule promises. Clock is empty for the kind's usual one.
	Kind Kind
	// Within is the time promised; 0 means that nothing of this kind is promised.
	Within time.Duration
	Clock  Clock
	// Calendar names the calendar of a business clock. Empty means the case's own calendar, else
	// the policy's default.
	Calendar string
	// Warn lists the fractions of the time at which a warning is due, such as 0.5 and 0.8. Nil
	// means the policy's.
	Warn []float64
}

// Policy turns cases into promises.
type Policy struct {
	// Rules are in the order of the configuration. Calendars are by name.
	Rules     []Rule
	Calendars map[string]*Hours
	Default   string    // name of the calendar used when neither rule nor case names one
	Warn      []float64 // fractions for rules that have none of their own

	Escalations []Escalation // what is done about what is still owed, in the order of the configuration
}

// Facts is what a policy asks about a case.
type Facts struct {
	match.Case

	Calendar string // the customer's calendar, if it is known
}

// Validate reports what would keep the policy from making its promises.
func (p Policy) Validate() error {
	if p.Default != "" && p.Calendars[p.Default] == nil {
		return fmt.Errorf("promise policy: unknown default calendar %q", p.Default)
	}
	if err := checkWarn(p.Warn); err != nil {
		return fmt.Errorf("promise policy: %w", err)
	}
	for i, r := range p.Rules {
		if err := p.checkRule(r); err != nil {
			return fmt.Errorf("promise rule %d: %w", i+1, err)
		}
	}
	return nil
}

// Print is a digest of all that a policy counts by, its calendars included: two policies with one print make the same promises.
func (p Policy) Print() string {
	h := sha256.New()
	fmt.Fprintf(h, "%+v %q %v", p.Rules, p.Default, p.Warn)
	if len(p.Escalations) > 0 {
		fmt.Fprintf(h, " %+v", p.Escalations)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Calendars)) {
		c := p.Calendars[name]
		fmt.Fprintf(h, "\n%q %s %v %v", name, c.zone, c.week, c.except)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// checkRule refuses what would make count fall back to the wall clock.
func (p Policy) checkRule(r Rule) error {
	if !slices.Contains([]Kind{Acknowledgement, FirstReply, NextReply, Resolution}, r.Kind) {
		return fmt.Errorf("unknown kind %q", r.Kind)
	}
	if r.Within < 0 {
		return fmt.Errorf("negative time %s", r.Within)
	}
	if r.Calendar != "" && p.Calendars[r.Calendar] == nil {
		return fmt.Errorf("unknown calendar %q", r.Calendar)
	}
	if r.Clock != "" && r.Clock != Wall && r.Clock != Business {
		return fmt.Errorf("unknown clock %q", r.Clock)
	}
	if r.clock() == Business && r.Within > 0 && r.Calendar == "" && p.Default == "" {
		return fmt.Errorf("a business clock needs a calendar, and the policy has no default")
	}
	return checkWarn(r.Warn)
}

// checkWarn wants fractions between 0 and 1; this form of comparison refuses NaN, too.
func checkWarn(fractions []float64) error {
	for _, f := range fractions {
		if !(f > 0 && f < 1) {
			return fmt.Errorf("warning at %v: must lie between 0 and 1", f)
		}
	}
	return nil
}

// rule finds the first rule of that kind which matches; ok is false when there is none.
func (p Policy) rule(kind Kind, f Facts) (r Rule, ok bool) {
	for _, r := range p.Rules {
		if r.Kind == kind && r.Takes(f.Case) {
			return r, true
		}
	}
	if kind == Acknowledgement {
		return Rule{Kind: kind, Within: DefaultAcknowledgement}, true
	}
	return Rule{}, false
}

// clock is the rule's, or its kind's usual one: an acknowledgement is sent by a program, which has no closing time.
func (r Rule) clock() Clock {
	switch {
	case r.Clock != "":
		return r.Clock
	case r.Kind == Acknowledgement:
		return Wall
	}
	return Business
}

// calendar chooses the calendar of a business clock; nil when none is known.
func (p Policy) calendar(r Rule, f Facts) *Hours {
	for _, name := range []string{r.Calendar, f.Calendar, p.Default} {
		if h := p.Calendars[name]; name != "" && h != nil {
			return h
		}
	}
	return nil
}
