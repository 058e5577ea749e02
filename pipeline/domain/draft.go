package domain

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"frontdesk/pipeline/domain/agents"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/domain/tickets"
)

// Draft is a plan being made, with what is known so far. A command changes rows by Set… and steps of promises alone, so that
// what is known and what is to be written never differ.
type Draft struct {
	*Known
	Now  time.Time
	Plan Plan

	commands int           // that are decided
	effects  map[int64]int // places in the plan
	promises map[promises.Key]int
	act      *steps // of the act that is being decided; nil: none is
}

// steps are the promises that an act has changed, and those that it looked at and left as they were; and the work items that it has changed.
type steps struct {
	changed []Change[promises.Promise]
	left    []promises.Promise
	desk    []Change[desk.Item] // what it has made of work items
}

// roomy appends with room for one of each command: most change one row of a kind.
func roomy[T any](to []T, more T, commands int) []T {
	if to == nil {
		to = make([]T, 0, commands)
	}
	return append(to, more)
}

// SetMessage writes what became of a message.
func (d *Draft) SetMessage(before, after messages.Status) {
	d.Messages[after.ID] = after
	d.Plan.Messages = append(d.Plan.Messages, Change[messages.Status]{before, after})
}

// SetTicket writes what became of a ticket.
func (d *Draft) SetTicket(before, after tickets.Status) {
	d.Tickets[after.ID] = after
	d.Plan.Tickets = append(d.Plan.Tickets, Change[tickets.Status]{before, after})
}

// SetMerge writes that a ticket was merged into another one, or that this was taken back.
func (d *Draft) SetMerge(m Merge) {
	if d.Merges[m.Source] = m; m.Undone {
		delete(d.Merges, m.Source)
	}
	d.Plan.Merges = append(d.Plan.Merges, m)
}

// SetPointer writes with whom a contact is one person.
func (d *Draft) SetPointer(after contacts.Pointer) {
	before := d.Persons[after.Contact]
	d.Persons[after.Contact] = after
	if at := slices.IndexFunc(d.Plan.Pointers, func(c Change[contacts.Pointer]) bool { return c.After.Contact == after.Contact }); at >= 0 {
		d.Plan.Pointers[at].After = after
		return
	}
	d.Plan.Pointers = append(d.Plan.Pointers, Change[contacts.Pointer]{before, after})
}

// SetStep writes what was done with who is one person, or what has become of that.
func (d *Draft) SetStep(s contacts.Step) {
	d.Steps[s.ID] = s
	if at := slices.IndexFunc(d.Plan.Steps, func(o contacts.Step) bool { return o.ID == s.ID }); at >= 0 {
		d.Plan.Steps[at] = s
		return
	}
	d.Plan.Steps = append(d.Plan.Steps, s)
}

// SetEffect writes what became of an outbox row.
func (d *Draft) SetEffect(before, after effects.Effect) {
	d.AddEffect(after)
	at, there := d.effects[after.ID]
	switch {
	case there:
		d.Plan.Effects[at].After = after
		return
	case before == after:
		return
	}
	d.effects[after.ID] = len(d.Plan.Effects)
	d.Plan.Effects = roomy(d.Plan.Effects, Change[effects.Effect]{before, after}, d.commands)
}

// SetDesk writes what became of the work item of a ticket.
func (d *Draft) SetDesk(before, after desk.Item) {
	if before == after {
		return
	}
	d.Desk[after.Ticket] = after
	d.weigh(before, -1)
	d.weigh(after, 1)
	if d.act != nil {
		d.act.desk = append(d.act.desk, Change[desk.Item]{before, after})
	}
	if at := slices.IndexFunc(d.Plan.Desk, func(c Change[desk.Item]) bool { return c.After.Ticket == after.Ticket }); at >= 0 {
		d.Plan.Desk[at].After = after
		return
	}
	d.Plan.Desk = append(d.Plan.Desk, Change[desk.Item]{before, after})
}

// weigh puts an item into the hands of its owner, or takes it out of them, for the commands that follow.
func (d *Draft) weigh(i desk.Item, times int64) {
	a, known := d.Agents[i.Owner]
	if !known || i.Weighs() == 0 {
		return
	}
	a.Load += times * i.Weighs()
	if i.Begun.IsZero() {
		a.NotBegun += times
	}
	d.Agents[i.Owner] = a
}

// Owing brings the promises of a ticket to whose turn it is by its item, and is the item with the earliest deadline of what is owed then. While it is
// the customer's turn the clock of a resolution stands still; whoever counts has it run again: see commands.ResumePromises.
func (d *Draft) Owing(i desk.Item) desk.Item {
	if i.Gone() {
		return i
	}
	if i.State == desk.Pending {
		d.StepWhole(i.Ticket, func(p promises.Promise) (promises.Promise, bool) { return promises.OnPause(p, d.Now) })
	}
	var since time.Time
	for key, p := range d.Promises {
		if d.Within(key.Ticket, i.Ticket) && p.Stands() && (since.IsZero() || p.Paused.Before(since)) {
			since = p.Paused
		}
	}
	return d.Known.Owing(i.Stands(since, d.Now))
}

