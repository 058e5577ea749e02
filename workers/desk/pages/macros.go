package pages

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"frontdesk/templates/desk"
	"frontdesk/templates/desk/acts"
	"frontdesk/workers/desk/further"
)

// macrosPage is where macros are edited.
type macrosPage struct {
	desk.Frame
	All                []acts.Macro
	Edited             acts.Macro // what was typed and not kept
	Refused            string     // key of why
	Queues, Categories []string   // that the desk has
	Tags               []string
}

// routines are the macros and ready answers of a ticket.
func (p *Pages) routines(r *http.Request, t *desk.Ticket) (err error) {
	if p.Macros != nil && t.Answer != nil {
		t.Macros, t.Ready, err = p.Macros.Fitting(r.Context(), p.Viewer(r), t.Number)
	}
	return err
}

// macro runs one, and shows the ticket with what became of each act.
func (p *Pages) macro(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	number, name := ticketNumber(r.PathValue("number")), begin(r.PostFormValue("macro"), 200)
	if number == 0 || p.Macros == nil {
		p.broken(w, r, "", ErrNotFound)
		return
	}
	if p.changed(w, r, number) {
		return
	}
	ran, err := p.Macros.Run(r.Context(), p.Viewer(r), number, name)
	if err != nil {
		p.broken(w, r, "", err)
		return
	}
	var said []string
	for _, one := range ran {
		said = append(said, one.Act+"."+one.Why)
	}
	p.Logger.Info("done at the desk", "act", "macro", "ticket", number, "user", p.Viewer(r).User)
	http.Redirect(w, r, to(ticketPath(number), "from", from(r), "ran", strings.Join(said, "_"))+"#answer", http.StatusSeeOther)
}

// What a page may be told of a macro that has run: the text comes from an address.
var (
	ranActs = []string{"text", "tag", "take", "pending", "snooze", "route", "close"}
	ranWhys = []string{"", "taken", "full", "inorder", "notso", "refused", "merged", "failed"}
)

// ran reads what became of a macro's acts, as the address has it.
func ran(r *http.Request) (out []acts.Ran) {
	for one := range strings.SplitSeq(begin(r.URL.Query().Get("ran"), 400), "_") {
		act, why, _ := strings.Cut(one, ".")
		if slices.Contains(ranActs, act) && slices.Contains(ranWhys, why) && len(out) < 20 {
			out = append(out, acts.Ran{Act: act, Why: why})
		}
	}
	return out
}

// macros shows all of them to who may edit them.
func (p *Pages) macros(w http.ResponseWriter, r *http.Request) {
	p.showMacros(w, r, http.StatusOK, acts.Macro{}, "")
}

func (p *Pages) showMacros(w http.ResponseWriter, r *http.Request, status int, edited acts.Macro, refused string) {
	if p.Macros == nil || !p.Macros.Edits(p.Viewer(r)) {
		p.broken(w, r, "", ErrNotFound)
		return
	}
	lang := p.language(w, r)
	page := macrosPage{Edited: edited, Refused: refused, Categories: p.Categories, Queues: p.Queues}
	var err error
	if page.Frame, err = p.frame(r, lang); err == nil {
		page.All, err = p.Macros.All(r.Context(), p.Viewer(r))
	}
	if err == nil {
		var choices acts.Choices
		choices, err = p.Many.Choices(r.Context(), p.Viewer(r))
		page.Tags = choices.Tags
	}
	if err != nil {
		p.broken(w, r, "", err)
		return
	}
	page.Here, page.Title = "settings/macros", p.pages.Text(lang, "macros.title")
	p.render(w, status, lang, "macros", "layout", page)
}

// saveMacro keeps one, or says why not with what was typed.
func (p *Pages) saveMacro(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	m := acts.Macro{Name: strings.TrimSpace(tidy(r.PostFormValue("name"))), Texts: map[string]string{"en": tidy(r.PostFormValue("en")), "zh": tidy(r.PostFormValue("zh"))},
		Priority: r.PostFormValue("priority"), Queue: r.PostFormValue("queue"), Category: r.PostFormValue("category"), Take: r.PostFormValue("take") != "", Then: r.PostFormValue("then")}
	for _, tag := range r.PostForm["tag"] {
		if tag != "" {
			m.Tags = append(m.Tags, tag)
		}
	}
	if m.Then == "snooze-hours" {
		m.Hours, _ = strconv.Atoi(r.PostFormValue("hours")) // what is no number of hours is refused as none
	}
	if reason := r.PostFormValue("reason"); m.Then == "close" && slices.Contains(acts.Reasons(), reason) {
		m.Reason = reason
	}
	switch {
	case p.Macros == nil:
		p.broken(w, r, "", ErrNotFound)
		return
	case m.Queue != "" && !slices.Contains(p.Queues, m.Queue), m.Category != "" && !slices.Contains(p.Categories, m.Category), m.Priority != "" && !slices.Contains(acts.Priorities(), m.Priority):
		p.showMacros(w, r, http.StatusUnprocessableEntity, m, "macros.acts")
		return
	}
	err := p.Macros.Save(r.Context(), p.Viewer(r), m)
	if why := new(further.Refused); errors.As(err, &why) {
		p.showMacros(w, r, http.StatusUnprocessableEntity, m, why.Word)
		return
	}
	if err != nil {
		p.broken(w, r, m.Texts["en"]+"\n"+m.Texts["zh"], err)
		return
	}
	p.Logger.Info("done at the desk", "act", "macro-save", "user", p.Viewer(r).User)
	http.Redirect(w, r, "/desk/settings/macros?done=macro", http.StatusSeeOther)
}
