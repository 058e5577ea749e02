// Package alerts is what the people of the desk are told beside their pages: of which events, in which ways, and when. It decides; it knows no clock,
// no address and no ticket's words.
package alerts

import (
	"slices"
	"strings"
	"time"
)

// Kind is a kind of event that somebody may be told of.
type Kind string

// The kinds of event.
const (
	Given     Kind = "given"     // a ticket was given to him
	Answered  Kind = "answered"  // the customer has answered on a ticket of his
	Named     Kind = "named"     // he was named in a note
	Risk      Kind = "risk"      // what is promised on a ticket of his is about to break
	Escalated Kind = "escalated" // a ticket was escalated in a queue that he directs
	Failed    Kind = "failed"    // an answer of his did not go out, or came back
)

// Kinds are all kinds, in the order in which pages show them.
func Kinds() []Kind { return []Kind{Given, Answered, Named, Risk, Failed, Escalated} }

// Way is how somebody is told.
type Way string

// The ways. Show and Sound are the browser's: they need no row, since the page is told of the event itself.
const (
	Show  Way = "show"  // a notification of the browser
	Sound Way = "sound" // a tone of the page
	Mail  Way = "mail"  // a mail to his own address
	Hook  Way = "hook"  // a call of his own webhook
)

// Ways are all ways, in the order in which pages show them.
func Ways() []Way { return []Way{Show, Sound, Mail, Hook} }

// Outside reports whether a way leaves the desk.
func (w Way) Outside() bool { return w == Mail || w == Hook }

// When says at which times mails are sent.
type When string

// When mails are sent.
const (
	Absent When = "absent" // only while he is not at the desk: who is there sees it on his pages
	Always When = "always" // also while he is there
	Here   When = "here"   // only while he is there; what comes meanwhile waits until he is back
)

// Style is the form of what a webhook is sent.
type Style string

// The forms of a webhook's calls.
const (
	Text   Style = "text"   // {"text": …}, which Slack and chats like it take
	Signed Style = "signed" // JSON, signed as Standard Webhooks says
)

// Choice is what somebody wants to be told, and how.
type Choice struct {
	On    map[Kind][]Way
	Mail  When
	Style Style
}

// Default is the choice of who has made none. The browser shows everything and makes its sound, where that browser is allowed to: it costs one click to be
// rid of, and nobody overlooks a customer who waits. A mail is sent of what hurts when it is found the next day, and only to who is not at the desk:
// somebody has asked him by name, or the customer does not have his answer. Everything else waits on the pages.
func Default() Choice {
	c := Choice{On: map[Kind][]Way{}, Mail: Absent, Style: Text}
	for _, k := range Kinds() {
		c.On[k] = []Way{Show, Sound}
	}
	c.On[Named], c.On[Failed] = append(c.On[Named], Mail), append(c.On[Failed], Mail)
	return c
}

// Wants reports whether an event of that kind is told in that way.
func (c Choice) Wants(k Kind, w Way) bool { return slices.Contains(c.On[k], w) }

// Of are the kinds that are told in a way, in their order.
func (c Choice) Of(w Way) (out []Kind) {
	for _, k := range Kinds() {
		if c.Wants(k, w) {
			out = append(out, k)
		}
	}
	return out
}

// String is the table of kinds and ways as it is kept: "given:show,sound;failed:mail".
func (c Choice) String() string {
	var out []string
	for _, k := range Kinds() {
		var ways []string
		for _, w := range Ways() {
			if c.Wants(k, w) {
				ways = append(ways, string(w))
			}
		}
		out = append(out, string(k)+":"+strings.Join(ways, ","))
	}
	return strings.Join(out, ";")
}

// Read is the choice that String, a When and a Style were kept of. Words of a newer program are passed over; a kind that was not known then is told as by
// default.
func Read(table string, mail When, style Style) Choice {
	c := Default()
	for line := range strings.SplitSeq(table, ";") {
		kind, ways, ok := strings.Cut(line, ":")
		if !ok || !slices.Contains(Kinds(), Kind(kind)) {
			continue
		}
		c.On[Kind(kind)] = nil
		for w := range strings.SplitSeq(ways, ",") {
			if slices.Contains(Ways(), Way(w)) {
				c.On[Kind(kind)] = append(c.On[Kind(kind)], Way(w))
			}
		}
	}
	if slices.Contains([]When{Absent, Always, Here}, mail) {
		c.Mail = mail
	}
	if slices.Contains([]Style{Text, Signed}, style) {
		c.Style = style
	}
	return c
}

// Bounds hold back what is told outside of the desk.
type Bounds struct {
	Gather time.Duration // so long events are gathered, and so long lies between two mails, or two calls, to one person
	Hourly int           // so many of each an hour
}

// Pace is what somebody was told lately in one way.
type Pace struct {
	Sent time.Time // the last time; zero: never
	Hour time.Time // since when is counted
	N    int       // how often since then
}

// After is the pace once more was told.
func (p Pace) After(now time.Time) Pace {
	if now.Sub(p.Hour) >= time.Hour {
		p.Hour, p.N = now, 0
	}
	p.Sent, p.N = now, p.N+1
	return p
}

// earliest is when what has waited since first may be told.
func (p Pace) earliest(b Bounds, first, now time.Time) time.Time {
	at := first.Add(b.Gather)
	if next := p.Sent.Add(b.Gather); !p.Sent.IsZero() && next.After(at) {
		at = next
	}
	if full := p.Hour.Add(time.Hour); p.N >= b.Hourly && now.Before(full) && full.After(at) {
		at = full
	}
	return at
}

// Verdict is what becomes of what waits to be told.
type Verdict string

// The verdicts.
const (
	Send Verdict = "send"
	Wait Verdict = "wait"
	Drop Verdict = "drop" // it is not told in this way any more
)

// LookAgain is after what time it is looked again whether who was away is back.
const LookAgain = time.Minute

// Kept is how long something waits to be told: what is older is on his pages anyway.
const Kept = 7 * 24 * time.Hour

// Decide says what becomes of what somebody waits to be told in a way since first, and for Wait when to look again. here: he is at the desk, and it is
// within working hours. It waits while he is away, so that nothing rings then, and all that has come meanwhile is told as one.
func Decide(w Way, c Choice, here bool, p Pace, b Bounds, first, now time.Time) (Verdict, time.Time) {
	if !w.Outside() || len(c.Of(w)) == 0 || now.Sub(first) > Kept {
		return Drop, time.Time{}
	}
	if at := p.earliest(b, first, now); at.After(now) {
		return Wait, at
	}
	switch {
	case w == Mail && c.Mail == Absent && here:
		return Drop, time.Time{} // he has it before his eyes
	case w == Mail && c.Mail != Here, here:
		return Send, time.Time{}
	}
	return Wait, now.Add(LookAgain)
}
