package stored

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"frontdesk/pipeline/challenge"
	"frontdesk/pipeline/message"
	"frontdesk/templates/desk/acts"
	"frontdesk/workers/desk/further"
	"frontdesk/workers/desk/pages"
	"frontdesk/workers/store/checking"
	"frontdesk/workers/store/viewer"
	"frontdesk/workers/store/viewer/veil"
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
	k, err := d.Store.Desk.Cards(ctx, v, []int64{number})
	if err != nil {
		return out, told(err)
	}
	for _, a := range all {
		_, channel, _ := d.House.Ways("", a.Kind)
		p := acts.Proof{ID: d.proof(a), Channel: channel, Address: a.Value}
		if len(k) == 0 || !v.May(viewer.Contact, k[0].Queue) {
			p.Address = veil.Value(a.Value)
		}
		out.Addresses = append(out.Addresses, p)
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

// proof names an address in a form, without telling it to whom addresses are hidden.
func (d checks) proof(a message.Address) string {
	return d.Store.Base.Digest([]byte("proof"), []byte(a.Kind), []byte(a.Identity().Value))[:24]
}

// Check sends a code.
func (d checks) Check(ctx context.Context, v viewer.Viewer, number int64, to string) error {
	all, err := d.Store.Checking.Addresses(ctx, v, checking.Ways(d.House.Ways), number)
	if err != nil {
		return told(err)
	}
	at := slices.IndexFunc(all, func(a message.Address) bool { return d.proof(a) == to })
	if at < 0 { // it is proven no more, or nothing may go there
		return pages.ErrNotSo
	}
	err = d.Store.Checking.Begin(ctx, v, checking.Ways(d.House.Ways), number, all[at].Identity(), d.Now())
	if errors.Is(err, checking.ErrMany) {
		return fmt.Errorf("%w: %w", further.ErrMany, err)
	}
	return told(err)
}
