package pages

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"frontdesk/templates/desk"
	"frontdesk/workers/store/viewer"
)

// Snippet is a text that people put into what they write, by its name.
type Snippet struct {
	Name  string
	Texts map[string]string // by the customer's language, with variables
}

// Refusal says why a snippet is not kept, as a key of the pages' words.
type Refusal struct{ Word string }

func (r *Refusal) Error() string { return "the snippet is not kept: " + r.Word }

// Snippets are texts that people put into what they write.
type Snippets interface {
	// Fitting are names and texts for a ticket: in its customer's language, filled.
	Fitting(ctx context.Context, v viewer.Viewer, number int64) ([][2]string, error)
	All(ctx context.Context, v viewer.Viewer) ([]Snippet, error)
	// Edits reports whether the viewer may Save.
	Edits(v viewer.Viewer) bool
	// Save keeps a snippet; one without a text is taken away. *Refusal: nothing was done.
	Save(ctx context.Context, v viewer.Viewer, s Snippet) error
}

// snippetsPage is where snippets are edited.
type snippetsPage struct {
	desk.Frame
	All     []Snippet
	Edited  Snippet // what was typed and not kept
	Refused string  // key of why
}

// phrases gives the script what can be put into an answer.
func (p *Pages) phrases(w http.ResponseWriter, r *http.Request) {
	number := ticketNumber(r.PathValue("number"))
	all, err := [][2]string{}, error(nil)
	if number == 0 {
		err = ErrNotFound
	} else if p.Snippets != nil {
		all, err = p.Snippets.Fitting(r.Context(), p.Viewer(r), number)
	}
	if err != nil {
		p.refused(w, r, Outgoing{}, false, err)
		return
	}
	p.say(w, http.StatusOK, all)
}

// snippets shows all of them to who may edit them.
func (p *Pages) snippets(w http.ResponseWriter, r *http.Request) {
	p.showSnippets(w, r, http.StatusOK, Snippet{}, "")
}

func (p *Pages) showSnippets(w http.ResponseWriter, r *http.Request, status int, edited Snippet, refused string) {
	if p.Snippets == nil || !p.Snippets.Edits(p.Viewer(r)) {
		p.broken(w, r, "", ErrNotFound)
		return
	}
	lang := p.language(w, r)
	page := snippetsPage{Edited: edited, Refused: refused}
	var err error
	if page.Frame, err = p.frame(r, lang); err == nil {
		page.All, err = p.Snippets.All(r.Context(), p.Viewer(r))
	}
	if err != nil {
		p.broken(w, r, "", err)
		return
	}
	page.Here, page.Title = "settings/snippets", p.pages.Text(lang, "snippets.title")
	p.render(w, status, lang, "snippets", "layout", page)
}

// saveSnippet keeps one, or says why not with what was typed.
func (p *Pages) saveSnippet(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	s := Snippet{Name: strings.TrimSpace(tidy(r.PostFormValue("name"))), Texts: map[string]string{"en": tidy(r.PostFormValue("en")), "zh": tidy(r.PostFormValue("zh"))}}
	if p.Snippets == nil {
		p.broken(w, r, "", ErrNotFound)
		return
	}
	err := p.Snippets.Save(r.Context(), p.Viewer(r), s)
	if why := new(Refusal); errors.As(err, &why) {
		p.showSnippets(w, r, http.StatusUnprocessableEntity, s, why.Word)
		return
	}
	if err != nil {
		p.broken(w, r, s.Texts["en"]+"\n"+s.Texts["zh"], err)
		return
	}
	p.Logger.Info("done at the desk", "act", "snippet", "user", p.Viewer(r).User)
	http.Redirect(w, r, "/desk/settings/snippets?done=snippet", http.StatusSeeOther)
}
