package entrance

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"frontdesk/workers/gate"
	"frontdesk/workers/ops/frame"
	"frontdesk/workers/store"
	"frontdesk/workers/store/operators"
)

const (
	// seenEvery is how exactly the use of a session is noted.
	seenEvery = time.Minute
	// operator is who acts without having said his name.
	operator = "operator"
	// longestName is how long a name may be, in characters.
	longestName = 64
)

// cookie of a session. Strict: another site's link shows the form once. Its age is the longest that a session lives; the database may end
// it sooner.
func cookie() gate.Cookie { return gate.Cookie{Name: "frontdesk_ops", Site: http.SameSiteStrictMode} }

// signedIn is the key of the entry in a request's context.
type signedIn struct{}

// entry is the session by which a request was let in.
type entry struct {
	operators.Session
	secret string
}

// entered returns by which session the request was let in; nil for one with a token.
func entered(ctx context.Context) *entry {
	e, _ := ctx.Value(signedIn{}).(*entry)
	return e
}

// Named is the name of the session by which a request was let in. in is false for one with a token.
func Named(ctx context.Context) (name string, in bool) {
	if e := entered(ctx); e != nil {
		return e.Name, true
	}
	return "", false
}

// session looks for the live session of the request's cookie, and returns the secret that came with it, if one did.
// It is one query by the digest of the secret, at each request: so an ended session is ended everywhere at once.
func (en *Entrance) session(r *http.Request) (s operators.Session, secret string, err error) {
	err = store.ErrNotFound
	for _, secret = range cookie().Values(r) {
		if s, err = en.Operators.Session(r.Context(), secret, en.Ground, time.Now()); !errors.Is(err, store.ErrNotFound) {
			break
		}
	}
	return s, secret, err
}

// seen puts the end of a session off, when a person does something: a page that renews itself is nobody's use.
func (en *Entrance) seen(r *http.Request, s operators.Session) {
	now := time.Now()
	if r.URL.Path == "/events" || r.URL.Path == "/fragment" || now.Sub(s.SeenAt.Time) < seenEvery {
		return
	}
	if err := en.Operators.SessionSeen(r.Context(), s.ID, now); err != nil && !errors.Is(err, store.ErrNotFound) && r.Context().Err() == nil {
		en.Logger.Warn("noting the use of a session failed", "error", err)
	}
}

// Still reports whether the request would be let in again: a stream outlives the moment in which it was. A database
// that is away for a moment ends nothing.
func (en *Entrance) Still(ctx context.Context) bool {
	e := entered(ctx)
	if e == nil {
		return true
	}
	_, err := en.Operators.Session(ctx, e.secret, en.Ground, time.Now())
	return !errors.Is(err, store.ErrNotFound)
}

// Who is in the journal for what a request does: the name that was said, or "operator".
func Who(r *http.Request) string {
	e := entered(r.Context())
	switch {
	case e == nil:
		return operator
	case e.Name != "":
		return e.Name
	}
	from := strings.Trim(strings.Join([]string{e.Device, e.Address}, ", "), ", ")
	if from == "" {
		return operator
	}
	return operator + " (" + from + ")"
}

// Name is a name as it may stand in the journal: without marks that hide or turn other text, on one line, at most
// 64 characters.
func Name(text string) string { return gate.Line(text, longestName) }

// sessionsPage lists who is signed in.
type sessionsPage struct {
	frame.Frame
	Rows    []operators.Session
	Current string // id of the session that asks
	Name    string
	Others  bool
}

// Sessions shows who is signed in.
func (en *Entrance) Sessions(w http.ResponseWriter, r *http.Request) {
	rows, err := en.Operators.SessionsOf(r.Context(), en.Ground, time.Now())
	if err != nil {
		en.Broken(w, r, err)
		return
	}
	p := sessionsPage{Frame: en.Frame(w, r, "title.sessions"), Rows: rows}
	if e := entered(r.Context()); e != nil {
		p.Current, p.Name = e.ID, e.Name
	}
	p.Others = len(rows) > 1 || len(rows) == 1 && p.Current == ""
	en.Render(w, r, http.StatusOK, "sessions", p)
}

// EndSession signs somebody out.
func (en *Entrance) EndSession(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	err := en.Operators.EndSession(r.Context(), id)
	done := "end"
	switch {
	case errors.Is(err, store.ErrNotFound):
		done = "gone"
	case err != nil:
		en.Broken(w, r, err)
		return
	default:
		en.Logger.Info("a session was ended at the operator's page", "session", id)
	}
	if e := entered(r.Context()); e != nil && e.ID == id {
		cookie().Drop(w, r)
		http.Redirect(w, r, "/login?why=out", http.StatusSeeOther)
		return
	}
	http.Redirect(w, r, frame.Query("/sessions", "done", done), http.StatusSeeOther)
}

// EndOthers ends all sessions but the one that asks, for who has left a browser signed in somewhere; links that wait
// go, too.
func (en *Entrance) EndOthers(w http.ResponseWriter, r *http.Request) {
	but := ""
	if e := entered(r.Context()); e != nil {
		but = e.ID
	}
	n, err := en.Operators.EndSessions(r.Context(), en.Ground, but)
	if err != nil {
		en.Broken(w, r, err)
		return
	}
	en.Logger.Info("sessions were ended at the operator's page", "sessions", n)
	http.Redirect(w, r, "/sessions?done=ends", http.StatusSeeOther)
}

// NameSession says who it is that is signed in.
func (en *Entrance) NameSession(w http.ResponseWriter, r *http.Request) {
	e := entered(r.Context())
	if e == nil {
		en.Nowhere(w, r)
		return
	}
	if err := en.Operators.NameSession(r.Context(), e.ID, Name(r.PostFormValue("name"))); err != nil && !errors.Is(err, store.ErrNotFound) {
		en.Broken(w, r, err)
		return
	}
	http.Redirect(w, r, "/sessions?done=name", http.StatusSeeOther)
}
