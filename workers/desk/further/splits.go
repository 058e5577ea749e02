package further

import (
	"context"
	"errors"

	"frontdesk/templates/desk/acts"
	"frontdesk/workers/store/viewer"
)

// Errors of a split. Nothing was done.
var (
	ErrNoPart = errors.New("no message was chosen, or what opened the ticket")
	ErrMoved  = errors.New("what was chosen is not in the ticket any more, or it was changed meanwhile")
	ErrWaits  = errors.New("not all that was chosen was answered, and no answer counts for it")
	ErrOwner  = errors.New("that one does not answer in this queue, or the viewer gives him no work")
)

// Parting is a split as it was posted.
type Parting struct {
	Lines   []string // of what goes (acts.Part.ID)
	Queue   string   // empty: that of the ticket
	Subject string   // empty: as the first message is called
	Owner   int64    // 0: nobody
	Counts  bool     // what was answered counts for the new ticket
}

// Splits makes a ticket of its own of some of another one's messages.
type Splits interface {
	// Offer is what can be moved, and where to.
	Offer(ctx context.Context, v viewer.Viewer, number int64) (acts.Parting, error)
	// Split does it, and tells the number of the new ticket. ErrNoPart, ErrMoved, ErrOwner, ErrWaits: nothing was done.
	Split(ctx context.Context, v viewer.Viewer, number int64, p Parting) (int64, error)
	// Unsplit takes it back: the new ticket is merged into the one that it came from, which it tells.
	Unsplit(ctx context.Context, v viewer.Viewer, number int64) (root int64, err error)
}
