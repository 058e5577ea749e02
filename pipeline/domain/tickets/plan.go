package tickets

import (
	"encoding/json"
	"slices"
	"time"

	"frontdesk/pipeline/message"
)

// Plan opens or continues a ticket. All zero: no ticket is concerned.
type Plan struct {
	ID      int64
	New     bool
	Version int64 // version that was read
	// Root is the ticket into which that one is merged, with the version that was read; 0: into none. The message lies with the ticket that it
	// names, so that it goes back with it when the merging is taken back, and it is work on the root: see Lead.
	Root, RootVersion int64
	Reopen            bool
	Because           string    // why a message that names no ticket continues this one (thread.How); empty: it names it
	Machine           bool      // a machine wrote the message: it lies with the ticket, and is nobody's work
	Open              Ticket    // all fields of a new ticket but its id and contact
	At                time.Time // of the message that continues it
	Channel           string
	Numbers           []string
	People            []message.Identity // whom a message that continues it takes in
	Display           string             // redacted subject as shown
	Priority          string             // raised to this by an appended message; empty: unchanged
	// Adopt says that the sender has proven the address by which the ticket was opened: it is his from now on, and
	// of those who may continue it beside him only People stay.
	Adopt bool
	By    int64 // the contact that adopts it
	// Settle says where a ticket belongs that a greeting has opened: see Ticket.Blank. Nil: that stays as it is.
	Settle *SettlePlan
	// Sure says what a ticket is about of which that was a guess. Nil: the message does not say it for sure. It is carried out as the command
	// commands.RouteTicket, in the same transaction, since whether somebody has begun the ticket is known there alone.
	Sure *SurePlan
}

// SurePlan is the category that a message names for sure, and the queue in which that is worked on; empty: it has none.
type SurePlan struct{ Queue, Category string }

// SettlePlan is what the first message that says something makes of a ticket that a greeting has opened. The plan's promises
// come to those of the ticket: the earlier time of each kind binds, since it may have been told to the customer.
type SettlePlan struct {
	Queue, Category, Priority, Language string
	Guesses                             string // see Ticket.Guesses
	Display                             string // empty: stays
	// Ack is the payload of its acknowledgement, for a row that goes to To and has not been sent yet.
	Ack json.RawMessage
	To  message.Identity
}

// listed is how many numbers and how many people a ticket keeps: the last ones.
const listed = 20

// Continue changes a ticket as the plan says. The store and the batch's view share it, so that both
// come to the same ticket.
func (p Plan) Continue(t *Ticket) {
	t.Version++
	t.Messages++
	if p.Adopt { // whom the claim named was named by nobody knows whom
		t.Contact, t.Claimed = p.By, false
		t.Participants = slices.Clone(t.Participants[:min(len(t.Participants), 1)])
	}
	if p.Reopen && p.Root == 0 {
		t.Status = Open
	}
	if p.At.After(t.LastAt) {
		t.LastAt = p.At
	}
	if p.Priority != "" {
		t.Priority = p.Priority
	}
	if s := p.Settle; s != nil {
		t.Queue, t.Category, t.Priority, t.Language, t.Guesses, t.Blank = s.Queue, s.Category, s.Priority, s.Language, s.Guesses, time.Time{}
	}
	t.Channels = union(t.Channels, p.Channel)
	t.Numbers = bounded(union(t.Numbers, p.Numbers...), listed)
	t.Participants = bounded(union(t.Participants, p.People...), listed)
}

// Lead changes the root of the ticket that the plan continues: it is open again, its customer has written last, and its priority rises.
func (p Plan) Lead(root *Ticket) {
	root.Version++
	if p.Reopen {
		root.Status = Open
	}
	if p.At.After(root.LastAt) {
		root.LastAt = p.At
	}
	if p.Priority != "" {
		root.Priority = p.Priority
	}
}

// Inform notes a queue that was told of the ticket beside its own.
func (t *Ticket) Inform(queue string) { t.Informed = union(t.Informed, queue) }

func union[T comparable](have []T, more ...T) []T {
	var zero T
	for _, v := range more {
		if v != zero && !slices.Contains(have, v) {
			have = append(have, v)
		}
	}
	return have
}

func bounded[T any](s []T, limit int) []T {
	if len(s) > limit {
		return s[len(s)-limit:]
	}
	return s
}
