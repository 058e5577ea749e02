package pages

import (
	"cmp"
	"errors"
	"net/http"

	"frontdesk/pipeline/thread"
	"frontdesk/workers/desk/further"
)

// longestReason bounds the key of a reason, in bytes.
const longestReason = 20

// person says who is one person, or takes that back, and shows the ticket again. Who says nothing of the kind there is told that the ticket is not there; where something else is not so,
// that nothing was done.
func (p *Pages) person(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	number := ticketNumber(r.PathValue("number"))
	t, err := p.Tickets.Ticket(r.Context(), p.Viewer(r), number, "")
	if err != nil || p.Persons == nil || t.Same == nil || !t.Same.May && !(t.Same.Codes && r.PostFormValue("do") == further.PersonCode) {
		p.broken(w, r, "", cmp.Or(err, ErrNotFound))
		return
	}
	d := further.Deed{What: begin(r.PostFormValue("do"), longestReason), Other: calledTicket(r.PostFormValue("other")), Contact: positive(r.PostFormValue("contact")), Step: positive(r.PostFormValue("step")),
		Why: begin(r.PostFormValue("why"), longestReason)}
	done, of := "person-"+d.What, cmp.Or(d.Other, number)
	switch err := p.Persons.Do(r.Context(), p.Viewer(r), number, d); {
	case errors.Is(err, ErrNotFound), errors.Is(err, ErrNotSo):
		done = "nosame"
	case errors.Is(err, further.ErrUnfit):
		done = "unfit"
	case errors.Is(err, further.ErrMany):
		done = "check-many"
	case err != nil:
		p.broken(w, r, "", err)
		return
	default:
		p.Logger.Info("done at the desk", "act", "person", "ticket", number, "user", p.Viewer(r).User)
	}
	http.Redirect(w, r, to(ticketPath(number), "from", from(r), "done", done, "of", thread.TicketNumber(of))+"#ticket", http.StatusSeeOther)
}