// SetAgent writes what became of an agent.
func (d *Draft) SetAgent(before, after agents.Agent) {
	d.Agents[after.User] = after
	if at := slices.IndexFunc(d.Plan.Agents, func(c Change[agents.Agent]) bool { return c.After.User == after.User }); at >= 0 {
		d.Plan.Agents[at].After = after
		return
	}
	d.Plan.Agents = append(d.Plan.Agents, Change[agents.Agent]{before, after})
}

// Write writes a reply, with its outbox row where it goes to the customer.
func (d *Draft) Write(r replies.Plan, row *Send) {
	if r.Side == 0 { // what third parties are asked is nobody's word to the customer
		d.Talk[r.Ticket]++
	}
	d.Pages[r.Key] = r.ID
	d.Replies[r.ID] = replies.Reply{ID: r.ID, Ticket: r.Ticket, Kind: r.Kind, Author: r.Author, Effect: r.Effect}
	d.Plan.Replies = append(d.Plan.Replies, r)
	if row != nil {
		d.Plan.Sends = append(d.Plan.Sends, *row)
	}
}

// SetAddress writes what became of the consent of an address.
func (d *Draft) SetAddress(after contacts.Address) {
	d.Addresses[after.Key] = after
	d.Plan.Addresses = append(slices.DeleteFunc(d.Plan.Addresses, func(a contacts.Address) bool { return a.Key == after.Key }), after)
}

// Step takes a step of a promise, if there is one of that name.
func (d *Draft) Step(key promises.Key, step promises.Step) {
	before, there := d.Promises[key]
	if !there {
		return
	}
	after, changed := step(before)
	if !changed {
		if d.act != nil {
			d.act.left = append(d.act.left, before)
		}
		return
	}
	d.Promises[key] = after
	if d.act != nil {
		d.act.changed = append(d.act.changed, Change[promises.Promise]{before, after})
	}
	if at, there := d.promises[key]; there {
		d.Plan.Promises[at].After = after
		return
	}
	d.promises[key] = len(d.Plan.Promises)
	d.Plan.Promises = roomy(d.Plan.Promises, Change[promises.Promise]{before, after}, d.commands)
}

// Make writes a promise that is new.
func (d *Draft) Make(p promises.Promise) {
	d.Promises[p.Key()] = p
	d.promises[p.Key()] = len(d.Plan.Promises)
	d.Plan.Promises = append(d.Plan.Promises, Change[promises.Promise]{After: p})
}

// SetSplit writes what a person has moved to a ticket of its own, which is opened by that.
func (d *Draft) SetSplit(s Split, opened tickets.Status, acknowledged Send) {
	d.SetTicket(tickets.Status{}, opened)
	d.Plan.Splits = append(d.Plan.Splits, s)
	d.Plan.Sends = append(d.Plan.Sends, acknowledged)
}

// StepAcknowledgement takes a step of the promise of a ticket's acknowledgement, if there is one.
func (d *Draft) StepAcknowledgement(ticket int64, step promises.Step) {
	d.Step(promises.Key{Ticket: ticket, Kind: promises.Acknowledgement}, step)
}

// StepAll takes a step of each promise of a ticket, in the order of their kinds and turns.
func (d *Draft) StepAll(ticket int64, step promises.Step) {
	var keys []promises.Key
	for key := range d.Promises {
		if key.Ticket == ticket {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b promises.Key) int {
		return cmp.Or(strings.Compare(a.Kind, b.Kind), cmp.Compare(a.Turn, b.Turn))
	})
	for _, key := range keys {
		d.Step(key, step)
	}
}

// StepWhole takes a step of each promise of a ticket and of those that are merged into it: what is done in it is done for all of them.
func (d *Draft) StepWhole(ticket int64, step promises.Step) {
	d.StepAll(ticket, step)
	for _, member := range d.Members[ticket] {
		d.StepAll(member, step)
	}
}

// Enter notes what was done, with the promises and the work item that the act changes, and with the promises that it looks at and leaves as they
// are: so it can be decided again upon all that it was decided upon.
func (d *Draft) Enter(e entries.Entry, before, after entries.Snapshot, act func()) {
	d.act = &steps{}
	act()
	for _, p := range d.act.left {
		before.Beside = append(before.Beside, entries.PromiseOf(p, e.Ticket))
	}
	for _, c := range d.act.changed {
		before.Promises, after.Promises = append(before.Promises, entries.PromiseOf(c.Before, e.Ticket)), append(after.Promises, entries.PromiseOf(c.After, e.Ticket))
	}
	for _, c := range d.act.desk {
		if was, is := &before, &after; c.After.Ticket == e.Ticket || before.Other == nil {
			was.Desk, is.Desk = entries.ItemOf(c.Before), entries.ItemOf(c.After)
		} else {
			was.Other.Desk, is.Other.Desk = entries.ItemOf(c.Before), entries.ItemOf(c.After)
		}
	}
	d.act = nil
	e.Before, e.After = before, after
	d.Plan.Entries = append(d.Plan.Entries, e)
}
