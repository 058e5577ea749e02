package commands

import (
	"cmp"
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/agents"
	"frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/tickets"
)

func ofItem(ticket int64) domain.Needs { return domain.Needs{Desk: []int64{ticket}} }

// TakeTicket is a user who takes a ticket that nobody has.
type TakeTicket struct {
	Ticket, User int64
	Actor        string
	Reason       string           // why it is this one, where the desk has chosen it: one of desk's reasons, or of route/assign's
	Weight       int64            // how much of his room it takes; 0: as Weights says
	Weights      map[string]int64 // what tickets of a channel weigh; where nothing is said, it is as it was
	Limit        int64            // how much room he has if none of his own is said; 0: agents.DefaultRoom
	InOrder      bool             // he may have it only if he had it before: its queue's tickets are taken by "next"
}

// fits reports whether an item fits into an agent's hands, who has so much room if none of his own is said.
func fits(a agents.Agent, i desk.Item, limit int64) bool {
	a.Room = cmp.Or(a.Room, limit)
	return a.Fits(i.Weighs())
}

// weighed is an item of that weight; 0: of the one that it has.
func weighed(i desk.Item, weight int64) desk.Item {
	if weight == 0 {
		return i
	}
	return i.WeighsAs(weight)
}

// Needs are the ticket's work item and the user.
func (c TakeTicket) Needs(*domain.Known) domain.Needs {
	return domain.Needs{Desk: []int64{c.Ticket}, Agents: []int64{c.User}}
}

// Decide gives it to the user, who is there, since he takes it. Who has a ticket keeps it: ErrOwned. ErrFull: the user's hands are full.
func (c TakeTicket) Decide(d *domain.Draft) error {
	i := d.Item(c.Ticket)
	if i.Owner != 0 && i.Owner != c.User {
		return domain.ErrOwned
	}
	if c.InOrder && i.Owner == 0 && i.LastOwner != c.User {
		return domain.ErrInOrder
	}
	a, known := d.Agents[c.User]
	take := func(i desk.Item) desk.Item {
		return weighed(i.Taken(c.User, d.Now, true), cmp.Or(c.Weight, c.Weights[i.Channel]))
	}
	taken := take(i)
	if known && i.Owner == 0 && !i.Gone() && taken.Weighs() > 0 && !fits(a, taken, c.Limit) {
		return domain.ErrFull
	}
	err := act(d, i, desk.Take, entries.Entry{Kind: entries.ActTake, Actor: c.Actor, Detail: c.Reason}, func(i desk.Item) (desk.Item, bool) {
		return take(i), c.User != 0 && i.Owner == 0
	})
	if err == nil && known {
		took(d, c.User, agents.ComeBack)
	}
	return err
}

// AssignTicket is the desk that gives a waiting ticket that nobody has to somebody who is there.
type AssignTicket struct {
	Ticket, User int64
	Reason       string // why he, and why this one: one of desk's reasons, or of route/assign's
	Weight       int64  // as in TakeTicket
	Limit        int64  // likewise
}

// Needs are the ticket's work item and the user.
func (c AssignTicket) Needs(*domain.Known) domain.Needs {
	return domain.Needs{Desk: []int64{c.Ticket}, Agents: []int64{c.User}}
}

// Decide gives it to him, who has not begun it. ErrOwned: somebody was faster. ErrAbsent: he is not there any more. ErrFull: it does not fit into
// his hands.
func (c AssignTicket) Decide(d *domain.Draft) error {
	i := d.Item(c.Ticket)
	to, known := d.Agents[c.User]
	given := weighed(i.Taken(c.User, d.Now, false), c.Weight)
	switch {
	case i.Owner != 0:
		return domain.ErrOwned
	case i.State != desk.Waiting || c.User == 0:
		return domain.ErrNotSo
	case !known || to.Absent():
		return domain.ErrAbsent
	case !fits(to, given, c.Limit):
		return domain.ErrFull
	}
	err := act(d, i, desk.Take, entries.Entry{Kind: entries.ActGive, Actor: entries.Service, Detail: c.Reason}, func(desk.Item) (desk.Item, bool) { return given, true })
	if err == nil {
		took(d, c.User)
	}
	return err
}

