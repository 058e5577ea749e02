package pages

import (
	"context"
	"net/http"
	"time"

	"frontdesk/templates/desk"
)

// placed is the key of the place from which a page hears, rung that of what it tells by itself, in a request's context.
type (
	placed struct{}
	rung   struct{}
)

// marked notes, before anything is read for a page, from where on the page is told what happens: so it misses nothing.
func (p *Pages) marked(h http.HandlerFunc) http.HandlerFunc {
	if p.Mark == nil {
		return h
	}
	return func(w http.ResponseWriter, r *http.Request) {
		ctx := context.WithValue(r.Context(), placed{}, p.Mark(r.Context()))
		if p.Rings != nil {
			ctx = context.WithValue(ctx, rung{}, p.Rings(ctx, p.Viewer(r)))
		}
		h(w, r.WithContext(ctx))
	}
}

// markOf is the place from which a page hears; "" where it hears nothing.
func markOf(r *http.Request) string {
	mark, _ := r.Context().Value(placed{}).(string)
	return mark
}

// ringsOf is what a page tells by itself.
func ringsOf(r *http.Request) string {
	rings, _ := r.Context().Value(rung{}).(string)
	return rings
}

// counts are the lists with how much is in them now, as a part of a page. A script asks for it when something has happened.
func (p *Pages) counts(w http.ResponseWriter, r *http.Request) {
	lang := p.language(w, r)
	page := desk.ListPage{Frame: p.bare(r, lang)}
	var err error
	if page.Counts, err = p.Tickets.Counts(r.Context(), p.Viewer(r)); err != nil {
		p.broken(w, r, "", err)
		return
	}
	p.render(w, http.StatusOK, lang, "list", "nav", page)
}

// news is a ticket as it is now, as a part of a page: a script takes what its page does not show yet. Nothing of it counts as seen.
func (p *Pages) news(w http.ResponseWriter, r *http.Request) {
	lang, number := p.language(w, r), ticketNumber(r.PathValue("number"))
	if number == 0 {
		p.broken(w, r, "", ErrNotFound)
		return
	}
	page := desk.TicketPage{Frame: p.bare(r, lang), Open: number}
	var err error
	if page.Ticket, err = p.Tickets.Ticket(r.Context(), p.Viewer(r), number, ""); err == nil && page.Ticket.Acts {
		page.Ticket.Answer, err = p.box(r, number)
	}
	if err != nil {
		p.broken(w, r, "", err)
		return
	}
	page.Ticket.Later, page.Ticket.Stood = later(time.Now().In(p.Zone)), stood(page.Ticket)
	p.render(w, http.StatusOK, lang, "ticket", "news", page)
}

// saw notes that the viewer has been shown a line that came while his page was open.
func (p *Pages) saw(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	number, line := ticketNumber(r.PathValue("number")), place(r.PostFormValue("line"))
	err := ErrNotFound
	if number > 0 && line != "" {
		err = p.Tickets.Saw(r.Context(), p.Viewer(r), number, line)
	}
	if err != nil {
		p.broken(w, r, "", err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
