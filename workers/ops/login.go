package ops

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// guarded lets in who may ask, and refuses what a page of another site has a browser send.
func (d *desk) guarded(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /assets/", d.assets)
	mux.HandleFunc("GET /login", d.loginForm)
	mux.HandleFunc("POST /login", d.login)
	mux.HandleFunc("POST /logout", d.logout)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if d.Token == "" || d.guard.allowed(r, time.Now()) {
			next.ServeHTTP(w, r)
			return
		}
		d.refuse(w, r)
	})
	same := http.NewCrossOriginProtection().Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if d.Token == "" && !local(r) {
			http.Error(w, "Only this machine may ask, as localhost. Set listen.ops_token to open the page to others.", http.StatusForbidden)
			return
		}
		same.ServeHTTP(w, r)
	})
}

// refuse shows a browser the form, and tells everything else that a token is needed.
func (d *desk) refuse(w http.ResponseWriter, r *http.Request) {
	if page := r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html"); page {
		http.Redirect(w, r, "/login?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		return
	}
	w.Header().Set("WWW-Authenticate", `Bearer realm="frontdesk"`)
	http.Error(w, "a token is needed", http.StatusUnauthorized)
}

// loginPage is the form.
type loginPage struct {
	frame
	Next  string
	Wrong string // word of what was wrong
}

func (d *desk) loginForm(w http.ResponseWriter, r *http.Request) {
	d.showLogin(w, r, http.StatusOK, r.FormValue("next"), "")
}

func (d *desk) showLogin(w http.ResponseWriter, r *http.Request, status int, next, wrong string) {
	f := d.frame(w, r, "title.login")
	f.Bare = true
	d.render(w, r, status, "login", loginPage{frame: f, Next: ownPath(next), Wrong: wrong})
}

// maxForm bounds what a form may send.
const maxForm = 16 << 10

func (d *desk) login(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	now, next := time.Now(), r.PostFormValue("next")
	switch {
	case d.Token == "":
		http.Redirect(w, r, "/", http.StatusSeeOther)
	case d.guard.slow(r, now):
		w.Header().Set("Retry-After", "60")
		d.showLogin(w, r, http.StatusTooManyRequests, next, "login.slow")
	case !d.guard.right(r, r.PostFormValue("token"), now):
		d.Logger.Warn("a wrong token was tried at the operator's page", "remote", remote(r))
		d.showLogin(w, r, http.StatusUnauthorized, next, "login.wrong")
	default:
		http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: d.guard.newSession(now), Path: "/", MaxAge: int(sessionFor.Seconds()),
			HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: secure(r)})
		http.Redirect(w, r, ownPath(next), http.StatusSeeOther)
	}
}

func (d *desk) logout(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: secure(r)})
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// secure reports whether the browser came by TLS, here or at a proxy. A false claim only costs the
// one who makes it his own session.
func secure(r *http.Request) bool {
	return r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}

// ownPath is a path of ours to go on to, whatever somebody has put into the form.
func ownPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return cmp.Or(u.RequestURI(), "/")
}
