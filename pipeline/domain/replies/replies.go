// Package replies is what an agent writes on a ticket: an answer to the customer, or a note for colleagues. Where an answer stands on
// its way is said by its outbox row (package effects); a note goes nowhere.
package replies

import "frontdesk/pipeline/message"

// Kind is what a reply is.
type Kind string

// The kinds.
const (
	Answer Kind = "reply" // goes to the customer
	Note   Kind = "note"  // is read by colleagues alone
)

// Markdown is the language in which people write at the desk (package letter).
const Markdown = "markdown"

// Recipients are whom an answer goes to, as they stood on the page when it was sent. Whatever happens to the contact afterwards
// changes them no more.
type Recipients struct {
	To []message.Address `json:"to"` // the first is the outbox row's own
	Cc []message.Address `json:"cc,omitempty"`
}

// Plan is one reply that is to be written.
type Plan struct {
	ID         int64
	Key        string // of the page on which it was written: who sends that again sends nothing new
	Kind       Kind
	Ticket     int64
	Author     int64  // user
	Name       string // of the author, as the page showed him
	Channel    string
	Inbox      string     // by which it goes; empty for a note
	Recipients Recipients // none for a note
	Subject    string     // of mail
	Text       string     // as its writer typed it
	Markup     string     // the language of the text: Markdown; "": it is plain
	Signature  string     // of an answer, in the same language: what stands below the text
	Quote      string     // of an answer: the words that it answers; the first line says whose they are
	Despite    string     // of an answer: the kinds of what a check had found in it, with commas; it was sent all the same
	Language   string     // BCP 47
	Of         int64      // the message that it answers; 0: none
	Effect     int64      // its outbox row; 0 for a note
	Side       int64      // the side thread in which it goes to a third party; 0: it is for the customer, or a note
	Carried    bool       // of a side thread: the files of the message that it quotes go along
}

// Reply is a reply as commands know it.
type Reply struct {
	ID     int64
	Ticket int64
	Kind   Kind
	Author int64
	Effect int64
}
