package further

import (
	"context"
	"errors"

	"frontdesk/templates/desk/acts"
	"frontdesk/workers/store/viewer"
)

// ErrMany says that too many codes have been sent in a ticket lately.
var ErrMany = errors.New("too many codes have been sent lately")

// Checks has customers show who they are.
type Checks interface {
	// Identity is what a ticket's customer has shown, and to which addresses a code may go.
	Identity(ctx context.Context, v viewer.Viewer, number int64) (acts.Identity, error)
	// Check sends a code to one of the addresses (acts.Proof.ID). ErrMany: nothing was done.
	Check(ctx context.Context, v viewer.Viewer, number int64, to string) error
}
