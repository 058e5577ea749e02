package ops

import (
	"bufio"
	"context"
	"database/sql"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline/causes"
	"frontdesk/workers/ops/watch"
	"frontdesk/workers/store"
	"frontdesk/workers/store/storetest"
)

// invite makes a link as the command does, and returns its path.
func (r *rig) invite(name string) string {
	r.t.Helper()
	secret, err := r.config.Store.Operators.Invite(r.t.Context(), r.config.Store.Operators.Ground(groundToken(r.config)), name, time.Now().Add(time.Minute), time.Now())
	if err != nil {
		r.t.Fatal(err)
	}
	return "/?token=" + secret
}

func (r *rig) wantOpen(what string, c *http.Cookie, open bool) {
	r.t.Helper()
	want := map[bool]int{true: http.StatusOK, false: http.StatusUnauthorized}[open]
	if w := r.bare(http.MethodGet, "/messages", with(c)); w.Code != want {
		r.t.Errorf("%s: status %d, want %d", what, w.Code, want)
	}
}

func TestSignIn(t *testing.T) {
	r := newRig(t)
	w := r.bare(http.MethodGet, "/tickets?state=open", set("Accept", "text/html"))
	if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != "/login?next="+url.QueryEscape("/tickets?state=open") {
		t.Fatalf("a browser is sent with %d to %s", w.Code, got)
	}
	form1 := r.bare(http.MethodGet, "/login?next=%2Ftickets").Body.String()
	wantParts(t, "the form", form1, `type="password"`, `value="/tickets"`, "listen.ops_token", "frontdesk login")
	wantNone(t, "the form", form1, "Sign out", `href="/tickets"`)
	if w := r.bare(http.MethodPost, "/login", form("token", "wrong", "name", "Li")); w.Code != http.StatusUnauthorized || len(w.Result().Cookies()) != 0 || !strings.Contains(w.Body.String(), `value="Li"`) {
		t.Errorf("a wrong token: status %d, cookies %v", w.Code, w.Result().Cookies())
	}
	w = r.bare(http.MethodPost, "/login", form("token", " "+testToken+"\n", "next", "/tickets?state=open"))
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/tickets?state=open" || len(w.Result().Cookies()) != 1 {
		t.Fatalf("signing in: status %d to %s with %v", w.Code, w.Header().Get("Location"), w.Result().Cookies())
	}
	wantParts(t, "a page with a session", r.bare(http.MethodGet, "/", with(w.Result().Cookies()[0])).Body.String(), "Sign out", `href="/sessions"`)
}

func TestTheCookieIsForThisPageAlone(t *testing.T) {
	r := newRig(t)
	for name, change := range map[string]func(*http.Request){
		"by TLS at a proxy": set("X-Forwarded-Proto", "https"), "by TLS at a proxy that only the browser tells of": func(q *http.Request) {
			q.Header.Set("Origin", "https://localhost:8081")
			q.Header.Set("Sec-Fetch-Site", "same-origin")
		},
	} {
		c := r.signIn("", change)
		if c.Name != "__Host-frontdesk_ops" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("%s the cookie is %+v", name, c)
		}
		r.wantOpen(name, c, true)
	}
	c := r.signIn("")
	if c.Name != "frontdesk_ops" || c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Domain != "" || strings.Contains(c.Value, testToken) || len(c.Value) < 40 {
		t.Errorf("the cookie is %+v", c)
	}
}

