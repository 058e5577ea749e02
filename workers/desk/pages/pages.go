// Package pages serves the agents' desk: lists, a ticket, the box for an answer, and what is done with them. It knows how requests become
// values, and values pages; what is true and what somebody may is said by those to whom it is joined (Tickets, Acts, Answers).
package pages

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/internal/assets"
	"frontdesk/templates/desk"
	"frontdesk/workers/desk/further"
	"frontdesk/workers/store/viewer"
)

// Config is what the pages show, and to whom.
type Config struct {
	Desk     string         // name of the desk, for titles
	Zone     *time.Location // of the desk; UTC if nil
	Words    map[string]map[string]string
	Logger   *slog.Logger
	Tickets  Tickets
	Acts     Acts
	Answers  Answers
	Files    Files
	Snippets Snippets        // nil: there are none
	Sides    further.Sides   // nil: nobody but customers is written to
	Checks   further.Checks  // nil: no customer is asked who he is
	Macros   further.Macros  // nil: there are none
	Splits   further.Splits  // nil: no ticket is split
	Persons  further.Persons // nil: nobody says who is one person
	// Queues and Categories are those that the desk has, by their keys.
	Queues, Categories []string
	Presence           Presence
	Merges             Merges
	Many               Many
	Aside              Aside
	// Viewer is who asks. The guard in front of the pages has let him in.
	Viewer func(*http.Request) viewer.Viewer
	// Mark is the place from which a page that is made now is told what happens; nil: pages are told nothing.
	Mark func(context.Context) string
	// Rings are the kinds of event that a viewer's pages tell by themselves, with their ways, as a table; nil: all, in all.
	Rings func(context.Context, viewer.Viewer) string
	// Me is where one sees one's own account; empty: nowhere.
	Me string
	// SignOut is where one signs out, by POST; empty: nowhere.
	SignOut string
	// SignIn is where one signs in again, while a text stays open in another window; empty: nowhere.
	SignIn string
	// Secure reports whether a browser came by TLS; nil: where this server speaks TLS itself.
	Secure func(*http.Request) bool
}

// Pages serves the desk. It keeps nothing of a request.
type Pages struct {
	Config
	pages  *desk.Pages
	assets *assets.Files
	probe  *http.ServeMux // the routes, for what a method is not for
	room   chan struct{}  // of uploads: each lies in memory until it is kept
}

