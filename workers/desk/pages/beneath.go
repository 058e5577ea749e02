package pages

import (
	"net/http"
	"net/url"

	"frontdesk/templates/desk"
	"frontdesk/templates/desk/acts"
)

// fields are those of a ticket about which a form may be wrong when it comes, in the order in which they are told.
func fields(t desk.Ticket) [][2]string {
	urgent := "no"
	if t.Urgent {
		urgent = "yes"
	}
	return [][2]string{{"owner", t.Owner}, {"state", t.State}, {"queue", t.Queue}, {"category", t.Category}, {"urgent", urgent}}
}

// stood is how a ticket stood when a page was made, as its forms give it back.
func stood(t desk.Ticket) string {
	q := url.Values{}
	for _, f := range fields(t) {
		q.Set(f[0], f[1])
	}
	return q.Encode()
}

// longestStood bounds what is read of it, in bytes: it comes from a browser.
const longestStood = 2000

// beneath is what was changed of a ticket since a page was made that has said how it stood; "" and what is none says nothing.
func beneath(was string, t desk.Ticket) (out []acts.Change) {
	if was == "" || len(was) > longestStood {
		return nil
	}
	q, err := url.ParseQuery(was)
	if err != nil {
		return nil
	}
	for _, f := range fields(t) {
		if q.Has(f[0]) && q.Get(f[0]) != f[1] {
			out = append(out, acts.Change{Field: f[0], Was: q.Get(f[0]), Is: f[1]})
		}
	}
	return out
}

// elsewise reports whether a reply is to be looked at once more: its ticket is somebody else's by now, or closed. What cannot be read says so
// itself when it is sent.
func (p *Pages) elsewise(r *http.Request, number int64, o Outgoing) bool {
	was := r.PostFormValue("was")
	if was == "" || o.Anyway {
		return false
	}
	t, err := p.Tickets.Ticket(r.Context(), p.Viewer(r), number, "")
	if err != nil {
		return false
	}
	for _, c := range beneath(was, t) {
		if c.Field == "owner" && c.Is != "" && !t.Mine || c.Field == "state" && c.Is == "closed" {
			return true
		}
	}
	return false
}
