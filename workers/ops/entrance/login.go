package entrance

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"frontdesk/workers/gate"
	"frontdesk/workers/ops/frame"
	"frontdesk/workers/store"
	"frontdesk/workers/store/operators"
)

// Guard lets in who has a secret: a token as Bearer, or a session. Nobody is let in for where he asks from: another
// user of this machine, and everyone behind a proxy on it, asks from here too. It refuses what a page of another site
// has a browser send.
//
// The order of looks: a Bearer token comes from a program and needs no further guard; a name that is not ours ends
// DNS rebinding; a link signs in; then where a POST comes from; then the session.
func (en *Entrance) Guard(next http.Handler) (http.Handler, error) {
	withToken := en.entry(next)
	same, err := gate.SameSite(en.Proxied)
	if err != nil {
		return nil, err
	}
	page := same.Handler(en.entry(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { en.withSession(w, r, next) })))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		limitBody(w, r)
		if bearer, ok := bearerOf(r); ok {
			en.withBearer(w, r, bearer, withToken)
			return
		}
		if !en.guard.names.Reached(r) {
			http.Error(w, "This page is not reached by that name. Add it to listen.ops_names, or ask by address or as localhost.", http.StatusMisdirectedRequest)
			return
		}
		if r.Method == http.MethodGet && r.URL.Query().Has("token") {
			en.followLink(w, r)
			return
		}
		if gate.FromElsewhere(r) {
			http.Error(w, "a page of another site or port may not act here", http.StatusForbidden)
			return
		}
		page.ServeHTTP(w, r)
	}), nil
}

// entry adds what is open to who has no session: the form, and what it is drawn with.
func (en *Entrance) entry(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /assets/", en.Assets)
	mux.HandleFunc("GET /login", en.loginForm)
	mux.HandleFunc("POST /login", en.login)
	mux.HandleFunc("POST /logout", en.logout)
	mux.Handle("/", next)
	return mux
}

const (
	// maxForm bounds what a form of ours may send.
	maxForm = 16 << 10
	// maxQueueBody bounds what the queue monitor may be sent: lists of task ids.
	maxQueueBody = 256 << 10
)

// limitBody bounds every body before anything reads it; no form of ours comes near the bound.
func limitBody(w http.ResponseWriter, r *http.Request) {
	limit := int64(maxForm)
	if strings.HasPrefix(r.URL.Path, "/queues/") {
		limit = maxQueueBody
	}
	r.Body = http.MaxBytesReader(w, r.Body, limit)
}

func bearerOf(r *http.Request) (string, bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return token, ok && strings.EqualFold(scheme, "Bearer")
}

// withBearer serves who has a token. That for metrics opens nothing else.
func (en *Entrance) withBearer(w http.ResponseWriter, r *http.Request, token string, next http.Handler) {
	switch {
	case en.guard.right(token), en.guard.mayScrape(token) && r.URL.Path == frame.MetricsPath:
		en.Admitted(r)
		next.ServeHTTP(w, r)
	case en.guard.mayScrape(token):
		http.Error(w, "this token opens "+frame.MetricsPath+" alone", http.StatusForbidden)
	default:
		if en.missed(r) {
			w.Header().Set("Retry-After", "60")
			w.Header().Set("Connection", "close")
			http.Error(w, "too many wrong tokens; the right one is taken at any time", http.StatusTooManyRequests)
			return
		}
		w.Header().Set("WWW-Authenticate", `Bearer realm="frontdesk", error="invalid_token"`)
		http.Error(w, "that token is not right", http.StatusUnauthorized)
	}
}

// missed counts a wrong token and reports whether its network has tried too many. The first and the last one that is
// counted are logged, so that whoever tries many does not fill the log.
func (en *Entrance) missed(r *http.Request) bool {
	from := gate.From(r, en.Remote)
	n := en.guard.brake.miss(from, time.Now())
	if n == 1 || n == wrongPerMinute+1 {
		en.Logger.Warn("a wrong token was tried at the operator's page", "remote", from.String(), "tries", n)
	}
	return n > wrongPerMinute
}

// withSession serves who is signed in, and sends a browser that is not to the form.
func (en *Entrance) withSession(w http.ResponseWriter, r *http.Request, next http.Handler) {
	s, secret, err := en.session(r)
	switch {
	case err == nil:
		en.Admitted(r)
		en.seen(r, s)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), signedIn{}, &entry{s, secret})))
	case errors.Is(err, store.ErrNotFound):
		en.refuse(w, r, secret != "")
	default:
		en.Broken(w, r, err)
	}
}

// refuse shows a browser the form, and tells everything else that a token is needed.
func (en *Entrance) refuse(w http.ResponseWriter, r *http.Request, ended bool) {
	if page := r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html"); page {
		word := ""
		if ended {
			word = "ended"
		}
		http.Redirect(w, r, frame.Query("/login", "next", r.URL.RequestURI(), "why", word), http.StatusSeeOther) //nolint:gosec // the path is our own, and next a value of its query
		return
	}
	if ended && r.Method == http.MethodPost && strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Redirect(w, r, frame.Query("/login", "next", gate.CameFrom(r, "/"), "why", "undone"), http.StatusSeeOther) //nolint:gosec // the path is our own, and next a value of its query
		return
	}
	w.Header().Set("WWW-Authenticate", `Bearer realm="frontdesk"`)
	http.Error(w, "a token is needed", http.StatusUnauthorized)
}

