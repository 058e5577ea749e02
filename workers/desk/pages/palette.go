package pages

import (
	"net/http"
	"strings"

	"frontdesk/templates/desk"
)

// paletteHits is how many tickets the palette offers.
const paletteHits = 6

// palette is where somebody may go, and which tickets have the words that he types: a part of a page, for the dialog that Ctrl+K opens. A number
// of a ticket comes first. What it offers stands on pages, too, so that it works without.
func (p *Pages) palette(w http.ResponseWriter, r *http.Request) {
	lang := p.language(w, r)
	asked := begin(strings.TrimSpace(tidy(r.URL.Query().Get("q"))), longestQuery)
	page := desk.ListPage{List: desk.List{Name: "search", Asked: asked}}
	var err error
	if page.Frame, err = p.frame(r, lang); err != nil {
		p.broken(w, r, "", err)
		return
	}
	if asked != "" {
		list, called, err := p.Tickets.Search(r.Context(), p.Viewer(r), Sought{Text: asked, Limit: paletteHits})
		if err != nil {
			p.broken(w, r, "", err)
			return
		}
		page.List.Cards = list.Cards
		if called > 0 {
			page.Open = called
		}
	}
	p.narrow(&page.Counts, lang, asked)
	p.render(w, http.StatusOK, lang, "list", "go", page)
}

// narrow leaves the lists and queues whose names have what was typed, in the page's language.
func (p *Pages) narrow(c *desk.Counts, lang, asked string) {
	if asked == "" {
		return
	}
	keep := func(all []desk.Count, group string) (out []desk.Count) {
		for _, one := range all {
			if name := p.pages.Text(lang, group+one.Name); strings.Contains(strings.ToLower(name+" "+one.Name), strings.ToLower(asked)) {
				out = append(out, one)
			}
		}
		return out
	}
	c.Lists, c.Queues = keep(c.Lists, "list."), keep(c.Queues, "queue.")
}
