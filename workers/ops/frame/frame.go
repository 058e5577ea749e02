// Package frame is what every page of the operator's listener is built around: language, navigation, notices, answers to what is not there,
// and the files that pages are drawn with.
package frame

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"frontdesk/internal/accepts"
	"frontdesk/internal/assets"
	"frontdesk/pipeline/message"
	"frontdesk/templates/console"
	"frontdesk/templates/home"
	"frontdesk/workers/gate"
)

// Frame is what a page is built around. Pages embed it; templates read its fields. It is made for one request.
type Frame struct {
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

	Lang string // "en" or "zh"
}

// navItem is one entry of the navigation; Word is the key of its title.
type navItem struct {
	Word, URL string
	Count     int64
	Here      bool
}

// langItem is one language to choose.
type langItem struct {
	Tag, Name, URL string
	Here           bool
}

// languageCookie keeps the language that somebody has chosen.
const languageCookie = "frontdesk_lang"

// MetricsPath is what Prometheus asks for.
const MetricsPath = "/metrics"

// Config is what frames show.
type Config struct {
	Desk      string            // name of the desk, for titles
	DeskNames map[string]string // by language (BCP 47), in its place
	Zone      *time.Location
	Words     map[string]map[string]string // names of what is configured, by language and key
	Logger    *slog.Logger
	Sink      bool // there is a mail sink
	Queues    bool // there is a monitor of the queues
	// Parked is how many messages wait for a person, if that is known.
	Parked func(context.Context) (int64, bool)
	// SignedIn is the name of the session by which a request was let in. in is false for none.
	SignedIn func(context.Context) (name string, in bool)
}

// Frames makes frames and pages. It is safe for concurrent use.
type Frames struct {
	Config
	Assets http.Handler // serves what is below /assets/
	Pages  *console.Pages
}

// New makes the frames.
func New(c Config) (*Frames, error) {
	files, err := assets.Load(console.Assets(), "/assets/")
	if err != nil {
		return nil, err
	}
	pages, err := console.New(console.Config{Zone: c.Zone, Words: c.Words, Assets: files.Addresses})
	if err != nil {
		return nil, err
	}
	return &Frames{Config: c, Assets: files, Pages: pages}, nil
}

// Frame makes the frame of a page. title is a word's key, with its verbs. It may set the language's cookie, so it
// comes before anything is written. What was done before stands in the address (done, id, act), so that a redirect
// can say it without a session.
func (f *Frames) Frame(w http.ResponseWriter, r *http.Request, title string, args ...any) Frame {
	lang := Language(w, r)
	p := Frame{Desk: message.Named(f.DeskNames, tagOf(lang), f.Desk), Now: time.Now(), Title: f.Pages.Text(lang, title, args...), Lang: lang}
	if name, in := f.SignedIn(r.Context()); in {
		p.SignedIn, p.Who, p.AtSessions = true, name, r.URL.Path == "/sessions"
	}
	p.Nav = f.nav(r)
	for _, l := range []langItem{{Tag: "en", Name: "EN"}, {Tag: "zh", Name: "中文"}} {
		q := r.URL.Query()
		q.Set("lang", l.Tag)
		l.URL, l.Here = "?"+q.Encode(), l.Tag == lang
		p.Languages = append(p.Languages, l)
	}
	q := r.URL.Query()
	p.Notice = f.notice(lang, q.Get("done"), q.Get("id"))
	if act := Number(q.Get("act")); act > 0 && q.Get("done") == "held" {
		p.Undo = "/outbox/" + strconv.FormatInt(act, 10) + "/hold"
	}
	if id := Number(q.Get("id")); id > 0 {
		switch q.Get("done") {
		case "dismiss":
			p.Undo = "/parked/" + strconv.FormatInt(id, 10) + "/undismiss"
		case "close":
			p.Undo = "/tickets/" + strconv.FormatInt(id, 10) + "/reopen"
		}
	}
	return p
}