// policy allows what is served from here, and nothing inline (Content Security Policy): a text of a stranger that slipped through the
// templates' escaping could run nothing and call nobody.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// New makes the pages. An error is one of the program: somebody to whom they are joined is missing.
func New(c Config) (*Pages, error) {
	if c.Tickets == nil || c.Acts == nil || c.Answers == nil || c.Files == nil || c.Presence == nil || c.Merges == nil || c.Many == nil || c.Aside == nil || c.Viewer == nil {
		return nil, errors.New("making the desk's pages: tickets, acts, answers, files, presence, merges, many, aside and the viewer are needed")
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	if c.Secure == nil {
		c.Secure = func(r *http.Request) bool { return r.TLS != nil }
	}
	files, err := assets.Load(desk.Assets(), "/desk/assets/")
	if err != nil {
		return nil, fmt.Errorf("making the desk's pages: %w", err)
	}
	p := &Pages{Config: c, assets: files, probe: http.NewServeMux(), room: make(chan struct{}, 4)}
	if p.pages, err = desk.New(desk.Config{Zone: c.Zone, Words: c.Words, Assets: files.Addresses}); err != nil {
		return nil, fmt.Errorf("making the desk's pages: %w", err)
	}
	for pattern, h := range p.routes() {
		p.probe.HandleFunc(pattern, h)
	}
	return p, nil
}

// Routes are the handlers by their patterns. A page is a GET, an act a POST: so a link can do nothing, and a guard that looks at where a
// POST comes from covers all acts. All but what is below /desk/assets/ is for who is signed in.
func (p *Pages) Routes() map[string]http.HandlerFunc {
	out := map[string]http.HandlerFunc{"/desk/": p.elsewhere}
	for pattern, h := range p.routes() {
		out[pattern] = p.guarded(h)
	}
	out["GET /desk/assets/"] = p.assets.ServeHTTP
	return out
}

func (p *Pages) routes() map[string]http.HandlerFunc {
	const ticket = "/desk/tickets/{number}"
	return map[string]http.HandlerFunc{
		"GET /desk":                             p.marked(p.home),
		"GET /desk/{$}":                         p.marked(p.home),
		"GET /desk/counts":                      p.counts,
		"POST /desk/next":                       p.next,
		"POST /desk/here":                       p.here,
		"POST /desk/away":                       p.away(true),
		"POST /desk/back":                       p.away(false),
		"GET /desk/lists/{name}":                p.marked(p.list),
		"GET /desk/search":                      p.marked(p.search),
		"GET /desk/go":                          p.palette,
		"POST /desk/views":                      p.saveView,
		"POST /desk/views/{id}/remove":          p.dropView,
		"GET /desk/queues/{queue}":              p.marked(p.queue),
		"GET " + ticket:                         p.marked(p.ticket),
		"GET " + ticket + "/news":               p.news,
		"POST " + ticket + "/saw":               p.saw,
		"GET " + ticket + "/earlier":            p.earlier,
		"GET " + ticket + "/entries/{entry}":    p.whole,
		"POST " + ticket + "/take":              p.act("take", true, p.Acts.Take),
		"POST " + ticket + "/hand-back":         p.act("back", false, p.Acts.HandBack),
		"POST " + ticket + "/close":             p.close,
		"POST " + ticket + "/tag":               p.one("tagged", tag),
		"GET /desk/parked":                      p.parked,
		"POST /desk/parked":                     p.settle,
		"POST /desk/parked/blocks/{id}/remove":  p.unblock,
		"POST /desk/many":                       p.many,
		"POST /desk/tags":                       p.addTag,
		"GET /desk/tags/{tag}":                  p.tagged,
		"POST " + ticket + "/reopen":            p.act("reopen", true, p.Acts.Reopen),
		"POST " + ticket + "/aside":             p.act("aside", true, p.Acts.SetAside),
		"POST " + ticket + "/callup":            p.act("callup", true, p.Acts.CallUp),
		"POST " + ticket + "/snooze":            p.snooze,
		"POST " + ticket + "/sort":              p.sort,
		"POST " + ticket + "/merge":             p.merge,
		"POST " + ticket + "/unmerge":           p.unmerge,
		"GET " + ticket + "/split":              p.marked(p.split),
		"POST " + ticket + "/split":             p.splitOff,
		"POST " + ticket + "/unsplit":           p.unsplit,
		"POST " + ticket + "/person":            p.person,
		"POST " + ticket + "/draft":             p.draft,
		"POST " + ticket + "/reply":             p.reply,
		"POST " + ticket + "/note":              p.note,
		"GET " + ticket + "/check":              p.marked(p.vouched),
		"POST " + ticket + "/check":             p.check,
		"POST " + ticket + "/way":               p.choose,
		"GET " + ticket + "/forward":            p.marked(p.forward),
		"POST " + ticket + "/forward":           p.ask,
		"POST " + ticket + "/preview":           p.preview,
		"POST " + ticket + "/files":             p.upload,
		"GET " + ticket + "/files/{id}":         p.file,
		"POST " + ticket + "/files/{id}/remove": p.remove,
		"GET " + ticket + "/snippets":           p.phrases,
		"POST " + ticket + "/macro":             p.macro,
		"GET /desk/settings/macros":             p.marked(p.macros),
		"POST /desk/settings/macros":            p.saveMacro,
		"GET /desk/settings/snippets":           p.snippets,
		"POST /desk/settings/snippets":          p.saveSnippet,
		"POST /desk/replies/{id}/undo":          p.undo,
		"POST /desk/replies/{id}/retry":         p.retry,
	}
}

// guarded sets what every answer carries, and lets nobody in of whom the guard in front knows nothing.
func (p *Pages) guarded(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p.headers(w)
		if p.Viewer(r).User == 0 {
			http.Error(w, "not signed in", http.StatusUnauthorized)
			return
		}
		h(w, r)
	}
}

