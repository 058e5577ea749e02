package stored

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"frontdesk/pipeline/challenge"
	"frontdesk/pipeline/message"
	"frontdesk/templates/desk/acts"
	"frontdesk/workers/desk/further"
	"frontdesk/workers/desk/pages"
	"frontdesk/workers/store/checking"
	"frontdesk/workers/store/viewer"
	"frontdesk/workers/store/viewer/veil"
	"frontdesk/workers/vouching"
)

// checks are one-time codes by which customers show who they are.
type checks struct{ *Desk }

// Checks joins the pages' checks of customers to the store.
func Checks(d *Desk) further.Checks { return checks{d} }

// Identity is what the customer has shown. A check that nobody answered in time has run out.
func (d checks) Identity(ctx context.Context, v viewer.Viewer, number int64) (acts.Identity, error) {
	out := acts.Identity{Asks: d.Vouch != nil}
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
		switch out.State = "open"; {
		case made[0].Unsent:
			out.State = "unsent"
		case !d.Now().Before(out.Until):
			out.State = "over"
		}
	}
	return out, nil
}

// proof names an address in a form, without telling it to whom addresses are hidden.
func (d checks) proof(a message.Address) string {
	return d.Store.Base.Digest([]byte("proof"), []byte(a.Kind), []byte(a.Identity().Value))[:24]
}

// vouches is before the name of an address that a system of the company's has named.
const vouches = "company-"

// Vouched asks a system of the company's. What it calls an address is all that anybody sees of it.
func (d checks) Vouched(ctx context.Context, v viewer.Viewer, number int64) (out []acts.Proof, err error) {
	all, err := d.vouched(ctx, v, number)
	for _, a := range all {
		if _, channel, can := d.House.Ways("", a.Address.Kind); can {
			out = append(out, acts.Proof{ID: vouches + d.proof(a.Address), Channel: channel, Address: a.Label})
		}
	}
	return out, err
}

func (d checks) vouched(ctx context.Context, v viewer.Viewer, number int64) ([]vouching.Vouched, error) {
	if d.Vouch == nil {
		return nil, pages.ErrRefused
	}
	known, err := d.Store.Checking.Known(ctx, v, number)
	if err != nil {
		return nil, told(err)
	}
	asked := make([]vouching.Known, len(known))
	for i, k := range known {
		asked[i] = vouching.Known(k)
	}
	all, err := d.Vouch(ctx, number, asked)
	switch {
	case errors.Is(err, vouching.ErrSilent):
		return nil, fmt.Errorf("%w: %w", further.ErrSilent, err)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", further.ErrUnreadable, err)
	}
	return all, nil
}

// Check sends a code, and puts words that ask for it behind the viewer's draft: the code goes to the address, and the link to the page on which it is entered
// stands in the conversation.
func (d checks) Check(ctx context.Context, v viewer.Viewer, number int64, to string) error {
	id, err := d.begin(ctx, v, number, to)
	if errors.Is(err, checking.ErrMany) {
		return fmt.Errorf("%w: %w", further.ErrMany, err)
	}
	if err != nil {
		return err
	}
	g, err := d.Store.Answering.Ground(ctx, v, number, d.House)
	if err != nil {
		return told(err)
	}
	link := ""
	if d.CheckPage != nil {
		link = d.CheckPage(d.Store.Checking.Link(id))
	}
	return routines(d).append(ctx, v, number, challenge.Ask(g.Language, link))
}

// begin sends a code to the address of that name.
func (d checks) begin(ctx context.Context, v viewer.Viewer, number int64, to string) (int64, error) {
	ways := checking.Ways(d.House.Ways)
	if strings.HasPrefix(to, vouches) {
		all, err := d.vouched(ctx, v, number)
		if err != nil {
			return 0, err
		}
		at := slices.IndexFunc(all, func(a vouching.Vouched) bool { return vouches+d.proof(a.Address) == to })
		if at < 0 { // it says so no more
			return 0, pages.ErrNotSo
		}
		id, err := d.Store.Checking.BeginVouched(ctx, v, ways, number, all[at].Address, d.Now())
		return id, told(err)
	}
	all, err := d.Store.Checking.Addresses(ctx, v, ways, number)
	if err != nil {
		return 0, told(err)
	}
	at := slices.IndexFunc(all, func(a message.Address) bool { return d.proof(a) == to })
	if at < 0 { // it is proven no more, or nothing may go there
		return 0, pages.ErrNotSo
	}
	id, err := d.Store.Checking.Begin(ctx, v, ways, number, all[at].Identity(), d.Now())
	return id, told(err)
}
