package admin

import "time"

// Frame is what every page is built around. Pages embed it.
type Frame struct {
	Title     string // key of the word
	Desk      string // name of the desk
	Lang      string // English or Chinese
	Zone      *time.Location
	Languages []Choice
	Tabs      []Tab
	Done      string // key of what was done just now; "" for nothing
	Wrong     string // key of why it was not done; "" for nothing
}

// Choice is one language to choose.
type Choice struct {
	Tag, Name, URL string
	Here           bool
}

// Tab leads to a page of the administration.
type Tab struct {
	Name string // key of the word behind "tab."
	URL  string
	Here bool
}

// House is what the configuration file fixes, as the pages show it. It is read, never changed.
type House struct {
	Queues     []Queue
	Categories []string
	Languages  []string // of the desk (BCP 47)
	Channels   []string
	Limit      int // how much anybody may have in hand
	Calendars  []Calendar
	Promises   []Promise
	Cards      string // what is done about card numbers in what agents send: off, warn, block
	Identity   string // likewise, about identity numbers
	Forbidden  []Forbidden
	Hidden     []string // roles from which addresses are kept
}

// Queue is a line of waiting tickets.
type Queue struct {
	Name, HandOut string
	Ahead, Limit  int
	InOrder       bool
	Overflow      string // where tickets go that wait too long; empty: they stay
	After         string // how long they wait before
}

// Calendar is when people work.
type Calendar struct {
	Name, Zone string
	Week       []Hours
	Years      []Year
	Own        []Day
}

// Hours are those of a weekday, a key behind "day.".
type Hours struct{ Day, Open string }

// Year is what is known of the public days of one, and where that stands.
type Year struct {
	Year      int
	Source    string
	Off, Work int // days that are closed, and make-up workdays
}

// Day is one or several of the calendar's own; Kind is a key behind "kind.".
type Day struct{ When, Name, Kind, Open string }

// Promise is a time that is promised.
type Promise struct {
	Whom     []string // "channel: sms"; none: everybody
	Kind     string   // a key behind "promise."
	Within   string
	Calendar string // in whose hours it is counted; empty: by the wall clock
}

// Forbidden are words that are not to be said.
type Forbidden struct {
	Languages, Words []string
	Action           string
}

// Users is the page "users".
type Users struct {
	Frame
	All     []User
	Typed   User // what was typed and not kept
	Roles   []string
	Failing []Fails
}

// Fails is a way in which nothing arrives of what somebody is told.
type Fails struct {
	Login, Way, Reason string
	Since              time.Time
	Off                bool // it was switched off for that
}

// User is a person in the list.
type User struct {
	Login, Name, Email, Language, State, Presence string
	Roles                                         []Role
	Queues                                        []string
	Demo, Password                                bool
}

// Role is what somebody may, and where; an empty queue is all.
type Role struct{ Role, Queue string }

// Person is the page "person", of one user.
type Person struct {
	Frame
	User
	Version    int64
	Home       string // time zone; empty: the desk's
	Grid       []Row
	Tongues    []Skill
	Categories []Skill
	Channels   []Skill
	Room       int64
	Limit      int
	Sessions   []Session
	Second     bool   // he shows something besides a password
	Link       string // a new one, which is shown once
	Self       bool   // it is who looks
}

// Row is what somebody may in a queue; an empty name is all queues.
type Row struct {
	Queue  string
	Roles  []Cell
	Member string // "", "1" or "2"
}

// Cell is one role in a queue.
type Cell struct {
	Role, Value string
	On          bool
}

// Skill is something that somebody can: Level is "", "1" or "2".
type Skill struct{ Value, Level string }

// Session is one sign-in.
type Session struct {
	Browser, Address string
	Since, Seen      time.Time
}

// Queues is the page "queues".
type Queues struct {
	Frame
	All []Line
}

// Line is a queue with its members.
type Line struct {
	Queue
	Members []Member
}

// Member is a person whose work the tickets of a queue are.
type Member struct {
	Login, Name    string
	Active, Second bool
}

// Fixed is the page "hours" of calendars and promises, and "words" of what agents may not send.
type Fixed struct {
	Frame
	House House
}

// Inboxes is the page "inboxes".
type Inboxes struct {
	Frame
	All []Inbox
}

// Inbox is one inbox with how it is.
type Inbox struct {
	Name, Channel, Address, State string
	Error, Sending                string
	Received, Sent, Contact       time.Time
	Lag                           time.Duration
	Source, Recorded              int
	Checked                       time.Time
}

// Log is the page "log", of who did and read what.
type Log struct {
	Frame
	Lines                      []Entry
	Who, Act, Object, From, To string // what is looked for
	Next, CSV                  string // addresses of the next page, and of all of it; empty: there is none
}

// Entry is a line of the log.
type Entry struct {
	N                              int64
	At                             time.Time
	Who, Act, Object, Detail, Hash string
}
