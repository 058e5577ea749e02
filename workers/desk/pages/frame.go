package pages

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"frontdesk/internal/accepts"
	"frontdesk/templates/desk"
	"frontdesk/workers/store/viewer"
)

// languageCookie keeps the language that somebody has chosen.
const languageCookie = "frontdesk_lang"

// language is the page's language: asked for now, chosen before, that of the viewer, or what the browser prefers.
func (p *Pages) language(w http.ResponseWriter, r *http.Request) string {
	if asked := r.URL.Query().Get("lang"); known(asked) {
		http.SetCookie(w, &http.Cookie{Name: languageCookie, Value: asked, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true,
			SameSite: http.SameSiteLaxMode, Secure: p.Secure(r)})
		return asked
	}
	if c, err := r.Cookie(languageCookie); err == nil && known(c.Value) {
		return c.Value
	}
	wanted := accepts.Languages(r.Header.Get("Accept-Language"))
	if tag, ok := accepts.Tag(p.Viewer(r).Language); ok {
		wanted = []language.Tag{tag}
	}
	if len(wanted) == 0 {
		return desk.English
	}
	_, i, _ := language.NewMatcher([]language.Tag{language.English, language.Chinese}).Match(wanted...)
	return []string{desk.English, desk.Chinese}[i]
}

func known(lang string) bool { return lang == desk.English || lang == desk.Chinese }

// bare is a frame that needs nothing of the store.
func (p *Pages) bare(r *http.Request, lang string) desk.Frame {
	v := p.Viewer(r)
	f := desk.Frame{Aside: asides(v), Keeps: v.Anywhere(viewer.Administer) || v.May(viewer.Audit, viewer.Every), Desk: p.Desk, Lang: lang, Now: time.Now(), User: v.Name, UserID: v.User, Me: p.Me, SignOut: p.SignOut, SignIn: p.SignIn, Here: from(r), Mark: markOf(r), Rings: ringsOf(r)}
	self := r.URL.Path
	if r.Method != http.MethodGet { // the answer to a form: its address is none to open
		self = "/desk"
		if n := ticketNumber(r.PathValue("number")); n > 0 {
			self = ticketPath(n)
		}
	}
	for _, l := range []desk.Choice{{Tag: desk.English, Name: "EN"}, {Tag: desk.Chinese, Name: "中文"}} {
		q := url.Values{}
		if r.URL.Query().Has("from") {
			q.Set("from", f.Here)
		}
		for _, keep := range []string{"after", "before", "box", "q", "state"} {
			if value := begin(r.URL.Query().Get(keep), longestQuery); value != "" {
				q.Set(keep, value)
			}
		}
		q.Set("lang", l.Tag)
		l.URL, l.Here = self+"?"+q.Encode(), l.Tag == lang
		f.Languages = append(f.Languages, l)
	}
	return f
}

// frame is what a page of lists or of a ticket is built around. What was done before stands in the address (done, of, sent), so that a
// redirect can say it without a session.
func (p *Pages) frame(r *http.Request, lang string) (desk.Frame, error) {
	f := p.bare(r, lang)
	v := p.Viewer(r)
	var err error
	if f.Counts, err = p.Tickets.Counts(r.Context(), v); err != nil {
		return f, err
	}
	if works(v) {
		if f.Presence, err = p.Presence.Here(r.Context(), v); err != nil {
			return f, err
		}
	}
	if f.Views, err = p.Many.Views(r.Context(), v); err != nil {
		return f, err
	}
	f.Snippets = p.Snippets != nil && p.Snippets.Edits(v)
	q := r.URL.Query()
	f.Notice = notice(q.Get("done"), q.Get("of"))
	if id := positive(q.Get("sent")); id > 0 {
		if sent, err := p.Answers.Sent(r.Context(), v, id); err == nil {
			f.Sent = &sent // one that is gone, or another's, is not worth a word
		}
	}
	return f, nil
}

// notice says what somebody has just done. Only words of this list and numbers of tickets are taken from the address: a link of a stranger
// cannot put a sentence of his own there.
func notice(done, of string) desk.Notice {
	number := ticketNumber(of)
	switch done {
	case "close", "reopen", "take", "back", "later", "aside", "callup", "merged", "unmerged", "split", "unsplit", "tagged", "sorted", "until-answer", "check", "person-join", "person-part", "person-undo", "person-code", "person-apart":
		if number == 0 {
			return desk.Notice{}
		}
		n := desk.Notice{Word: "done." + done, Of: of}
		switch done {
		case "close":
			n.Undo = ticketPath(number) + "/reopen"
		case "merged":
			n.Undo = ticketPath(number) + "/unmerge"
		}
		if done == "split" {
			n.Undo = ticketPath(number) + "/unsplit"
		}
		if done == "aside" {
			n.Undo = ticketPath(number) + "/callup"
		}
		return n
	case "check-many", "check-unasked":
		if number == 0 {
			return desk.Notice{}
		}
		return desk.Notice{Word: "done." + done, Of: of, Bad: true}
	case "note-missed":
		if !loginsShape.MatchString(of) || len(of) > longestLogins {
			return desk.Notice{}
		}
		return desk.Notice{Word: "done.note-missed", Of: of, Bad: true}
	case "tag-added", "note", "snippet", "undone", "retry", "none", "away", "come-back", "view", "view-gone", "unblocked":
		return desk.Notice{Word: "done." + done}
	case "nothing", "tag-refused", "view-refused", "late", "taken", "notso", "past", "full", "inorder", "nosame", "unfit":
		return desk.Notice{Word: "done." + done, Bad: true}
	}
	return desk.Notice{}
}

// loginsShape is what a list of logins looks like in an address, longestLogins how long it may be.
var loginsShape = regexp.MustCompile(`^[a-z0-9][a-z0-9._@+,-]*$`)

const longestLogins = 120

// ticketNumber reads a ticket's number as addresses have it, T-25; 0 for anything else.
func ticketNumber(s string) int64 {
	digits, ok := strings.CutPrefix(s, "T-")
	if !ok || strings.HasPrefix(digits, "0") || strings.HasPrefix(digits, "+") {
		return 0
	}
	return positive(digits)
}

// positive is a positive number of an address, or 0.
func positive(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// to is an address with those of the pairs that have a value.
func to(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
