package ops

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"frontdesk/pipeline"
)

const testToken = "test-token-of-the-operator"

func withToken(c *Config) { c.Token = testToken }

func TestWithoutTokenOnlyThisMachineMayAsk(t *testing.T) {
	r := newRig(t)
	from := func(remote, host string) func(*http.Request) {
		return func(req *http.Request) { req.RemoteAddr, req.Host = remote, host }
	}
	for _, c := range []struct {
		name   string
		change func(*http.Request)
		want   int
	}{
		{"this machine by name", from("127.0.0.1:1", "localhost:8081"), 200},
		{"this machine by address", from("127.0.0.1:1", "127.0.0.1:8081"), 200},
		{"this machine by IPv6", from("[::1]:1", "[::1]:8081"), 200},
		{"an IPv4 address in IPv6", from("[::ffff:127.0.0.1]:1", "LOCALHOST"), 200},
		{"another machine", from("192.0.2.7:1", "localhost:8081"), 403},
		{"another site whose name points here (DNS rebinding)", from("127.0.0.1:1", "evil.example:8081"), 403},
		{"a name that begins like ours", from("127.0.0.1:1", "127.0.0.1.evil.example"), 403},
		{"no name at all", from("127.0.0.1:1", ""), 403},
		{"a proxy that forwards for somebody", set("X-Forwarded-For", "192.0.2.7"), 403},
		{"a proxy by the standard", set("Forwarded", "for=192.0.2.7"), 403},
	} {
		for _, path := range []string{"/", "/metrics", "/api/overview", "/events2", "/login"} {
			want := c.want
			if path == "/events2" && want == 200 {
				want = 404
			}
			if w := r.ask(http.MethodGet, path, c.change); w.Code != want {
				t.Errorf("%s: %s has status %d, want %d", c.name, path, w.Code, want)
			}
		}
	}
}

func TestTokenIsNeeded(t *testing.T) {
	r := newRig(t, withToken, withSink)
	parked := r.park("k1", pipeline.CauseSpam)
	for _, path := range []string{"/", "/fragment", "/events", "/api/overview", "/metrics", "/tickets", "/messages/" + id(parked.Message), "/sink", "/sink/m1.eml", "/nowhere"} {
		if w := r.ask(http.MethodGet, path); w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%s without a token: status %d, want 401", path, w.Code)
		}
		if w := r.ask(http.MethodGet, path, set("Authorization", "Bearer wrong")); w.Code != http.StatusUnauthorized && w.Code != http.StatusTooManyRequests {
			t.Errorf("%s with a wrong token: status %d, want 401", path, w.Code)
		}
	}
	if w := r.ask(http.MethodPost, "/parked/"+id(parked.Message)+"/dismiss"); w.Code != http.StatusUnauthorized {
		t.Errorf("dismissing without a token: status %d, want 401", w.Code)
	}
	other := func(req *http.Request) { req.RemoteAddr, req.Host = "192.0.2.9:1", "desk.example.com" }
	if w := r.ask(http.MethodGet, "/tickets", other, set("Authorization", "Bearer "+testToken)); w.Code != http.StatusOK {
		t.Errorf("another machine with the token: status %d, want 200", w.Code)
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if w := r.ask(http.MethodGet, path, other); w.Code != http.StatusOK {
			t.Errorf("%s needs no token, but has status %d", path, w.Code)
		}
	}
}

func TestSignIn(t *testing.T) {
	r := newRig(t, withToken)
	w := r.ask(http.MethodGet, "/tickets?state=open", set("Accept", "text/html"))
	if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != "/login?next="+url.QueryEscape("/tickets?state=open") {
		t.Fatalf("a browser is sent with %d to %s", w.Code, got)
	}
	wantParts(t, "the form", r.page("/login?next=%2Ftickets"), `type="password"`, `value="/tickets"`)
	if w := r.ask(http.MethodPost, "/login", form("token", "wrong")); w.Code != http.StatusUnauthorized || len(w.Result().Cookies()) != 0 {
		t.Errorf("a wrong token: status %d, cookies %v", w.Code, w.Result().Cookies())
	}
	w = r.ask(http.MethodPost, "/login", form("token", testToken, "next", "/tickets?state=open"), set("X-Forwarded-Proto", "https"))
	cookies := w.Result().Cookies()
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/tickets?state=open" || len(cookies) != 1 {
		t.Fatalf("signing in: status %d to %s with %v", w.Code, w.Header().Get("Location"), cookies)
	}
	c := cookies[0]
	if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteStrictMode || strings.Contains(c.Value, testToken) {
		t.Errorf("the cookie is %+v", c)
	}
	with := func(value string) func(*http.Request) {
		return func(req *http.Request) { req.AddCookie(&http.Cookie{Name: sessionCookie, Value: value}) }
	}
	if w := r.ask(http.MethodGet, "/", with(c.Value)); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Sign out") {
		t.Errorf("with a session: status %d", w.Code)
	}
	until, mac, _ := strings.Cut(c.Value, ".")
	for name, value := range map[string]string{"a forged end": "9" + until + "." + mac, "no signature": until, "nothing": ".", "another key's": newGuard("other").newSession(time.Now())} {
		if w := r.ask(http.MethodGet, "/", with(value)); w.Code != http.StatusUnauthorized {
			t.Errorf("%s: status %d, want 401", name, w.Code)
		}
	}
	if w := r.ask(http.MethodPost, "/logout", with(c.Value)); w.Code != http.StatusSeeOther || w.Result().Cookies()[0].MaxAge >= 0 {
		t.Errorf("signing out: status %d, cookies %v", w.Code, w.Result().Cookies())
	}
}

