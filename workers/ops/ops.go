// Package ops is the operator's listener: the live page, the listings, the mail sink, metrics and
// health. It shows what the store knows, which is redacted already, and lets a person release, dismiss and close.
package ops

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/redact"
	"frontdesk/templates/console"
	"frontdesk/templates/home"
	"frontdesk/workers/decide"
	"frontdesk/workers/engine"
	"frontdesk/workers/gate"
	"frontdesk/workers/ops/entrance"
	"frontdesk/workers/ops/frame"
	"frontdesk/workers/ops/watch"
	"frontdesk/workers/store"
	"frontdesk/workers/store/view"
)

// Config is what the operator's listener shows and how it is guarded.
type Config struct {
	Store    *store.Store
	Engine   *engine.Engine
	Registry *prometheus.Registry
	Sink     Sink            // nil: mail goes out by a relay
	Onlooker *watch.Onlooker // nil: the process decides nothing
	Token    string          // opens everything; it is always needed
	Made     bool            // the token was made by a start and lies in the data directory; else it was configured
	Desk     string          // name of the desk, for titles
	// DeskNames are names of the desk by language (BCP 47), in its place.
	DeskNames map[string]string
	Zone      string // IANA time zone of the times shown; UTC if empty
	Logger    *slog.Logger
	// Titles are the names of queues, and of categories of your own, by language ("en", "zh") and key ("desk.payments",
	// "category.vip"); nil: the keys stand for themselves.
	Titles map[string]map[string]string
	Queues http.Handler // Asynq's own monitor at /queues; nil: none

	// MetricsToken opens /metrics and nothing else; empty: none.
	MetricsToken string
	// Names are host names under which the page is reached, besides addresses and localhost.
	Names []string
	// Proxied are those of them that a proxy in front of the page may have, which asks under another one: a page of such a
	// name may act, though the name is not the one that was asked for. Whatever else answers there could act, too.
	Proxied []string
	// Remote is the address of who asks, behind proxies of ours; nil: whoever has connected.
	Remote func(*http.Request) string
	// Admitted is told of each request that is let in, before it is answered; nil: nobody is told.
	Admitted func(*http.Request)

	// Mask masks what is shown of originals and files; nil: with the built-in formats.
	Mask *redact.Masker
	// Original opens a message as it came, masked; nil: nobody can.
	Original func(ctx context.Context, m view.Message) (decide.Original, error)
	// May reports whether anything may ever go to an address, when a person lets held acknowledgements go; nil: to
	// every one.
	May func(message.Address) bool
	// Channels are their traits, by name.
	Channels map[string]message.Traits
	// Wake makes the sweep look at once, after a person has released a message; nil: it looks by itself.
	Wake func(ctx context.Context)
	// Done is closed when the process stops: open live connections end then, so that they do not
	// hold up the stop. May be nil.
	Done <-chan struct{}
}

// desk serves the pages. It keeps nothing of a request; what is kept for all who look is in watch.
type desk struct {
	Config
	*frame.Frames
	entrance *entrance.Entrance
	watch    *watch.Watch
	whole    func(context.Context) (*watch.Overview, error) // what the watch sees
	mux      *http.ServeMux                                 // the routes, for what a method is not for
	pen      pen                                            // of the database
	queue    pen                                            // likewise of Redis
	refusals pen                                            // of providers; nothing is written for it
	stays    func(context.Context) bool                     // whether the request would be let in again
}

// New makes the handler of the operator's listener. It is called once, before the listener serves. An error is one of
// the configuration: no token, an unknown time zone.
func New(c Config) (http.Handler, error) {
	if c.Store == nil || c.Engine == nil || c.Registry == nil {
		return nil, errors.New("making the operator's pages: store, engine and registry are needed")
	}
	if strings.TrimSpace(c.Token) == "" {
		return nil, errors.New("making the operator's pages: a token is needed, wherever they are reached from")
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Onlooker == nil {
		c.Onlooker = watch.NewOnlooker()
	}
	if c.Mask == nil {
		c.Mask = new(redact.Masker)
	}
	if c.Admitted == nil {
		c.Admitted = func(*http.Request) {}
	}
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return nil, fmt.Errorf("making the operator's pages: %w", err)
	}
	d := &desk{Config: c}
	d.watch = watch.New(watch.Config{Store: c.Store, Engine: c.Engine, Onlooker: c.Onlooker, Desk: c.Desk, Zone: zone, Waits: d.waits})
	d.whole = d.watch.Overview
	d.Frames, err = frame.New(frame.Config{Desk: c.Desk, DeskNames: c.DeskNames, Zone: zone, Words: named(c.Titles), Logger: c.Logger,
		Sink: c.Sink != nil, Queues: c.Queues != nil, Parked: d.parkedCount, SignedIn: entrance.Named})
	if err != nil {
		return nil, fmt.Errorf("making the operator's pages: %w", err)
	}
	d.entrance = entrance.New(entrance.Config{Frames: d.Frames, Operators: c.Store.Operators, Ground: c.Store.Operators.Ground(groundToken(c)), Token: c.Token, Made: c.Made,
		MetricsToken: c.MetricsToken, Names: c.Names, Proxied: c.Proxied, Remote: c.Remote, Admitted: c.Admitted})
	d.stays = d.entrance.Still
	return d.handler()
}

