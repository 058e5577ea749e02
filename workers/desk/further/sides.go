// Package further is what the agents' pages need for what is done beside answering a customer: interfaces of their own, which package stored joins to
// the store, and their errors. It is a leaf of the desk.
package further

import (
	"context"
	"errors"

	"frontdesk/templates/desk/acts"
	"frontdesk/workers/store/viewer"
)

// Errors of what is written to third parties. Nothing was done.
var (
	ErrAddress = errors.New("that is no address of mail")
	ErrPart    = errors.New("he takes part in the ticket, or is ourselves")
)

// Asking is something to a third party as it was posted.
type Asking struct {
	Key     string
	Side    int64  // the side thread; 0: To begins one
	To      string // as it was typed
	Text    string // not blank
	Quote   int64  // the message that is quoted; 0: none
	Files   bool   // its files go along
	Despite string
}

// Sides asks third parties, and never a customer.
type Sides interface {
	// Ask is the form for it: side threads, and messages that can be quoted. of names what is to be forwarded: a line of the ticket, or a reply that was
	// taken back, which is to be written again; "": nothing does.
	Ask(ctx context.Context, v viewer.Viewer, number, side int64, of string) (acts.Asking, error)
	// Send sends it, to be taken back for some seconds. ErrAddress, ErrPart, and the errors of an answer: nothing was done.
	Send(ctx context.Context, v viewer.Viewer, number int64, a Asking) (reply int64, err error)
}
