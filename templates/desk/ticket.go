package desk

import (
	"html/template"
	"time"

	"frontdesk/templates/desk/acts"
)

// Ticket is a ticket with its newest lines.
type Ticket struct {
	Number   int64
	Subject  string // in the customer's words; empty: none
	Language string // of the customer (BCP 47); empty: unknown
	Queue    string
	Category string
	Urgent   bool
	State    string // "open", "pending" (the customer's turn), "snoozed" or "closed"
	Due      Due
	Owed     string    // what is due then: "first-reply", "next-reply" or "resolution"; empty: nothing is, or nobody knows
	Until    time.Time // when a snoozed ticket comes back
	Owner    string    // who has it; empty: nobody
	Mine     bool      // who looks has it
	Acts     bool      // who looks may take, answer and close it
	Lines    []Line    // in the order of time
	Earlier  int64     // how many lines stand before these; 0: none
	Before   string    // what earlier lines are asked for with; empty: there are none
	Person   Person
	Facts    []Fact
	Why      []Reason
	Promised []acts.Promised
	Sorting  *acts.Sorting // where it may belong; nil: who looks may not say so
	Others   []Other       // of the same customer
	Same     *acts.Same    // whom he is beside the ticket's own contact; nil: nobody, and who looks says nothing of the kind
	Guesses  []acts.Guess  // what it may be about, where nobody is sure, the likeliest first
	Perhaps  *acts.Perhaps // one that may be about the same problem; nil: none
	Later    []Later
	Answer   *Answer // nil: who looks may not answer
	// Merged are the tickets that are worked on in this one. Into is the one in which this one is, where who looks may not read that. Joining is a
	// merging that is asked for; nil: none is.
	Merged   []acts.Merged
	Parted   []acts.Parted // what was split off it, and what it was split off
	Parting  *acts.Parting // the form of a split; nil: it is on no other page
	Into     int64
	Joining  *acts.Joining
	Stood    string        // how it stands, as its forms give it back
	Changed  []acts.Change // beneath the form that was sent
	Tags     []string
	Macros   []acts.Macro   // that can be run
	Ready    []acts.Ready   // ready answers that fit what the customer wrote last
	Ran      []acts.Ran     // what became of a macro's acts
	Identity *acts.Identity // what the customer has shown to be; nil: who looks may not ask
	Asking   *acts.Asking   // of a third party; nil: nobody is asked on this page
	Choose   *acts.Choices  // of tags, and of people; nil: who looks may not
}

// Kind is what a line of a ticket is.
type Kind string

// The kinds of lines.
const (
	Message         Kind = "message"         // a customer's
	Reply           Kind = "reply"           // an agent's, to the customer
	Note            Kind = "note"            // an agent's, that no customer sees
	Acknowledgement Kind = "acknowledgement" // the desk's own, to the customer
	Event           Kind = "event"           // something was done with the ticket
)

// Line is one entry of a ticket.
type Line struct {
	ID       string // letters, digits, points and dashes: it stands in addresses
	At       time.Time
	Kind     Kind
	Of       int64  // the ticket to which it belongs, which is merged into the one that is shown; 0: that one
	Because  string // of a message: why it was added to the ticket, which it does not name; empty: it names it, or opened it
	By       string // a person; of an event empty: the desk itself
	Mine     bool   // who looks has written it
	Channel  string
	Language string // of Text (BCP 47)
	Text     string
	HTML     template.HTML // Text as it goes out formatted, of a colleague's; empty: Text stands as it is
	Cut      bool          // Text is the beginning; the whole is one click away
	Quote    string        // what the customer has quoted
	Files    []File
	Formed   string // where a formatted version is, for a frame; empty: there is none
	Original string // where it can be had as it was sent; empty: nowhere
	New      bool   // came since the viewer looked last
	Side     int64  // the side thread of what a third party is asked, or has answered; 0: none
	To       string // of what a third party is asked: who that is
	Word     string // of an event: what was done, such as "closed"
	Detail   string // of an event: what fills its word
	Link     int64  // of an event: the other ticket; 0: it is about none
	Sending  Sending
	Despite  []string // what a check had found in a reply that was sent all the same, as keys
}

