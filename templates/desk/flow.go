package desk

import (
	"slices"
	"strings"
	"time"

	"frontdesk/templates/desk/acts"
)

// item is one thing in a ticket's flow: a separator of days, the mark before what is new, acts of the system, or what somebody wrote.
type item struct {
	Day    time.Time // a separator; zero: none
	New    int       // the mark: so many new lines follow
	Events []Line    // acts of the system that follow each other
	Fold   bool      // they are many: one line that opens
	Line   *Line     // what somebody wrote
	Open   bool      // it is shown whole
}

// many is how many acts of the system stand in the open; more that follow each other are folded.
const many = 3

// few is how far from the end of a ticket what third parties were asked, and said, is shown whole.
const few = 12

// flow orders a ticket's lines for reading: days, what is new, acts of the system together, older texts as one line each. What is shown
// whole is what the reader needs to answer: what is new, and all since the customer's last words.
func flow(lines []Line, zone *time.Location) []item {
	var out []item
	day, fresh, last := "", 0, lastWords(lines)
	for _, l := range lines {
		if l.New && l.human() {
			fresh++
		}
	}
	for i := range lines {
		l := &lines[i]
		if d := l.At.In(zone).Format(time.DateOnly); d != day {
			day = d
			out = append(out, item{Day: l.At})
		}
		if l.New && l.human() && fresh > 0 {
			out = append(out, item{New: fresh})
			fresh = 0
		}
		switch {
		case l.human():
			out = append(out, item{Line: l, Open: l.New || i >= last || l.Kind == Note || l.aside() && i >= len(lines)-few || l.Sending.State == "failed"})
		case len(out) > 0 && len(out[len(out)-1].Events) > 0:
			at := &out[len(out)-1]
			at.Events = append(at.Events, *l)
			at.Fold = len(at.Events) > many
		default:
			out = append(out, item{Events: []Line{*l}})
		}
	}
	return out
}

// human reports whether a person wrote the line. Acts of the system are never new, and never a ticket's last words.
func (l Line) human() bool {
	return l.Kind == Message || l.Kind == Reply || l.Kind == Note || l.aside()
}

// aside reports whether it is a line of a side thread.
func (l Line) aside() bool { return l.Kind == acts.Forward || l.Kind == acts.Third }

// lastWords is where the customer's last words stand; behind the end where he said nothing.
func lastWords(lines []Line) int {
	for i, l := range slices.Backward(lines) {
		if l.Kind == Message {
			return i
		}
	}
	return len(lines)
}

// said is an act of the system as a sentence. An act without a word is named by its key; a moment in its detail is written as all others.
func (p *Pages) said(lang string, l Line) string {
	word, detail := l.Word, l.Detail
	switch {
	case l.Kind == Acknowledgement:
		word, detail = "acknowledged", p.value(lang, "channel", l.Channel)
	case word == "moved":
		detail = p.value(lang, "queue", detail)
	case word == "escalate":
		return p.escalated(lang, detail)
	case word == "check-identity" && strings.HasSuffix(detail, " joins"):
		word += ".joins"
	case word == "check-identity" && strings.HasSuffix(detail, " company"):
		word += ".company"
	case word == "sorted", word == "learned":
		detail = p.value(lang, "category", detail)
	}
	if at, err := time.Parse(time.RFC3339, detail); err == nil {
		detail = p.stamp(lang, at, l.At)
	}
	if _, ok := p.words[lang]["event."+word+".of"]; ok && detail != "" {
		return p.text(lang, "event."+word+".of", detail)
	}
	return p.value(lang, "event", word)
}

// reason is a sentence of why a ticket is here, in three parts: what it is about stands out.
type reason struct{ Before, Of, After string }

// halfUsed is why a ticket was given out before all others: so an urgent one is from its beginning, and any one once half of its time is used.
const halfUsed = "half-used"

// reason fills a reason's word, on an urgent ticket or another one. What fills it is a stranger's, or a key.
func (p *Pages) reason(lang string, r Reason, urgent bool) reason {
	if r.Word == "" {
		return reason{Of: r.Of}
	}
	before, after := cut(p.text(lang, "why."+r.Word))
	switch r.Word {
	case "category", "queue":
		r.Of = p.value(lang, r.Word, r.Of)
	case "language":
		r.Of = p.tongue(lang, r.Of)
	case "because":
		if urgent && r.Of == halfUsed { // of an urgent one that is so from the beginning
			r.Of = "urgent"
		}
		r.Of = p.text(lang, "why.reason."+r.Of)
	}
	return reason{before, r.Of, after}
}

// cut parts a word at its one verb.
func cut(word string) (before, after string) {
	before, after, _ = strings.Cut(word, "%s")
	return before, after
}
