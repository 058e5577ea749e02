package further

import (
	"context"

	"frontdesk/workers/store/viewer"
)

// What somebody does with who is one person.
const (
	PersonJoin = "join"
	PersonPart = "part"
	PersonUndo = "undo"
)

// Deed is something that somebody does with who is one person, as it was posted.
type Deed struct {
	What    string
	Other   int64  // to join: a ticket of the other one
	Contact int64  // to part: who leaves (acts.Known.ID)
	Step    int64  // to take back (acts.Step.ID)
	Why     string // a reason of acts.Same
}

// Persons says which contacts are one person.
type Persons interface {
	// Do does something on a ticket's page. What is so already, was changed meanwhile, is unknown, or is not the viewer's to say is pages.ErrNotFound or pages.ErrNotSo: nothing was done.
	Do(ctx context.Context, v viewer.Viewer, number int64, d Deed) error
}
