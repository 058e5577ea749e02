// Package admin serves the pages by which the desk is looked after. It knows how requests become values, and values pages; who may see and do
// what is said by the store.
package admin

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"time"

	"frontdesk/internal/assets"
	"frontdesk/pipeline/message"
	"frontdesk/templates/desk/admin"
	entrance "frontdesk/templates/desk/signin"
	"frontdesk/workers/desk/signin"
	"frontdesk/workers/gate"
	"frontdesk/workers/store/alerting"
	"frontdesk/workers/store/logbook"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/staff"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
)

// Where the pages are.
const (
	Path       = "/desk/admin"
	assetsPath = Path + "/assets/"
	usersPath  = Path + "/users"
)

// linkFor is how long a link waits in which a person chooses a password: over a night, since it goes to him by mail or chat.
const linkFor = 24 * time.Hour

// Config is what the pages show, and how.
type Config struct {
	Staff     *staff.Store
	Log       *logbook.Store
	Alerts    *alerting.Store    // what people are told beside their pages; nil: nothing
	House     func() admin.House // what the configuration file fixes
	Desk      string
	DeskNames map[string]string            // by language (BCP 47), in its place
	Words     map[string]map[string]string // names of queues and categories, by language and key
	Zone      *time.Location               // of the desk; UTC if nil
	Logger    *slog.Logger
	Now       func() time.Time // nil: time.Now
}

// Pages serves the administration. It keeps nothing of a request.
type Pages struct {
	Config
	pages  *admin.Pages
	assets *assets.Files
}

// New makes the pages. It fails only for what is part of the program.
func New(c Config) (*Pages, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	own, err := assets.Load(admin.Assets(), assetsPath)
	if err != nil {
		return nil, fmt.Errorf("making the pages of the administration: %w", err)
	}
	theirs, err := assets.Load(entrance.Assets(), signin.AssetsPath)
	if err != nil {
		return nil, fmt.Errorf("making the pages of the administration: %w", err)
	}
	addresses := map[string]string{}
	for _, of := range []*assets.Files{theirs, own} {
		maps.Copy(addresses, of.Addresses)
	}
	p := &Pages{Config: c, assets: own}
	if p.pages, err = admin.New(addresses, c.Words); err != nil {
		return nil, fmt.Errorf("making the pages of the administration: %w", err)
	}
	return p, nil
}

// Routes are the handlers by their patterns.
func (p *Pages) Routes() map[string]http.HandlerFunc {
	const one = usersPath + "/{login}"
	return map[string]http.HandlerFunc{
		"GET " + Path:               p.home,
		"GET " + usersPath:          p.users,
		"POST " + usersPath:         p.add,
		"GET " + one:                p.person,
		"POST " + one:               p.change,
		"POST " + one + "/rights":   p.rights,
		"POST " + one + "/link":     p.link,
		"POST " + one + "/state":    p.state,
		"POST " + one + "/sign-out": p.signOut,
		"POST " + one + "/factors":  p.factors,
		"GET " + Path + "/queues":   p.queues,
		"GET " + Path + "/hours":    p.fixed("hours"),
		"GET " + Path + "/words":    p.fixed("words"),
		"GET " + Path + "/inboxes":  p.inboxes,
		"GET " + Path + "/log":      p.log,
		"GET " + Path + "/log.csv":  p.export,
		"GET " + assetsPath:         p.assets.ServeHTTP,
	}
}

// home leads to the first page that the viewer sees.
func (p *Pages) home(w http.ResponseWriter, r *http.Request) {
	for _, tab := range p.tabs(signin.Viewer(r), "") {
		http.Redirect(w, r, tab.URL, http.StatusSeeOther)
		return
	}
	p.nothing(w, r)
}

// tabs are the pages that a viewer sees.
func (p *Pages) tabs(v viewer.Viewer, here string) (out []admin.Tab) {
	for _, t := range []struct {
		name string
		sees bool
	}{{"users", staff.May(v)}, {"queues", staff.Sees(v)}, {"hours", staff.Sees(v)}, {"words", staff.Sees(v)}, {"inboxes", staff.Sees(v)}, {"log", logbook.May(v)}} {
		if t.sees {
			out = append(out, admin.Tab{Name: t.name, URL: Path + "/" + t.name, Here: t.name == here})
		}
	}
	return out
}

