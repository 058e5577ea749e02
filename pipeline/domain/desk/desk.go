// Package desk is the work item of an open ticket: whose turn it is, who has it, and its place in the order of work. It lies apart from
// the ticket, in what decisions about messages do not read, so that no agent's click makes one be made again.
package desk

import (
	"slices"
	"time"

	"frontdesk/pipeline/domain/machine"
)

// State is whose turn it is.
type State string

// The states of an item. Gone is that of a ticket that is closed: it has none.
const (
	Waiting State = "waiting" // ours: the customer waits
	Pending State = "pending" // the customer's
	Snoozed State = "snoozed" // ours, at a later time
	Gone    State = "gone"
)

// Event is an event in the life of an item.
type Event string

// The events of an item. Those of owners leave the state as it is, and mean nothing where there is no item.
const (
	Open     Event = "open"      // its ticket is opened, or opened again
	Message  Event = "message"   // a person has written; what machines write only lies with the ticket
	Answer   Event = "answer"    // somebody has answered
	Take     Event = "take"      // somebody takes it, or is given it
	HandBack Event = "hand back" // its owner gives it back
	Snooze   Event = "snooze"    // it is to come back at a time
	Wake     Event = "wake"      // the time has come, or somebody does not wait for it
	SetAside Event = "set aside" // nothing is to be answered
	CallUp   Event = "call up"   // something is, after all
	Close    Event = "close"     // its ticket is closed
)

// Machine is the state machine of an item.
var Machine = machine.Table[State, Event]{
	{From: Gone, On: Open, To: Waiting},
	{From: Waiting, On: Message, To: Waiting},
	{From: Waiting, On: Answer, To: Pending},
	{From: Waiting, On: Take, To: Waiting},
	{From: Waiting, On: HandBack, To: Waiting},
	{From: Waiting, On: Snooze, To: Snoozed},
	{From: Waiting, On: SetAside, To: Pending},
	{From: Waiting, On: Close, To: Gone},
	{From: Pending, On: Message, To: Waiting},
	{From: Pending, On: Answer, To: Pending},
	{From: Pending, On: Take, To: Pending},
	{From: Pending, On: HandBack, To: Pending},
	{From: Pending, On: Snooze, To: Snoozed},
	{From: Pending, On: CallUp, To: Waiting},
	{From: Pending, On: Close, To: Gone},
	{From: Snoozed, On: Message, To: Waiting},
	{From: Snoozed, On: Answer, To: Pending},
	{From: Snoozed, On: Take, To: Snoozed},
	{From: Snoozed, On: HandBack, To: Snoozed},
	{From: Snoozed, On: Snooze, To: Snoozed},
	{From: Snoozed, On: Wake, To: Waiting},
	{From: Snoozed, On: Close, To: Gone},
}

// Reasons for which the desk gives a user this ticket and no other.
const (
	ReasonHalf = "half-used"       // half of the time until its deadline is used, and of that one for the longest
	ReasonRank = "longest-waiting" // it waits for the longest, its priority's head start included
)

