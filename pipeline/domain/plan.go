package domain

import (
	"time"

	"frontdesk/pipeline/domain/agents"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/parting"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/domain/tickets"
)

// Change is a row before and after.
type Change[T any] struct{ Before, After T }

// Plan is what becomes of commands: what is to be written, in one transaction.
type Plan struct {
	Messages  []Change[messages.Status]
	Tickets   []Change[tickets.Status]
	Merges    []Merge // that are made, or taken back
	Splits    []Split // of tickets, whose new ones are among Tickets
	Effects   []Change[effects.Effect]
	Tags      []Tagging
	Promises  []Change[promises.Promise]
	Desk      []Change[desk.Item]    // once a ticket; an item that is gone has no row
	Agents    []Change[agents.Agent] // once a user; what they have in hand is counted by who writes the plan
	Attempts  []Attempt
	Fallbacks []Fallback
	Replies   []replies.Plan // that agents wrote
	Sends     []Send         // new outbox rows
	Checks    []Check
	Covers    []CoverChange
	Receipts  []effects.Receipt          // that no row waits for yet: they are kept
	Dead      []string                   // recipients to whom nothing can be sent any more
	Addresses []contacts.Address         // whose consent was given or withdrawn, once each
	Moved     []promises.Moved           // what the clock has brought, in the order of the commands
	Pointers  []Change[contacts.Pointer] // once a contact; of one that is its own root again there is no row
	Steps     []contacts.Step            // that are made, or changed; once each
	Entries   []entries.Entry
}

// Attempt is one attempt at an effect, for its story.
type Attempt struct {
	Effect       int64
	N            int
	Outcome      string
	Code, Detail string
	Words        []byte // what was handed over, sealed; nil for nothing
}

// Fallback is a row that goes on at another address, in the place of one that failed.
type Fallback struct {
	Of  effects.Effect
	Row *effects.Plan
}

// Send is an outbox row that a person's act has made.
type Send struct {
	Row                      effects.Plan
	Ticket, Message, Contact int64
}

// Check says when the provider is to be asked what became of a row, if it has not said so by then.
type Check struct {
	Effect int64
	At     time.Time
}

// CoverChange is what becomes of the acknowledgements that a digest covers: for another cause withheld, or covered no more.
type CoverChange struct {
	Digest int64
	Cause  string // why they are withheld from now on
	Free   bool   // another digest may cover them
}

// Split is what a person has moved to a ticket of its own.
type Split struct {
	Ticket int64 // that was split
	parting.Parting
}

// Tagging is a tag that is put on a ticket, or taken off.
type Tagging struct {
	Tagged
	Off   bool
	Actor string
}