func TestSessionEnds(t *testing.T) {
	g, now := newGuard(testToken), time.Now()
	s := g.newSession(now)
	for _, c := range []struct {
		name string
		at   time.Time
		want bool
	}{{"at once", now, true}, {"before its end", now.Add(sessionFor - 2*time.Second), true}, {"at its end", now.Add(sessionFor), false}} {
		if got := g.session(s, c.at); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestWrongTokensAreSlowedDownByAddress(t *testing.T) {
	r := newRig(t, withToken)
	from := func(remote string) func(*http.Request) { return func(req *http.Request) { req.RemoteAddr = remote } }
	tries := 0
	for r.ask(http.MethodPost, "/login", form("token", "wrong"), from("192.0.2.7:1")).Code != http.StatusTooManyRequests {
		if tries++; tries > 3*wrongPerMinute { // a minute may turn meanwhile
			t.Fatal("wrong tokens are never slowed down")
		}
	}
	if w := r.ask(http.MethodPost, "/login", form("token", testToken), from("192.0.2.7:2")); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("the right token after too many wrong ones: status %d, want 429", w.Code)
	}
	if w := r.ask(http.MethodGet, "/", set("Authorization", "Bearer "+testToken), from("192.0.2.7:3")); w.Code != http.StatusUnauthorized {
		t.Errorf("the right bearer after too many wrong ones: status %d, want 401", w.Code)
	}
	if w := r.ask(http.MethodPost, "/login", form("token", testToken), from("192.0.2.8:1")); w.Code != http.StatusSeeOther {
		t.Errorf("somebody else meanwhile: status %d, want 303", w.Code)
	}
}

func TestGuardForgetsWrongTokensAfterAMinute(t *testing.T) {
	g, now := newGuard(testToken), time.Unix(1_700_000_000, 0)
	req, err := http.NewRequest(http.MethodGet, "/", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.RemoteAddr = "192.0.2.7:1"
	for range wrongPerMinute {
		g.right(req, "wrong", now)
	}
	if !g.slow(req, now) || g.slow(req, now.Add(time.Minute)) {
		t.Error("wrong tokens count for more or less than their minute")
	}
}

func TestOwnPath(t *testing.T) {
	for next, want := range map[string]string{
		"": "/", "/": "/", "/tickets?state=open": "/tickets?state=open", "https://evil.example/": "/", "//evil.example/": "/",
		`/\evil.example`: "/", "/a\r\nX: y": "/", "javascript:alert(1)": "/", "tickets": "/", "/%2f/evil": "/%2f/evil", "/\tevil": "/",
	} {
		if got := ownPath(next); got != want {
			t.Errorf("ownPath(%q) = %q, want %q", next, got, want)
		}
	}
}

func TestAPageOfAnotherSiteCannotAct(t *testing.T) {
	r := newRig(t)
	parked := r.park("k1", pipeline.CauseSpam)
	path := "/parked/" + id(parked.Message) + "/dismiss"
	for _, c := range []struct {
		name   string
		change []func(*http.Request)
		want   int
	}{
		{"sent from another site", []func(*http.Request){set("Sec-Fetch-Site", "cross-site")}, 403},
		{"sent from a sibling site", []func(*http.Request){set("Sec-Fetch-Site", "same-site")}, 403},
		{"sent by an old browser from another site", []func(*http.Request){set("Origin", "https://evil.example")}, 403},
		{"sent from our page", []func(*http.Request){set("Sec-Fetch-Site", "same-origin"), set("Origin", "http://localhost:8081")}, 303},
	} {
		if w := r.ask(http.MethodPost, path, c.change...); w.Code != c.want {
			t.Errorf("%s: status %d, want %d", c.name, w.Code, c.want)
		}
	}
	if w := r.ask(http.MethodGet, path); w.Code == http.StatusOK || w.Code == http.StatusSeeOther {
		t.Errorf("a GET acted: status %d", w.Code)
	}
}

func TestHeadersAreStrict(t *testing.T) {
	r := newRig(t, withSink, func(c *Config) {
		c.Queues = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	})
	for _, path := range []string{"/", "/fragment", "/tickets", "/nowhere", "/healthz", "/sink/m1.eml", "/metrics", "/login"} {
		h := r.ask(http.MethodGet, path).Header()
		if got := h.Get("Content-Security-Policy"); got != policy || strings.Contains(got, "unsafe") {
			t.Errorf("%s has the policy %q", path, got)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("X-Frame-Options") != "DENY" || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s has the headers %v", path, h)
		}
	}
	w := r.ask(http.MethodGet, "/queues/")
	if got := w.Header().Get("Content-Security-Policy"); w.Code != http.StatusNoContent || got != queuePolicy {
		t.Errorf("the queue view has status %d, policy %q", w.Code, got)
	}
	if w := r.ask(http.MethodGet, "/queues"); w.Header().Get("Location") != "/queues/" {
		t.Errorf("/queues leads to %q", w.Header().Get("Location"))
	}
}

func TestAssetsMayBeKept(t *testing.T) {
	r := newRig(t, withToken)
	page := r.page("/login")
	for _, kind := range []string{"text/css", "text/javascript", "image/svg+xml"} {
		found := false
		for _, part := range strings.Split(page, `"`) {
			if !strings.HasPrefix(part, "/assets/") {
				continue
			}
			w := r.ask(http.MethodGet, part)
			if strings.HasPrefix(w.Header().Get("Content-Type"), kind) && w.Code == http.StatusOK {
				found = true
				if !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
					t.Errorf("%s is not kept: %s", part, w.Header().Get("Cache-Control"))
				}
			}
		}
		if !found {
			t.Errorf("the page has no asset of kind %s", kind)
		}
	}
}
