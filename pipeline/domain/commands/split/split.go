// Package split is the command of a person who makes a ticket of its own of some of another one's messages. It is taken back by merging the new ticket into
// the one that it came from: see package merge.
package split

import (
	"fmt"
	"slices"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/parting"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/domain/tickets"
)

// Names of the act, as entries and the journal bear them.
const (
	ActSplit    = "split"     // on the ticket that is split
	ActSplitOff = "split-off" // the same, on the new one
)

// Cause is why a ticket that was split off is not acknowledged: its customer has had the acknowledgement of the ticket that it came from. It is why a turn of
// that ticket is void, too, of which nothing has stayed there.
const Cause = "split"

// causeAnswered is why a ticket that was split off owes no first reply: what was moved was answered before, in the ticket that it came from, which bears the
// promise that was kept or broken by that.
const causeAnswered = "answered-before"

// ErrSays is that a message stays where it is.
var ErrSays = fmt.Errorf("the message says what the ticket is about, or whose it is: %w", domain.ErrNotSo)

// Messages is a person who splits a ticket.
type Messages struct {
	Ticket  int64
	Version int64 // of the ticket as its messages were read; 0: whatever it is
	parting.Parting
	// Acknowledged is the acknowledgement of the new ticket, withheld for Cause, of Contact.
	Acknowledged effects.Plan
	Contact      int64
	Actor        string
}

// Needs are the ticket with its work item and promises, what is to be moved, and what that has changed in the ticket.
func (c Messages) Needs(k *domain.Known) (n domain.Needs) {
	n.Messages, n.Appends, n.Replies, n.Tickets = c.Messages, c.Messages, c.Notes, []int64{c.Ticket}
	n.Whole(k, c.Ticket)
	return n
}

// Decide opens the new ticket with the messages, as due as they were since they came, and leaves the old one what stays. domain.ErrMerged: it is worked on in
// another one. domain.ErrOvertaken: somebody has changed it since it was read. domain.ErrNotSo: one of the messages is not there, or says what the ticket is
// about or whose it is (ErrSays), or a note is none.
func (c Messages) Decide(d *domain.Draft) error {
	before, there := d.Tickets[c.Ticket]
	switch {
	case before.MergedInto != 0:
		return domain.ErrMerged
	case !there, before.Erased, len(c.Messages) == 0, c.Ticket == c.Parting.Ticket:
		return domain.ErrNotSo
	case c.Version != 0 && before.Version != c.Version:
		return domain.ErrOvertaken
	}
	for _, id := range c.Notes {
		if r := d.Replies[id]; r.ID != id || r.Ticket != c.Ticket || r.Kind != replies.Note {
			return domain.ErrNotSo
		}
	}
	if err := c.move(d); err != nil {
		return err
	}
	left := before
	left.Version++
	left.Messages -= len(c.Messages)
	fresh := tickets.Status{ID: c.Parting.Ticket, Version: 1, State: tickets.Open, Priority: before.Priority, Messages: len(c.Messages), Queue: c.Queue, Category: c.Category,
		Language: c.Language, Opened: c.First, Last: c.Last}
	d.SetTicket(before, left)
	d.SetSplit(domain.Split{Ticket: c.Ticket, Parting: c.Parting}, fresh, domain.Send{Row: c.Acknowledged, Ticket: fresh.ID, Message: c.Messages[0], Contact: c.Contact})
	c.enter(d, before, left, fresh)
	return nil
}

// move has the messages belong to the new ticket, which the first of them opens.
func (c Messages) move(d *domain.Draft) error {
	for i, id := range c.Messages {
		m := d.Messages[id]
		on := messages.Move
		if i == 0 {
			on = messages.Split
		}
		to, means := messages.Machine.Next(m.State, on)
		changed := d.Appends[id].After
		if changed.Queue != "" || changed.Contact != 0 {
			return ErrSays
		}
		if !means || m.Erased || m.Ticket != c.Ticket || slices.Contains(c.Messages[:i], id) {
			return domain.ErrNotSo
		}
		moved := m
		moved.State, moved.Ticket = to, c.Parting.Ticket
		d.SetMessage(m, moved)
	}
	return nil
}

