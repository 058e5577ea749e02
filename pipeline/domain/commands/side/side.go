// Package side is the commands about what is asked of third parties. A side thread hangs beside its ticket: what is written in it is no customer's
// word and no answer to one, so it moves no promise and nobody's place.
package side

import (
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/replies"
)

// Ask is an agent who writes to a third party: he forwards something of a ticket, or goes on in a side thread.
type Ask struct {
	Reply   replies.Plan // of a side thread (Reply.Side)
	Row     effects.Plan // where it goes
	Contact int64        // the ticket's, of whom it speaks
	Actor   string
}

// Needs are the ticket, and whether the page was sent before.
func (a Ask) Needs(*domain.Known) domain.Needs {
	return domain.Needs{Tickets: []int64{a.Reply.Ticket}, Pages: []string{a.Reply.Key}}
}

// Decide writes it, once a page. domain.ErrMerged: the ticket is worked on in another one.
func (a Ask) Decide(d *domain.Draft) error {
	t, there := d.Tickets[a.Reply.Ticket]
	switch {
	case there && t.MergedInto != 0:
		return domain.ErrMerged
	case !there, t.Erased, a.Reply.Side == 0:
		return domain.ErrNotSo
	case d.Pages[a.Reply.Key] != 0:
		return nil
	}
	d.Write(a.Reply, &domain.Send{Row: a.Row, Ticket: t.ID, Message: a.Reply.Of, Contact: a.Contact})
	e := entries.Entry{Kind: entries.ActForward, Actor: a.Actor, Ticket: t.ID, Message: a.Reply.Of, Detail: a.Reply.Despite}
	d.Enter(e, entries.Snapshot{Ticket: t.State}, entries.Snapshot{Reply: a.Reply.ID, Effect: a.Row.Start()}, func() {})
	return nil
}

// Came is a third party's answer that has come. The line has decided that it is one.
type Came struct {
	Message, Ticket int64 // the ticket of its side thread
}

// Needs are the work item of the ticket, or of the one in which it is worked on.
func (c Came) Needs(k *domain.Known) domain.Needs {
	return domain.Needs{Roots: []int64{c.Ticket}, Desk: []int64{k.Root(c.Ticket)}}
}

// Decide notes it. What waits for the customer, or for a time, is our turn again, since somebody has to read it; its place is the one that it had, and nothing is
// promised for it.
func (c Came) Decide(d *domain.Draft) error {
	d.Enter(entries.Entry{Kind: entries.SideCame, Actor: entries.Service, Message: c.Message, Ticket: c.Ticket}, entries.Snapshot{}, entries.Snapshot{}, func() {
		before := d.Item(d.Root(c.Ticket))
		on := map[desk.State]desk.Event{desk.Pending: desk.CallUp, desk.Snoozed: desk.Wake}[before.State]
		if after, means := before.After(on); means {
			d.SetDesk(before, after)
		}
	})
	return nil
}
