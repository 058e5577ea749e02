// Package acts is what the agents' pages show of what is done with a ticket beside answering it. It is a leaf: plain structs.
package acts

import "time"

// Merged is a ticket that is worked on in the one that is shown.
type Merged struct {
	Number  int64
	Subject string // in the customer's words; empty: none
	Foreign bool   // it is another customer's: he gets no answer from here
	By      string // who has merged it
	At      time.Time
	Undo    bool // who looks may take it back
}

// Joining is a merging that is asked for: of the ticket that is shown into another one.
type Joining struct {
	Asked   string // the other one as it was typed
	Number  int64  // of the one in which it is worked on; 0: there is none into which it can be merged
	Subject string
	Name    string // its customer
	Queue   string
	Foreign bool // its customer is another one
}

// View is a search that is kept under a name.
type View struct {
	ID          int64
	Name        string
	Text, State string // as of a search
	Queue       string // for whom it is kept, too; empty: for nobody else
	Drop        bool   // who looks may take it away
}

// Sorting is where a ticket may belong, by keys.
type Sorting struct{ Queues, Categories []string }

// Promised is one thing that is promised in a ticket, and how that stands.
type Promised struct {
	Kind  string // "acknowledgement", "first-reply", "next-reply" or "resolution"
	Turn  int64  // of a next reply: which one
	State string // "due", "kept", "broken", "late" (broken, and done since), "void" or "paused"
	Due   time.Time
	Done  time.Time   // zero: not yet
	Were  []time.Time // by when it was due before, the oldest first
}

// Change is one field of a ticket that was changed beneath a form.
type Change struct {
	Field   string // its key: "owner", "state", "queue", "category", "urgent", "until", "merged"
	Was, Is string // values as the field has them: a name, a key; empty: none
}

// Choices are what can be done with several tickets at once.
type Choices struct {
	People []Person
	Tags   []string
	Tagged bool // who looks may add tags to the list
	Later  []Later
}

// Person is somebody to whom work can be given.
type Person struct {
	ID   int64
	Name string
}

// Later is a moment to which tickets can be put off.
type Later struct {
	Word string // "hour", "hours", "tomorrow", "week"
	At   time.Time
}

// Result is what became of one ticket of several.
type Result struct {
	Number int64
	Done   bool
	Why    string // key of why it was refused; empty: it was done
}

// Kinds of lines of side threads, beside those of package desk.
const (
	Forward = "forward" // an agent's, to a third party
	Third   = "third"   // a third party's answer
)

// Macro is a text with acts that an agent runs on a ticket.
type Macro struct {
	Name     string
	Texts    map[string]string // by language
	Text     string            // in the customer's language, filled; empty: it has none in it
	Tags     []string
	Priority string
	Queue    string
	Category string
	Take     bool
	Then     string // "pending", "snooze", "snooze-hours" or "close"; empty: nothing
	Hours    int    // of snooze-hours
	Reason   string // of close: one of Reasons
}

// Ran is what became of one act of a macro.
type Ran struct {
	Act string // "text", "tag", "take", "pending", "snooze", "route", "close"
	Why string // key of why it was not done; empty: it was
}

// Ready is one of the desk's ready answers.
type Ready struct{ Question, Answer string }

// Identity is what a ticket's customer has shown, and by which addresses he can.
type Identity struct {
	Addresses []Proof
	State     string    // of the newest code: "open", "over" (nobody answered in time), "unsent" (it did not go out), "passed", "failed", "replaced"; empty: none was sent
	Until     time.Time // until when an open one is good
	Asks      bool      // a system of the company's can be asked for further ones
	Vouched   []Proof   // what it has named; Address is what may be seen of one
	Failed    string    // key of why it has named none
}

// Proof is an address to which a code may go.
type Proof struct {
	ID      string // as a form gives it back
	Channel string
	Address string
}

// ByItself names the way by which an answer goes where nobody chooses another.
const ByItself = "own"

// Way is an address of the customer's to which an answer can go.
type Way struct {
	ID      string // as a form gives it back
	Channel string // empty: no inbox writes to such addresses
	Address string
	Why     string // key of why no answer goes there: "opted-out", "failed" or "no-way"; empty: one may
	Chosen  bool
}

// Asking is the form in which a third party is asked about a ticket.
type Asking struct {
	Key     string  // made with the page
	Side    int64   // the side thread in which it goes on; 0: a new one
	To      string  // of a new one: what was typed
	Name    string  // of who is asked in a side thread; empty: he has none
	Address string  // his address; empty: a new side thread
	Sides   []Side  // that the ticket has
	Quotes  []Quote // what can be quoted below the text, the newest first
	Quote   int64   // what is quoted; 0: nothing
	Files   bool    // files of it go along
	Subject string
	Text    string
	Failed  string      // key of why it was not taken
	Found   [][2]string // what a check has found in it: the key of a kind, and the forbidden word
	Despite string      // what a page gives back to send it all the same; empty: that cannot be
}

// Side is a side thread of a ticket.
type Side struct {
	ID            int64
	Name, Address string
}

// Quote is a message that can be quoted.
type Quote struct {
	ID    int64
	By    string
	At    time.Time
	Text  string // its beginning
	Files int    // how many of its files can go along
}

// Reasons for which tickets are closed, by their keys.
func Reasons() []string { return []string{"solved", "no-answer", "duplicate", "not-ours", "spam"} }

// Priorities are those that a macro can give, the highest first.
func Priorities() []string { return []string{"urgent", "high", "normal", "low"} }

// Thens are what may become of a ticket by a macro.
func Thens() []string { return []string{"pending", "snooze", "snooze-hours", "close"} }

// Parked is a message that waits for a person.
type Parked struct {
	ID       int64
	Cause    string // key of why
	Evidence string // what was found, in English, as the line says it
	Name     string // of its sender, or his address; empty: it could not be read
	Proven   bool
	Channel  string
	Subject  string
	Text     string // its beginning
	At       time.Time
}

// Block is an address from which everything is set aside, because somebody at the desk wants so.
type Block struct {
	ID      int64
	Address string
	Message int64 // at which it was blocked
	At      time.Time
	By      string // login
}
