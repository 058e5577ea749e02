// Package signin lets people into the desk: passwords, sessions, links by which a password is set, one's own account, and what protects
// all of it against guessing and against pages of other sites.
package signin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"frontdesk/internal/assets"
	"frontdesk/templates/desk/signin"
	"frontdesk/workers/desk/password"
	"frontdesk/workers/gate"
	"frontdesk/workers/store"
	"frontdesk/workers/store/factors"
	"frontdesk/workers/store/logbook"
	"frontdesk/workers/store/signins"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
)

// Where people get in and out. Home is where they go on to.
const (
	Home        = "/desk"
	SignInPath  = "/desk/sign-in"
	SignOutPath = "/desk/sign-out"
	MePath      = "/desk/me"
	welcomePath = "/desk/welcome/"
	herePath    = "/desk/here" // of the agents' pages
	// AssetsPath is where the style of the entrance is, which is served to everybody.
	AssetsPath = "/desk/sign-in/assets/"
	// openPath is what pages are drawn with: it is served to everybody.
	openPath = "/desk/assets/"
)

// WelcomePath is where a link leads by which a password is set.
func WelcomePath(secret string) string { return welcomePath + secret }

// Policy allows what is served from here, and nothing inline (Content Security Policy).
const Policy = gate.Policy + "; frame-src 'self'; media-src 'self'"

// Config is what an Entrance knows.
type Config struct {
	Signins   *signins.Store
	Users     *users.Store
	Log       *logbook.Store // of who does and reads what; nil: none is kept
	Factors   *factors.Store
	Desk      string            // name of the desk
	DeskNames map[string]string // by language (BCP 47), in its place
	Zone      *time.Location    // of the desk; UTC if nil
	// Left is told who has signed out; nil: nobody is told.
	Left func(ctx context.Context, user int64, now time.Time) error
	// Origin is the address at which people reach the desk, such as https://desk.example; "": whatever they have asked for.
	Origin  string
	Names   []string // host names under which the desk is reached, besides addresses and localhost
	Proxied []string // those of them that a proxy in front may have, which asks under another one
	// Remote is the address of who asks, behind proxies of ours; nil: whoever has connected.
	Remote func(*http.Request) string
	// Admitted is told of each request that is let in, before it is answered; nil: nobody is told.
	Admitted func(*http.Request)
	Demo     bool    // accounts of a demonstration are let in
	Issuer   *Issuer // who vouches for people; nil: nobody does
	// SecondFor are the roles that show something besides a password.
	SecondFor []viewer.Role
	// Veiled are the roles from which addresses of customers are kept.
	Veiled []viewer.Role
	Logger *slog.Logger
	Now    func() time.Time // nil: time.Now
}

// Entrance lets people in. It is safe for concurrent use. Sessions lie in the database, so that every process knows them and a restart ends
// none.
type Entrance struct {
	Config
	names  gate.Names
	hasher hasher
	pages  *signin.Pages
	assets *assets.Files
}

// New makes an entrance. It fails only for what is part of the program.
func New(c Config) (*Entrance, error) {
	if c.Admitted == nil {
		c.Admitted = func(*http.Request) {}
	}
	if c.Left == nil {
		c.Left = func(context.Context, int64, time.Time) error { return nil }
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	files, err := assets.Load(signin.Assets(), AssetsPath)
	if err != nil {
		return nil, fmt.Errorf("making the entrance of the desk: %w", err)
	}
	pages, err := signin.New(files.Addresses)
	if err != nil {
		return nil, fmt.Errorf("making the entrance of the desk: %w", err)
	}
	return &Entrance{Config: c, names: gate.NamesOf(c.Names), hasher: password.New(), pages: pages, assets: files}, nil
}

// hasher is the work that passwords take (password.Hasher), and what a test counts it with.
type hasher interface {
	Digest(ctx context.Context, password string) (string, error)
	Matches(ctx context.Context, password, phc string) (ok, old bool, err error)
}

// signedIn is the key of who was let in, in a request's context.
type signedIn struct{}

// guest is who was let in, with what is needed to ask again.
type guest struct {
	signins.In
	again func(context.Context) (signins.In, error) // nil: needs no session
}

// Viewer is who asks; the zero Viewer, who may nothing, for nobody.
func Viewer(r *http.Request) viewer.Viewer {
	g, _ := r.Context().Value(signedIn{}).(guest)
	return g.In.Viewer
}

// As is a context in which somebody is let in who needs no session: for tests of pages.
func As(ctx context.Context, v viewer.Viewer) context.Context {
	return context.WithValue(ctx, signedIn{}, guest{In: signins.In{Viewer: v, Session: signins.Session{Person: v.User}}})
}

// Still reports whether the request would be let in again: a stream outlives the moment in which it was. A database that is away for a
// moment ends nothing.
func Still(ctx context.Context) bool {
	_, again := Again(ctx)
	_, in := again(ctx)
	return in
}

// Again is for a stream that outlives its request: the session's name, and who is signed in by it when that is asked, with his rights as they are
// then. again reports false once the session has ended; while the database is away he stays who he was.
func Again(ctx context.Context) (session string, again func(context.Context) (viewer.Viewer, bool)) {
	g, _ := ctx.Value(signedIn{}).(guest)
	last, ask := g.Viewer, g.again
	return g.ID, func(ctx context.Context) (viewer.Viewer, bool) {
		if ask == nil {
			return last, true
		}
		in, err := ask(ctx)
		switch {
		case err == nil && in.ID == g.ID:
			last = in.Viewer
		case err == nil, errors.Is(err, store.ErrNotFound):
			return viewer.Viewer{}, false
		}
		return last, true
	}
}

// cookie of a session. Lax: who comes by a link in a mail or a chat is signed in, and whatever acts is a POST, which no other site's page
// brings a cookie to.
func cookie() gate.Cookie { return gate.Cookie{Name: "frontdesk_desk", Site: http.SameSiteLaxMode} }

// from is the address of who asks, "" if it cannot be read.
func (en *Entrance) from(r *http.Request) (netip.Addr, string) {
	a := gate.From(r, en.Remote)
	if !a.IsValid() {
		return a, ""
	}
	return a, a.String()
}
