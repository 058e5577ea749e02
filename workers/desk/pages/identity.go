package pages

import (
	"context"
	"errors"
	"net/http"

	"frontdesk/templates/desk/acts"
	"frontdesk/workers/desk/further"
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

// vouched shows to which further addresses a code may go, as a system of the company's says that is asked when the page is opened.
func (p *Pages) vouched(w http.ResponseWriter, r *http.Request) {
	page, lang, ok := p.readTicket(w, r, "")
	if !ok {
		return
	}
	id := page.Ticket.Identity
	if id == nil || !id.Asks {
		p.broken(w, r, "", ErrRefused)
		return
	}
	all, err := p.Checks.Vouched(r.Context(), p.Viewer(r), page.Ticket.Number)
	failed := unvouched(err)
	switch {
	case err != nil && failed == "":
		p.broken(w, r, "", err)
		return
	case err != nil:
		p.Logger.Warn("asking the company's system for addresses failed", "ticket", page.Ticket.Number, "error", err)
	}
	id.Vouched, id.Failed = all, failed
	page.Title = p.pages.Text(lang, "identity.check")
	p.render(w, http.StatusOK, lang, "check", "layout", page)
}

// unvouched is the key of why a system of the company's has named nothing; empty for all else.
func unvouched(err error) string {
	switch {
	case errors.Is(err, further.ErrSilent):
		return "identity.silent"
	case errors.Is(err, further.ErrUnreadable):
		return "identity.unreadable"
	}
	return ""
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
