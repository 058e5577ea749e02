package acts

import "time"

// Parting is the form in which messages of a ticket are moved to a ticket of its own.
type Parting struct {
	Parts   []Part // the newest first
	Queues  []string
	Queue   string // chosen
	Subject string
	People  []Person // who can get it
	Owner   int64    // who gets it; 0: nobody
	Failed  string   // key of why nothing was done; empty: nothing was tried
}

// Part is a message or a note that can be moved.
type Part struct {
	ID     string // of its line
	Note   bool
	First  bool // it opened the ticket, and stays
	By     string
	At     time.Time
	Text   string // its beginning
	Chosen bool
}

// Parted is a ticket that was split off the one that is shown, or, where Number is that one's, the one that it was split off.
type Parted struct {
	Number, From int64
	Subject      string
	By           string
	At           time.Time
	Undo         bool // who looks may take it back
}
