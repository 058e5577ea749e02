package pages

import (
	"errors"
	"net/http"

	"frontdesk/templates/desk/acts"
)

// saveView keeps a search under a name.
func (p *Pages) saveView(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	one := acts.View{Name: begin(tidy(r.PostFormValue("name")), longestQuery), Text: begin(tidy(r.PostFormValue("q")), longestQuery), State: r.PostFormValue("state"), Queue: r.PostFormValue("queue")}
	done := "view"
	switch err := p.Many.SaveView(r.Context(), p.Viewer(r), one); {
	case errors.Is(err, ErrRefused):
		done = "view-refused"
	case err != nil:
		p.broken(w, r, "", err)
		return
	}
	http.Redirect(w, r, to("/desk/search", "done", done, "q", one.Text, "state", one.State), http.StatusSeeOther)
}

// dropView takes one away.
func (p *Pages) dropView(w http.ResponseWriter, r *http.Request) {
	if err := p.Many.DropView(r.Context(), p.Viewer(r), positive(r.PathValue("id"))); err != nil {
		p.broken(w, r, "", err)
		return
	}
	http.Redirect(w, r, to("/desk/lists/mine", "done", "view-gone"), http.StatusSeeOther)
}
