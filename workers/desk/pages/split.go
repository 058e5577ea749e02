package pages

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"frontdesk/pipeline/thread"
	"frontdesk/templates/desk/acts"
	"frontdesk/workers/desk/further"
)

// split shows the form in which messages are moved to a ticket of its own.
func (p *Pages) split(w http.ResponseWriter, r *http.Request) {
	chosen := place(r.URL.Query().Get("of"))
	p.showSplit(w, r, http.StatusOK, func(f *acts.Parting) { choose(f, []string{chosen}) })
}

// showSplit shows the form, changed by what was chosen.
func (p *Pages) showSplit(w http.ResponseWriter, r *http.Request, status int, change func(*acts.Parting)) {
	page, lang, ok := p.readTicket(w, r, "")
	if !ok {
		return
	}
	if p.Splits == nil || !page.Ticket.Acts {
		p.broken(w, r, "", ErrRefused)
		return
	}
	form, err := p.Splits.Offer(r.Context(), p.Viewer(r), page.Ticket.Number)
	if err != nil {
		p.broken(w, r, "", err)
		return
	}
	change(&form)
	page.Ticket.Parting = &form
	page.Title = p.pages.Text(lang, "split.title")
	p.render(w, status, lang, "split", "layout", page)
}

// choose marks what is chosen.
func choose(f *acts.Parting, lines []string) {
	for i := range f.Parts {
		f.Parts[i].Chosen = !f.Parts[i].First && slices.Contains(lines, f.Parts[i].ID)
	}
}

// splitOff splits a ticket. Where it was changed since the form was made, that is said, and nothing is done; the form that follows does it.
func (p *Pages) splitOff(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	number := ticketNumber(r.PathValue("number"))
	if number == 0 {
		p.broken(w, r, "", ErrNotFound)
		return
	}
	if p.Splits == nil {
		p.broken(w, r, "", ErrRefused)
		return
	}
	asked := further.Parting{Queue: begin(r.PostFormValue("queue"), 200), Subject: begin(strings.TrimSpace(r.PostFormValue("subject")), 1000), Owner: positive(r.PostFormValue("owner")), Counts: r.PostFormValue("answered") != ""}
	for _, line := range r.PostForm["line"] {
		if line = place(line); line != "" {
			asked.Lines = append(asked.Lines, line)
		}
	}
	failed, status := "split.beneath", http.StatusConflict
	if t, err := p.Tickets.Ticket(r.Context(), p.Viewer(r), number, ""); err != nil || len(beneath(r.PostFormValue("was"), t)) == 0 {
		fresh, err := p.Splits.Split(r.Context(), p.Viewer(r), number, asked)
		switch {
		case err == nil:
			p.Logger.Info("done at the desk", "act", "split", "ticket", number, "user", p.Viewer(r).User)
			http.Redirect(w, r, to(ticketPath(fresh), "from", from(r), "done", "split", "of", thread.TicketNumber(fresh))+"#ticket", http.StatusSeeOther)
			return
		case errors.Is(err, further.ErrNoPart):
			failed, status = "split.nothing", http.StatusUnprocessableEntity
		case errors.Is(err, further.ErrOwner):
			failed, status = "split.owner", http.StatusUnprocessableEntity
		case errors.Is(err, further.ErrWaits):
			failed, status = "split.waits", http.StatusUnprocessableEntity
		case errors.Is(err, further.ErrMoved), errors.Is(err, ErrMerged):
			failed = "split.moved"
		default:
			p.broken(w, r, "", err)
			return
		}
	}
	p.showSplit(w, r, status, func(f *acts.Parting) {
		choose(f, asked.Lines)
		f.Queue, f.Subject, f.Owner, f.Counts, f.Failed = asked.Queue, asked.Subject, asked.Owner, asked.Counts, failed
	})
}

// unsplit takes a split back, and shows the ticket in which all of it is worked on.
func (p *Pages) unsplit(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	number, root, err := ticketNumber(r.PathValue("number")), int64(0), ErrNotFound
	if number > 0 && p.Splits != nil {
		root, err = p.Splits.Unsplit(r.Context(), p.Viewer(r), number)
	}
	switch {
	case errors.Is(err, ErrNotSo), errors.Is(err, ErrMerged):
		http.Redirect(w, r, to(ticketPath(number), "from", from(r), "done", "notso")+"#ticket", http.StatusSeeOther)
	case err != nil:
		p.broken(w, r, "", err)
	default:
		p.Logger.Info("done at the desk", "act", "unsplit", "ticket", number, "user", p.Viewer(r).User)
		http.Redirect(w, r, to(ticketPath(root), "from", from(r), "done", "unsplit", "of", thread.TicketNumber(number))+"#ticket", http.StatusSeeOther)
	}
}
