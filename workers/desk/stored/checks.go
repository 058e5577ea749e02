package stored

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"frontdesk/pipeline/challenge"
	"frontdesk/pipeline/message"
	"frontdesk/templates/desk/acts"
	"frontdesk/workers/desk/further"
	"frontdesk/workers/store/checking"
	"frontdesk/workers/store/viewer"
)

// checks are one-time codes by which customers show who they are.
type checks struct{ *Desk }

// Checks joins the pages' checks of customers to the store.
func Checks(d *Desk) further.Checks { return checks{d} }

// Identity is what the customer has shown. A check that nobody answered in time has run out.
func (d checks) Identity(ctx context.Context, v viewer.Viewer, number int64) (acts.Identity, error) {
	var out acts.Identity
	all, err := d.Store.Checking.Addresses(ctx, v, checking.Ways(d.House.Ways), number)
	if err != nil {
		return out, told(err)
	}
	for _, a := range all {
		_, channel, _ := d.House.Ways("", a.Kind)
		out.Addresses = append(out.Addresses, acts.Proof{ID: string(a.Kind) + ":" + a.Value, Channel: channel, Address: a.Value})
	}
	made, err := d.Store.Checking.Checks(ctx, v, number)
	if err != nil || len(made) == 0 {
		return out, told(err)
	}
	out.State, out.Until = made[0].Result, made[0].Ends
	if out.State == challenge.Open {
		if out.State = "open"; !d.Now().Before(out.Until) {
			out.State = "over"
		}
	}
	return out, nil
}

// Check sends a code.
func (d checks) Check(ctx context.Context, v viewer.Viewer, number int64, to string) error {
	kind, value, _ := strings.Cut(to, ":")
	err := d.Store.Checking.Begin(ctx, v, checking.Ways(d.House.Ways), number, message.Address{Kind: message.AddressKind(kind), Value: value}.Identity(), d.Now())
	if errors.Is(err, checking.ErrMany) {
		return fmt.Errorf("%w: %w", further.ErrMany, err)
	}
	return told(err)
}