// TestALinkSignsInOnceAndLeavesNoTrace: the address that the browser comes to has no token, and the link is used up.
func TestALinkSignsInOnceAndLeavesNoTrace(t *testing.T) {
	r := newRig(t)
	link := r.invite("Li")
	for name, change := range map[string]func(*http.Request){
		"on another site": set("Sec-Fetch-Site", "cross-site"), "on another port of this machine": set("Sec-Fetch-Site", "same-site"),
		"fetched ahead": set("Sec-Purpose", "prefetch;prerender"), "asked for its head": func(q *http.Request) { q.Method = http.MethodHead },
	} {
		if w := r.bare(http.MethodGet, link, change); len(w.Result().Cookies()) > 0 || strings.Contains(w.Header().Get("Location"), link[8:]) {
			t.Errorf("a link %s: status %d to %s with %v", name, w.Code, w.Header().Get("Location"), w.Result().Cookies())
		}
	}
	w := r.bare(http.MethodGet, strings.Replace(link, "/?", "/tickets?state=open&", 1), set("Sec-Fetch-Site", "none"), set("Accept", "text/html"))
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != "/tickets?state=open" || w.Header().Get("Referrer-Policy") != "no-referrer" || w.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("status %d to %s, headers %v", w.Code, to, w.Header())
	}
	cookie := w.Result().Cookies()[0]
	wantParts(t, "the page", r.bare(http.MethodGet, "/", with(cookie)).Body.String(), ">Li</a>")
	again := r.bare(http.MethodGet, link, set("Accept", "text/html"))
	if to := again.Header().Get("Location"); len(again.Result().Cookies()) > 0 || to != "/login?next=%2F&why=used" {
		t.Errorf("a used link: to %s with %v", to, again.Result().Cookies())
	}
	if again := r.bare(http.MethodGet, link, with(cookie)); again.Header().Get("Location") != "/" || len(again.Result().Cookies()) > 0 {
		t.Errorf("a used link of who is signed in: status %d to %s", again.Code, again.Header().Get("Location"))
	}
	pasted := "http://127.0.0.1:8081" + r.invite("")
	if w := r.bare(http.MethodPost, "/login", form("token", pasted)); w.Code != http.StatusSeeOther || len(w.Result().Cookies()) != 1 {
		t.Errorf("a link put into the form: status %d", w.Code)
	}
	for _, text := range []string{"elsewhere", "used", "ended", "out"} {
		for lang, none := range map[string]string{"en": "login.", "zh": "login."} {
			wantNone(t, "the form for "+text, r.bare(http.MethodGet, "/login?why="+text+"&lang="+lang).Body.String(), ">"+none)
		}
	}
	wantNone(t, "the form", r.bare(http.MethodGet, "/login?why=%3Cb%3E").Body.String(), "<b>")
}

// TestTheTokenItselfIsALink: for who has it and puts it into the address bar; no start prints it.
func TestTheTokenItselfIsALink(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Made = true })
	for range 2 {
		w := r.bare(http.MethodGet, "/?token="+testToken)
		if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != "/" || len(w.Result().Cookies()) != 1 {
			t.Fatalf("status %d to %s", w.Code, to)
		}
	}
	wantParts(t, "the form", r.bare(http.MethodGet, "/login").Body.String(), "ops.token")
}

// TestASessionEndsAtOnce: at sign-out, when somebody ends it, when another sign-in takes its browser, and with the token;
// its cookie opens nothing any more, in no process.
func TestASessionEndsAtOnce(t *testing.T) {
	r := newRig(t)
	other := newRig(t, func(c *Config) { c.Store = r.config.Store }) // another process upon the same database
	changed := newRig(t, func(c *Config) { c.Store, c.Token = r.config.Store, "Xk2Vn8Qe5Jt1Hs7Dg4Pz9Bw6" })
	c := r.signIn("Li")
	other.wantOpen("in another process", c, true)
	changed.wantOpen("where the token was changed", c, false)
	for name, end := range map[string]func(*http.Cookie){
		"at sign-out": func(c *http.Cookie) {
			w := r.bare(http.MethodPost, "/logout", with(c))
			if w.Code != http.StatusSeeOther || len(w.Result().Cookies()) != 1 || w.Result().Cookies()[0].MaxAge >= 0 {
				t.Errorf("signing out: status %d, cookies %v", w.Code, w.Result().Cookies())
			}
		},
		"when it is ended on the page": func(c *http.Cookie) {
			keeper := r.signIn("Zhou")
			r.bare(http.MethodPost, "/sessions/"+r.idOf(c)+"/end", with(keeper))
			r.wantOpen("the one who ends it", keeper, true)
		},
		"when all others are ended": func(c *http.Cookie) {
			keeper := r.signIn("Zhou")
			if w := r.bare(http.MethodPost, "/sessions/end-others", with(keeper)); w.Code != http.StatusSeeOther {
				t.Errorf("status %d", w.Code)
			}
			r.wantOpen("the one who ends them", keeper, true)
		},
		"when all are ended with the token": func(*http.Cookie) { r.ask(http.MethodPost, "/sessions/end-others") },
		"when its browser signs in again":   func(c *http.Cookie) { r.signIn("Li", with(c)) },
		"when it ends itself": func(c *http.Cookie) {
			if to := r.bare(http.MethodPost, "/sessions/"+r.idOf(c)+"/end", with(c)).Header().Get("Location"); to != "/login?why=out" {
				t.Errorf("led to %s", to)
			}
		},
	} {
		c := r.signIn("Li")
		r.wantOpen("before", c, true)
		end(c)
		r.wantOpen(name, c, false)
		other.wantOpen(name+", in another process", c, false)
	}
	ended := r.bare(http.MethodGet, "/tickets", set("Accept", "text/html"), with(&http.Cookie{Name: sessionCookie, Value: "gone"}))
	if to := ended.Header().Get("Location"); to != "/login?next=%2Ftickets&why=ended" {
		t.Errorf("who had a session is led to %s", to)
	}
}