// Item is the work item of an open ticket. It holds no words of a customer, so entries keep it whole.
type Item struct {
	Ticket   int64  `json:"ticket"`
	Queue    string `json:"queue"`
	Language string `json:"language"`
	Category string `json:"category"`
	Priority string `json:"priority"`

	Channel string `json:"channel,omitempty"` // by which its customer has written last; empty: not known

	State     State `json:"state"`
	Weight    int64 `json:"weight,omitempty"` // how much of its owner's room it takes; 0: one
	Owner     int64 `json:"owner,omitempty"`  // id of a user; 0: nobody's
	LastOwner int64 `json:"last_owner,omitempty"`
	Declined  int64 `json:"declined,omitempty"` // who has given it back, or let it lie, since its customer has last written

	// Since is when the oldest message was received that nobody has answered. It stays while it is the customer's turn, so that an answer
	// that is taken back leaves the item in its place; the next message after an answer sets it anew.
	Since time.Time `json:"since"`
	Rank  time.Time `json:"rank"`           // its place among others: Since, less the head start of its priority
	Half  time.Time `json:"half,omitzero"`  // from then on it goes before those of a better rank; zero: never
	Due   time.Time `json:"due,omitzero"`   // by when it is owed to the customer; zero: nothing is
	Wake  time.Time `json:"wake,omitzero"`  // of a snoozed one; zero: no time wakes it, but a message does
	Given time.Time `json:"given,omitzero"` // to its owner
	Begun time.Time `json:"begun,omitzero"` // by its owner, since it is our turn
	Last  time.Time `json:"last"`           // when the newest message was received

	// Of a ticket whose customer's turn it is, or was until a moment ago: the clock of what is promised stands still.
	Paused time.Time `json:"paused,omitzero"` // since when; zero: nothing stands still
	Resume time.Time `json:"resume,omitzero"` // from when it is to run again, which is to be counted; zero: it is not to
}

// Head starts: by how much a ticket goes before those of normal priority that came at the same time. So old work is never passed by for
// ever. An urgent one goes before all others, in the order in which they came: its half lies ahead years before.
const (
	headUrgent = 24 * time.Hour
	headHigh   = 2 * time.Hour
	ahead      = 10 * 365 * 24 * time.Hour
)

// Behind is by how much at most an item lies behind the moment since which its customer waits.
const Behind = headHigh

const urgent = "urgent"

// head is the head start of a priority.
func head(priority string) time.Duration {
	switch priority {
	case urgent:
		return headUrgent
	case "high":
		return headHigh
	case "low":
		return -headHigh
	}
	return 0
}

// Weighs is how much of its owner's room it takes: nothing while it is not our turn, or nobody's.
func (i Item) Weighs() int64 {
	if i.State != Waiting || i.Owner == 0 {
		return 0
	}
	return max(1, i.Weight)
}

// Gone reports whether there is no such item: that of a ticket that is closed.
func (i Item) Gone() bool { return i.State == Gone || i.State == "" }

// After is the item after an event; ok is false where it means nothing. Only a snoozed one has a time to wake at.
func (i Item) After(on Event) (_ Item, ok bool) {
	from := i.State
	if i.Gone() {
		from = Gone
	}
	to, ok := Machine.Next(from, on)
	if !ok {
		return i, false
	}
	i.State = to
	if to != Snoozed {
		i.Wake = time.Time{}
	}
	return i, true
}

// Came is the item when a person has written a message that was received at that time. Who has waited before keeps his place.
// commit.Commit does the same to a row that it has not read.
func (i Item) Came(at time.Time) Item {
	anew := i.Gone() || i.State == Pending
	if i.State == Pending {
		i = i.Resumes(at)
	}
	on := Message
	if i.Gone() {
		on = Open
	}
	i, _ = i.After(on)
	if anew {
		i.Since, i.Weight, i.Begun = at, max(1, i.Weight), time.Time{}
	}
	if at.After(i.Last) {
		i.Last = at
	}
	i.Declined = 0
	return i.placed()
}

// Resumes is the item with the moment from which the clock of what stands still is to run again.
func (i Item) Resumes(at time.Time) Item {
	if !i.Paused.IsZero() && i.Resume.IsZero() {
		i.Resume = at
	}
	return i
}

// Stands is the item with what of its ticket's promises stands still, if anything does: since when, and, where it is not the customer's turn, from when
// it is to run again.
func (i Item) Stands(since, now time.Time) Item {
	switch {
	case since.IsZero():
		i.Paused, i.Resume = time.Time{}, time.Time{}
	case i.State == Pending:
		i.Paused, i.Resume = since, time.Time{}
	default:
		i.Paused = since
		i = i.Resumes(now)
	}
	return i
}

