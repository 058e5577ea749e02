package replay

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"frontdesk/pipeline"
	"frontdesk/pipeline/acknowledge"
	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/workers/store/decided"
)

// Difference is one finding that would not be the same.
type Difference struct {
	Stage string `json:"stage"`
	Field string `json:"field"`
	Then  string `json:"then"` // empty: the line did not come to it
	Now   string `json:"now"`  // likewise
}

// outcome is all that a decision comes to, by field.
type outcome struct {
	state, language string
	trace           []pipeline.Line
	ack             *decided.Acknowledged
}

// then is what was decided, as the database has it.
func then(d *decided.Decided) outcome {
	state := d.State
	if state == messages.Dismissed { // what a person did later with a parked one
		state = messages.Parked
	}
	return outcome{state: stateWords(string(state), d.Cause), language: d.Language, trace: d.Trace, ack: d.Ack}
}

// now is what would be decided.
func now(c pipeline.Case) outcome {
	o := outcome{state: stateWords(string(c.Plan.State), c.Plan.Cause), language: c.Plan.Row.Language, trace: c.Plan.Trace}
	for _, e := range c.Plan.Effects {
		if e.Kind != effects.KindAcknowledgement {
			continue
		}
		o.ack = &decided.Acknowledged{Kind: string(e.To.Identity().Kind)}
		// The payload was marshalled a moment ago from the same type.
		_ = json.Unmarshal(e.Payload, &o.ack.Payload)
	}
	return o
}

func stateWords(state, cause string) string {
	if cause == "" {
		return state
	}
	return state + ": " + cause
}

// fields names what each stage finds, in the order of the line.
var fields = []struct{ stage, field string }{
	{"decode", "readable"}, {"normalize", "text"}, {"redact", "masked"}, {"classify", "category"}, {"scan", "scanners"}, {"screen", "kind"},
	{"dedupe", "copy"}, {"identify", "contact"}, {"thread", "ticket"}, {"prioritize", "priority"}, {"route", "queue"},
	{"promise", "promises"}, {"answer", "answers"}, {"acknowledge", "acknowledgement"},
}

// compare lists what differs.
func compare(a, b outcome, reasons bool) []Difference {
	var out []Difference
	add := func(stage, field, then, now string) {
		if then, now = clean(then), clean(now); then != now {
			out = append(out, Difference{Stage: stage, Field: field, Then: then, Now: now})
		}
	}
	add("finish", "state", a.state, b.state)
	add("redact", "language", a.language, b.language)
	for _, f := range fields {
		la, lb := lineOf(a.trace, f.stage), lineOf(b.trace, f.stage)
		add(f.stage, f.field, found(la), found(lb))
		if f.stage == "classify" {
			add(f.stage, "sureness", sureness(la), sureness(lb))
		}
		if reasons {
			add(f.stage, f.field+" reason", la.Why, lb.Why)
		}
	}
	acknowledged(a.ack, b.ack, add)
	return out
}

// sureness says whether a category was a guess.
func sureness(l pipeline.Line) string {
	switch {
	case strings.HasSuffix(l.Why, classify.SaysOutside):
		return "outside"
	case strings.HasSuffix(l.Why, classify.SaysUnsure):
		return "unsure"
	case l.Found == "":
		return ""
	}
	return "sure"
}

func lineOf(trace []pipeline.Line, stage string) pipeline.Line {
	for _, l := range trace {
		if l.Stage == stage {
			return l
		}
	}
	return pipeline.Line{}
}

// found is a stage's finding; with an acknowledgement that is not sent goes its cause.
func found(l pipeline.Line) string {
	if cause, withheld := acknowledge.WithheldFor(l.Why); withheld && l.Stage == "acknowledge" {
		return l.Found + ": " + cause
	}
	return l.Found
}

// acknowledged compares what the acknowledgement would say, and to what kind of address.
func acknowledged(a, b *decided.Acknowledged, add func(stage, field, then, now string)) {
	if a == nil || b == nil {
		return // the finding of the stage says so
	}
	add("acknowledge", "address", a.Kind, b.Kind)
	add("acknowledge", "acknowledgement language", a.Payload.Language, b.Payload.Language)
	add("answer", "missing facts", strings.Join(a.Payload.Missing, " | "), strings.Join(b.Payload.Missing, " | "))
	qa, ta := faq(a.Payload.FAQ)
	qb, tb := faq(b.Payload.FAQ)
	add("answer", "faq", qa, qb)
	if qa == qb && clean(ta) != clean(tb) {
		add("answer", "faq", qa, qb+" (in other words)")
	}
}

func faq(list []pipeline.FAQ) (questions, answers string) {
	var q, t []string
	for _, f := range list {
		q, t = append(q, f.Question), append(t, f.Answer)
	}
	return strings.Join(q, " | "), strings.Join(t, "\x01")
}

// clean makes texts comparable, of which one has been through a database: that takes neither NUL nor
// what is no UTF-8.
func clean(s string) string {
	if strings.IndexByte(s, 0) < 0 && utf8.ValidString(s) && !strings.Contains(s, "\uFFFD\uFFFD") {
		return s
	}
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
	for strings.Contains(s, "\uFFFD\uFFFD") {
		s = strings.ReplaceAll(s, "\uFFFD\uFFFD", "\uFFFD")
	}
	return s
}