// took notes that a user has got something.
func took(d *domain.Draft, user int64, on ...agents.Event) {
	before := d.Agents[user]
	after := before
	for _, e := range on {
		after, _ = after.After(e, d.Now)
	}
	after.GivenAt = d.Now
	d.SetAgent(before, after)
}

// GiveTicket is somebody who gives a ticket to a user, whoever has it.
type GiveTicket struct {
	Ticket, To int64
	Actor      string
	Weight     int64            // as in TakeTicket
	Weights    map[string]int64 // likewise
	Limit      int64            // likewise
}

// Needs are the ticket's work item and the user.
func (c GiveTicket) Needs(*domain.Known) domain.Needs {
	return domain.Needs{Desk: []int64{c.Ticket}, Agents: []int64{c.To}}
}

// Decide gives it to him, who has not begun it. Whoever directs may give more than fits into somebody's hands; the entry says so.
// ErrAbsent: he is not there.
func (c GiveTicket) Decide(d *domain.Draft) error {
	i := d.Item(c.Ticket)
	to, known := d.Agents[c.To]
	e := entries.Entry{Kind: entries.ActGive, Actor: c.Actor}
	give := func(i desk.Item) desk.Item {
		return weighed(i.Taken(c.To, d.Now, false), cmp.Or(c.Weight, c.Weights[i.Channel]))
	}
	if given := give(i); known && given.Weighs() > 0 && !fits(to, given, c.Limit) {
		e.Detail = agents.ReasonBeyond
	}
	if known && to.Absent() {
		return domain.ErrAbsent
	}
	err := act(d, i, desk.Take, e, func(i desk.Item) (desk.Item, bool) {
		return give(i), c.To != 0 && i.Owner != c.To
	})
	if err == nil && known {
		took(d, c.To)
	}
	return err
}

// BeginTicket is the owner of a ticket who looks at it, which he was given.
type BeginTicket struct{ Ticket, User int64 }

// Needs are the ticket's work item.
func (c BeginTicket) Needs(*domain.Known) domain.Needs { return ofItem(c.Ticket) }

// Decide notes it. It leaves no entry: nothing has happened to the ticket.
func (c BeginTicket) Decide(d *domain.Draft) error {
	before := d.Item(c.Ticket)
	if c.User == 0 || before.Gone() || before.Owner != c.User || !before.Begun.IsZero() {
		return domain.ErrNotSo
	}
	after := before
	after.Begun = d.Now
	d.SetDesk(before, after)
	return nil
}

// HandBack is the owner of a ticket who gives it back, or somebody who takes it from him.
type HandBack struct {
	Ticket int64
	User   int64 // only what he has; 0: whoever has it
	Actor  string
	Reason string // why, where the desk has done it: see ReturnTicket
}

// Needs are the ticket's work item.
func (c HandBack) Needs(*domain.Known) domain.Needs { return ofItem(c.Ticket) }

// Decide leaves it to nobody, in the place that it had.
func (c HandBack) Decide(d *domain.Draft) error {
	return act(d, d.Item(c.Ticket), desk.HandBack, entries.Entry{Kind: entries.ActHandBack, Actor: c.Actor, Detail: c.Reason}, func(i desk.Item) (desk.Item, bool) {
		return i.HandedBack(c.Reason == "" || c.Reason == agents.ReasonUnbegun), i.Owner != 0 && (c.User == 0 || c.User == i.Owner)
	})
}

// ReturnTicket is the desk that takes a ticket back from an owner who is not there, or lets it lie.
type ReturnTicket struct{ Ticket, User int64 }

// Needs are the ticket's work item and its owner.
func (c ReturnTicket) Needs(*domain.Known) domain.Needs {
	return domain.Needs{Desk: []int64{c.Ticket}, Agents: []int64{c.User}}
}

// Decide leaves it to nobody, in the place that it had, if it does not stay with its owner.
func (c ReturnTicket) Decide(d *domain.Draft) error {
	i := d.Item(c.Ticket)
	owner, known := d.Agents[c.User]
	if !known || i.Owner != c.User || i.State != desk.Waiting {
		return domain.ErrNotSo
	}
	why := owner.Returns(agents.Work{Since: i.Since, Given: i.Given, Begun: i.Begun}, d.Now)
	if why == "" {
		return domain.ErrNotSo
	}
	err := HandBack{Ticket: c.Ticket, User: c.User, Actor: entries.Service, Reason: why}.Decide(d)
	if missed, ok := d.Agents[c.User].After(agents.Miss, d.Now); err == nil && ok && why == agents.ReasonUnbegun {
		d.SetAgent(owner, missed)
	}
	return err
}

