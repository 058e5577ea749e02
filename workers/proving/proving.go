// Package proving is the page on which a customer enters the one-time code that we have sent to an address of his. Its link stands in the conversation and the code
// goes to the address: who reads one of both alone shows nothing. It faces strangers, works without a script, and tells nothing but whether a code is asked
// for at that link, and whether the one that was entered was right.
package proving

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed" // the page
	"encoding/base64"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"frontdesk/channels/guard"
	"frontdesk/internal/accepts"
	"frontdesk/pipeline/challenge"
	"frontdesk/pipeline/message"
)

// Path is below which the pages lie.
const Path = "/check/"

// Bounds of what strangers may do.
const (
	maxForm   = 4 << 10 // bytes of a form
	perMinute = 30      // pages and codes of one client
)

// Checks are the checks that wait for a code.
type Checks interface {
	// Waits reports whether a code is asked for at a link, and in which language its customer reads.
	Waits(ctx context.Context, link string, now time.Time) (language string, waits bool, err error)
	// Enter tries a code that was entered there: one of challenge's results; challenge.Open: it was wrong, and another one may be tried. waits is false
	// where none is asked for any more.
	Enter(ctx context.Context, link, code string, now time.Time) (result string, waits bool, err error)
}

// Config is what the pages need.
type Config struct {
	Checks Checks
	Desk   string
	Names  map[string]string // of the desk by language (BCP 47), in the place of Desk
	Remote func(*http.Request) string
	Logger *slog.Logger
	Now    func() time.Time // nil: time.Now
}

// pages serves the page. It is safe for concurrent use.
type pages struct {
	Config
	template *template.Template
	policy   string
	rate     *guard.Rate
}

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
)

// New makes the handler of everything below Path. It fails only for what is part of the program, which a test finds before.
func New(c Config) (http.Handler, error) {
	t, err := template.New("page").Parse(strings.Replace(pageHTML, "{style}", pageCSS, 1)) // its words are ours
	if err != nil {
		return nil, fmt.Errorf("parsing the page of a check: %w", err)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	sum := sha256.Sum256([]byte(pageCSS))
	p := &pages{Config: c, template: t, rate: guard.NewRate(perMinute, time.Minute),
		policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"}
	return http.HandlerFunc(p.serve), nil
}

// serve answers GET, HEAD and POST of one link.
func (p *pages) serve(w http.ResponseWriter, r *http.Request) {
	p.headers(w)
	who, _ := netip.ParseAddr(p.Remote(r))
	if wait, ok := p.rate.Take(who, p.Now()); !ok {
		w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())+1))
		p.show(w, http.StatusTooManyRequests, shown{Language: preferred(r), State: "often"})
		return
	}
	link := strings.TrimPrefix(r.URL.Path, Path)
	tongue, waits, err := p.Checks.Waits(r.Context(), link, p.Now())
	if tongue = tongueOf(tongue); tongue == "" {
		tongue = preferred(r)
	}
	switch {
	case err != nil:
		p.broken(w, r, tongue, err)
	case !waits:
		p.show(w, http.StatusNotFound, shown{Language: tongue, State: "over"})
	case r.Method == http.MethodGet, r.Method == http.MethodHead:
		p.show(w, http.StatusOK, shown{Language: tongue, State: "ask"})
	case r.Method == http.MethodPost:
		p.enter(w, r, link, tongue)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		http.Error(w, "This address takes GET, HEAD, POST.", http.StatusMethodNotAllowed)
	}
}

// enter tries the code of a form.
func (p *pages) enter(w http.ResponseWriter, r *http.Request, link, tongue string) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		p.show(w, http.StatusBadRequest, shown{Language: tongue, State: "ask", Wrong: true})
		return
	}
	result, waits, err := p.Checks.Enter(r.Context(), link, r.PostForm.Get("code"), p.Now())
	switch {
	case err != nil:
		p.broken(w, r, tongue, err)
	case result == challenge.Passed:
		p.show(w, http.StatusOK, shown{Language: tongue, State: "passed"})
	case waits:
		p.show(w, http.StatusUnprocessableEntity, shown{Language: tongue, State: "ask", Wrong: true})
	default:
		p.show(w, http.StatusNotFound, shown{Language: tongue, State: "over"})
	}
}

// broken says that it could not be done now. The log has no link: who has it may try a code.
func (p *pages) broken(w http.ResponseWriter, r *http.Request, tongue string, err error) {
	if r.Context().Err() != nil { // nobody waits any more
		return
	}
	p.Logger.Error("checking a one-time code failed", "error", err)
	w.Header().Set("Retry-After", "5")
	p.show(w, http.StatusServiceUnavailable, shown{Language: tongue, State: "broken"})
}

// headers let nobody keep the page, frame it, or learn its address from where a link leads.
func (p *pages) headers(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Security-Policy", p.policy)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Robots-Tag", "noindex, nofollow")
}

// shown is what a page says.
type shown struct {
	Language string // en or zh-Hans
	State    string // ask, passed, over, often or broken
	Wrong    bool   // the code that was entered was not the right one
	Desk     string
	Text     texts
}

// show writes a page, whole or not at all.
func (p *pages) show(w http.ResponseWriter, status int, s shown) {
	s.Desk, s.Text = message.Named(p.Names, s.Language, p.Desk), textsOf(s.Language)
	var out bytes.Buffer
	if err := p.template.Execute(&out, s); err != nil {
		p.Logger.Error("rendering the page of a check failed", "error", err)
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", s.Language)
	w.WriteHeader(status)
	w.Write(out.Bytes()) // the browser has gone away
}

const (
	english = "en"
	chinese = "zh-Hans"
)

// tongueOf is the page's language for a customer's; empty where nothing is known of him.
func tongueOf(tag string) string {
	switch base, _, _ := strings.Cut(tag, "-"); base {
	case "", "und":
		return ""
	case "zh":
		return chinese
	}
	return english
}

// preferred is what a browser prefers, of whose customer nothing is known.
func preferred(r *http.Request) string {
	wanted := accepts.Languages(r.Header.Get("Accept-Language"))
	if len(wanted) == 0 {
		return english
	}
	_, i, _ := language.NewMatcher([]language.Tag{language.English, language.SimplifiedChinese}).Match(wanted...)
	return []string{english, chinese}[i]
}
