// Package prioritize decides how urgent a ticket is, from its category and from signs in the
// message and in what is known of the customer. It is pure, and every raise says why.
package prioritize

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/pipeline/words"
)

// Level is a priority.
type Level string

// The levels, lowest first.
const (
	Low    Level = "low"
	Normal Level = "normal"
	High   Level = "high"
	Urgent Level = "urgent"
)

// rank orders the levels; -1 for a word that is none.
func (l Level) rank() int { return slices.Index([]Level{Low, Normal, High, Urgent}, l) }

// next is one level higher.
func (l Level) next() Level {
	levels := []Level{Low, Normal, High, Urgent}
	return levels[min(l.rank()+1, len(levels)-1)]
}

// Words raises the priority when one of them is written.
type Words struct {
	Name  string   // what they are a sign of, for the reason: "security"
	Level Level    // at least this
	Words []string // compared folded; Latin ones as whole words, an asterisk at the end lets them go on
}

// Sum raises the priority when an amount is written that reaches AtLeast, in units of the
// currency (ISO 4217), or of any currency when that is empty.
type Sum struct {
	// AtLeast is more than 0.
	Currency string
	AtLeast  float64
	Level    Level
}

// Policy is the whole of the rules.
type Policy struct {
	// Levels must be ones of the four; New checks them.
	Default    Level            // for categories without a level; Normal when empty
	Categories map[string]Level // starting level by category
	Words      []Words
	Sums       []Sum
	// Repeats is from how many messages of the same customer without an answer the priority goes
	// up one level; 0 never.
	Repeats int
	// VIP lists identities ("email:ann@x.example", "phone:+85212345678") and mail domains
	// ("@x.example") whose tickets have at least VIPLevel (High when empty).
	VIP      []string
	VIPLevel Level
}

// Amount is a sum of money that the message names.
type Amount struct {
	Currency string // ISO 4217; empty when it was not written
	Value    float64
}

// Facts is what is known of a case.
type Facts struct {
	// Category is a key, as in Policy.Categories. Amounts are those of the text, in any order.
	Category      string
	Subject, Text string // the customer's own words
	Amounts       []Amount
	Unanswered    int    // earlier messages of the customer on this matter that nobody has answered
	Identity      string // kind and value, such as "email:ann@x.example"
	Signs         []Sign
}

// Sign is something that the message tells beside its matter, such as a legal threat. It raises to a level, or, where that is empty, by one step: all such signs and repeated
// contact together are one step.
type Sign struct {
	Level Level
	Why   string // for the reason: "legal threat: lawyer + letter"
}

// Decision is the level with its reasons, the starting level first.
type Decision struct {
	// Reasons are in plain English, for the trace: the starting level, then each raise.
	Level   Level    `json:"level"`
	Reasons []string `json:"reasons"`
}

// Prioritizer applies a policy. It is safe for concurrent use.
type Prioritizer struct {
	// policy has its defaults; signs are in the order of the policy, those of one list together.
	policy Policy
	signs  []sign
	fold   func(string) string
}

// sign is one of the policy's words, folded.
type sign struct {
	// level and why are those of its list.
	text        string
	level       Level
	why         string
	group       int  // index of its Words: one of them is enough
	first, last rune // of the text
	open        bool // more letters may follow
}

// New checks a policy and folds its words. fold brings text into the form in which words are
// compared, such as classify's Folder does; nil means lower case only.
// It is called when the configuration is read. The error names what is wrong.
func New(p Policy, fold func(string) string) (*Prioritizer, error) {
	if fold == nil {
		fold = strings.ToLower
	}
	if p.Default == "" {
		p.Default = Normal
	}
	if p.VIPLevel == "" {
		p.VIPLevel = High
	}
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("priorities: %w", err)
	}
	signs, err := foldAll(p.Words, fold)
	if err != nil {
		return nil, fmt.Errorf("priorities: %w", err)
	}
	p.VIP = slices.Clone(p.VIP)
	for i, v := range p.VIP {
		p.VIP[i] = strings.ToLower(strings.TrimSpace(v))
	}
	return &Prioritizer{p, signs, fold}, nil
}

// foldAll makes the policy's words ready.
func foldAll(words []Words, fold func(string) string) ([]sign, error) {
	var out []sign
	for group, w := range words {
		for _, word := range w.Words {
			body, open := strings.CutSuffix(word, "*")
			text := strings.TrimSpace(fold(body))
			if text == "" {
				return nil, fmt.Errorf("the word %q of %s holds no letters", word, w.Name)
			}
			s := sign{text: text, level: w.Level, why: w.Name + ": " + text, group: group, open: open}
			s.first, _ = utf8.DecodeRuneInString(text)
			s.last, _ = utf8.DecodeLastRuneInString(text)
			out = append(out, s)
		}
	}
	return out, nil
}