// As is the item with where its ticket belongs now.
func (i Item) As(queue, language, category, priority string) Item {
	if i.Priority == urgent && priority != urgent {
		i.Half = time.Time{} // whoever knows the promises says another: see Owes
	}
	i.Queue, i.Language, i.Category, i.Priority = queue, language, category, priority
	return i.placed()
}

// placed is the item in its place.
func (i Item) placed() Item {
	i.Rank = i.Since.Add(-head(i.Priority))
	if i.Priority == urgent {
		i.Half = i.Since.Add(-ahead)
	}
	return i
}

// Owes is the item with the deadline of what is owed to the customer, that counts from start; half of the time is used at half, or, where
// that is zero, halfway by the wall clock. A zero deadline: nothing is owed.
func (i Item) Owes(start, half, due time.Time) Item {
	i.Due, i.Half = due, time.Time{}
	switch {
	case due.IsZero():
	case half.IsZero():
		i.Half = start.Add(due.Sub(start) / 2).Truncate(time.Microsecond)
	default:
		i.Half = half.Truncate(time.Microsecond)
	}
	return i.placed()
}

// Taken is the item in the hands of a user, who begins it at once where he takes it himself.
func (i Item) Taken(by int64, now time.Time, begins bool) Item {
	if i.Owner != 0 {
		i.LastOwner = i.Owner
	}
	i.Owner, i.Given, i.Begun, i.Declined = by, now, time.Time{}, 0
	if begins {
		i.Begun = now
	}
	return i
}

// HandedBack is the item in nobody's hands, in the place that it had. declined: its owner does not want it, or lets it lie.
func (i Item) HandedBack(declined bool) Item {
	if declined {
		i.Declined = i.Owner
	}
	i.LastOwner, i.Owner, i.Given, i.Begun = i.Owner, 0, time.Time{}, time.Time{}
	return i
}

// WeighsAs is the item with how much of its owner's room it takes.
func (i Item) WeighsAs(weight int64) Item {
	i.Weight = max(1, weight)
	return i
}

// Answered is the item when a user has answered the customer; ok is false where there is none. Nobody's becomes his.
func (i Item) Answered(by int64, now time.Time) (_ Item, ok bool) {
	if i, ok = i.After(Answer); !ok {
		return i, false
	}
	if i.Owner == 0 {
		return i.Taken(by, now, true), true
	}
	if i.Begun.IsZero() && i.Owner == by {
		i.Begun = now
	}
	return i, true
}

// Joined is the item of a ticket into which another one is merged, whose item is other: it is our turn where it is in either, its customer has waited
// since the older time, and its owner stays. Deadline and place are said by Owes and As.
func (i Item) Joined(other Item) Item {
	switch {
	case other.Gone():
		return i
	case i.Gone():
		other.Ticket = i.Ticket
		return other
	}
	out := i
	if other.State.turn() < i.State.turn() || other.State == Snoozed && i.State == Snoozed && !other.Wake.IsZero() && (i.Wake.IsZero() || other.Wake.Before(i.Wake)) {
		out.State, out.Since, out.Wake = other.State, other.Since, other.Wake
	}
	if i.State == other.State && other.Since.Before(out.Since) {
		out.Since = other.Since
	}
	if out.Owner == 0 {
		out.Owner, out.Given, out.Begun = other.Owner, other.Given, other.Begun
	}
	if other.Last.After(out.Last) {
		out.Last, out.Channel = other.Last, other.Channel
	}
	out.Weight = max(i.Weight, other.Weight)
	return out
}

// turn orders the states by how soon something is ours.
func (s State) turn() int { return slices.Index([]State{Waiting, Snoozed, Pending}, s) }

// Turned is the item with the state, and the time since which its customer waits, of another one.
func (i Item) Turned(as Item) Item {
	i.State, i.Since, i.Wake = as.State, as.Since, as.Wake
	return i.placed()
}

// Higher is the higher one of two priorities.
func Higher(a, b string) string {
	if head(b) > head(a) {
		return b
	}
	return a
}