// notice says what a person has just done, before he came to this page. Only words of this list are taken from the
// address: a link of a stranger cannot put a sentence of his own there.
func (f *Frames) notice(lang, done, id string) string {
	switch done {
	case "gone", "end", "ends", "name", "never", "none", "late", "unexcept":
		return f.Pages.Text(lang, "done."+done)
	case "release", "dismiss", "undismiss", "take-out", "close", "reopen", "held", "heldback", "redeliver":
		if strings.Trim(id, "0123456789") == "" && len(id) < 20 {
			return f.Pages.Text(lang, "done."+done, id)
		}
	}
	return ""
}

// nav is the navigation, with the number of parked messages, which wait for a person. The login form leaves it out.
func (f *Frames) nav(r *http.Request) []navItem {
	path, parked := r.URL.Path, int64(0)
	if n, known := f.Parked(r.Context()); known && path != "/login" {
		parked = n
	}
	items := []navItem{{Word: "title.overview", URL: "/"}, {Word: "title.tickets", URL: "/tickets"}, {Word: "title.messages", URL: "/messages"},
		{Word: "title.parked", URL: "/parked", Count: parked}, {Word: "title.outbox", URL: "/outbox"}, {Word: "title.promises", URL: "/promises"}, {Word: "title.journal", URL: "/journal"}}
	if f.Sink {
		items = append(items, navItem{Word: "title.sink", URL: "/sink"})
	}
	if f.Queues {
		items = append(items, navItem{Word: "title.queues", URL: "/queues/"})
	}
	items = append(items, navItem{Word: "title.metrics", URL: MetricsPath})
	for i := range items {
		items[i].Here = path == items[i].URL || items[i].URL != "/" && strings.HasPrefix(path, items[i].URL+"/")
	}
	return items
}

// Language is the page's language: asked for now, asked for before, or what the browser prefers.
func Language(w http.ResponseWriter, r *http.Request) string {
	if asked := r.URL.Query().Get("lang"); known(asked) {
		http.SetCookie(w, &http.Cookie{Name: languageCookie, Value: asked, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true,
			SameSite: http.SameSiteLaxMode, Secure: gate.Secure(r)})
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

// Render writes a whole page, or nothing of it when it cannot be made.
func (f *Frames) Render(w http.ResponseWriter, r *http.Request, status int, page string, data interface{ language() string }) {
	var out bytes.Buffer
	if err := f.Pages.Render(&out, data.language(), page, data); err != nil {
		f.Logger.Error("rendering a page failed", "path", r.URL.Path, "error", err)
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	f.Write(w, status, out.Bytes())
}

// Write writes a page that is made.
func (f *Frames) Write(w http.ResponseWriter, status int, html []byte) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Add("Vary", "Accept-Language, Cookie")
	w.WriteHeader(status)
	w.Write(html) // the browser has gone away
}

func (f Frame) language() string { return f.Lang }

// errorPage says that there is nothing, or that it cannot be read.
type errorPage struct {
	Frame
	Message string
}

// Nowhere says that there is no such page.
func (f *Frames) Nowhere(w http.ResponseWriter, r *http.Request) {
	f.Fail(w, r, http.StatusNotFound, "error.notfound")
}

// Fail answers with a page that says one thing. word is its key.
func (f *Frames) Fail(w http.ResponseWriter, r *http.Request, status int, word string) {
	f.Render(w, r, status, "error", errorPage{Frame: f.Frame(w, r, "title.error"), Message: word})
}

// Broken answers for a store that could not be read: 503, to be asked again in five seconds. Nothing is said to who
// has gone away.
func (f *Frames) Broken(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return
	}
	f.Logger.Error("reading for the operator's page failed", "path", r.URL.Path, "error", err)
	w.Header().Set("Retry-After", "5")
	f.Fail(w, r, http.StatusServiceUnavailable, "error.failed")
}

// More adds those of the pairs that have a value to an address.
func More(address string, pairs ...string) string {
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

// Query is a path with those of the pairs that have a value.
func Query(path string, pairs ...string) string {
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

// Number is a positive number of an address, or 0.
// So 0 stands for none in every address.
func Number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
