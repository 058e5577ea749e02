package pipeline

import (
	"fmt"
	"time"

	"frontdesk/pipeline/dedupe/copies"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/recipients"
)

// Plan is what is to be committed for one message. Ids are zero until Assign.
// It says what, never how: the store may write it alone or with many others in one transaction. plans and storetest hold the rest.
type Plan struct {
	// Message is the id of the message's own row.
	Message int64
	// State is what the message becomes at the commit, such as ticketed, parked or duplicate.
	State    messages.State
	Cause    string // parking cause, or why it was suppressed
	Evidence string // one sentence for the person who looks at it; no addresses, no text

	// Parts that are zero or nil write nothing.
	Contact contacts.Plan
	// Contact is an old one by its ID, or a New one, whose ID Assign gives.
	Belongs int64 // contact of the ticket that an unproven message continues; the contact itself is not touched
	Ticket  tickets.Plan
	// Row is written for every message. Promises belong to the plan's ticket, Effects go to the outbox in the same commit.
	Row       MessageRow
	Promises  []promises.Plan
	Turn      *promises.Plan // what the customer is promised if it was his turn until this message came; whoever commits it knows that
	Effects   []effects.Plan
	Counts    []CountPlan
	Bounce    *BouncePlan
	Alive     message.Identity      // an address to which nothing could be sent, and from which somebody wrote now
	Consent   *commands.ConsentCame // STOP or START at the sender's address; whoever carries it out names the address by his own key
	Check     *CheckPlan            // what the message makes of a check of who its sender is; nil: nothing
	Side      *SidePlan             // the side thread that a third party answers in; nil: none
	Duplicate int64                 // id of the first copy
	Inform    string                // queue to be told of the ticket, for a copy that came to another inbox

	DropOriginal bool   // the original held a CVV, or is Erased: it goes as soon as this is committed
	Erased       bool   // it belongs to a person who was erased: its row holds no text, no address, no key
	Trace        []Line // one for each stage that ran, in their order
}

// Shown reports whether a person sees the message's words in a ticket.
func (p Plan) Shown() bool {
	return (p.State == messages.Ticketed || p.State == messages.Appended) && !p.Erased
}

// Line is one stage's finding, for people.
type Line struct {
	// Stage is a name of stages.go, Found what it found in a few words, Why its reasons.
	Stage string `json:"stage"`
	Found string `json:"found"`
	Why   string `json:"why,omitempty"`
}

// MessageRow is the readable, redacted form of a message.
type MessageRow struct {
	// Kind is screen's: a person's mail, a bounce, an absence notice and so on.
	// It never holds what was masked: the original lies apart, sealed, and for a time only.
	Kind    string
	From    message.Address
	Proven  bool      // the channel vouches for From
	SentAt  time.Time // what the sender claims; zero when unknown
	Subject string
	// Visible is what was written now; Quoted holds signature and history.
	Visible  string
	Quoted   string
	Language string
	Category string
	Thread   string // "inbox|thread"
	// Content and Fingerprint are the keys by which copies and repetitions are found: see dedupe.Keys.
	Content     string
	Fingerprint string
	Reference   string        // digest of its Message-ID
	Mine        string        // the same as its sender's own, where a ticket bore that before; else empty
	Version     string        // see dedupe.Keys
	Seen        string        // likewise
	Sketch      copies.Sketch // by which the message is known again when its sender says the same once more
	// Attachments have names and references; their bytes lie in the blobs.
	Attachments []message.Attachment
	Fields      map[string]string // what a form or a program gave beside the text, masked
	Redacted    map[string]int    // kind → count
	// Reading is of mail that people see in a ticket: what an answer to it stands on. It is kept sealed.
	Reading recipients.Reading
	// Formatted says that it came with HTML of which people may see a copy: nothing in it had to be masked.
	Formatted bool
}

// CountPlan is what a plan adds to a scope of the whole desk. When others have added more than Room since the
// facts were read, the decision would have been another one, and the commit is a conflict.
type CountPlan struct {
	// Scope is one of acknowledge.Scope…; N is what is added, in the scope's own unit: sends, or for money millionths of the currency.
	Scope string
	At    time.Time // in whose slot it counts
	N     int64
	Seen  int64 // within the hour before At, when the batch's facts were read
	Room  int64
}

// BouncePlan settles an outbox row of ours that a report says has failed.
type BouncePlan struct {
	// Effect is the outbox row's id, Reason the code that the report gives.
	Effect int64
	Reason string
	Dead   bool // the address is gone for good; otherwise only this mail did not reach it
}

// Sequences of ids.
// They name the counters of the database from which processes take ids in blocks.
const (
	SequenceContact = "contact"
	SequenceTicket  = "ticket"
	SequenceEffect  = "effect"
)

// IDs hands out ids of a sequence that no other process hands out.
type IDs interface{ Next(sequence string) int64 }

// Assign fills in the ids of all that is new, and the keys that are made of them.
// It is called once a plan is final and before Apply, so that the next message of the batch sees the ids. Called twice it changes nothing.
func (p *Plan) Assign(ids IDs) {
	if p.Contact.New && p.Contact.ID == 0 {
		p.Contact.ID = ids.Next(SequenceContact)
	}
	if p.Ticket.New && p.Ticket.ID == 0 {
		p.Ticket.ID = ids.Next(SequenceTicket)
	}
	if p.Ticket.Adopt {
		p.Ticket.By = p.Contact.ID
	}
	for i := range p.Effects {
		e := &p.Effects[i]
		if e.ID == 0 {
			e.ID = ids.Next(SequenceEffect)
		}
		if e.Key == "" {
			e.Key = p.effectKey(*e)
		}
	}
}

// Person is the contact that the message's row and effects belong to; 0 for none.
func (p *Plan) Person() int64 {
	if p.Contact.ID != 0 {
		return p.Contact.ID
	}
	return p.Belongs
}

// effectKey is what makes an effect happen once: one acknowledgement for a ticket, whatever
// happens. A digest has its key already.
// The outbox has a unique index on keys, so a second row with one is no row.
func (p *Plan) effectKey(e effects.Plan) string {
	switch e.Kind {
	case effects.KindAcknowledgement:
		return effects.AcknowledgementKey(p.Ticket.ID)
	default:
		return fmt.Sprintf("%s:m%d", e.Kind, p.Message)
	}
}
