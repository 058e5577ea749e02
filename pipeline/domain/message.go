package domain

import "frontdesk/pipeline/message"

// MessageState is where a message stands.
type MessageState string

// The states of a message. Recorded and Awaiting are before the decision, the others after it.
const (
	Recorded   MessageState = "recorded"
	Awaiting   MessageState = "awaiting"   // others are asked about it before it is decided
	Ticketed   MessageState = "ticketed"   // it opened a ticket
	Appended   MessageState = "appended"   // it continued one
	Duplicate  MessageState = "duplicate"  // a copy of a message that is here
	Suppressed MessageState = "suppressed" // understood, and needs no ticket
	Parked     MessageState = "parked"     // set aside for a person, with a cause
	Dismissed  MessageState = "dismissed"  // a person looked at the parked message and dropped it
)

// MessageHappening is an event in the life of a message.
type MessageHappening string

// The events of a message.
const (
	AskOthers MessageHappening = "ask others" // scanners, or the name servers of its sender
	Heard     MessageHappening = "heard"      // they have answered, or the deadline has passed
	Open      MessageHappening = "open"       // it is decided: it opens a ticket,
	Append    MessageHappening = "append"     // continues one,
	Fold      MessageHappening = "fold"       // is a copy,
	Suppress  MessageHappening = "suppress"   // needs no ticket,
	Park      MessageHappening = "park"       // or is set aside
	LetOut    MessageHappening = "let out"    // a parked one is to be decided anew
	Dismiss   MessageHappening = "dismiss"    // a person drops a parked one
	Undismiss MessageHappening = "undismiss"  // that is taken back
	TakeOut   MessageHappening = "take out"   // a person takes it out of the ticket that it continued, to be decided apart from it
)

// MessageMachine is the state machine of a message.
var MessageMachine = Machine[MessageState, MessageHappening]{
	{Recorded, AskOthers, Awaiting},
	{Awaiting, Heard, Recorded},
	{Recorded, Open, Ticketed},
	{Recorded, Append, Appended},
	{Recorded, Fold, Duplicate},
	{Recorded, Suppress, Suppressed},
	{Recorded, Park, Parked},
	{Awaiting, Open, Ticketed}, // once the deadline has passed nobody need say so
	{Awaiting, Append, Appended},
	{Awaiting, Fold, Duplicate},
	{Awaiting, Suppress, Suppressed},
	{Awaiting, Park, Parked},
	{Parked, LetOut, Recorded},
	{Parked, Dismiss, Dismissed},
	{Dismissed, Undismiss, Parked},
	{Appended, TakeOut, Recorded},
}

// Message is what is known of a message that a person acts upon.
type Message struct {
	ID       int64
	State    MessageState
	Cause    string // why it was parked
	Ticket   int64
	Apart    int64 // the ticket that it was taken out of, and does not continue again; 0: none
	Inbox    string
	From     message.Address
	Subject  string // redacted
	Original bool   // its original is here
	Erased   bool   // it belongs to a person who was erased
	Seen     bool   // a person has looked at it, so that it is not set aside again for what a person has seen
}
