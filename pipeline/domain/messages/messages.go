// Package messages is where a message stands: its states, and what a person sees of it who acts upon it. What a message says
// is pipeline/message.
package messages

import (
	"frontdesk/pipeline/domain/machine"
	"frontdesk/pipeline/message"
)

// State is where a message stands.
type State string

// The states of a message. Recorded and Awaiting are before the decision, the others after it.
const (
	Recorded   State = "recorded"
	Awaiting   State = "awaiting"   // others are asked about it before it is decided
	Ticketed   State = "ticketed"   // it opened a ticket
	Appended   State = "appended"   // it continued one
	Duplicate  State = "duplicate"  // a copy of a message that is here
	Suppressed State = "suppressed" // understood, and needs no ticket
	Parked     State = "parked"     // set aside for a person, with a cause
	Dismissed  State = "dismissed"  // a person looked at the parked message and dropped it
)

// Event is an event in the life of a message.
type Event string

// The events that people bring about.
const (
	LetOut    Event = "let out"   // a parked one is to be decided anew
	Dismiss   Event = "dismiss"   // a person drops a parked one
	Undismiss Event = "undismiss" // that is taken back
	TakeOut   Event = "take out"  // a person takes it out of the ticket that it continued, to be decided apart from it
	Split     Event = "split"     // a person splits the ticket that it continued: it opens a new one,
	Move      Event = "move"      // or goes there with one that does
)

// The other events: what is done before the decision, and the decision.
const (
	askOthers Event = "ask others" // scanners, or the name servers of its sender
	heard     Event = "heard"      // they have answered, or the deadline has passed
	open      Event = "open"       // it is decided: it opens a ticket,
	add       Event = "append"     // continues one,
	fold      Event = "fold"       // is a copy,
	suppress  Event = "suppress"   // needs no ticket,
	park      Event = "park"       // or is set aside
)

// Machine is the state machine of a message.
var Machine = machine.Table[State, Event]{
	{From: Recorded, On: askOthers, To: Awaiting},
	{From: Awaiting, On: heard, To: Recorded},
	{From: Recorded, On: open, To: Ticketed},
	{From: Recorded, On: add, To: Appended},
	{From: Recorded, On: fold, To: Duplicate},
	{From: Recorded, On: suppress, To: Suppressed},
	{From: Recorded, On: park, To: Parked},
	{From: Awaiting, On: open, To: Ticketed}, // once the deadline has passed nobody need say so
	{From: Awaiting, On: add, To: Appended},
	{From: Awaiting, On: fold, To: Duplicate},
	{From: Awaiting, On: suppress, To: Suppressed},
	{From: Awaiting, On: park, To: Parked},
	{From: Parked, On: LetOut, To: Recorded},
	{From: Parked, On: Dismiss, To: Dismissed},
	{From: Dismissed, On: Undismiss, To: Parked},
	{From: Appended, On: TakeOut, To: Recorded},
	{From: Appended, On: Split, To: Ticketed},
	{From: Appended, On: Move, To: Appended},
}

// Status is a message as people act upon it.
type Status struct {
	ID       int64
	State    State
	Cause    string // why it was parked
	Ticket   int64
	Apart    int64 // the ticket that it was taken out of, and does not continue again; 0: none
	Inbox    string
	From     message.Address
	Subject  string // redacted
	Mine     string // its Message-ID as its writer's own: see dedupe.Mine; empty: it has none
	Original bool   // its original is here
	Erased   bool   // it belongs to a person who was erased
	Seen     bool   // a person has looked at it, so that it is not set aside again for what a person has seen
}
