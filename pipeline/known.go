package pipeline

import (
	"slices"
	"strconv"
	"time"

	"frontdesk/pipeline/acknowledge"
	"frontdesk/pipeline/dedupe"
	"frontdesk/pipeline/dedupe/copies"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/screen"
	"frontdesk/pipeline/thread"
)

// Asks are the facts that a message needs from the database, found by reading the message alone.
// The loader (workers/store/facts) reads all messages of a batch at once, so a message can only ask for what it knows before any fact is
// known. Identities and digests may be empty: then nothing is asked.
type Asks struct {
	From       message.Identity   // the sender
	Recipient  message.Identity   // where an acknowledgement would go
	Proven     bool               // the channel vouches for From: only then a contact is looked for
	Trusted    bool               // the recipient is From, and proven: see acknowledge.Trusted
	Scopes     []string           // scopes of the whole desk under which an acknowledgement would count
	Number     *acknowledge.Phone // the recipient's, where it is one and the desk has a policy
	Coded      bool               // it may answer a check of who its sender is
	Sides      []int64            // side threads that genuine tokens of ours name
	Tokens     []Token            // tickets that genuine tokens of ours name, strongest first
	References []string           // digests of the Message-IDs it answers, nearest first
	Mine       []string           // the same, as Message-IDs of its sender's: see dedupe.Mine
	Own        string             // digest of the Message-ID that it bears itself
	Text       func() string      // all that it says, redacted, for comparison with another under the same Message-ID
	Thread     string             // "inbox|thread": the channel's own conversation, of unproven senders with a "?" before it
	Beside     string             // the same conversation as the other kind of senders write in it
	Content    string             // content key
	Vouched    string             // the proven mail's own, where one that proved nothing has taken that: see dedupe.Vouched
	Print      string             // fingerprint
	Sketch     copies.Sketch      // of its words; empty: nothing is looked for that is like it
	Numbers    []string           // order numbers and the like that it names
	Version    string             // see dedupe.Keys
	Bounced    []BouncedBy        // how a report names the mail of ours that it is about
	Exceptions []Exception        // what a person may have let in, by sender and subject
}

// Sender is the identity under which the message counts for its sender.
func (a Asks) Sender() message.Identity { return acknowledge.CountedAs(a.From, a.Proven) }

// Writer is the sender as the writer of Message-IDs, under any spelling of his mailbox.
func (a Asks) Writer() message.Identity {
	return acknowledge.CountedAs(acknowledge.Mailbox(a.From), a.Proven)
}

// Speaker names whoever says what the message says, among others who say it; empty where nothing is compared. contact is his, if he is proven.
func (a Asks) Speaker(contact int64) string {
	if len(a.Sketch) == 0 || a.From.IsZero() {
		return ""
	}
	return speaker(a.Proven, contact, a.From)
}

// speaker keeps what proven persons say apart from what is said in the name of an address.
func speaker(proven bool, contact int64, from message.Identity) string {
	switch {
	case !proven:
		return "claim " + string(from.Kind) + " " + from.Value
	case contact != 0:
		return "contact " + strconv.FormatInt(contact, 10)
	}
	return ""
}

// Mailbox is the identity under which an acknowledgement counts for its recipient.
func (a Asks) Mailbox() message.Identity {
	return acknowledge.CountedAs(acknowledge.Mailbox(a.Recipient), a.Trusted)
}