// idOf is the id of a cookie's session.
func (r *rig) idOf(c *http.Cookie) string {
	r.t.Helper()
	s, err := r.config.Store.Operators.Session(r.t.Context(), c.Value, r.config.Store.Operators.Ground(groundToken(r.config)), time.Now())
	if err != nil {
		r.t.Fatal(err)
	}
	return s.ID
}

// TestSigningOutThatFailsSaysSo: nobody may believe that a session has ended that lives on.
func TestSigningOutThatFailsSaysSo(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, func(c *Config) { c.Store = storetest.Open(t, store.Options{Dir: dir}) })
	c := r.signIn("")
	db, err := sql.Open("sqlite", filepath.Join(dir, "frontdesk.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, act := range []string{"DELETE", "INSERT"} {
		if _, err := db.Exec(`CREATE TRIGGER full_` + act + ` BEFORE ` + act + ` ON operator_sessions BEGIN SELECT RAISE(FAIL, 'no space left'); END`); err != nil {
			t.Fatal(err)
		}
	}
	for path, change := range map[string]func(*http.Request){"/logout": form(), "/sessions/" + r.idOf(c) + "/end": form(), "/login": form("token", testToken)} {
		if w := r.bare(http.MethodPost, path, with(c), change); w.Code != http.StatusServiceUnavailable || len(w.Result().Cookies()) > 0 {
			t.Errorf("%s on a full disk: status %d, cookies %v", path, w.Code, w.Result().Cookies())
		}
	}
	r.wantOpen("what has not ended", c, true)
}

func TestSessionsAreListedAndNamed(t *testing.T) {
	r := newRig(t)
	li := r.signIn(" Li\u202e \n Wei ", set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"), func(q *http.Request) { q.RemoteAddr = "192.0.2.7:1" })
	r.signIn("", set("User-Agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"))
	page := r.bare(http.MethodGet, "/sessions", with(li)).Body.String()
	wantParts(t, "the sessions", page, "Li Wei", "Firefox, Linux", "192.0.2.7", "Safari, iPhone", "no name given", "this one", "End all other sessions", `aria-current="page">Li Wei</a>`)
	wantNone(t, "the sessions", page, li.Value, "\u202e", "Mozilla")
	w := r.bare(http.MethodPost, "/sessions/name", with(li), form("name", "李伟"))
	wantParts(t, "after naming", r.bare(http.MethodGet, w.Header().Get("Location"), with(li)).Body.String(), "李伟", "Your name was saved")
	wantParts(t, "in Chinese", r.bare(http.MethodGet, "/sessions?lang=zh", with(li)).Body.String(), "登录会话", "当前会话", "未填写姓名")
	if w := r.ask(http.MethodPost, "/sessions/name", form("name", "x")); w.Code != http.StatusNotFound {
		t.Errorf("naming without a session: status %d", w.Code)
	}
	if to := r.ask(http.MethodPost, "/sessions/nonesuch/end").Header().Get("Location"); to != "/sessions?done=gone" {
		t.Errorf("ending none leads to %s", to)
	}
}

func TestTheJournalSaysWho(t *testing.T) {
	r := newRig(t)
	for name, want := range map[string]string{"Li Wei": "Li Wei", "": operator + " (127.0.0.1)"} {
		p := r.park("k"+name, causes.Spam)
		r.bare(http.MethodPost, "/parked/"+id(p.Message)+"/release", with(r.signIn(name)))
		story, err := r.config.Store.View.Trace(t.Context(), p.Message)
		if err != nil || len(story.Acts) != 1 || story.Acts[0].Who != want {
			t.Errorf("the journal has %+v, %v, want %s", story.Acts, err, want)
		}
	}
}

// TestAStreamEndsWithItsSession: an open page of who has signed out elsewhere is told nothing more.
func TestAStreamEndsWithItsSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := quiet(func(now time.Time) *watch.Overview { return &watch.Overview{Sent: now.UnixNano()} })
		end := time.Now().Add(10 * heartbeat)
		d.stays = func(context.Context) bool { return time.Now().Before(end) }
		d.events(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/events", nil))
		if over := time.Since(end); over < 0 || over > heartbeat {
			t.Errorf("the stream ended %s after its session", over)
		}
	})
}

