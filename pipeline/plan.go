package pipeline

import (
	"encoding/json"
	"fmt"
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/identify"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/thread"
)

// State is where a message stands.
type State = domain.MessageState

// The states of a message.
const (
	Recorded   = domain.Recorded
	Awaiting   = domain.Awaiting
	Ticketed   = domain.Ticketed
	Appended   = domain.Appended
	Duplicate  = domain.Duplicate
	Suppressed = domain.Suppressed
	Parked     = domain.Parked
	Dismissed  = domain.Dismissed
)

// EffectPlan is one outbox row.
type EffectPlan = domain.EffectPlan

// Kinds of effect.
const (
	KindAcknowledgement = domain.KindAcknowledgement
	KindDigest          = domain.KindDigest
	KindMark            = domain.KindMark
	KindMedia           = domain.KindMedia
	KindNotice          = domain.KindNotice
)

// Plan is what is to be committed for one message. Ids are zero until Assign.
type Plan struct {
	Message  int64
	State    State
	Cause    string // parking cause, or why it was suppressed
	Evidence string // one sentence for the person who looks at it; no addresses, no text

	Contact   ContactPlan
	Belongs   int64 // contact of the ticket that an unproven message continues; the contact itself is not touched
	Ticket    TicketPlan
	Row       MessageRow
	Promises  []PromisePlan
	Effects   []EffectPlan
	Counts    []CountPlan
	Bounce    *BouncePlan
	Alive     message.Identity // an address to which nothing could be sent, and from which somebody wrote now
	OptOut    *OptOutPlan
	Duplicate int64  // id of the first copy
	Inform    string // queue to be told of the ticket, for a copy that came to another inbox

	DropOriginal bool // the original held a CVV, or is Erased: it goes as soon as this is committed
	Erased       bool // it belongs to a person who was erased: its row holds no text, no address, no key
	Trace        []Line
}

// Shown reports whether a person sees the message's words in a ticket.
func (p Plan) Shown() bool { return (p.State == Ticketed || p.State == Appended) && !p.Erased }

// Line is one stage's finding, for people.
type Line struct {
	Stage string `json:"stage"`
	Found string `json:"found"`
	Why   string `json:"why,omitempty"`
}

// ContactPlan creates or touches a contact. All zero: no contact is concerned.
type ContactPlan struct {
	ID       int64
	New      bool
	Version  int64 // version that was read
	Name     string
	Language string // that he wrote in; empty: the words did not tell, and what is known stays
	Add      []identify.Claim
}

// TicketPlan opens or continues a ticket. All zero: no ticket is concerned.
type TicketPlan struct {
	ID       int64
	New      bool
	Version  int64 // version that was read
	Reopen   bool
	Open     thread.Ticket // all fields of a new ticket but its id and contact
	At       time.Time     // of the message that continues it
	Channel  string
	Numbers  []string
	People   []message.Identity // whom a message that continues it takes in
	Display  string             // redacted subject as shown
	Priority string             // raised to this by an appended message; empty: unchanged
	// Adopt says that the sender has proven the address by which the ticket was opened: it is his from now on, and
	// of those who may continue it beside him only People stay.
	Adopt bool
	By    int64 // the contact that adopts it
	// Settle says where a ticket belongs that a greeting has opened: see thread.Ticket.Blank. Nil: that stays as it is.
	Settle *SettlePlan
}

// SettlePlan is what the first message that says something makes of a ticket that a greeting has opened. The plan's promises
// come to those of the ticket: the earlier time of each kind binds, since it may have been told to the customer.
type SettlePlan struct {
	Queue, Category, Priority, Language string
	Display                             string // empty: stays
	// Ack is the payload of its acknowledgement, for a row that goes to To and has not been sent yet.
	Ack json.RawMessage
	To  message.Identity
}

// MessageRow is the readable, redacted form of a message.
type MessageRow struct {
	Kind        string
	From        message.Address
	Proven      bool      // the channel vouches for From
	SentAt      time.Time // what the sender claims; zero when unknown
	Subject     string
	Visible     string
	Quoted      string
	Language    string
	Category    string
	Thread      string // "inbox|thread"
	Content     string
	Fingerprint string
	Reference   string // digest of its Message-ID
	Mine        string // the same as its sender's own, where a ticket bore that before; else empty
	Version     string // see dedupe.Keys
	Seen        string // likewise
	Attachments []message.Attachment
	Fields      map[string]string // what a form or a program gave beside the text, masked
	Redacted    map[string]int    // kind → count
}

// PromisePlan is one deadline.
type PromisePlan struct {
	Kind     string
	Due      time.Time
	Warn     []time.Time
	Calendar string
	Void     string // cause; empty: it is due
}

// CountPlan is what a plan adds to a scope of the whole desk. When others have added more than Room since the
// facts were read, the decision would have been another one, and the commit is a conflict.
type CountPlan struct {
	Scope string
	At    time.Time // in whose slot it counts
	N     int64
	Seen  int64 // of that slot, before the batch
	Room  int64
}

// BouncePlan settles an outbox row of ours that a report says has failed.
type BouncePlan struct {
	Effect int64
	Reason string
	Dead   bool // the address is gone for good; otherwise only this mail did not reach it
}

// OptOutPlan records that a person said STOP or START at an address.
type OptOutPlan struct {
	Identity message.Identity
	Out      bool
}

// Sequences of ids.
const (
	SequenceContact = "contact"
	SequenceTicket  = "ticket"
	SequenceEffect  = "effect"
)

// IDs hands out ids of a sequence that no other process hands out.
type IDs interface{ Next(sequence string) int64 }

// Assign fills in the ids of all that is new, and the keys that are made of them.
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

// AcknowledgementKey is the key of a ticket's first acknowledgement.
func AcknowledgementKey(ticket int64) string {
	return fmt.Sprintf("%s:%d", KindAcknowledgement, ticket)
}

// FallbackKey is the key of an acknowledgement that goes on at another address.
func FallbackKey(ticket int64, to message.Identity, digest func(...[]byte) string) string {
	return fmt.Sprintf("%s:%s:%s", AcknowledgementKey(ticket), to.Kind, digest([]byte(to.Value))[:12])
}

// effectKey is what makes an effect happen once: one acknowledgement for a ticket, whatever
// happens. A digest has its key already.
func (p *Plan) effectKey(e EffectPlan) string {
	switch e.Kind {
	case KindAcknowledgement:
		return AcknowledgementKey(p.Ticket.ID)
	default:
		return fmt.Sprintf("%s:m%d", e.Kind, p.Message)
	}
}
