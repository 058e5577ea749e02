package desk

import (
	"time"

	"frontdesk/templates/desk/acts"
)

// Frame is what every page is built around. Pages embed it.
type Frame struct {
	Title     string // of the browser's window, in the page's language
	Desk      string // name of the desk
	Lang      string // English or Chinese
	Now       time.Time
	User      string // name of who looks
	UserID    int64  // names his unsaved texts in the browser, so that nobody else at that browser is given them
	Languages []Choice
	Counts    Counts
	// Here is the list that is shown, or that stands beside the ticket, as its address has it: "lists/mine", "queues/refund".
	Here   string
	Asked  string // what stands in the box for searching
	Notice Notice
	Aside  bool // who looks sees what is set aside
	Views  []acts.View
	// Presence is "online" or "away"; empty: nothing is said of it.
	Presence string
	Sent     *Sent  // the reply that can still be taken back; nil: none
	Snippets bool   // who looks edits snippets
	Keeps    bool   // who looks has pages of the administration
	Me       string // where he sees his own account; empty: nowhere
	SignOut  string // where one signs out, by POST; empty: nowhere
	Mark     string // the place from which the page is told what happens; empty: it is told nothing
	Rings    string // kinds of event with the ways in which the page tells them by itself; empty: all, in all
	SignIn   string // where one signs in again while a text stays open in another window; empty: nowhere
}

// Choice is one language to choose.
type Choice struct {
	Tag, Name, URL string
	Here           bool
}

// Notice says what has just been done. The zero Notice says nothing.
type Notice struct {
	Word string // key of the sentence
	Of   string // what fills its verb, such as T-25; empty: it has none
	Bad  bool   // it could not be done
	Undo string // where that is taken back, by POST; empty: nowhere
}

// Counts are how many tickets stand in each list of who looks.
type Counts struct {
	Lists  []Count
	Queues []Count
}

// Count is how many tickets one list holds. Name is the list's, or the queue's key.
type Count struct {
	Name string
	N    int64  // exact to 999; below 0: it is not counted
	Tone string // Risk or Over, as the worst ticket in it; empty: calm
}

// Sent is a reply that was sent just now.
type Sent struct {
	Reply  int64  // its id
	Number int64  // of its ticket
	To     string // its recipient as people call him
	Left   int    // seconds in which it can be taken back, by the server's clock
	Aside  bool   // it goes to a third party
}

// List is one list of tickets.
type List struct {
	Queue bool          // Name is a queue's key
	Tag   bool          // Name is a tag
	Many  *acts.Choices // what can be done with several tickets of it at once; nil: nothing
	Name  string        // "mine", "at-risk" …, or the queue's key
	Total int64         // exact to 999; below 0: it is not known
	Cards []Card
	Order string // "rank" (most urgent first), "deadline" or "newest"; empty: nothing is said of it
	Next  string // what the address of the next page asks with (after=…); empty: there is none
	// Of what was looked for (Name is "search"): what was typed, and only those in that state: "open", "closed"; empty: all.
	Asked, State string
}

// Card is a ticket in a list.
type Card struct {
	Number   int64
	Name     string // of the customer, or his address; empty: nobody knows
	Subject  string
	Last     string // the customer's last words, one line
	Language string // of the customer (BCP 47); empty: unknown
	Channel  string
	Category string
	Urgent   bool
	Tags     []string
	Unread   bool // the customer has written since the viewer has looked
	Draft    bool // the viewer has begun an answer
	Owner    string
	Guesses  []acts.Guess // in the list of what nobody is sure of: what it may be about, the likeliest first
	Due      Due
	Hit      []string // of a ticket that was looked for: where the words stand, every second text a word; none: in what is not shown
}

// ListPage is a list beside a place for a ticket.
type ListPage struct {
	Frame
	List List
	Open int64 // always 0: no ticket is open
}

// TicketPage is a ticket beside the list from which it was opened.
type TicketPage struct {
	Frame
	List   List
	Open   int64 // number of the ticket
	Ticket Ticket
	Note   bool // the box for a note is in front
}

// ErrorPage says that something is not there, or cannot be done, and that nothing is lost.
type ErrorPage struct {
	Frame
	Message string // key of the sentence
	Of      string // what fills its verb; empty: it has none
	Kept    string // a text that was not taken, for its writer to copy
}