// Names are what the message asks for that another message may change: whose it is, where it belongs, what it says. Two messages without
// a common name can be decided beside each other; who comes to the same ticket or contact all the same is found at the commit. What the
// whole desk counts (scopes, a domain) is left out: scopes are checked at the commit, and a domain's limit may be missed by a batch.
func (a Asks) Names() []string {
	names := slices.Concat(a.References, a.Mine, []string{a.Own, a.Thread, a.Beside, a.Content, a.Vouched, a.Version})
	for _, id := range []message.Identity{a.From, a.Recipient, a.Sender(), a.Writer(), a.Mailbox()} {
		names = append(names, id.Value)
	}
	for _, t := range a.Tokens {
		names = append(names, "ticket "+strconv.FormatInt(t.Ticket, 10))
	}
	for _, side := range a.Sides {
		names = append(names, "side "+strconv.FormatInt(side, 10))
	}
	for _, b := range a.Bounced {
		names = append(names, b.Key, b.MessageID)
	}
	if d := a.Domain(); d != "" && a.Print != "" {
		names = append(names, d+" "+a.Print)
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}

// Exception names a sender (his address) or a base subject that a person has let out of the parked messages.
type Exception struct{ Kind, Value string }

// Kinds of exception.
const (
	ExceptSender  = "sender"
	ExceptSubject = "subject"
)

// Token is a genuine reference of ours to a ticket.
// It has passed the check of its MAC, so only somebody who saw a mail of ours can have it.
type Token struct {
	// Ticket is the id that the token holds; whether there is such a ticket the database will tell. How orders tokens by their strength.
	Ticket int64
	How    thread.How
}

// Domain is the mail domain that an acknowledgement would go to, as it is counted; empty for other media.
func (a Asks) Domain() string {
	return acknowledge.CountedDomain(message.Address{Kind: a.Recipient.Kind, Value: a.Recipient.Value}.Domain(), a.Trusted)
}

// BouncedBy names an outbox row: by its key, or by the Message-ID we gave the mail.
// One of the two names is set; a report may give several such values.
type BouncedBy struct {
	Key       string // outbox key, from the signed return address or from the Message-ID that was made for it
	Returned  bool   // Key is from the signed return address, to which the message came
	MessageID string // Message-ID without brackets
}

// Effect is an outbox row as the line needs to know it.
// It is asked for by reports of delivery: what did the mail that came back belong to?
type Effect struct {
	// Kind is one of effects.Kind…; To is the recipient's address as the row has it.
	ID     int64  `json:"id"`
	Key    string `json:"key"`
	Kind   string `json:"kind"`
	Ticket int64  `json:"ticket"`
	To     string `json:"to"`
	Erased bool   `json:"erased,omitempty"` // its recipient was erased
}

// Known is what the database knew about one message at the moment of its decision. It is kept with
// the decision, so that the decision can be made again.
// Its JSON lies, sealed, beside each decision, for replay: a field may be added with omitempty, and none may be renamed or change its meaning.
type Known struct {
	Contact *contacts.Contact `json:"contact,omitempty"` // owner of the proven sender's address
	// Owned says that a contact has proven to own the sender's address, though this message proves nothing.
	Owned bool `json:"owned,omitempty"`
	// Recent are the proven sender's tickets, newest first, recentTickets at most; Named those that the message points at, surest first.
	Recent  []tickets.Ticket `json:"recent,omitempty"`
	Named   []thread.Named   `json:"named,omitempty"`
	Again   []thread.Again   `json:"again,omitempty"` // tickets in which the sender has lately said something like it
	First   *dedupe.Copy     `json:"first,omitempty"`
	Version *dedupe.Version  `json:"version,omitempty"` // what was seen last of the message that this one is a version of
	Altered *dedupe.Altered  `json:"altered,omitempty"` // what came before under the same Message-ID from the same sender
	Borne   bool             `json:"borne,omitempty"`   // a ticket's message bore its Message-ID before
	// Sent and LastHour count without this message.
	Sent     acknowledge.Sent   `json:"sent,omitzero"`
	Checks   []Check            `json:"checks,omitempty"`    // of who the sender is, that wait in the tickets above
	Side     *Side              `json:"side,omitempty"`      // the side thread that the message answers
	To       *contacts.Identity `json:"to,omitempty"`        // what is known of the acknowledgement's address
	LastHour int                `json:"last_hour,omitempty"` // messages of this sender within the last hour
	Bounced  *Effect            `json:"bounced,omitempty"`
	Scopes   map[string]Scope   `json:"-"`                   // what the desk has used up, by scope; Sent holds what was decided upon
	Since    time.Time          `json:"since,omitzero"`      // when the inbox was first connected
	Handed   bool               `json:"handed,omitempty"`    // handed over at a door of ours, so it came when it was recorded
	Released bool               `json:"released,omitempty"`  // a person let it out of the parked ones
	Imported bool               `json:"imported,omitempty"`  // came by import: never acknowledged by itself
	KeptOpen bool               `json:"kept_open,omitempty"` // an import whose tickets stay open
	Apart    int64              `json:"apart,omitempty"`     // a person has taken it out of this ticket
	// Excepted says that a person has let a message of this sender, or with this subject, out of the parked ones.
	Excepted bool `json:"excepted,omitempty"`
	// Blocked says that a person at the desk has blocked the sender's address.
	Blocked bool `json:"blocked,omitempty"`
	// Forgotten says that the sender was erased and wants nothing to be taken in from him any more.
	Forgotten bool             `json:"forgotten,omitempty"`
	Opinions  []screen.Opinion `json:"opinions,omitempty"` // of scanners that were asked before the decision
}

// Facts is the shared view of one batch: loaded once for all its messages, and carried forward by
// Apply, so that two first messages of one customer in one batch see each other. It is not safe
// for concurrent use.
type Facts struct {
	// What is in no map was not found: a key that was not asked for looks the same, so a stage asks only for what Asks lists.
	Contacts   map[int64]*contacts.Contact
	Owners     map[message.Identity]int64 // identity → contact
	Tickets    map[int64]*tickets.Ticket
	ByContact  map[int64][]int64 // contact → its tickets, newest first, at most recentTickets
	References map[string]int64  // digest of a Message-ID → ticket
	Threads    map[string]int64  // "inbox|thread" → latest ticket
	Checks     []Check           // all that wait; there are few
	Sides      map[int64]*Side   // side threads, with their ids, tickets and addresses
	Contents   map[string]dedupe.Copy
	Versions   map[string]dedupe.Version         // by dedupe.Keys.Version
	Said       map[string][]copies.Said          // by Asks.Speaker → what he said lately, newest first, at most copies.Remembered
	Twins      map[string]dedupe.Twin            // digest of a Message-ID → the first message of a ticket that bore it
	Senders    map[message.Identity]*SenderFacts // by acknowledge.CountedAs
	Domains    map[string]*DomainFacts           // domain, by acknowledge.CountedDomain → sends; "" is never a key
	Scopes     map[string]*Scope
	Effects    map[BouncedBy]Effect
	Since      map[string]time.Time // inbox → first connected
	Released   map[int64]bool       // message id
	Imported   map[int64]bool
	Apart      map[int64]int64
	Stopped    map[message.Identity]bool // said STOP while, or before, he was nobody's contact
	Failed     map[message.Identity]bool // a send to an address that is nobody's failed for good
	Forgotten  map[message.Identity]bool // erased for good: see Known.Forgotten
	Exceptions map[Exception]bool        // let in by a person
	Blocked    map[message.Identity]bool // by a person: see Known.Blocked
}

// recentTickets is how many of a contact's tickets a decision looks at.
// They are compared one by one; a customer with more has the older ones found by tokens and references only.
const recentTickets = 20

// SenderFacts counts one sender's traffic.
// The spans end at the time of loading; what the batch itself adds is counted in.
type SenderFacts struct {
	LastHour int            // messages within the last hour
	AcksHour int            // acknowledgements to the address within the last hour
	AcksDay  int            // within the last 24 hours
	Digest   bool           // a digest went out or waits, within 24 hours
	Digests  int            // how many
	Late     time.Time      // when the last late one of them is due
	Prints   map[string]int // fingerprint → messages within 24 hours
	Week     map[string]int // fingerprint → messages within 7 days

	listed map[string]bool // keys of the digests that this batch plans
}

// List notes a digest that is planned by a batch, once for each key; planned is false where it was noted before.
func (s *SenderFacts) List(key string, at, due time.Time) (planned bool) {
	if s.listed[key] {
		return false
	}
	if s.listed == nil {
		s.listed = map[string]bool{}
	}
	s.listed[key] = true
	s.Planned(at, due)
	return true
}

// Planned notes a digest that was planned at one time and is due at another.
func (s *SenderFacts) Planned(at, due time.Time) {
	s.Digest = true
	s.Digests++
	if acknowledge.Late(at, due) && due.After(s.Late) {
		s.Late = due
	}
}

// DomainFacts counts what went to one domain.
type DomainFacts struct {
	// AcksHour are the acknowledgements of the last hour.
	AcksHour int
	Prints   map[string]int // fingerprint → acknowledgements within 24 hours
}

// Scope counts what the desk has sent, over all recipients.
type Scope struct {
	Hour, Day int64 // within the last hour and 24 hours, to a slot
	Before    int64 // Hour when the batch's facts were read
}

// ScopeSlot is the time that is counted together.
// So a window is exact to five minutes, and a day has 288 rows for each scope.
const ScopeSlot = 5 * time.Minute

// NewFacts returns an empty view.
func NewFacts() *Facts {
	return &Facts{
		Contacts: map[int64]*contacts.Contact{}, Owners: map[message.Identity]int64{},
		Tickets: map[int64]*tickets.Ticket{}, ByContact: map[int64][]int64{},
		References: map[string]int64{}, Threads: map[string]int64{}, Sides: map[int64]*Side{}, Contents: map[string]dedupe.Copy{}, Versions: map[string]dedupe.Version{}, Said: map[string][]copies.Said{}, Twins: map[string]dedupe.Twin{},
		Senders: map[message.Identity]*SenderFacts{}, Domains: map[string]*DomainFacts{},
		Scopes: map[string]*Scope{}, Effects: map[BouncedBy]Effect{}, Since: map[string]time.Time{},
		Released: map[int64]bool{}, Imported: map[int64]bool{}, Apart: map[int64]int64{},
		Stopped: map[message.Identity]bool{}, Failed: map[message.Identity]bool{}, Forgotten: map[message.Identity]bool{},
		Exceptions: map[Exception]bool{}, Blocked: map[message.Identity]bool{},
	}
}
