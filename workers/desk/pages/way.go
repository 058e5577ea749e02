package pages

import (
	"net/http"
	"regexp"

	"frontdesk/templates/desk/acts"
)

// wayShape is what names of ways look like.
var wayShape = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// way is the way by which an answer is to go, as an address, a form or the button of a choice names it; "" for the one that it goes by itself.
func way(r *http.Request) string {
	if chosen := r.FormValue("choose"); chosen != "" {
		return wayOf(chosen)
	}
	return wayOf(r.FormValue("by"))
}

func wayOf(name string) string {
	if name == acts.ByItself || !wayShape.MatchString(name) {
		return ""
	}
	return name
}

// choose shows the ticket with its box for the way that was chosen, and the text as it was. Nothing is kept, and nothing goes out: with a script a
// browser asks for the page instead.
func (p *Pages) choose(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	o := Outgoing{Key: r.PostFormValue("key"), Text: tidy(r.PostFormValue("text"))}
	if len(o.Text) > maxDraft {
		p.refused(w, r, o, false, ErrTooLong)
		return
	}
	p.shown(w, r, o, false, http.StatusOK, nil)
}
