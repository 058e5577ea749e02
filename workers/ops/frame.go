package ops

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"frontdesk/internal/accepts"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/message"
	"frontdesk/templates/console"
	"frontdesk/templates/home"
)

// frame is what every page is built around.
type frame struct {
	Title      string
	Desk       string
	Now        time.Time
	Nav        []navItem
	Languages  []langItem
	Notice     string
	Undo       string // where what was done just now is taken back; empty: it cannot be
	Bare       bool   // without navigation
	Live       bool   // the page renews itself
	SignedIn   bool
	Who        string // name of the session; empty: none was said
	AtSessions bool
	Asked      string // what the search box holds

	lang string
}

type navItem struct {
	Word, URL string
	Count     int64
	Here      bool
}

type langItem struct {
	Tag, Name, URL string
	Here           bool
}

const languageCookie = "frontdesk_lang"

// frame makes the frame of a page. title is a word's key, with its verbs.
func (d *desk) frame(w http.ResponseWriter, r *http.Request, title string, args ...any) frame {
	lang := languageOf(w, r)
	f := frame{Desk: message.Named(d.DeskNames, tagOf(lang), d.Desk), Now: time.Now(), Title: d.pages.Text(lang, title, args...), lang: lang}
	if e := entered(r.Context()); e != nil {
		f.SignedIn, f.Who, f.AtSessions = true, e.Name, r.URL.Path == "/sessions"
	}
	f.Nav = d.nav(r)
	for _, l := range []langItem{{Tag: "en", Name: "EN"}, {Tag: "zh", Name: "中文"}} {
		q := r.URL.Query()
		q.Set("lang", l.Tag)
		l.URL, l.Here = "?"+q.Encode(), l.Tag == lang
		f.Languages = append(f.Languages, l)
	}
	q := r.URL.Query()
	f.Notice = d.notice(lang, q.Get("done"), q.Get("id"))
	if act := number(q.Get("act")); act > 0 && q.Get("done") == "held" {
		f.Undo = "/outbox/" + strconv.FormatInt(act, 10) + "/hold"
	}
	if id := number(q.Get("id")); id > 0 {
		switch q.Get("done") {
		case "dismiss":
			f.Undo = "/parked/" + strconv.FormatInt(id, 10) + "/undismiss"
		case "close":
			f.Undo = "/tickets/" + strconv.FormatInt(id, 10) + "/reopen"
		}
	}
	return f
}

// notice says what a person has just done, before he came to this page.
func (d *desk) notice(lang, done, id string) string {
	switch done {
	case "gone", "end", "ends", "name", "never", "none", "late", "unexcept":
		return d.pages.Text(lang, "done."+done)
	case "release", "dismiss", "undismiss", "take-out", "close", "reopen", "held", "heldback":
		if strings.Trim(id, "0123456789") == "" && len(id) < 20 {
			return d.pages.Text(lang, "done."+done, id)
		}
	}
	return ""
}

func (d *desk) nav(r *http.Request) []navItem {
	path, parked := r.URL.Path, int64(0)
	if counts, err := d.watch.counts(r.Context()); err == nil && path != "/login" {
		parked = counts.Messages[string(messages.Parked)]
	}
	items := []navItem{{Word: "title.overview", URL: "/"}, {Word: "title.tickets", URL: "/tickets"}, {Word: "title.messages", URL: "/messages"},
		{Word: "title.parked", URL: "/parked", Count: parked}, {Word: "title.outbox", URL: "/outbox"}, {Word: "title.promises", URL: "/promises"}, {Word: "title.journal", URL: "/journal"}}
	if d.Sink != nil {
		items = append(items, navItem{Word: "title.sink", URL: "/sink"})
	}
	if d.Queues != nil {
		items = append(items, navItem{Word: "title.queues", URL: "/queues/"})
	}
	items = append(items, navItem{Word: "title.metrics", URL: metricsPath})
	for i := range items {
		items[i].Here = path == items[i].URL || items[i].URL != "/" && strings.HasPrefix(path, items[i].URL+"/")
	}
	return items
}

// languageOf is the page's language: asked for now, asked for before, or what the browser prefers.
func languageOf(w http.ResponseWriter, r *http.Request) string {
	if asked := r.URL.Query().Get("lang"); known(asked) {
		http.SetCookie(w, &http.Cookie{Name: languageCookie, Value: asked, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true,
			SameSite: http.SameSiteLaxMode, Secure: secure(r)})
		return asked
	}
	if c, err := r.Cookie(languageCookie); err == nil && known(c.Value) {
		return c.Value
	}
	wanted := accepts.Languages(r.Header.Get("Accept-Language"))
	if len(wanted) == 0 {
		return console.English
	}
	_, i, _ := language.NewMatcher([]language.Tag{language.English, language.Chinese}).Match(wanted...)
	return console.Languages()[i]
}

// tagOf is the tag of a page's language: its Chinese is simplified.
func tagOf(lang string) string {
	if lang == console.Chinese {
		return home.Simplified
	}
	return lang
}

func known(lang string) bool { return lang == console.English || lang == console.Chinese }

// render writes a whole page, or nothing of it when it cannot be made.
func (d *desk) render(w http.ResponseWriter, r *http.Request, status int, page string, data interface{ language() string }) {
	var out bytes.Buffer
	if err := d.pages.Render(&out, data.language(), page, data); err != nil {
		d.Logger.Error("rendering a page failed", "path", r.URL.Path, "error", err)
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	d.write(w, status, out.Bytes())
}

func (d *desk) write(w http.ResponseWriter, status int, html []byte) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Add("Vary", "Accept-Language, Cookie")
	w.WriteHeader(status)
	w.Write(html) // the browser has gone away
}

func (f frame) language() string { return f.lang }

// errorPage says that there is nothing, or that it cannot be read.
type errorPage struct {
	frame
	Message string
}

func (d *desk) nowhere(w http.ResponseWriter, r *http.Request) {
	d.fail(w, r, http.StatusNotFound, "error.notfound")
}

// astray answers where no route leads. One may for another method: the address of an act may be opened as a page, out of the
// browser's history.
func (d *desk) astray(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		if method == r.Method {
			continue
		}
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := d.mux.Handler(other); pattern != "/" && pattern != "" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		d.nowhere(w, r)
		return
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	d.fail(w, r, http.StatusMethodNotAllowed, "error.method")
}

func (d *desk) fail(w http.ResponseWriter, r *http.Request, status int, word string) {
	d.render(w, r, status, "error", errorPage{frame: d.frame(w, r, "title.error"), Message: word})
}

// broken answers for a store that could not be read.
func (d *desk) broken(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return
	}
	d.Logger.Error("reading for the operator's page failed", "path", r.URL.Path, "error", err)
	w.Header().Set("Retry-After", "5")
	d.fail(w, r, http.StatusServiceUnavailable, "error.failed")
}

// more adds those of the pairs that have a value to an address.
func more(address string, pairs ...string) string {
	path, rest, _ := strings.Cut(address, "?")
	q, err := url.ParseQuery(rest)
	if err != nil {
		q = url.Values{}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return path + "?" + q.Encode()
}

// query is a path with those of the pairs that have a value.
func query(path string, pairs ...string) string {
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
