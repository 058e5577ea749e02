// Package tact reads by what signs a message tells that more is at stake than its matter: danger to life, a customer in need, a legal threat, a complaint, money that is
// on its way, a long wait, repeated contact, a deadline. They raise the priority, and choose the tone in which the message is acknowledged. It is pure.
package tact

import (
	_ "embed" // the words
	"slices"
	"strings"

	"frontdesk/pipeline/classify"
)

// Sign is what a message may tell. Its text is what the reason of a priority and the trace call it.
type Sign string

// The signs, in the order in which they count for the tone.
const (
	Danger     Sign = "danger to life"
	Vulnerable Sign = "customer in need"
	Legal      Sign = "legal threat"
	Complaint  Sign = "complaint"
	Repeated   Sign = "asked before"
	Waited     Sign = "long wait"
	InFlight   Sign = "money on its way"
	Pressing   Sign = "deadline"
)

// sections are the signs' names in tact.txt.
var sections = map[string]Sign{"danger": Danger, "vulnerable": Vulnerable, "legal": Legal, "complaint": Complaint, "repeated": Repeated, "waited": Waited, "in flight": InFlight, "pressing": Pressing}

// Key is what pages call a sign: "danger", "in-flight".
func (s Sign) Key() string {
	for key, of := range sections {
		if of == s {
			return strings.ReplaceAll(key, " ", "-")
		}
	}
	return ""
}

// Heard is a sign with the words that told it, as the reason of a decision names them.
type Heard struct {
	Sign  Sign
	Words string // "lawyer + letter"; customers' words are among them only as tact.txt has them
}

// Level is the priority that a message with the sign has at least, by its name; empty for one step more than it has without.
func (h Heard) Level() string {
	switch h.Sign {
	case Danger:
		return "urgent"
	case Vulnerable, Legal, InFlight, Pressing:
		return "high"
	case Complaint:
		return "normal"
	}
	return ""
}

// Why is the reason of a priority: "legal threat: lawyer + letter".
func (h Heard) Why() string { return string(h.Sign) + ": " + h.Words }

// Tone is how a message is acknowledged.
type Tone string

// The tones. A text of the desk's own stands for each (templates, tone-danger and so on); Plain has none.
const (
	Plain     Tone = ""
	ForDanger Tone = "danger"  // says that help is nearer than we are
	Careful   Tone = "careful" // to a customer in need
	Sober     Tone = "sober"   // to who threatens with the law: nothing that reads as an admission
	Warm      Tone = "warm"    // to who had to wait, or to ask again
)

//go:embed tact.txt
var file string

// Reader reads signs. It may be used by many at once.
type Reader struct {
	words *classify.Classifier
	signs []Sign // by category of words
}

// New reads tact.txt. A mistake in it is the program's own.
func New() *Reader {
	rules, err := classify.ParseRules(file)
	if err != nil {
		panic("tact.txt: " + err.Error())
	}
	words, err := classify.New(rules)
	if err != nil {
		panic("tact.txt: " + err.Error())
	}
	r := &Reader{words: words}
	for _, key := range words.Categories() {
		r.signs = append(r.signs, sections[key])
	}
	return r
}

// Read tells the signs of a message, in the order of the constants; nil for none, which most messages have.
// Money is on its way only where an amount is named. subject and text are the customer's own words.
func (r *Reader) Read(subject, text, language string, amount bool) []Heard {
	var out []Heard
	r.words.Reaching(classify.Input{Subject: subject, Text: text, Language: language}, func(category int, words []string) {
		if sign := r.signs[category]; len(words) > 0 && (sign != InFlight || amount) {
			out = append(out, Heard{sign, words[0]}) // one is enough to say why
		}
	})
	slices.SortFunc(out, func(a, b Heard) int { return slices.Index(order, a.Sign) - slices.Index(order, b.Sign) })
	return out
}

var order = []Sign{Danger, Vulnerable, Legal, Complaint, Repeated, Waited, InFlight, Pressing}

// ToneOf is the tone for signs: the first that one of them asks for. A complaint has its own paragraph in the texts, by its category, and asks for none.
func ToneOf(signs []Heard) Tone {
	for _, h := range signs {
		switch h.Sign {
		case Danger:
			return ForDanger
		case Vulnerable:
			return Careful
		case Legal:
			return Sober
		case Repeated, Waited:
			return Warm
		}
	}
	return Plain
}

// Personal reports whether a message with these signs wants a person's words alone: no ready answer stands in its acknowledgement.
func Personal(t Tone) bool { return t == ForDanger || t == Careful || t == Sober }