// frame is what a page is built around. It may set the language's cookie, so it comes before anything is written. What was done before stands in
// the address; only words of this list are taken from it.
func (p *Pages) frame(w http.ResponseWriter, r *http.Request, tab, title string) admin.Frame {
	lang := signin.Language(w, r)
	f := admin.Frame{Title: "title." + title, Lang: lang, Zone: p.Zone, Desk: message.Named(p.DeskNames, lang, p.Desk), Tabs: p.tabs(signin.Viewer(r), tab)}
	switch done := r.URL.Query().Get("done"); done {
	case "saved", "out", "factors", "disabled", "enabled":
		f.Done = "done." + done
	}
	switch wrong := r.URL.Query().Get("wrong"); wrong {
	case "form", "last", "conflict":
		f.Wrong = "wrong." + wrong
	}
	self, q := r.URL.Path, url.Values{}
	switch r.Method {
	case http.MethodGet:
		q = r.URL.Query()
		q.Del("done")
		q.Del("wrong")
	default: // the answer to a form: its address is none to open
		self = usersPath
		if login := r.PathValue("login"); login != "" {
			self += "/" + url.PathEscape(login)
		}
	}
	for _, l := range []admin.Choice{{Tag: admin.English, Name: "English"}, {Tag: admin.Chinese, Name: "中文"}} {
		q.Set("lang", l.Tag)
		l.URL, l.Here = self+"?"+q.Encode(), l.Tag == lang
		f.Languages = append(f.Languages, l)
	}
	return f
}

// render writes a whole page, or nothing of it when it cannot be made.
func (p *Pages) render(w http.ResponseWriter, status int, lang, page string, data any) {
	html, err := p.pages.Render(lang, page, data)
	if err != nil {
		p.Logger.Error("rendering a page of the administration failed", "page", page, "error", err)
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(html) //nolint:gosec // the browser has gone away; a template has escaped it
}

// nothing says that there is no such page, or none for the viewer: he cannot tell which.
func (p *Pages) nothing(w http.ResponseWriter, r *http.Request) {
	f := p.frame(w, r, "", "nothing")
	p.render(w, http.StatusNotFound, f.Lang, "nothing", f)
}

// failed answers for what could not be read or done: what is not there or not for the viewer, and a store that could not be asked (503, to be
// tried again in five seconds). Nothing is said to who has gone away.
func (p *Pages) failed(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case r.Context().Err() != nil:
	case errors.Is(err, sql.ErrNotFound):
		p.nothing(w, r)
	default:
		p.Logger.Error("serving the administration failed", "path", r.URL.Path, "error", err)
		w.Header().Set("Retry-After", "5")
		http.Error(w, "The desk cannot be reached just now. Nothing is lost; please try again in a moment.", http.StatusServiceUnavailable)
	}
}

// wrong is the word for a change that was refused for what it would be; "" for every other error.
func wrong(err error) string {
	for of, word := range map[error]string{users.ErrTaken: "taken", users.ErrLast: "last", sql.ErrConflict: "conflict", users.ErrForm: "form"} {
		if errors.Is(err, of) {
			return word
		}
	}
	return ""
}

// did ends an act: what was done, or why it was not, is said by the page that follows (303), so that reloading it does nothing twice.
func (p *Pages) did(w http.ResponseWriter, r *http.Request, login, done string, err error) {
	q := url.Values{"done": {done}}
	if word := wrong(err); word != "" {
		q = url.Values{"wrong": {word}}
	} else if err != nil {
		p.failed(w, r, err)
		return
	} else {
		p.Logger.Info("done in the administration of the desk", "act", done, "user", signin.Viewer(r).User)
	}
	http.Redirect(w, r, usersPath+"/"+url.PathEscape(login)+"?"+q.Encode(), http.StatusSeeOther)
}

// absolute is the address of a path of the desk, as the browser that asks has reached it; the guard has looked at the name.
func absolute(r *http.Request, path string) string {
	scheme := "http"
	if gate.Secure(r) {
		scheme = "https"
	}
	return (&url.URL{Scheme: scheme, Host: cmp.Or(r.Host, "localhost"), Path: path}).String()
}
