package signin

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"frontdesk/workers/gate"
	"frontdesk/workers/store"
	"frontdesk/workers/store/signins"
)

// seenEvery is how exactly the use of a session is noted.
const seenEvery = time.Minute

// Guard serves the pages of the desk by their patterns, to who is signed in, beside the entrance's own. What lies below /desk/assets/ is open
// to everybody: the pages are drawn with it.
//
// The order of looks: a name that is not ours ends DNS rebinding; then where a POST comes from; then the session, with the rights as
// they are now.
func (en *Entrance) Guard(pages map[string]http.HandlerFunc) (http.Handler, error) {
	same, err := gate.SameSite(en.Proxied)
	if err != nil {
		return nil, err
	}
	same.SetDenyHandler(http.HandlerFunc(en.elsewhere))
	inside := http.NewServeMux()
	for pattern, h := range pages {
		inside.HandleFunc(pattern, en.logged(pattern, h))
	}
	if _, home := inside.Handler(&http.Request{Method: http.MethodGet, URL: pathURL(Home)}); home == "" {
		inside.Handle("GET "+Home, http.RedirectHandler(MePath, http.StatusSeeOther)) // a process that serves no pages of the desk
	}
	for pattern, h := range en.own() {
		inside.HandleFunc(pattern, en.logged(pattern, h))
	}
	page := same.Handler(en.entry(inside))
	return gate.Headers(Policy, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !en.names.Reached(r):
			http.Error(w, "The desk is not reached by that name. Add it to listen.desk_names, or ask by address or as localhost.", http.StatusMisdirectedRequest)
		case gate.FromElsewhere(r):
			en.elsewhere(w, r)
		default:
			page.ServeHTTP(w, r)
		}
	})), nil
}

// entry adds what is open to who is not signed in.
func (en *Entrance) entry(inside *http.ServeMux) http.Handler {
	mux := http.NewServeMux()
	for pattern, h := range en.open() {
		mux.HandleFunc(pattern, h)
	}
	mux.Handle("GET "+openPath, inside)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { en.withSession(w, r, inside) })
	return mux
}

// open are the entrance's pages for who is not signed in.
func (en *Entrance) open() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /{$}":                        http.RedirectHandler(Home, http.StatusSeeOther).ServeHTTP,
		"GET " + AssetsPath:               en.assets.ServeHTTP,
		"GET " + SignInPath:               en.form,
		"POST " + SignInPath:              bounded(en.signIn),
		"POST " + SignOutPath:             bounded(en.signOut),
		"GET " + welcomePath + "{link}":   en.welcome,
		"GET " + issuerPath:               en.toIssuer,
		"GET " + BackPath:                 en.fromIssuer,
		"GET " + secondPath:               en.second,
		"POST " + secondPath:              bounded(en.showSecond),
		"POST " + keyPath + askPart:       bounded(en.askKey),
		"POST " + keyPath:                 answered(en.showKey),
		"POST " + secondKeyPath + askPart: bounded(en.askSecondKey),
		"POST " + secondKeyPath:           answered(en.showSecondKey),
		"POST " + welcomePath + "{link}":  bounded(en.accept),
	}
}

// Patterns are the patterns of the entrance's own pages: for whoever must know all that is served, such as a table of who may what. inside: of
// those for who is signed in, else of those that are open to everybody.
func (en *Entrance) Patterns(inside bool) []string {
	if inside {
		return slices.Sorted(maps.Keys(en.own()))
	}
	return slices.Sorted(maps.Keys(en.open()))
}

// own are the entrance's pages for who is signed in.
func (en *Entrance) own() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET " + MePath:                         en.me,
		"POST " + MePath:                        bounded(en.changeMe),
		"POST " + MePath + "/password":          bounded(en.changePassword),
		"GET " + ownSecond:                      en.mySecond,
		"POST " + ownSecond + "/begin":          bounded(en.beginSecond),
		"POST " + ownSecond + "/confirm":        bounded(en.confirmSecond),
		"POST " + ownSecond + "/codes":          bounded(en.renewSecond),
		"POST " + ownSecond + "/remove":         bounded(en.removeSecond),
		"POST " + ownKeys + askPart:             bounded(en.askNewKey),
		"POST " + ownKeys:                       answered(en.addKey),
		"POST " + ownKeys + "/{name}/rename":    bounded(en.renameKey),
		"POST " + ownKeys + "/{name}/remove":    bounded(en.removeKey),
		"POST " + MePath + "/sessions/{id}/end": bounded(en.endSession),
		"POST /desk/me/sessions/end-others":     bounded(en.endOthers),
		"/":                                     en.nowhere,
	}
}

const (
	// maxForm bounds what a form of the entrance may send.
	maxForm = 16 << 10
	// maxAnswer bounds the answer of a passkey: some send certificates of their maker, whether or not they were asked for.
	maxAnswer = 64 << 10
	// maxKept bounds the form of who is not signed in any more, out of which his text is shown to him again.
	maxKept = 1 << 20
)

// bounded bounds what a form may send.
func bounded(next http.HandlerFunc) http.HandlerFunc { return boundedBy(maxForm, next) }