// check refuses levels that are none, and amounts that every message would reach.
func (p Policy) check() error {
	levels := slices.AppendSeq([]Level{p.Default, p.VIPLevel}, maps.Values(p.Categories))
	for _, w := range p.Words {
		levels = append(levels, w.Level)
	}
	for _, s := range p.Sums {
		levels = append(levels, s.Level)
		if !(s.AtLeast > 0) {
			return fmt.Errorf("an amount from %v: must be more than 0", s.AtLeast)
		}
	}
	for _, l := range levels {
		if l.rank() < 0 {
			return fmt.Errorf("unknown level %q", l)
		}
	}
	if p.Repeats < 0 {
		return fmt.Errorf("negative number of repeats %d", p.Repeats)
	}
	return nil
}

// Decide returns the level of a case. Signs raise it to at least their own level; only repeated
// contact raises it by one step, after all others.
// It is pure and may be called by several at a time. Its cost is the text's length, and little more for each word that may stand in it.
func (p *Prioritizer) Decide(f Facts) Decision {
	d := p.start(f.Category)
	text := p.fold(f.Subject) + "\n" + p.fold(f.Text)
	has, seen := words.PairsOf(text), -1
	for i := range p.signs {
		s := &p.signs[i]
		if s.group != seen && has.May(s.text) && s.in(text) {
			d.raise(s.level, s.why)
			seen = s.group
		}
	}
	for _, s := range p.policy.Sums {
		for _, a := range f.Amounts {
			if a.Value >= s.AtLeast && (s.Currency == "" || strings.EqualFold(s.Currency, a.Currency)) {
				d.raise(s.Level, fmt.Sprintf("amount of at least %.10g %s", s.AtLeast, s.Currency))
				break
			}
		}
	}
	if p.vip(f.Identity) {
		d.raise(p.policy.VIPLevel, "on the VIP list")
	}
	step := ""
	for _, s := range f.Signs {
		switch {
		case s.Level != "":
			d.raise(s.Level, s.Why)
		case step == "":
			step = s.Why
		}
	}
	if n := p.policy.Repeats; n > 0 && f.Unanswered >= n {
		step = fmt.Sprintf("%d earlier messages without an answer", f.Unanswered)
	}
	if step != "" {
		d.raise(d.Level.next(), step)
	}
	return d
}

// start is the level before any sign.
func (p *Prioritizer) start(category string) Decision {
	if l, ok := p.policy.Categories[category]; ok {
		return Decision{l, []string{"category " + category + ": " + string(l)}}
	}
	return Decision{p.policy.Default, []string{"default: " + string(p.policy.Default)}}
}

// raise lifts the level; a sign that changes nothing is not worth a reason.
func (d *Decision) raise(to Level, why string) {
	if to.rank() <= d.Level.rank() {
		return
	}
	d.Level = to
	d.Reasons = append(d.Reasons, strings.TrimSpace(why)+": "+string(to))
}

// vip reports whether an identity, or its mail domain, is on the list.
func (p *Prioritizer) vip(identity string) bool {
	identity = strings.ToLower(identity)
	if identity == "" {
		return false
	}
	return slices.ContainsFunc(p.policy.VIP, func(v string) bool {
		return v != "" && (v == identity || (v[0] == '@' && strings.HasSuffix(identity, v)))
	})
}

// in looks for the word; Latin letters at its ends must be ends of words.
func (s *sign) in(text string) bool {
	for from := 0; ; {
		at := strings.Index(text[from:], s.text)
		if at < 0 {
			return false
		}
		at += from
		before, after := neighbours(text, at, at+len(s.text))
		if !(spaced(s.first) && spaced(before)) && (s.open || !(spaced(s.last) && spaced(after))) {
			return true
		}
		from = at + len(s.text)
	}
}

// neighbours returns the characters around text[from:to]; 0 at the ends.
func neighbours(text string, from, to int) (before, after rune) {
	if to < len(text) {
		after, _ = utf8.DecodeRuneInString(text[to:])
	}
	if from > 0 {
		before, _ = utf8.DecodeLastRuneInString(text[:from])
	}
	return before, after
}

// spaced reports whether the rune belongs to a script that writes words apart.
func spaced(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r)) && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
}