// parkedCount is how many messages wait for a person.
func (d *desk) parkedCount(ctx context.Context) (int64, bool) {
	counts, err := d.watch.Counts(ctx)
	return counts.Messages[string(messages.Parked)], err == nil
}

// groundToken is the token as sessions rest upon it: those of a made one last until another is made.
func groundToken(c Config) string {
	if c.Made {
		return ""
	}
	return c.Token
}

// named are the names of what is configured, over those of the built-in categories.
func named(titles map[string]map[string]string) map[string]map[string]string {
	out := categoryWords()
	for lang, names := range titles {
		if out[lang] != nil {
			maps.Copy(out[lang], names)
		}
	}
	return out
}

// categoryWords are the names of the built-in categories in the languages of the pages.
func categoryWords() map[string]map[string]string {
	out := map[string]map[string]string{console.English: {}, console.Chinese: {}}
	for _, c := range home.Categories() {
		out[console.English]["category."+c.Key] = c.Names[home.English]
		out[console.Chinese]["category."+c.Key] = c.Names[home.Simplified]
	}
	return out
}

// handler joins the routes. Health is open to everyone: it tells nothing but that.
func (d *desk) handler() (http.Handler, error) {
	guarded, err := d.entrance.Guard(d.routes())
	if err != nil {
		return nil, fmt.Errorf("making the operator's pages: %w", err)
	}
	open := http.NewServeMux()
	open.HandleFunc("GET /healthz", d.healthz)
	open.HandleFunc("GET /readyz", d.readyz)
	open.Handle("/", guarded)
	return gate.Headers(gate.Policy, open), nil
}

// A page is a GET, an act a POST: so a link can do nothing, and the guard's look at where a POST comes from covers
// all acts. Everything here is behind that guard.
func (d *desk) routes() http.Handler {
	mux := http.NewServeMux()
	d.mux = mux
	for pattern, h := range map[string]http.HandlerFunc{
		"GET /{$}":                          d.overview,
		"GET /fragment":                     d.fragment,
		"GET /events":                       d.events,
		"GET /api/overview":                 d.overviewJSON,
		"GET /search":                       d.search,
		"GET /tickets":                      d.tickets,
		"GET /tickets/{id}":                 d.ticket,
		"POST /tickets/{id}/close":          d.act("close", "/tickets", d.Store.Acts.CloseTicket),
		"GET /messages":                     d.messages,
		"GET /messages/{id}":                d.message,
		"GET /messages/{id}/original":       d.original,
		"GET /messages/{id}/formatted":      d.formattedPage,
		"GET /messages/{id}/formatted/body": d.formattedBody,
		"GET /messages/{id}/files/{n}":      d.file,
		"POST /messages/{id}/take-out":      d.act("take-out", "/tickets", d.Store.Acts.TakeOut), // decided anew, apart from that ticket
		"GET /parked":                       d.parked,
		"POST /parked/{id}/release":         d.release,
		"POST /parked/{id}/undismiss":       d.act("undismiss", "/parked", d.Store.Acts.Undismiss),
		"POST /tickets/{id}/reopen":         d.act("reopen", "/tickets", d.Store.Acts.ReopenTicket),
		"POST /parked/{id}/dismiss":         d.act("dismiss", "/parked", d.Store.Acts.Dismiss),
		"GET /exceptions":                   d.exceptions,
		"POST /exceptions/{id}/remove":      d.act("unexcept", "/exceptions", d.Store.Acts.RemoveException),
		"GET /outbox":                       d.outbox,
		"GET /outbox/{id}":                  d.sent,
		"GET /outbox/release":               d.astray, // an act, not a row of that name
		"POST /outbox/release":              d.releaseHeld,
		"POST /outbox/{id}/release":         d.releaseHeldRow,
		"POST /outbox/{act}/hold":           d.holdBack,
		"POST /outbox/{id}/redeliver":       d.act("redeliver", "/outbox", d.Store.Outbox.Redeliver),
		"GET /promises":                     d.promises,
		"GET /journal":                      d.journal,
		"GET /sessions":                     d.entrance.Sessions,
		"POST /sessions/end-others":         d.entrance.EndOthers,
		"POST /sessions/name":               d.entrance.NameSession,
		"POST /sessions/{id}/end":           d.entrance.EndSession,
		"/":                                 d.astray,
	} {
		mux.HandleFunc(pattern, h)
	}
	if d.Sink != nil {
		mux.HandleFunc("GET /sink", d.sinkList)
		mux.HandleFunc("GET /sink/{name}", d.sinkMail)
	}
	if d.Queues != nil {
		mux.Handle("GET /queues", http.RedirectHandler("/queues/", http.StatusFound))
		mux.Handle("/queues/", entrance.QueueHeaders(d.Config.Queues))
	}
	mux.Handle("GET "+frame.MetricsPath, promhttp.HandlerFor(d.Registry, promhttp.HandlerOpts{Registry: d.Registry, ErrorHandling: promhttp.ContinueOnError}))
	return mux
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
		d.Nowhere(w, r)
		return
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	d.Fail(w, r, http.StatusMethodNotAllowed, "error.method")
}
