package pages

import (
	"context"
	"net/http"

	"frontdesk/templates/desk/acts"
	"frontdesk/workers/store/viewer"
)

// identity is what a ticket's customer has shown; nil where nobody asks.
func (p *Pages) identity(r *http.Request, number int64) (*acts.Identity, error) {
	if p.Checks == nil {
		return nil, nil
	}
	out, err := p.Checks.Identity(r.Context(), p.Viewer(r), number)
	if err != nil {
		return nil, err
	}
	return &out, nil
}

// check has a one-time code sent to the customer.
func (p *Pages) check(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	p.do(w, r, "check", true, func(ctx context.Context, v viewer.Viewer, number int64) error {
		if p.Checks == nil {
			return ErrRefused
		}
		return p.Checks.Check(ctx, v, number, begin(r.PostFormValue("to"), 400))
	})
}
