package pipeline

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"frontdesk/pipeline/answer"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/dedupe/copies"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/thread"
)

// sketch is what is kept of the message to know it again; nil where it says nothing of a matter, or no person has said it now.
func sketch(c *Case) copies.Sketch {
	if c.Nothing || c.Settings.Copies == nil {
		return nil
	}
	t := copies.Text{Words: beginning(c.Core, sketchBytes), Beside: c.Base + "\n" + answer.Numbers(c.Message.Fields) + "\n" + strings.Join(c.Numbers, "\n")}
	if weight(c.Core) < sentence { // "see the picture": its subject says what it is about
		t.Words = c.Base + "\n" + t.Words
	}
	for _, a := range c.amounts() {
		t.Amounts = append(t.Amounts, a.Currency+" "+strconv.FormatFloat(a.Value, 'f', -1, 64))
	}
	return c.Settings.Copies.Sketch(t)
}

// sketchBytes is how much of a text a sketch is of. Who says so much again says the rest again, too, and what numbers and sums the whole
// names still parts it; but each letter costs.
const sketchBytes = 1536

// sentence is the weight from which a text says by itself what it is about, so that it may be sent again under another subject.
const sentence = 48

// weight is how much a text says: its bytes, of which a Chinese character has three.
func weight(text string) int { return len(text) + utf8.RuneCountInString(text)/2 }

// again are the tickets in which the sender has lately said something like the message, the newest first.
func (f *Facts) again(m message.Message, a Asks, contact int64) (out []thread.Again) {
	for _, s := range f.Said[a.Speaker(contact)] {
		t := f.Tickets[s.Ticket]
		if s.Message == m.ID || t == nil {
			continue
		}
		like := copies.Compare(a.Sketch, s.Sketch)
		numbered := slices.ContainsFunc(a.Numbers, func(n string) bool { return slices.Contains(t.Numbers, n) })
		if !like.Equal && !like.Near && !like.Money && !numbered {
			continue
		}
		at := slices.IndexFunc(out, func(o thread.Again) bool { return o.Ticket.ID == s.Ticket })
		if at < 0 {
			out, at = append(out, thread.Again{Ticket: f.within(t), At: s.At}), len(out)
		}
		if words := like.Equal || like.Near; words && !out[at].Words {
			out[at].Words, out[at].At = true, s.At
		}
		out[at].Money, out[at].Told = out[at].Money || like.Money, out[at].Told || f.told(a, contact, s.Ticket)
	}
	return out[:min(len(out), mostAlike)]
}

// told reports whether an acknowledgement of the ticket went to whoever says the message.
func (f *Facts) told(a Asks, contact, ticket int64) bool {
	return slices.ContainsFunc(f.Said[a.Speaker(contact)], func(s copies.Said) bool { return s.Ticket == ticket && s.Told })
}

// mostAlike bounds the tickets that are kept with a decision for being like its message.
const mostAlike = 5

// say notes what was said, for what comes after it in the batch.
func (f *Facts) say(p Plan, at time.Time) {
	by := p.Speaker()
	if by == "" {
		return
	}
	said := slices.Insert(slices.Clone(f.Said[by]), 0, copies.Said{Message: p.Message, Ticket: p.Ticket.ID, At: at, Told: p.acknowledges(), Sketch: p.Row.Sketch})
	slices.SortStableFunc(said, newer)
	f.Said[by] = said[:min(len(said), copies.Remembered)]
}

// acknowledges reports whether an acknowledgement goes to the address in From, by itself or in a digest.
func (p Plan) acknowledges() bool {
	return slices.ContainsFunc(p.Effects, func(e effects.Plan) bool {
		return e.Kind == effects.KindAcknowledgement && (e.Cause == "" || e.Cause == causes.SenderCap) && e.To.Identity() == p.Row.From.Identity()
	})
}

// newer orders what was said.
func newer(a, b copies.Said) int {
	return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.Message, a.Message))
}

// Speaker is Asks.Speaker of whoever said what the plan keeps in a ticket; empty where it keeps no sketch.
func (p Plan) Speaker() string {
	if len(p.Row.Sketch) == 0 || p.Ticket.ID == 0 || !p.Shown() || p.Row.From.IsZero() {
		return ""
	}
	return speaker(p.Row.Proven, p.Contact.ID, p.Row.From.Identity())
}

// alone reports whether a message names nobody beside its sender and us, and an answer to it goes to him alone.
func (c *Case) alone() bool {
	from := c.Message.From.Identity()
	if c.Asks.Recipient != from {
		return false
	}
	for _, a := range slices.Concat(c.Message.ReplyTo, c.Message.Also, c.Message.Cc, c.Message.To) {
		if id := a.Identity(); !id.IsZero() && id.Mailbox() != from.Mailbox() && !c.ours(id) {
			return false
		}
	}
	return true
}