// Sending is how far a reply or an acknowledgement has come.
type Sending struct {
	Reply int64  // id of the reply, to take it back or to send it again; 0: it cannot be
	State string // "held" (it can be taken back), "sending", "sent", "delivered", "failed"
	Cause string // why it failed, as a key
	Code  string // what its provider calls that; empty: nothing
	Left  int    // seconds in which it can be taken back
}

// File is a file of a message, of a reply or beside a draft.
type File struct {
	ID    int64 // of one that a colleague sends; 0: it is a customer's
	Shown bool  // it is an image that stands in the text
	Name  string
	Bytes int64
	URL   string // empty: it cannot be had
	Show  string // where a picture or a sound is had to be seen or heard here; empty: it is saved
	Sound bool   // it is a sound
	Card  bool   // of a customer's: an image beside words that speak of a card, so it may show one
	Scan  string // of a customer's: what a scanner says of it, "unscanned", "malware" or "" for nothing bad
}

// Person is who the ticket's customer is.
type Person struct {
	Name      string // empty: nobody knows
	Language  string
	Since     time.Time // of his first message
	Addresses []Address
}

// Address is where a person can be reached, and whether it is proven that it is his.
type Address struct {
	Channel string
	Text    string
	Proven  bool
}

// Fact is something that the customer has told, or has not told yet.
type Fact struct {
	Key   string // of its name, such as "order-number"
	Value string // empty: it is missing
}

// Reason is one sentence of why a ticket is where it is. Without a Word it is what Of says.
type Reason struct {
	Word string // of the sentence: "words", "category", "queue", "language", "rule", "given", "taken", "moved"
	Of   string // what fills it: the customer's words, a category's key, a queue's key, a language, a name
}

// Other is another ticket of the same customer.
type Other struct {
	Number   int64
	Subject  string
	Language string
	State    string
	At       time.Time  // of its last message
	By       acts.Known // by whom it came, where that is another contact of the same person's; zero: the ticket's own
}

// Later is a moment to which a ticket can be put off.
type Later struct {
	Word string // "hour", "hours", "tomorrow", "week"
	At   time.Time
}

// Answer is the box in which the viewer answers.
type Answer struct {
	Key        string // made with the page: what is posted twice with it is done once
	Seen       int64  // how much was said in the ticket, as the page shows it
	Ground     string // what Recipients stand on, as whoever sends reads it: a page gives it back as it was
	Recipients []Recipient
	Channel    string
	Language   string // in which the customer reads
	Limits     Limits
	By         string     // the way that was chosen; empty: the answer goes where it goes by itself
	Ways       []acts.Way // to the customer's own addresses; none: there is nothing to choose
	Reply      Draft
	Note       Draft
	Clash      []Line        // what others wrote while the viewer was writing; none: nothing
	Found      []Reason      // what a check has found in the text: Word is its kind, Of the forbidden word; none: nothing
	Despite    string        // what a page gives back to send it all the same; empty: that cannot be
	Preview    template.HTML // what would go out; empty: nobody has asked
	Failed     string        // key of why it was not taken; empty: it was not tried
}

// Recipient is who gets the answer. Copy is whether he gets a copy. Left says why he gets nothing though he was written to: "opted-out",
// "failed", "unproven" or "too-many".
type Recipient struct {
	Name    string
	Address string
	Proven  bool
	Copy    bool
	Left    string
}

// Limits are what the channel sets. The zero Limits set nothing.
type Limits struct {
	Parts  bool      // it is counted in parts of SMS
	Count  int       // how many parts the draft takes
	Left   int       // how many characters the last of them has room for
	Most   int       // characters of a text; 0: as many as one likes
	Window time.Time // until when the customer can be written to; zero: always
	// NoFiles says that the channel takes none.
	NoFiles bool
}

// Draft is a text that has not been sent.
type Draft struct {
	Text    string
	Version int64 // 0: none is saved
	SavedAt time.Time
	Files   []File
}