// AgentMoved is an event in the day of a user who works at the desk.
type AgentMoved struct {
	User int64
	On   agents.Event
}

// Needs are the user.
func (c AgentMoved) Needs(*domain.Known) domain.Needs { return domain.Needs{Agents: []int64{c.User}} }

// Decide notes it. It leaves no entry: nothing has happened to a ticket.
func (c AgentMoved) Decide(d *domain.Draft) error {
	before, known := d.Agents[c.User]
	if !known {
		return domain.ErrNotSo
	}
	after, ok := before.After(c.On, d.Now)
	switch c.On {
	case agents.Hear:
		after, ok = before.Heard(d.Now)
	case agents.FallSilent:
		after, ok = before.Silent(d.Now)
	}
	if !ok {
		return domain.ErrNotSo
	}
	d.SetAgent(before, after)
	return nil
}

// SnoozeTicket is somebody who puts a ticket away until a time, or until its customer writes, which wakes it in any case.
type SnoozeTicket struct {
	Ticket int64
	Until  time.Time // zero: no time wakes it
	Actor  string
}

// Needs are the ticket's work item.
func (c SnoozeTicket) Needs(*domain.Known) domain.Needs { return ofItem(c.Ticket) }

// Decide puts it away. A time that has passed, or that it has already, means nothing.
func (c SnoozeTicket) Decide(d *domain.Draft) error {
	until := c.Until
	if !until.IsZero() {
		until = until.UTC().Truncate(time.Microsecond)
	}
	before := d.Item(c.Ticket)
	return act(d, before, desk.Snooze, entries.Entry{Kind: entries.ActSnooze, Actor: c.Actor}, func(i desk.Item) (desk.Item, bool) {
		again := before.State == desk.Snoozed && before.Wake.Equal(until)
		i.Wake = until
		if before.State == desk.Pending { // put away it is our turn, at a later time
			i = i.Resumes(d.Now)
		}
		return i, (until.IsZero() || until.After(d.Now)) && !again
	})
}

// WakeTicket brings a snoozed ticket back: its time has come, or somebody does not wait for it.
type WakeTicket struct {
	Ticket int64
	Actor  string
	Due    bool // only if its time has come
}

// Needs are the ticket's work item.
func (c WakeTicket) Needs(*domain.Known) domain.Needs { return ofItem(c.Ticket) }

// Decide makes it our turn.
func (c WakeTicket) Decide(d *domain.Draft) error {
	before := d.Item(c.Ticket)
	return act(d, before, desk.Wake, entries.Entry{Kind: entries.ActWake, Actor: c.Actor}, func(i desk.Item) (desk.Item, bool) {
		return i, !c.Due || !before.Wake.IsZero() && !before.Wake.After(d.Now)
	})
}

// SetPending is somebody who sets a ticket aside that asks for no answer: it is the customer's turn.
type SetPending struct {
	Ticket int64
	Actor  string
}

// Needs are the ticket, so that nobody writes in it meanwhile, its promises and its work item.
func (c SetPending) Needs(k *domain.Known) domain.Needs { return ofTicket(k, c.Ticket) }

// Decide sets it aside: no reply is owed any more.
func (c SetPending) Decide(d *domain.Draft) error {
	return turned(d, c.Ticket, desk.SetAside, entries.Entry{Kind: entries.ActSetPending, Actor: c.Actor}, func() {
		d.StepWhole(c.Ticket, func(p promises.Promise) (promises.Promise, bool) { return promises.OnSetAside(p, d.Now) })
	})
}

// SetWaiting takes back that a ticket was set aside: it is our turn, in the place that it had.
type SetWaiting struct {
	Ticket int64
	Actor  string
}

// Needs are the ticket, its promises and its work item.
func (c SetWaiting) Needs(k *domain.Known) domain.Needs { return ofTicket(k, c.Ticket) }

