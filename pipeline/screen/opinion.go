package screen

import (
	"slices"
	"strconv"
	"strings"
)

// Opinion is what a scanner said of a message before it was decided, or why it said nothing.
type Opinion struct {
	// Scanner is its configured name. Score is nil where none was told; its scale is the scanner's own.
	Scanner string   `json:"scanner"`
	Verdict string   `json:"verdict"` // one of the Opinion… constants, or why there is none
	Score   *float64 `json:"score,omitempty"`
	Action  string   `json:"action,omitempty"` // what a spam filter would do with it
	Name    string   `json:"name,omitempty"`   // of what was found
	Detail  string   `json:"detail,omitempty"`
	Second  *Second  `json:"second,omitempty"` // set where not a scanner was asked, but somebody else about the category
	Sender  *Sender  `json:"sender,omitempty"` // set where not a scanner was asked, but DNS once more about the sender
}

// Verdicts that are a scanner's word.
const (
	OpinionClean   = "clean"
	OpinionSpam    = "spam"    // the filter itself would refuse the mail
	OpinionMalware = "malware" // see Name
)

// OpinionTimeout is the verdict where nobody answered in time.
// Other reasons for no answer are words of the scanner's client.
const OpinionTimeout = "timeout"

// Malware names what a scanner found; "" for nothing.
// One scanner is enough: a second that finds nothing takes nothing back.
func Malware(opinions []Opinion) string {
	for _, o := range opinions {
		if o.Verdict == OpinionMalware {
			if o.Name == "" {
				return "unnamed"
			}
			return o.Name
		}
	}
	return ""
}

// Heard sums opinions up for the trace: what came of them, and each one's words.
// found is one phrase for all of them, the gravest; why has every opinion in its own words.
func Heard(opinions []Opinion) (found, why string) {
	var words []string
	answered, asked, spam, second := 0, 0, false, false
	for _, o := range opinions {
		words = append(words, o.Words())
		spam = spam || o.Verdict == OpinionSpam
		if second = second || o.Second != nil; o.Sender != nil || o.Second != nil {
			continue
		}
		if asked++; o.answered() {
			answered++
		}
	}
	switch name := Malware(opinions); {
	case name != "":
		found = "malware: " + name
	case spam:
		found = "spam"
	case asked == 0 && second:
		found = "asked for a second opinion"
	case asked == 0:
		found = "asked again about the sender"
	case answered == 0:
		found = "nobody answered"
	case answered < asked:
		found = "nothing found by those who answered"
	default:
		found = "nothing found"
	}
	return found, strings.Join(words, "; ")
}

// answered reports whether the verdict is a scanner's word.
func (o Opinion) answered() bool {
	return o.Verdict == OpinionClean || o.Verdict == OpinionSpam || o.Verdict == OpinionMalware
}

// Words is the opinion as the trace says it.
// They hold no word of the message; Name is the scanner's own.
func (o Opinion) Words() string {
	var b strings.Builder
	b.WriteString(o.Scanner)
	if o.Sender != nil {
		b.WriteString(", asked again: " + o.Sender.Words())
		return b.String()
	}
	if o.Second != nil {
		b.WriteString(" opinion of " + o.Second.Words(o.Verdict))
		return b.String()
	}
	if o.answered() {
		b.WriteString(": " + o.Verdict)
	} else {
		b.WriteString(": went on without its answer, " + o.Verdict)
	}
	if o.Score != nil {
		b.WriteString(", score " + strconv.FormatFloat(*o.Score, 'f', -1, 64))
	}
	for _, more := range []string{o.Action, o.Name, o.Detail} {
		if more != "" {
			b.WriteString(", " + more)
		}
	}
	return b.String()
}

// heardSpam reports whether a spam filter's score reaches the threshold, or it would refuse the mail.
func (c *check) heardSpam() bool {
	return slices.ContainsFunc(c.f.Opinions, func(o Opinion) bool {
		return o.Verdict == OpinionSpam || o.Score != nil && *o.Score >= c.s.SpamThreshold
	})
}
