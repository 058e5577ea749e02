package further

import (
	"context"
	"errors"

	"frontdesk/templates/desk/acts"
	"frontdesk/workers/store/viewer"
)

// ErrMany says that too many codes have been sent in a ticket lately.
var ErrMany = errors.New("too many codes have been sent lately")

// Why a system of the company's has named no address.
var (
	ErrSilent     = errors.New("the company's system did not answer")
	ErrUnreadable = errors.New("the company's system refused, or answered what cannot be read")
)

// Checks has customers show who they are.
type Checks interface {
	// Vouched asks a system of the company's to which further addresses a code may go. Nothing of that is kept: Check asks again. ErrSilent, ErrUnreadable.
	Vouched(ctx context.Context, v viewer.Viewer, number int64) ([]acts.Proof, error)
	// Identity is what a ticket's customer has shown, and to which addresses a code may go.
	Identity(ctx context.Context, v viewer.Viewer, number int64) (acts.Identity, error)
	// Check sends a code to one of the addresses (acts.Proof.ID), and puts words that ask the customer for it behind the viewer's draft. ErrMany, ErrSilent, ErrUnreadable: nothing was
	// done.
	Check(ctx context.Context, v viewer.Viewer, number int64, to string) error
}