// Decide calls it up: the reply that was set aside is owed again, by when it was owed before.
func (c SetWaiting) Decide(d *domain.Draft) error {
	return turned(d, c.Ticket, desk.CallUp, entries.Entry{Kind: entries.ActSetWaiting, Actor: c.Actor}, func() { recall(d, c.Ticket) })
}

// turned moves a work item by an event that says whose turn it is, with what that makes of the ticket's promises.
func turned(d *domain.Draft, ticket int64, on desk.Event, e entries.Entry, steps func()) error {
	before := d.Item(ticket)
	after, means := before.After(on)
	if !means {
		return domain.ErrNotSo
	}
	e.Ticket = ticket
	d.Enter(e, entries.Snapshot{}, entries.Snapshot{}, func() {
		steps()
		d.SetDesk(before, d.Owing(after))
	})
	return nil
}

// act moves a work item: by its machine, then by what the act makes of it, which says whether it means anything.
func act(d *domain.Draft, before desk.Item, on desk.Event, e entries.Entry, does func(desk.Item) (desk.Item, bool)) error {
	after, means := before.After(on)
	if means {
		after, means = does(after)
	}
	if !means {
		return domain.ErrNotSo
	}
	e.Ticket = before.Ticket
	d.Enter(e, entries.Snapshot{}, entries.Snapshot{}, func() { d.SetDesk(before, after) })
	return nil
}

// MendDesk brings the work item of a ticket to what ticket and promises say: an older program knows nothing of it, and the line
// writes it without reading it.
type MendDesk struct{ Ticket int64 }

// Needs are the ticket, its promises and its work item.
func (c MendDesk) Needs(k *domain.Known) domain.Needs {
	n := ofTicket(k, c.Ticket)
	if root := k.Tickets[c.Ticket].MergedInto; root != 0 {
		n.Tickets = append(n.Tickets, root)
		n.Whole(k, root)
	}
	return n
}

// Decide mends it. It leaves no entry: nothing has happened to the ticket.
func (c MendDesk) Decide(d *domain.Draft) error {
	k, there := d.Tickets[c.Ticket]
	before := d.Item(c.Ticket)
	if k.MergedInto != 0 {
		rejoin(d, k, before)
		return nil
	}
	after := desk.Item{Ticket: c.Ticket, State: desk.Gone}
	switch {
	case there && k.State == tickets.Open && before.Gone():
		after = d.Owing(d.Fresh(k))
	case there && k.State == tickets.Open:
		after = d.Owing(before.As(k.Queue, k.Language, k.Category, k.Priority))
	}
	if !before.Gone() || !after.Gone() {
		d.SetDesk(before, after)
	}
	return nil
}

// rejoin brings a merged ticket back into its root that an older program has opened again, since its customer has written.
func rejoin(d *domain.Draft, k tickets.Status, item desk.Item) {
	root, there := d.Tickets[k.MergedInto]
	if k.State != tickets.Open || !there {
		return
	}
	closed, opens := k, root
	closed.State, closed.Version = tickets.Closed, k.Version+1
	opens.State, opens.Version = tickets.Open, root.Version+1
	d.SetTicket(k, closed)
	d.SetTicket(root, opens)
	if item.Gone() {
		item = desk.Item{Ticket: k.ID}.As(k.Queue, k.Language, k.Category, k.Priority).Came(k.Last)
	}
	gone := item
	gone.State = desk.Gone
	d.SetDesk(item, gone)
	before := d.Item(root.ID)
	d.SetDesk(before, d.Owing(before.Joined(item).As(root.Queue, root.Language, root.Category, root.Priority)))
}

// follow brings the work item of a ticket to what an act makes of the ticket: one that is closed has none, one that is opened again has the
// one that it had. It needs the ticket's item and promises, after their steps.
func follow(d *domain.Draft, k tickets.Status) {
	before := d.Item(k.ID)
	var after desk.Item
	switch left, known := d.Left[k.ID]; {
	case k.State == tickets.Closed:
		after, _ = before.After(desk.Close)
	case before.Gone() && known:
		after = d.Owing(left.As(k.Queue, k.Language, k.Category, k.Priority))
	case before.Gone():
		after = d.Owing(d.Fresh(k))
	default:
		after = d.Owing(before.As(before.Queue, before.Language, before.Category, k.Priority))
	}
	d.SetDesk(before, after)
}
