package pages

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"frontdesk/templates/desk"
)

// maxDraft bounds a text in bytes, and what is read of a posted one: JSON may write a character in six times its bytes.
const maxDraft = 256 << 10

// keyShape is what keys of ours look like.
var keyShape = regexp.MustCompile(`^[A-Za-z0-9]{8,64}$`)

// draft keeps what is being written. Only a script of ours posts JSON: a form of another site cannot.
func (p *Pages) draft(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Kind          string
		Text          string
		Seen, Version int64
	}
	number := ticketNumber(r.PathValue("number"))
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		p.say(w, http.StatusUnsupportedMediaType, nil)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 6*maxDraft+1024))
	switch large := new(http.MaxBytesError); {
	case errors.As(err, &large):
		p.say(w, http.StatusRequestEntityTooLarge, nil)
		return
	case err != nil:
		return // the browser has gone away
	case json.Unmarshal(body, &in) != nil || in.Kind != "reply" && in.Kind != "note" || in.Version < 0 || in.Seen < 0:
		p.say(w, http.StatusBadRequest, nil)
		return
	case len(in.Text) > maxDraft:
		p.say(w, http.StatusRequestEntityTooLarge, nil)
		return
	case number == 0:
		p.say(w, http.StatusNotFound, nil)
		return
	}
	version, err := p.Answers.Save(r.Context(), p.Viewer(r), number, Kept{Note: in.Kind == "note", Text: tidy(in.Text), Seen: in.Seen, Version: in.Version})
	p.saved(w, r, version, err)
}

// saved tells the script what became of a draft.
func (p *Pages) saved(w http.ResponseWriter, r *http.Request, version int64, err error) {
	type kept struct {
		Version int64  `json:"version"`
		Text    string `json:"text,omitempty"`
		At      string `json:"at"` // by the desk's clock, as all other times of the page
	}
	at := time.Now().In(p.Zone).Format("15:04")
	switch other := new(Conflict); {
	case err == nil:
		p.say(w, http.StatusOK, kept{Version: version, At: at})
	case errors.As(err, &other):
		p.say(w, http.StatusConflict, kept{other.Now.Version, other.Now.Text, at})
	case errors.Is(err, ErrNotFound):
		p.say(w, http.StatusNotFound, nil)
	case errors.Is(err, ErrRefused):
		p.say(w, http.StatusForbidden, nil)
	default:
		p.Logger.Error("saving a draft failed", "path", r.URL.Path, "error", err)
		w.Header().Set("Retry-After", "5")
		p.say(w, http.StatusServiceUnavailable, nil)
	}
}