// enter notes it on both tickets, with what becomes of their items and promises.
func (c Messages) enter(d *domain.Draft, before, left, fresh tickets.Status) {
	was := entries.Snapshot{Message: messages.Appended, Ticket: before.State, Priority: before.Priority, Version: before.Version, Into: fresh.ID, Other: &entries.Snapshot{}}
	is := entries.Snapshot{Message: d.Messages[c.Messages[len(c.Messages)-1]].State, Ticket: left.State, Priority: left.Priority, Version: left.Version, Into: fresh.ID,
		Effect: c.Acknowledged.Start(), Parted: &c.Parting, Other: &entries.Snapshot{Ticket: fresh.State, Priority: fresh.Priority}}
	was.Desk = entries.ItemOf(d.Item(c.Ticket))
	is.Desk = was.Desk
	d.Enter(entries.Entry{Kind: ActSplit, Actor: c.Actor, Ticket: c.Ticket, Message: c.Messages[0]}, was, is, func() {
		c.remain(d, left)
		c.promise(d)
		c.work(d, fresh)
	})
	begun(d, d.Plan.Entries[len(d.Plan.Entries)-1].Before)
	opened := entries.Snapshot{Ticket: fresh.State, Version: fresh.Version, Queue: fresh.Queue, Category: fresh.Category, Priority: fresh.Priority, Contact: c.Contact, Into: c.Ticket,
		Parted: &parting.Parting{Ticket: fresh.ID, Messages: c.Messages, Notes: c.Notes, Queue: c.Queue, Category: c.Category, Language: c.Language, First: c.First, Last: c.Last},
		Desk:   entries.ItemOf(d.Item(fresh.ID))}
	d.Plan.Entries = append(d.Plan.Entries, entries.Entry{Kind: ActSplitOff, Actor: c.Actor, Ticket: fresh.ID, Message: c.Messages[0], After: opened})
}

// begun notes when the promises of an entry began: from that it follows which of them go with what is split off.
func begun(d *domain.Draft, was entries.Snapshot) {
	for _, all := range [][]entries.Promise{was.Promises, was.Beside} {
		for i := range all {
			all[i].Start = d.Promises[all[i].Promise(d.Plan.Entries[len(d.Plan.Entries)-1].Ticket).Key()].Start
		}
	}
}

// remain is what becomes of the ticket that is split. Where nothing stays of what waits there the turns that began with what has gone are owed no more: they are
// owed in the new ticket. It is the customer's turn again then, unless an answer to what he wrote before has come to nothing.
func (c Messages) remain(d *domain.Draft, left tickets.Status) {
	item := d.Item(c.Ticket)
	switch {
	case item.Gone() && left.State == tickets.Open: // an older program has opened it
		d.SetDesk(item, d.Fresh(left))
		return
	case item.Gone(), !item.Since.Equal(c.Since): // it is closed; or somebody has answered meanwhile, or written
		return
	}
	if c.Stays.Before(c.Since) {
		d.StepAll(c.Ticket, func(p promises.Promise) (promises.Promise, bool) { return promises.OnSplit(p, c.Since, Cause, d.Now) })
	}
	after := item
	switch {
	case !c.Stays.IsZero():
		after.Since = c.Stays
	case item.State == desk.Waiting:
		after, _ = item.After(desk.SetAside)
	}
	d.SetDesk(item, d.Owing(after.As(after.Queue, after.Language, after.Category, after.Priority)))
}

// promise makes what the new ticket is promised. Its acknowledgement is void: its customer has had one. By when a first reply comes he was told in the ticket that
// is split; that time stands where it is the earlier one. What was answered there is owed no more.
func (c Messages) promise(d *domain.Draft) {
	for _, p := range c.Promised {
		made := promises.Promise{Ticket: c.Parting.Ticket, Kind: p.Kind, Start: c.First, Due: p.Due, Half: p.Half, Warn: p.Warn, Step: p.Step, Calendar: p.Calendar}
		cause := ""
		switch p.Kind {
		case promises.Acknowledgement:
			cause = Cause
		case promises.FirstReply:
			told, there := d.Promises[promises.Key{Ticket: c.Ticket, Kind: promises.FirstReply}]
			switch {
			case !c.Answered.IsZero():
				cause = causeAnswered
			case there && told.Settled.IsZero() && told.Due.Before(made.Due):
				made.Due, made.Half, made.Warn, made.Step, made.Calendar = told.Due, told.Half, told.Warn, told.Step, told.Calendar
			}
		}
		d.Make(promises.New(made, cause, d.Now))
	}
}

// work makes the work item of the new ticket: it waits since its first message, or was answered.
func (c Messages) work(d *domain.Draft, fresh tickets.Status) {
	before := d.Item(fresh.ID)
	i := desk.Item{Ticket: fresh.ID, Channel: c.Channel, Last: c.Last, Weight: max(1, d.Item(c.Ticket).Weight)}.As(fresh.Queue, fresh.Language, fresh.Category, fresh.Priority).Came(c.First)
	if !c.Answered.IsZero() {
		i, _ = i.After(desk.Answer)
	}
	if c.Owner != 0 {
		i = i.Taken(c.Owner, d.Now, false)
	}
	d.SetDesk(before, d.Owing(i))
}