// answered bounds what comes with a passkey's answer.
func answered(next http.HandlerFunc) http.HandlerFunc { return boundedBy(maxAnswer, next) }

func boundedBy(most int64, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, most)
		next(w, r)
	}
}

// session is who is signed in by the request's cookie, and the secret that came with it, if one did. Accounts of a demonstration are let in
// by that alone.
func (en *Entrance) session(r *http.Request) (in signins.In, secret string, err error) {
	err = store.ErrNotFound
	for _, secret = range cookie().Values(r) {
		in, err = en.in(r.Context(), secret)
		if err == nil && in.Demo && !en.Demo {
			err = store.ErrNotFound
		}
		if !errors.Is(err, store.ErrNotFound) {
			break
		}
	}
	return in, secret, err
}

// in is who is signed in by a secret, as the house lets him look.
func (en *Entrance) in(ctx context.Context, secret string) (signins.In, error) {
	in, err := en.Signins.Session(ctx, secret, en.Now())
	in.Viewer.Veiled = en.Veiled
	return in, err
}

// withSession serves who is signed in.
func (en *Entrance) withSession(w http.ResponseWriter, r *http.Request, next http.Handler) {
	in, secret, err := en.session(r)
	switch {
	case err == nil:
		again := func(ctx context.Context) (signins.In, error) { return en.in(ctx, secret) }
		en.Admitted(r)
		en.seen(r, in.Session)
		r = r.WithContext(context.WithValue(r.Context(), signedIn{}, guest{In: in, again: again}))
		if en.missing(in) && !en.withoutSecond(r) {
			en.bare(w, r)
			return
		}
		next.ServeHTTP(w, r)
	case errors.Is(err, store.ErrNotFound):
		en.refuse(w, r, secret != "")
	default:
		en.broken(w, r, err)
	}
}

// byItself is the header with which a page asks for something that nobody has asked it for.
const byItself = "Frontdesk-By-Itself"

// seen puts the end of a session off, when a person does something: a stream of events, the sign of life of a page that is open, and what a
// page asks for by itself, is nobody's use.
func (en *Entrance) seen(r *http.Request, s signins.Session) {
	now := en.Now()
	if strings.Contains(r.Header.Get("Accept"), "text/event-stream") || r.URL.Path == herePath || r.Header.Get(byItself) != "" || now.Sub(s.SeenAt.Time) < seenEvery {
		return
	}
	if err := en.Signins.Seen(r.Context(), s.ID, now); err != nil && r.Context().Err() == nil {
		en.Logger.Warn("noting the use of a session failed", "error", err)
	}
}

// byScript reports whether it is a script that asks, which is told so in JSON; else it is a browser that goes to a page.
func byScript(r *http.Request) bool {
	return r.Header.Get("Sec-Fetch-Dest") == "empty" || !strings.Contains(r.Header.Get("Accept"), "text/html")
}

// bare answers who has nothing besides a password, and a role for which that is asked: a page leads to where he says what he has, all else is
// refused.
func (en *Entrance) bare(w http.ResponseWriter, r *http.Request) {
	if (r.Method == http.MethodGet || r.Method == http.MethodHead) && !byScript(r) {
		http.Redirect(w, r, ownSecond, http.StatusSeeOther)
		return
	}
	en.nothing(w, r, http.StatusForbidden, "title.second", "second.asked")
}

// refuse answers who is not signed in: a script 401 with JSON, a link a redirect to the form, and a form of a page 401 with the form to sign
// in, under the text that it had brought. Nothing is done again by itself: whoever signs in sees the page on which the button was, and
// presses it.
func (en *Entrance) refuse(w http.ResponseWriter, r *http.Request, ended bool) {
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch {
	case byScript(r):
		w.Header().Set("WWW-Authenticate", `Form realm="frontdesk"`)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		if err := json.NewEncoder(w).Encode(map[string]string{"error": "signed-out", "sign_in": SignInPath}); err != nil {
			return // the browser has gone away
		}
	case reads:
		why := ""
		if ended {
			why = "ended"
		}
		http.Redirect(w, r, asking(SignInPath, "next", r.URL.RequestURI(), "why", why), http.StatusSeeOther)
	default:
		p := en.signInPage(w, r)
		p.Next, p.Notice, p.Kept = gate.CameFrom(r, Home), "signin.undone", keptText(w, r)
		w.Header().Set("WWW-Authenticate", `Form realm="frontdesk"`)
		en.render(w, r, http.StatusUnauthorized, p.Lang, "signin", p)
	}
}

// keptText is the text that a form had brought, so that its writer can copy it.
func keptText(w http.ResponseWriter, r *http.Request) string {
	r.Body = http.MaxBytesReader(w, r.Body, maxKept)
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err != nil:
		return ""
	case kind == "multipart/form-data":
		err = r.ParseMultipartForm(maxKept) // never more than that, so nothing goes to the disk
	default:
		err = r.ParseForm()
	}
	if err != nil {
		return ""
	}
	return strings.ToValidUTF8(r.PostFormValue("text"), "\uFFFD")
}
