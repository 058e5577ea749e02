// Package tickets is the ticket: its states, what the desk knows about one, and what a plan makes of it.
package tickets

import (
	"time"

	"frontdesk/pipeline/domain/machine"
	"frontdesk/pipeline/message"
)

// State is where a ticket stands.
type State string

// The states of a ticket.
const (
	Open   State = "open"
	Closed State = "closed"
)

// Event is an event in the life of a ticket.
type Event string

// The events of a ticket.
const (
	Close    Event = "close"    // a person closes it, or takes out the message that had opened it again
	Continue Event = "continue" // a message wants something of it; what machines write only lies with it
	Reopen   Event = "reopen"   // a person takes the closing back
	Merge    Event = "merge"    // a person merges it into another one, where it is worked on from then on
	Unmerge  Event = "unmerge"  // a person takes the merging back of one that was open, or in which somebody has written since
)

// Machine is the state machine of a ticket.
var Machine = machine.Table[State, Event]{
	{From: Open, On: Close, To: Closed},
	{From: Open, On: Continue, To: Open},
	{From: Open, On: Merge, To: Closed},
	{From: Closed, On: Continue, To: Open},
	{From: Closed, On: Reopen, To: Open},
	{From: Closed, On: Merge, To: Closed},
	{From: Closed, On: Unmerge, To: Open},
}

// Status is a ticket as people act upon it.
type Status struct {
	ID       int64
	Version  int64
	State    State
	Priority string
	Messages int
	Erased   bool // all who wrote in it were erased: nobody is left whom it concerns
	// MergedInto is the ticket in which this one is worked on: the last one of a chain. 0: it is a ticket of its own. One that is merged is closed.
	MergedInto int64

	Queue, Category string    // where it belongs, which people may say otherwise
	Guesses         string    // see Ticket.Guesses
	Language        string    // read only, as what follows
	Opened, Last    time.Time // when its first and its newest message were received
}

// Ticket is what the line knows about one ticket.
type Ticket struct {
	ID           int64              `json:"id"`
	Version      int64              `json:"version"` // grows with each change; a commit that read an older one is repeated
	Contact      int64              `json:"contact"`
	Inbox        string             `json:"inbox"`
	Queue        string             `json:"queue"`
	Category     string             `json:"category"`
	Priority     string             `json:"priority"`
	Status       State              `json:"status"`
	Subject      string             `json:"subject"` // base subject, without prefixes and tokens, redacted
	Language     string             `json:"language"`
	Channels     []string           `json:"channels"`
	Numbers      []string           `json:"numbers,omitempty"`      // order numbers and the like that its messages named
	Participants []message.Identity `json:"participants,omitempty"` // who may continue it, beside its contact
	Informed     []string           `json:"informed,omitempty"`     // further queues that were told of it
	Messages     int                `json:"messages"`
	OpenedAt     time.Time          `json:"opened_at"`
	LastAt       time.Time          `json:"last_at"`
	Follows      int64              `json:"follows,omitempty"`
	History      bool               `json:"history,omitempty"` // opened by history: nobody was told of it
	// Blank is set while none of its messages has said anything ("hi", "/start", a lone picture): the next one that does
	// decides where it belongs. It does so until this moment, at which the first of its other promises than that of an
	// acknowledgement is due; what comes later opens a ticket with promises of its own.
	Blank time.Time `json:"blank,omitzero"`
	// Guesses are the categories that it may be, the likeliest first, with commas between, while Category is a guess: no model and no person was sure.
	// They name the desk's own categories. Empty: the category is none, or nobody has noted it.
	Guesses string `json:"guesses,omitempty"`
	// Claimed says that nothing proved its sender when it was opened: its contact is a claim until the owner
	// of the address takes the ticket over.
	Claimed bool `json:"claimed,omitempty"`
	// MergedInto is the ticket in which a merged one is worked on: see Status.MergedInto. RootVersion is that one's version as it was
	// read: see Within.
	MergedInto  int64 `json:"merged_into,omitempty"`
	RootVersion int64 `json:"root_version,omitempty" db:"-"`
}

// Within is a merged ticket as the line looks at it: it stands where the one stands in which it is worked on.
func (t Ticket) Within(root Ticket) Ticket {
	t.Status, t.Priority, t.RootVersion = root.Status, root.Priority, root.Version
	if root.LastAt.After(t.LastAt) {
		t.LastAt = root.LastAt
	}
	return t
}

// OpenedBy reports whether that address opened the ticket.
func (t Ticket) OpenedBy(id message.Identity) bool {
	return !id.IsZero() && len(t.Participants) > 0 && t.Participants[0] == id
}
