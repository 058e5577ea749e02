// Package parting is what goes to a ticket of its own when a person splits one: ids, times and where it belongs, and no words of anybody. The entry of the
// act keeps it whole, so that the act can be decided again.
package parting

import (
	"time"

	"frontdesk/pipeline/domain/promises"
)

// Parting is the part of a ticket that is to be a ticket of its own, and what of the rest its going changes.
type Parting struct {
	Ticket   int64   `json:"ticket"`          // the new one
	Messages []int64 `json:"messages"`        // the one that was received first comes first: it opens the new ticket
	Notes    []int64 `json:"notes,omitempty"` // of colleagues

	// Where the new ticket belongs. Priority is that of the ticket that is split.
	Queue    string `json:"queue"`
	Category string `json:"category"`
	Language string `json:"language"`
	Channel  string `json:"channel,omitempty"` // by which the newest of the messages came
	Owner    int64  `json:"owner,omitempty"`   // id of a user; 0: nobody's

	First    time.Time `json:"first"`             // when the first of the messages was received
	Last     time.Time `json:"last"`              // and when the newest was
	Answered time.Time `json:"answered,omitzero"` // when the last of them was answered in the ticket that is split, where who splits it says that this counts; zero: a reply is owed

	// Of the ticket that is split: since when its item said that the customer waits, as it was read, and when the oldest message since then was received that
	// stays. Where there is none, Stays is earlier: when the oldest that stays was received to which an answer has come to nothing. It is zero where nothing of what
	// waits there stays.
	Since time.Time `json:"since,omitzero"`
	Stays time.Time `json:"stays,omitzero"`

	Promised []promises.Plan `json:"promised,omitempty"` // what the new ticket is promised, counted since First
}
