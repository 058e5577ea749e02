// Package entries is what was done with a message or a ticket: lines that are appended, never changed, each with what was
// before and after.
package entries

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/parting"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/tickets"
)

// Entry is one line of what was done with a message or a ticket: who did what, why, and what was there before and after. Entries are
// appended, never changed.
type Entry struct {
	Kind            string // what was done, such as ActClose
	Actor           string // a person; Service where the desk did it by itself
	Message, Ticket int64  // 0: none
	Detail          string // such as the cause that is taken away
	Before, After   Snapshot
}

// Kinds of entries that the line appends.
const (
	Opened    = "opened"    // a message has opened the ticket
	Continued = "continued" // a message continues it
	SideCame  = "side-came" // a third party has answered in a side thread
)

// Kinds of entries of people: the names of acts, as entries and the journal bear them.
const (
	ActClose       = "close"
	ActReopen      = "reopen"
	ActRelease     = "release"
	ActDismiss     = "dismiss"
	ActUndismiss   = "undismiss"
	ActReleaseHeld = "release-held"
	ActHoldBack    = "hold-back"
	ActTakeOut     = "take-out"
	ActReply       = "reply"      // an answer to the customer
	ActNote        = "note"       // a note for colleagues
	ActForward     = "forward"    // to a third party, in a side thread
	ActUndoReply   = "undo-reply" // before it went out
	ActRetryReply  = "retry-reply"
	ActTake        = "take"
	ActGive        = "give"
	ActHandBack    = "hand-back"
	ActSnooze      = "snooze"
	ActWake        = "wake"
	ActSetPending  = "set-pending"
	ActSetWaiting  = "set-waiting"
	ActRecount     = "recount" // calendars or policies have changed, and with them what is promised
	ActTag         = "tag"
	ActUntag       = "untag"
	ActMerge       = "merge"   // on the ticket that is merged into another
	ActTakeIn      = "take-in" // the same, on the other
	ActUndoMerge   = "undo-merge"
	ActGiveOut     = "give-out" // the same, on the other
	ActRoute       = "route"    // its queue, category or priority is another one
)

// Talk are the kinds of entries that are somebody's words: who writes on a ticket must have seen them.
func Talk() []string { return []string{Opened, Continued, ActReply, ActNote} }

// Service is the actor where no person acts.
const Service = "frontdesk"

// Snapshot is the part of what the desk keeps that an entry is about. What an entry did not touch is left out.
type Snapshot struct {
	Message  messages.State `json:"message,omitempty"`
	Ticket   tickets.State  `json:"ticket,omitempty"`
	Effect   effects.State  `json:"effect,omitempty"`
	Desk     *desk.Item     `json:"desk,omitempty"`     // the ticket's work item, if there is one
	Promises []Promise      `json:"promises,omitempty"` // that the act has changed
	Beside   []Promise      `json:"beside,omitempty"`   // before alone: that it looked at and left as they were
	// Of a ticket that a message has changed, or out of which one was taken.
	Queue    string `json:"queue,omitempty"`
	Category string `json:"category,omitempty"`
	Priority string `json:"priority,omitempty"`
	Guesses  string `json:"guesses,omitempty"` // what it may be, where Category is a guess: see tickets.Ticket.Guesses
	Contact  int64  `json:"contact,omitempty"`
	Version  int64  `json:"version,omitempty"`
	// Of two tickets that are merged, or were: the other one, and what was there of it.
	Into   int64            `json:"into,omitempty"`
	Other  *Snapshot        `json:"other,omitempty"`
	Closed time.Time        `json:"closed,omitzero"`  // when a person had closed the other one for the last time
	Parted *parting.Parting `json:"parted,omitempty"` // of a ticket that is split: what went to another one, which Into is
	// Of contacts that are one person, or were: the pointers of all that the act is about, before a step that it takes back or ends, after one that it makes.
	Persons []contacts.Pointer `json:"persons,omitempty"`
	Step    *contacts.Step     `json:"step,omitempty"`
	// Of what an agent wrote.
	Reply int64 `json:"reply,omitempty"`
	Talk  int64 `json:"talk,omitempty"` // how much was said in the ticket
}

// Promise is a promise as an entry keeps it.
type Promise struct {
	Kind    string         `json:"kind"`
	Turn    int64          `json:"turn,omitempty"`
	Ticket  int64          `json:"ticket,omitempty"` // of one that is merged into the entry's; 0: the entry's own
	State   promises.State `json:"state"`
	Cause   string         `json:"cause,omitempty"`
	Start   time.Time      `json:"start,omitzero"` // of a ticket that is split, where it counts
	Due     time.Time      `json:"due"`
	Settled time.Time      `json:"settled,omitzero"`
	Paused  time.Time      `json:"paused,omitzero"`
	Step    time.Time      `json:"step,omitzero"`
}

// Promise is the promise of an entry of that ticket, as far as the entry keeps it.
func (p Promise) Promise(ticket int64) promises.Promise {
	return promises.Promise{Ticket: cmp.Or(p.Ticket, ticket), Kind: p.Kind, Turn: p.Turn, State: p.State, Cause: p.Cause, Start: p.Start, Due: p.Due, Settled: p.Settled, Paused: p.Paused, Step: p.Step}
}

// PromiseOf is a promise as an entry of that ticket keeps it.
func PromiseOf(p promises.Promise, ticket int64) Promise {
	out := Promise{Kind: p.Kind, Turn: p.Turn, State: p.State, Cause: p.Cause, Due: p.Due, Settled: p.Settled, Paused: p.Paused, Step: p.Step}
	if p.Ticket != ticket {
		out.Ticket = p.Ticket
	}
	return out
}

// ReasonLearned is why the desk says what a ticket is about: a later message of its customer says for sure what was a guess.
const ReasonLearned = "learned-from-message"

// Read reads a snapshot as JSON made it.
func Read(text string) (s Snapshot, err error) {
	if text == "" {
		return s, nil
	}
	if err = json.Unmarshal([]byte(text), &s); err != nil {
		return s, fmt.Errorf("reading an entry: %w", err)
	}
	return s, nil
}

// JSON is the snapshot as it is kept; "" where it holds nothing.
func (s Snapshot) JSON() string {
	if s.empty() {
		return ""
	}
	b, err := json.Marshal(s)
	if err != nil {
		return "" // strings, numbers and times of our own always marshal
	}
	return string(b)
}

func (s Snapshot) empty() bool {
	return len(s.Promises) == 0 && len(s.Beside) == 0 && s.Message == "" && s.Ticket == "" && s.Effect == "" && s.Queue == "" && s.Category == "" && s.Priority == "" && s.Contact == 0 && s.Version == 0 && s.Reply == 0 && s.Talk == 0 && s.Desk == nil && s.Into == 0 && s.Other == nil && s.Parted == nil && len(s.Persons) == 0 && s.Step == nil
}

// ItemOf is a work item as an entry keeps it; one that is gone is none.
func ItemOf(i desk.Item) *desk.Item {
	if i.Gone() {
		return nil
	}
	return &i
}