// say answers a script; nil: with nothing but the status.
func (p *Pages) say(w http.ResponseWriter, status int, data any) {
	var body []byte
	if data != nil {
		var err error
		if body, err = json.Marshal(data); err != nil {
			p.Logger.Error("answering a script failed", "error", err)
			status = http.StatusInternalServerError
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(body) // the browser has gone away
}

// tidy is a text as it is kept: line ends as one character, nothing that is no character.
func tidy(text string) string {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\x00", "")
}

// outgoing reads a posted reply or note. It answers itself where that is none; what has no key of ours was not made by a page of ours.
func (p *Pages) outgoing(w http.ResponseWriter, r *http.Request) (number int64, o Outgoing, ok bool) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	err := r.ParseForm()
	number = ticketNumber(r.PathValue("number"))
	o = Outgoing{Key: r.PostFormValue("key"), Seen: positive(r.PostFormValue("seen")), Ground: r.PostFormValue("ground"), Text: tidy(r.PostFormValue("text")), Anyway: r.PostFormValue("anyway") != "", Despite: r.PostFormValue("despite"), By: way(r)}
	switch large := new(http.MaxBytesError); {
	case errors.As(err, &large) || len(o.Text) > maxDraft:
		p.fail(w, r, http.StatusRequestEntityTooLarge, desk.ErrorPage{Message: "answer.long", Kept: o.Text})
	case number == 0:
		p.broken(w, r, o.Text, ErrNotFound)
	case err != nil || !keyShape.MatchString(o.Key):
		p.fail(w, r, http.StatusBadRequest, desk.ErrorPage{Message: "answer.broken", Kept: o.Text})
	default:
		return number, o, true
	}
	return number, o, false
}

// reply sends a reply. A script is told where to go on; a browser without one is led there. Whatever goes wrong, the text comes back.
func (p *Pages) reply(w http.ResponseWriter, r *http.Request) {
	number, o, ok := p.outgoing(w, r)
	if !ok {
		return
	}
	if strings.TrimSpace(o.Text) == "" {
		p.again(w, r, o, "answer.empty", nil)
		return
	}
	if p.elsewise(r, number, o) {
		p.again(w, r, o, "answer.beneath", nil)
		return
	}
	id, err := p.Answers.Reply(r.Context(), p.Viewer(r), number, o)
	if err != nil {
		p.unsent(w, r, o, err)
		return
	}
	p.Logger.Info("done at the desk", "act", "reply", "ticket", number, "user", p.Viewer(r).User)
	address := to(ticketPath(number), "from", from(r), "sent", strconv.FormatInt(id, 10)) + "#answer"
	if r.PostFormValue("then") == "next" {
		next, err := p.nextAddress(r, id)
		if err == nil {
			address = next
		} else { // the reply is on its way all the same
			p.Logger.Error("taking the next ticket failed", "error", err)
		}
	}
	p.lead(w, r, address)
}

// unsent shows why a reply was not taken, with its text.
func (p *Pages) unsent(w http.ResponseWriter, r *http.Request, o Outgoing, err error) {
	switch {
	case errors.Is(err, ErrTooLong):
		p.again(w, r, o, "answer.long", nil)
	case errors.Is(err, ErrMerged):
		p.again(w, r, o, "answer.merged", nil)
	case errors.Is(err, ErrNobody):
		p.again(w, r, o, "answer.nobody", nil)
	case errors.Is(err, ErrNoFiles):
		p.again(w, r, o, "answer.nofiles", nil)
	case errors.Is(err, ErrChanged):
		p.again(w, r, o, "answer.changed", nil)
	default:
		if overtaken, found := new(Overtaken), new(Found); errors.As(err, &overtaken) || errors.As(err, &found) {
			p.again(w, r, o, "", err)
			return
		}
		p.broken(w, r, o.Text, err)
	}
}

// note adds a note.
func (p *Pages) note(w http.ResponseWriter, r *http.Request) {
	number, o, ok := p.outgoing(w, r)
	if !ok {
		return
	}
	if strings.TrimSpace(o.Text) == "" {
		p.again(w, r, o, "answer.empty", nil)
		return
	}
	done, of, missed := "note", "", new(Missed)
	switch err := p.Answers.Note(r.Context(), p.Viewer(r), number, o); {
	case errors.As(err, &missed):
		done, of = "note-missed", begin(strings.Join(missed.Logins, ","), longestLogins)
	case errors.Is(err, ErrMerged):
		p.again(w, r, o, "answer.merged", nil)
		return
	case err != nil:
		p.broken(w, r, o.Text, err)
		return
	}
	p.Logger.Info("done at the desk", "act", "note", "ticket", number, "user", p.Viewer(r).User)
	p.lead(w, r, to(ticketPath(number), "from", from(r), "done", done, "of", of)+"#answer")
}

// lead leads on: a script by a word, a browser by a redirect (303), so that reloading sends nothing twice.
func (p *Pages) lead(w http.ResponseWriter, r *http.Request, address string) {
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		p.say(w, http.StatusOK, map[string]string{"to": address})
		return
	}
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// again shows the ticket once more with the text in its box, and above it why it was not taken (422), or what others wrote meanwhile (409): of
// why, an *Overtaken and a *Found count.
// The key stays: it is still the same reply. What is new counts as seen from now on.
func (p *Pages) again(w http.ResponseWriter, r *http.Request, o Outgoing, failed string, why error) {
	page, lang, ok := p.readTicket(w, r, o.Text)
	if !ok {
		return
	}
	a := page.Ticket.Answer
	if a == nil {
		p.broken(w, r, o.Text, ErrRefused)
		return
	}
	status := http.StatusUnprocessableEntity
	a.Failed = failed
	if strings.HasSuffix(r.URL.Path, "/note") {
		page.Note, a.Note.Text = true, o.Text
	} else {
		a.Reply.Text, a.Key = o.Text, o.Key
		measure(a)
	}
	if overtaken := new(Overtaken); errors.As(why, &overtaken) {
		status, a.Clash = http.StatusConflict, overtaken.Lines
	}
	if found := new(Found); errors.As(why, &found) {
		a.Found, a.Despite = found.What, found.Despite
	}
	p.render(w, status, lang, "ticket", "layout", page)
}

// undo takes a reply back, whose text is in the box again.
func (p *Pages) undo(w http.ResponseWriter, r *http.Request) {
	done := "undone"
	if sent, err := p.Answers.Sent(r.Context(), p.Viewer(r), positive(r.PathValue("id"))); err == nil && sent.Aside {
		done = "undone-aside"
	}
	p.resend(w, r, done, p.Answers.Undo)
}

// retry sends a reply that has failed once more.
func (p *Pages) retry(w http.ResponseWriter, r *http.Request) {
	p.resend(w, r, "retry", p.Answers.Retry)
}