func (p *Pages) headers(w http.ResponseWriter) {
	h := w.Header()
	if h.Get("Content-Security-Policy") == "" { // a guard in front may have set a stricter one, or a frame of its own
		h.Set("Content-Security-Policy", policy)
	}
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// elsewhere answers for what is no page, and for a method that a page is not for.
func (p *Pages) elsewhere(w http.ResponseWriter, r *http.Request) {
	p.guarded(func(w http.ResponseWriter, r *http.Request) {
		var allowed []string
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			other := r.Clone(r.Context())
			other.Method = method
			if _, pattern := p.probe.Handler(other); pattern != "" {
				allowed = append(allowed, method)
			}
		}
		if len(allowed) == 0 {
			p.fail(w, r, http.StatusNotFound, desk.ErrorPage{Message: "error.notfound"})
			return
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		p.fail(w, r, http.StatusMethodNotAllowed, desk.ErrorPage{Message: "error.method"})
	})(w, r)
}

// render writes a whole page, or nothing of it when it cannot be made.
func (p *Pages) render(w http.ResponseWriter, status int, lang, page, part string, data any) {
	var out bytes.Buffer
	if err := p.pages.Part(&out, lang, page, part, data); err != nil {
		p.Logger.Error("rendering a page of the desk failed", "page", page, "error", err)
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(out.Len())) // so that the page is whole when it is there, whatever is done behind it
	w.WriteHeader(status)
	w.Write(out.Bytes()) // the browser has gone away
}

// fail answers with a page that says one thing.
func (p *Pages) fail(w http.ResponseWriter, r *http.Request, status int, page desk.ErrorPage) {
	lang := p.language(w, r)
	page.Frame = p.bare(r, lang)
	page.Title = p.pages.Text(lang, "title.error")
	p.render(w, status, lang, "error", "layout", page)
}

// broken answers for what could not be done: what is not there, what the viewer may not, and a store that could not be asked (503, to be
// tried again in five seconds). kept is a text that was not taken. Nothing is said to who has gone away.
func (p *Pages) broken(w http.ResponseWriter, r *http.Request, kept string, err error) {
	page := desk.ErrorPage{Message: "error.failed", Kept: kept}
	status := http.StatusServiceUnavailable
	switch {
	case r.Context().Err() != nil:
		return
	case errors.Is(err, ErrNotFound):
		status, page.Message = http.StatusNotFound, "error.notfound"
		if n := r.PathValue("number"); ticketNumber(n) > 0 {
			page.Message, page.Of = "error.ticket", n
		}
	case errors.Is(err, ErrRefused):
		status, page.Message = http.StatusForbidden, "error.refused"
	default:
		p.Logger.Error("serving the desk failed", "path", r.URL.Path, "error", err)
		w.Header().Set("Retry-After", "5")
	}
	p.fail(w, r, status, page)
}

// Missing answers for what is not there, or not for who asks.
func (p *Pages) Missing(w http.ResponseWriter, r *http.Request) {
	p.headers(w)
	p.broken(w, r, "", ErrNotFound)
}

// lists are the names of those that are no queue's.
func lists() []string {
	return []string{"mine", "at-risk", "unassigned", "unsure", "pending", "snoozed", "closed", "mentions"}
}

// from is the list from which a page was opened: "lists/mine", or a queue as "queues/refund".
func from(r *http.Request) string {
	asked := r.FormValue("from")
	kind, name, _ := strings.Cut(asked, "/")
	switch {
	case kind == "lists" && slices.Contains(lists(), name):
	case kind == "queues" && queueName(name):
	case asked == "parked":
	case kind == "tags" && tagName(name):
	default:
		return "lists/mine"
	}
	return asked
}

// tagName reports whether a name can be that of a tag.
func tagName(name string) bool {
	return name != "" && len(name) <= 200 && !strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == '/' || r == '?' || r == '#' || r == 0x7f || r == 0xfffd })
}

// queueName reports whether a name can be that of a queue. Whether it is one the store knows.
func queueName(name string) bool {
	return name != "" && len(name) <= 100 && !strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r == '/' || r == '?' || r == '#' || r == 0x7f || r == 0xfffd })
}
