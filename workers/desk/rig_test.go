package desk

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"frontdesk/workers/desk/password"
	"frontdesk/workers/desk/signin"
	"frontdesk/workers/store"
	"frontdesk/workers/store/signins"
	"frontdesk/workers/store/storetest"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
)

// right is the password of everybody in these tests.
const right = "correct horse battery"

// rig is a desk with pages of the test's own.
type rig struct {
	t     testing.TB
	store *store.Store
	h     http.Handler
	log   *bytes.Buffer
	phc   string
}

// played are pages that say who asks.
type played struct{}

func (played) Routes() map[string]http.HandlerFunc {
	who := func(w http.ResponseWriter, r *http.Request) {
		v := signin.Viewer(r)
		io.WriteString(w, "here is "+v.Login+", may answer: "+map[bool]string{true: "yes", false: "no"}[v.May(viewer.Answer, "cards")])
	}
	return map[string]http.HandlerFunc{"GET /desk": who, "GET /desk/tickets/{number}": who, "POST /desk/tickets/{number}/reply": who, "GET /desk/still": func(w http.ResponseWriter, r *http.Request) {
		if !signin.Still(r.Context()) {
			w.WriteHeader(http.StatusGone)
		}
	}, "GET /desk/assets/": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "body{}") }}
}

func newRig(t testing.TB, change ...func(*Config)) *rig {
	t.Helper()
	r := &rig{t: t, store: storetest.SQLite(t), log: &bytes.Buffer{}}
	c := Config{Store: r.store, Pages: played{}, Desk: "Topay", Names: []string{"desk.example"}, Proxied: []string{"desk.example"}, Logger: slog.New(slog.NewTextHandler(r.log, nil))}
	for _, f := range change {
		f(&c)
	}
	var err error
	if r.h, err = New(c); err != nil {
		t.Fatal(err)
	}
	if r.phc, err = password.New().Digest(t.Context(), right); err != nil {
		t.Fatal(err)
	}
	return r
}

// user adds somebody who has a password.
func (r *rig) user(login string, grants ...viewer.Grant) users.User {
	r.t.Helper()
	return r.userOf(users.User{Login: login}, grants...)
}

func (r *rig) userOf(u users.User, grants ...viewer.Grant) users.User {
	r.t.Helper()
	u, err := r.store.Users.Add(r.t.Context(), u, time.Now(), "operator")
	r.must(err)
	r.must(r.store.Users.SetGrants(r.t.Context(), u.ID, grants, time.Now(), "operator"))
	r.must(r.store.Signins.SetPassword(r.t.Context(), u.ID, "", r.phc, "", time.Now()))
	return u
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// browser keeps cookies, as one does.
type browser struct {
	r       *rig
	from    string
	host    string
	cookies map[string]string
}

func (r *rig) browser() *browser {
	return &browser{r: r, from: "192.0.2.7:4711", host: "127.0.0.1:8082", cookies: map[string]string{}}
}

// ask sends a request as a browser does that goes to a page, with headers changed by pairs.
func (b *browser) ask(method, path string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	b.r.t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	req.Host, req.RemoteAddr = b.host, b.from
	req.Header.Set("Accept", "text/html,*/*")
	req.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	if method != http.MethodGet {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	for name, value := range b.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.r.h.ServeHTTP(w, req)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
			continue
		}
		b.cookies[c.Name] = c.Value
	}
	return w
}

func (b *browser) get(path string, headers ...string) *httptest.ResponseRecorder {
	b.r.t.Helper()
	return b.ask(http.MethodGet, path, nil, headers...)
}

// signIn posts the form.
func (b *browser) signIn(login, password string, headers ...string) *httptest.ResponseRecorder {
	b.r.t.Helper()
	return b.ask(http.MethodPost, "/desk/sign-in", url.Values{"login": {login}, "password": {password}, "next": {"/desk/tickets/T-1"}}, headers...)
}

// in signs in, and fails the test if that fails.
func (b *browser) in(login string) *browser {
	b.r.t.Helper()
	b.wants(b.signIn(login, right), http.StatusSeeOther, "")
	return b
}

func (b *browser) wants(w *httptest.ResponseRecorder, status int, parts ...string) {
	b.r.t.Helper()
	if w.Code != status {
		b.r.t.Fatalf("status %d, want %d: %s", w.Code, status, w.Body)
	}
	for _, part := range parts {
		if !strings.Contains(w.Body.String(), part) {
			b.r.t.Errorf("the page lacks %q:\n%s", part, w.Body)
		}
	}
}

// out says that the browser is not signed in.
func (b *browser) out(what string) {
	b.r.t.Helper()
	if w := b.get("/desk"); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/desk/sign-in") {
		b.r.t.Errorf("%s: status %d, %s", what, w.Code, w.Body)
	}
}

func (b *browser) link(login string, until time.Duration) string {
	b.r.t.Helper()
	u, err := b.r.store.Users.Find(b.r.t.Context(), login)
	b.r.must(err)
	secret, err := b.r.store.Signins.Invite(b.r.t.Context(), u.ID, time.Now().Add(until), time.Now(), "operator")
	b.r.must(err)
	return signin.WelcomePath(secret)
}

// session is the secret of a session that was opened at a moment.
func (r *rig) session(u users.User, at time.Time) string {
	r.t.Helper()
	_, secret, err := r.store.Signins.SignIn(r.t.Context(), signins.Entry{Person: u.ID, Password: r.phc}, at)
	r.must(err)
	return secret
}

// streaming is a page that does something while it is open.
type streaming func(*http.Request)

func (s streaming) Routes() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{"GET /desk/events": func(_ http.ResponseWriter, r *http.Request) { s(r) }}
}

func (r *rig) discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// frozen stops the clock, so that a machine under load forgives no guesses meanwhile.
func frozen(c *Config) {
	now := time.Now()
	c.Now = func() time.Time { return now }
}
