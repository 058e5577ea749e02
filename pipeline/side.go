package pipeline

import (
	"fmt"
	"slices"

	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/thread"
)

// Side is a side thread as the line knows it: what is asked of a third party about a ticket.
type Side struct {
	// Ticket is the one from which was asked, Root the one in which it is worked on. Address is empty where the third party was erased, and People
	// are those who take part in either ticket.
	ID      int64              `json:"id"`
	Ticket  int64              `json:"ticket"`
	Root    int64              `json:"root"`
	Contact int64              `json:"contact,omitempty"` // of the ticket
	Address string             `json:"address"`
	People  []message.Identity `json:"people,omitempty"`
	Erased  bool               `json:"erased,omitempty"` // its ticket was, with its customer
}

// SidePlan says that a message is an answer in a side thread: it lies beside that ticket, and is no customer's.
type SidePlan struct {
	Thread, Ticket, Root int64
}

// sides lists the side threads that the message names by something we have signed: the address on its face first.
func sides(m *message.Message, mac thread.MAC) (out []int64) {
	if !m.Traits.Mail {
		return nil
	}
	add := func(id int64, ok bool) {
		if ok && !slices.Contains(out, id) && len(out) < maxReferences {
			out = append(out, id)
		}
	}
	for _, a := range addressees(m) {
		add(thread.ParseSideAddress(mac, a))
	}
	for _, ref := range answered(m) {
		add(thread.ParseSideMessageID(mac, ref))
	}
	return out
}

// side is the first of the side threads that there is, as its ticket stands now; nil for none.
func (f *Facts) side(ids []int64) *Side {
	for _, id := range ids {
		s := f.Sides[id]
		if s == nil {
			continue
		}
		value := *s
		value.Root = s.Ticket
		if t := f.Tickets[s.Ticket]; t != nil {
			value.Contact, value.People = t.Contact, slices.Clone(t.Participants)
			if root := f.Tickets[t.MergedInto]; t.MergedInto != 0 && root != nil {
				value.Root, value.People = root.ID, append(value.People, root.Participants...)
			}
		}
		return &value
	}
	return nil
}

// takeAside ends the line for a third party's answer. It touches no contact, is promised nothing and acknowledged to nobody. Whoever has the token has
// got our mail, or was handed it by whom we asked, so he need not write from the address to which that went; a customer of the ticket who has got
// hold of it writes as a customer, since his words must be answered.
func takeAside(c *Case) (ended bool) {
	side := c.Known.Side
	if side == nil {
		return false
	}
	from := c.Message.From.Identity()
	if c.Known.takesPart(from) != 0 {
		c.note(stageSide, "no answer of a third party's", fmt.Sprintf("it names side thread %d, and its sender takes part in ticket %d", side.ID, side.Ticket))
		return false
	}
	c.Plan.State, c.Plan.Cause = messages.Suppressed, causes.SideThread
	c.Plan.Consent = nil
	if side.Erased {
		c.Plan.Cause, c.Plan.Erased = causes.Erased, true
		return true
	}
	c.Plan.Side = &SidePlan{Thread: side.ID, Ticket: side.Ticket, Root: side.Root}
	why := "from the address that was asked"
	if side.Address == "" || (message.Address{Kind: message.Email, Value: side.Address}).Identity().Mailbox() != from.Mailbox() {
		why = "from another address than the one that was asked"
	}
	c.note(stageSide, fmt.Sprintf("answers side thread %d of ticket %d", side.ID, side.Ticket), why)
	return true
}

// takesPart is the ticket of the side thread that a message names, if its sender is a customer there; else 0.
func (k *Known) takesPart(from message.Identity) int64 {
	side := k.Side
	if side == nil {
		return 0
	}
	asked := message.Address{Kind: message.Email, Value: side.Address}.Identity().Mailbox()
	part := slices.ContainsFunc(side.People, func(p message.Identity) bool { return p.Mailbox() == from.Mailbox() }) ||
		k.Contact != nil && side.Contact != 0 && k.Contact.ID == side.Contact
	if !part || side.Address != "" && from.Mailbox() == asked { // whoever was asked answers as such, though he was on Cc in the ticket
		return 0
	}
	return side.Ticket
}
