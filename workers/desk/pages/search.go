package pages

import (
	"net/http"
	"strings"

	"frontdesk/templates/desk"
)

// longestQuery is how many characters are looked for.
const longestQuery = 200

// search shows the tickets that somebody looks for. One that is called by its number is gone to at once.
func (p *Pages) search(w http.ResponseWriter, r *http.Request) {
	lang := p.language(w, r)
	q := r.URL.Query()
	s := Sought{Text: strings.TrimSpace(tidy(q.Get("q"))), State: q.Get("state"), After: q.Get("after"), Limit: pageSize}
	s.Text = begin(s.Text, longestQuery)
	if s.State != "open" && s.State != "closed" {
		s.State = ""
	}
	if len(s.After) > 200 {
		s.After = ""
	}
	list, called, err := p.Tickets.Search(r.Context(), p.Viewer(r), s)
	if err != nil {
		p.broken(w, r, "", err)
		return
	}
	if called > 0 {
		http.Redirect(w, r, ticketPath(called), http.StatusSeeOther)
		return
	}
	list.Name, list.Asked, list.State = "search", s.Text, s.State
	page := desk.ListPage{List: list}
	if page.Frame, err = p.frame(r, lang); err != nil {
		p.broken(w, r, "", err)
		return
	}
	page.Asked, page.Here = s.Text, "search"
	page.Title = p.pages.Text(lang, "list.search")
	if s.Text != "" {
		page.Title = s.Text + " · " + page.Title
	}
	p.render(w, http.StatusOK, lang, "list", "layout", page)
}

// begin is so many characters of a text at most.
func begin(s string, most int) string {
	if text := []rune(s); len(text) > most {
		return string(text[:most])
	}
	return s
}