// TestAPageThatRenewsItselfIsNoUse: a forgotten page does not keep its session for ever.
func TestAPageThatRenewsItselfIsNoUse(t *testing.T) {
	r := newRig(t)
	c := r.signIn("")
	ground := r.config.Store.Operators.Ground(testToken)
	then := time.Now().Add(-time.Hour)
	for path, used := range map[string]bool{"/fragment": false, "/tickets": true} {
		if err := r.config.Store.Operators.SessionSeen(t.Context(), r.idOf(c), then); err != nil {
			t.Fatal(err)
		}
		r.bare(http.MethodGet, path, with(c))
		s, err := r.config.Store.Operators.Session(t.Context(), c.Value, ground, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if got := s.SeenAt.After(then.Add(time.Minute)); got != used {
			t.Errorf("%s counts as a use: %v, want %v", path, got, used)
		}
	}
}

// TestNothingOfASecretIsInTheDatabase: who reads it finds digests.
func TestNothingOfASecretIsInTheDatabase(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, func(c *Config) { c.Store = storetest.Open(t, store.Options{Dir: dir}) })
	c, link := r.signIn("Li"), r.invite("")
	list, err := r.config.Store.Operators.SessionsOf(t.Context(), r.config.Store.Operators.Ground(testToken), time.Now())
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	secrets := []string{c.Value, strings.TrimPrefix(link, "/?token="), testToken}
	for _, row := range slices.Concat(rowsOf(t, dir, "operator_sessions"), rowsOf(t, dir, "operator_links")) {
		for _, s := range secrets {
			if strings.Contains(row, s) || strings.Contains(row, s[:20]) {
				t.Errorf("a row holds a secret: %s", row)
			}
		}
		// What the row has in place of it opens nothing.
		for _, value := range strings.Split(row, "|") {
			if w := r.bare(http.MethodGet, "/messages", with(&http.Cookie{Name: sessionCookie, Value: value})); w.Code == http.StatusOK {
				t.Errorf("%q opens the page", value)
			}
			if w := r.bare(http.MethodGet, "/?token="+url.QueryEscape(value)); len(w.Result().Cookies()) > 0 {
				t.Errorf("%q signs in", value)
			}
		}
	}
}

// rowsOf reads a table from outside, its columns joined by |.
func rowsOf(t *testing.T, dir, table string) (out []string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "frontdesk.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), "SELECT * FROM "+table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values := make([]string, len(names))
		to := make([]any, len(names))
		for i := range values {
			to[i] = &values[i]
		}
		if err := rows.Scan(to...); err != nil {
			t.Fatal(err)
		}
		out = append(out, strings.Join(values, "|"))
	}
	if err := rows.Err(); err != nil || len(out) == 0 {
		t.Fatalf("%s has %d rows, %v", table, len(out), err)
	}
	return out
}

func TestAStreamIsNotCutByTheDeadlinesOfPages(t *testing.T) {
	done := make(chan struct{})
	r := newRig(t, func(c *Config) { c.Done = done })
	server := httptest.NewUnstartedServer(r.handler)
	server.Config.ReadTimeout, server.Config.WriteTimeout = 200*time.Millisecond, 200*time.Millisecond
	server.Start()
	t.Cleanup(server.Close)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+testToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	told(t, lines) // after a second at the earliest: beyond the deadlines
	r.decide("k1", nil)
	told(t, lines)
	close(done)
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Errorf("the stream did not end by itself: %v", err)
	}
	if diff := cmp.Diff(http.StatusOK, resp.StatusCode); diff != "" {
		t.Error(diff)
	}
}

// TestAButtonPressedAfterTheSessionHasEnded sends a person to the form and says that nothing was done; programs and posts that
// never had a session are told that a token is needed, as before.
func TestAButtonPressedAfterTheSessionHasEnded(t *testing.T) {
	r := newRig(t)
	plan, cookie := r.decide("k1", nil), r.signIn("Li")
	path := "/tickets/" + id(plan.Ticket.ID)
	r.bare(http.MethodPost, "/logout", with(cookie), set("Sec-Fetch-Site", "same-origin"))
	browser := []func(*http.Request){with(cookie), set("Accept", "text/html,*/*"), set("Sec-Fetch-Site", "same-origin"), set("Referer", "http://localhost:8081"+path+"?lang=en")}
	w := r.bare(http.MethodPost, path+"/close", browser...)
	want := "/login?next=" + url.QueryEscape(path+"?lang=en") + "&why=undone"
	if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != want {
		t.Fatalf("status %d to %q, want %q", w.Code, got, want)
	}
	wantParts(t, "the form", r.bare(http.MethodGet, want).Body.String(), "nothing was done", `value="`+path+`?lang=en"`)
	for name, from := range map[string]string{"another site": "https://evil.example/x", "nowhere": "", "no address": "::"} {
		w := r.bare(http.MethodPost, path+"/close", append(browser[:3:3], set("Referer", from))...)
		if got := w.Header().Get("Location"); got != "/login?next=%2F&why=undone" {
			t.Errorf("from %s: sent to %q", name, got)
		}
	}
	if w := r.bare(http.MethodPost, path+"/close", set("Accept", "text/html")); w.Code != http.StatusUnauthorized {
		t.Errorf("without a session: status %d", w.Code)
	}
	wantParts(t, "the ticket", r.page(path), "Close ticket")
}
