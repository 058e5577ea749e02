package acts

import "time"

// Same is who wrote a ticket, where that is more than its own contact, or who looks may say so.
type Same struct {
	Contacts []Known // whom it is beside its own contact
	Own      Known   // its own contact
	Steps    []Step  // the newest first
	May      bool    // who looks may join, part and take back
	Codes    bool    // who looks may have a code show it
	// Suggested are customers who may be the same person.
	Suggested []Suggested
	// Joins and Parts are the reasons that can be given, by their keys.
	Joins, Parts []string
}

// Known is a contact by its name, and by the address that it has proven first.
type Known struct {
	ID      int64
	Name    string
	Channel string // empty: it has proven no address
	Address string // empty: likewise
}

// Suggested is a customer who may be the same person as the ticket's.
type Suggested struct {
	Number   int64 // a ticket of his
	Subject  string
	Who      Known
	Evidence []string // what speaks for it: "wrote", "signature", "order", "name"
	Why      string   // the reason that a joining gives then
}

// Step is one thing that was done with who is one person, and that stands.
type Step struct {
	ID        int64
	Kind      string // "join", "part" or "apart"
	Who, With Known
	Why       string // the reason's key
	By        string // empty: the desk itself
	At        time.Time
}
