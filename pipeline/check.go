package pipeline

import (
	"crypto/subtle"
	"fmt"
	"maps"
	"slices"
	"time"

	"frontdesk/pipeline/challenge"
	"frontdesk/pipeline/identify"
	"frontdesk/pipeline/message"
)

// Check is a check of who a customer is that waits for his answer, as the line knows it.
type Check struct {
	ID     int64     `json:"id"`
	Ticket int64     `json:"ticket"`
	Proof  string    `json:"proof"` // of its code: see challenge.Proof
	Ends   time.Time `json:"ends"`
	// By is the contact that must answer it, straight from an address that it proves, where the code went to another one that may be the same person; 0: whoever continues the ticket.
	By int64 `json:"by,omitempty"`
}

// CheckPlan is an answer to a check: the right one, or a try.
type CheckPlan struct {
	ID, Ticket int64
	Passed     bool
}

// waiting are the checks of the tickets that a message may continue.
func (f *Facts) waiting(k Known) (out []Check) {
	for _, c := range f.Checks {
		for _, n := range k.Named {
			if (n.Ticket.ID == c.Ticket || n.Ticket.MergedInto == c.Ticket) && !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
		for _, t := range k.Recent {
			if (t.ID == c.Ticket || t.MergedInto == c.Ticket) && !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return out
}

// answerCheck holds what a message says to the check that waits in its ticket. Only what stands in the ticket's conversation answers it, and one
// message is one try. A right code is hidden wherever it stands: nobody need see it, and nothing keeps it.
func (c *Case) answerCheck() {
	if c.Thread.Ticket == 0 || len(c.codes) == 0 || c.history() {
		return
	}
	t, _ := c.ticket(c.Thread.Ticket)
	for _, k := range c.Known.Checks {
		if k.Ticket != t.ID && k.Ticket != t.MergedInto || !c.Message.At.Before(k.Ends) {
			continue
		}
		if k.By != 0 && !c.straight(k.By) { // it tries nothing; a right code is hidden all the same
			c.hideRight(k)
			continue
		}
		c.Plan.Check = &CheckPlan{ID: k.ID, Ticket: k.Ticket}
		for _, code := range c.codes {
			if subtle.ConstantTimeCompare([]byte(challenge.Proof(challenge.MAC(c.Settings.MAC), k.ID, code)), []byte(k.Proof)) == 1 {
				c.Plan.Check.Passed = true
				c.hide(code)
			}
		}
		found := "a wrong code"
		if c.Plan.Check.Passed {
			found = "the code that was sent"
		}
		c.note(stageThread, found, fmt.Sprintf("check %d of who the customer is waits in ticket %d", k.ID, k.Ticket))
		return
	}
}

// straight reports whether the message comes straight from that contact: proven to be his, and handed on by no list, form or other mailbox.
func (c *Case) straight(contact int64) bool {
	return c.Message.Proven && c.Who.Contact == contact && c.Author.Via == identify.Direct && c.Message.Envelope.DMARC != message.VerdictFail && !foreign(&c.Message) && !c.machine()
}

// hideRight takes the code of a check out of what people see.
func (c *Case) hideRight(k Check) {
	for _, code := range c.codes {
		if challenge.Same(challenge.Proof(challenge.MAC(c.Settings.MAC), k.ID, code), k.Proof) {
			c.hide(code)
		}
	}
}

// hide takes a code out of all that people see of the message.
func (c *Case) hide(code string) {
	for _, text := range []*string{&c.Text.Visible, &c.Text.Quoted, &c.Text.Signature, &c.Subject, &c.Base, &c.Core} {
		*text = challenge.Hide(*text, code)
	}
	c.Numbers = slices.DeleteFunc(slices.Clone(c.Numbers), func(n string) bool { return n == code })
	c.Message.Fields = maps.Clone(c.Message.Fields)
	for name, value := range c.Message.Fields {
		c.Message.Fields[name] = challenge.Hide(value, code)
	}
}