// loginPage is the form.
type loginPage struct {
	frame.Frame
	Next  string
	Wrong string // word of what was wrong
	Why   string // word of what has happened
	Given bool   // the token was configured, not made at the start
	Who   string
}

func (en *Entrance) loginForm(w http.ResponseWriter, r *http.Request) {
	p := loginPage{Next: r.FormValue("next")}
	switch why := r.FormValue("why"); why {
	case "ended", "elsewhere", "out", "undone":
		p.Why = "login." + why
	case "used":
		p.Wrong = "login.used"
	}
	en.showLogin(w, r, http.StatusOK, p)
}

func (en *Entrance) showLogin(w http.ResponseWriter, r *http.Request, status int, p loginPage) {
	p.Frame = en.Frame(w, r, "title.login")
	p.Bare, p.Next, p.Given = true, gate.OwnPath(p.Next, "/"), !en.Made
	en.Render(w, r, status, "login", p)
}

// login takes the form. Which of the tokens it was, and whether a link was used up, is not told: wrong is wrong.
func (en *Entrance) login(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form could not be read", http.StatusBadRequest)
		return
	}
	p := loginPage{Next: r.PostForm.Get("next"), Who: Name(r.PostForm.Get("name"))}
	err := en.enter(w, r, tokenOf(r.PostForm.Get("token")), p.Who)
	switch {
	case errors.Is(err, errTooMany):
		w.Header().Set("Retry-After", "60")
		w.Header().Set("Connection", "close")
		p.Wrong = "login.slow"
		en.showLogin(w, r, http.StatusTooManyRequests, p)
	case errors.Is(err, store.ErrNotFound):
		p.Wrong = "login.wrong"
		en.showLogin(w, r, http.StatusUnauthorized, p)
	case err != nil:
		en.Broken(w, r, err)
	default:
		http.Redirect(w, r, gate.OwnPath(p.Next, "/"), http.StatusSeeOther)
	}
}

// tokenOf takes a token out of what was put into the form: the token, or the whole link.
func tokenOf(text string) string {
	text = strings.TrimSpace(text)
	if u, err := url.Parse(text); err == nil && u.Query().Has("token") {
		return strings.TrimSpace(u.Query().Get("token"))
	}
	return text
}

// followLink signs in by ?token=… and sends the browser on to the same address without it, so that the token stays
// neither in the address bar nor in what the next page is told about where one came from. A link that stands on another
// site signs nobody in (login CSRF), nor does a browser that only looks ahead use it up.
func (en *Entrance) followLink(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Referrer-Policy", "no-referrer")
	if strings.Contains(r.Header.Get("Sec-Purpose")+r.Header.Get("Purpose"), "prefetch") {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	q := r.URL.Query()
	token := tokenOf(q.Get("token"))
	q.Del("token")
	next := gate.OwnPath((&url.URL{Path: r.URL.Path, RawQuery: q.Encode()}).String(), "/")
	switch r.Header.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site":
		http.Redirect(w, r, frame.Query("/login", "next", next, "why", "elsewhere"), http.StatusSeeOther)
		return
	}
	err := en.enter(w, r, token, "")
	switch {
	case errors.Is(err, store.ErrNotFound), errors.Is(err, errTooMany):
		if _, _, err := en.session(r); err == nil { // signed in already: by the link that was used, as a rule
			http.Redirect(w, r, next, http.StatusSeeOther)
			return
		}
		http.Redirect(w, r, frame.Query("/login", "next", next, "why", "used"), http.StatusSeeOther)
	case err != nil:
		en.Broken(w, r, err)
	default:
		http.Redirect(w, r, next, http.StatusSeeOther)
	}
}

// errTooMany: too many wrong tokens have come from that network.
var errTooMany = errors.New("too many wrong tokens")

// enter signs in with the operator's token or with a link's secret, and sets the cookie. store.ErrNotFound: it is
// neither. The session that the browser had is ended, so that nobody leaves a trail of them. A link is used up by the
// transaction that makes the session: of two browsers one gets in.
func (en *Entrance) enter(w http.ResponseWriter, r *http.Request, token, name string) error {
	from := gate.From(r, en.Remote)
	e := operators.Entry{Ground: en.Ground, Name: name, Device: gate.Device(r.UserAgent()), Address: from.String()}
	if !from.IsValid() {
		e.Address = ""
	}
	if token == "" {
		return store.ErrNotFound
	}
	if !en.guard.right(token) {
		e.Link = token
	}
	s, secret, err := en.Operators.SignIn(r.Context(), e, time.Now())
	if errors.Is(err, store.ErrNotFound) && en.missed(r) {
		return errTooMany
	}
	if err != nil {
		return err
	}
	if old, _, err := en.session(r); err == nil { // the browser forgets that one now
		if err := en.Operators.EndSession(r.Context(), old.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
			en.Logger.Warn("ending the session before failed; it ends by itself", "error", err)
		}
	}
	cookie().Set(w, r, secret, operators.SessionLife)
	en.Logger.Info("somebody signed in at the operator's page", "session", s.ID)
	return nil
}

// The cookie goes only after the session has ended in the database.
func (en *Entrance) logout(w http.ResponseWriter, r *http.Request) {
	s, _, err := en.session(r)
	if err == nil {
		err = en.Operators.EndSession(r.Context(), s.ID)
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		en.Broken(w, r, err) // it has not ended, and nobody may believe that it has
		return
	}
	cookie().Drop(w, r)
	http.Redirect(w, r, "/login?why=out", http.StatusSeeOther)
}
