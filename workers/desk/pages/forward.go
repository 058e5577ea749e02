package pages

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"frontdesk/templates/desk/acts"
	"frontdesk/workers/desk/further"
)

// forward shows the form in which a third party is asked about a ticket.
func (p *Pages) forward(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	p.showForward(w, r, http.StatusOK, positive(q.Get("side")), place(q.Get("of")), "", func(a *acts.Asking) { a.Key = rand.Text() })
}

// showForward shows the form, changed by what was typed.
func (p *Pages) showForward(w http.ResponseWriter, r *http.Request, status int, side int64, of, kept string, change func(*acts.Asking)) {
	page, lang, ok := p.readTicket(w, r, kept)
	if !ok {
		return
	}
	if p.Sides == nil || !page.Ticket.Acts {
		p.broken(w, r, kept, ErrRefused)
		return
	}
	asking, err := p.Sides.Ask(r.Context(), p.Viewer(r), page.Ticket.Number, side, of)
	if err != nil {
		p.broken(w, r, kept, err)
		return
	}
	change(&asking)
	page.Ticket.Asking = &asking
	page.Title = p.pages.Text(lang, "forward.title")
	p.render(w, status, lang, "forward", "layout", page)
}

// ask sends something to a third party. Whatever goes wrong, the text comes back.
func (p *Pages) ask(w http.ResponseWriter, r *http.Request) {
	number, o, ok := p.outgoing(w, r)
	if !ok {
		return
	}
	a := further.Asking{Key: o.Key, Side: positive(r.PostFormValue("side")), To: begin(strings.TrimSpace(tidy(r.PostFormValue("to"))), 400), Text: o.Text,
		Quote: positive(r.PostFormValue("quote")), Files: r.PostFormValue("files") != "", Despite: o.Despite}
	reply, failed, found := int64(0), "answer.empty", new(Found)
	if p.Sides != nil && strings.TrimSpace(a.Text) != "" {
		var err error
		reply, err = p.Sides.Send(r.Context(), p.Viewer(r), number, a)
		switch failed = unasked(err); {
		case err == nil:
			p.Logger.Info("done at the desk", "act", "forward", "ticket", number, "user", p.Viewer(r).User)
			http.Redirect(w, r, to(ticketPath(number), "from", from(r), "sent", strconv.FormatInt(reply, 10))+"#answer", http.StatusSeeOther)
			return
		case errors.As(err, &found):
		case failed == "":
			p.broken(w, r, o.Text, err)
			return
		}
	}
	p.showForward(w, r, http.StatusUnprocessableEntity, a.Side, "", o.Text, func(f *acts.Asking) {
		f.Key, f.To, f.Text, f.Quote, f.Files, f.Failed, f.Despite = a.Key, a.To, a.Text, a.Quote, a.Files, failed, found.Despite
		for _, what := range found.What {
			f.Found = append(f.Found, [2]string{what.Word, what.Of})
		}
	})
}

// unasked is the key of why nothing was sent to a third party; empty for what is no fault of the form.
func unasked(err error) string {
	for is, word := range map[error]string{further.ErrAddress: "forward.address", further.ErrPart: "forward.part", ErrNobody: "answer.nobody", ErrTooLong: "answer.long", ErrMerged: "answer.merged"} {
		if errors.Is(err, is) {
			return word
		}
	}
	return ""
}
