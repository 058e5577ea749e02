package further

import (
	"context"
	"errors"

	"frontdesk/templates/desk/acts"
	"frontdesk/workers/store/viewer"
)

// ErrUnfit says that no code shows of two customers that they are one person.
var ErrUnfit = errors.New("a code does not show that these are one person")

// What somebody does with who is one person.
const (
	PersonJoin  = "join"
	PersonPart  = "part"
	PersonUndo  = "undo"
	PersonApart = "apart" // they are not the same, though something speaks for it
	PersonCode  = "code"  // a code goes to the other one, to be answered here
)

// Deed is something that somebody does with who is one person, as it was posted.
type Deed struct {
	What    string
	Other   int64  // to join, or of whom a code goes to: a ticket of the other one
	Contact int64  // to part: who leaves (acts.Known.ID)
	Step    int64  // to take back (acts.Step.ID)
	Why     string // a reason of acts.Same
}

// Persons says which contacts are one person.
type Persons interface {
	// Do does something on a ticket's page. ErrUnfit, ErrMany: no code went out. What is so already, was changed meanwhile, is unknown, or is not the viewer's to say is pages.ErrNotFound or pages.ErrNotSo: nothing was done.
	Do(ctx context.Context, v viewer.Viewer, number int64, d Deed) error
	// Suggested are customers who may be the same person as a ticket's, with what speaks for it.
	Suggested(ctx context.Context, v viewer.Viewer, number int64) ([]acts.Suggested, error)
}
