package acts

import (
	"slices"
	"time"
)

// Parting is the form in which messages of a ticket are moved to a ticket of its own.
type Parting struct {
	Parts   []Part // the newest first
	Queues  []string
	Queue   string // chosen
	Subject string
	People  []Person // who can get it
	Owner   int64    // who gets it; 0: nobody
	Counts  bool     // what was answered here counts for the new ticket: nothing is owed there
	Failed  string   // key of why nothing was done; empty: nothing was tried
}

// Asks reports whether it is asked if answers count for the new ticket: something that can go was answered here.
func (p Parting) Asks() bool {
	return slices.ContainsFunc(p.Parts, func(o Part) bool { return !o.First && !o.Answered.IsZero() })
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
	// Answered is when an answer to it was handed over; zero: none was.
	Answered time.Time
}

// Parted is a ticket that was split off the one that is shown, or, where Number is that one's, the one that it was split off.
type Parted struct {
	Number, From int64
	Subject      string
	By           string
	At           time.Time
	Undo         bool // who looks may take it back
}
