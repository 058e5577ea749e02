package ops

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"frontdesk/pipeline/causes"
	"frontdesk/workers/gate"
	"frontdesk/workers/ops/frame"
)

// behind asks as somebody who came by a plain proxy on this machine: nothing shows that he is elsewhere.
func behind(req *http.Request) {
	req.RemoteAddr, req.Host = "127.0.0.1:40000", "127.0.0.1:8081"
	req.Header.Set("Connection", "close")
}

// TestASecretIsAlwaysNeeded: whoever asks, from wherever, by whatever way, as long as he has no secret.
func TestASecretIsAlwaysNeeded(t *testing.T) {
	r := newRig(t, withSink, func(c *Config) {
		c.MetricsToken = "m3Vx8Qa1Zt6Lc9Wk2Bn5"
		c.Queues = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the queue monitor was reached") })
	})
	parked := r.park("k1", causes.Spam)
	from := func(remote, host string) func(*http.Request) {
		return func(req *http.Request) { req.RemoteAddr, req.Host = remote, host }
	}
	for name, change := range map[string]func(*http.Request){
		"another user of this machine, by name":    from("127.0.0.1:1", "localhost:8081"),
		"another user of this machine, by address": from("127.0.0.1:1", "127.0.0.1:8081"),
		"this machine by IPv6":                     from("[::1]:1", "[::1]:8081"),
		"an IPv4 address in IPv6":                  from("[::ffff:127.0.0.1]:1", "LOCALHOST"),
		"behind a plain proxy on this machine":     behind,
		"behind a proxy that says so":              set("X-Forwarded-For", "127.0.0.1"),
		"another machine":                          from("192.0.2.7:1", "192.0.2.9:8081"),
		"with an empty token":                      set("Authorization", "Bearer "),
		"with a wrong token":                       set("Authorization", "Bearer wrong"),
		"with a name and a password":               func(req *http.Request) { req.SetBasicAuth("operator", testToken) },
		"with an empty cookie":                     set("Cookie", sessionCookie+"="),
		"with somebody's idea of a cookie":         set("Cookie", sessionCookie+"="+testToken),
		"with an HTML browser":                     set("Accept", "text/html"),
	} {
		for _, path := range []string{"/", "/fragment", "/events", "/api/overview", frame.MetricsPath, "/tickets", "/messages", "/messages/" + id(parked.Message), "/parked",
			"/outbox", "/outbox/1", "/promises", "/sessions", "/sink", "/sink/m1", "/sink/m1.eml", "/queues", "/queues/", "/queues/api/queues", "/nowhere", "//", "/../tickets"} {
			w := r.bare(http.MethodGet, path, change)
			login := w.Code == http.StatusSeeOther && strings.HasPrefix(w.Header().Get("Location"), "/login?")
			if w.Code != http.StatusUnauthorized && w.Code != http.StatusTooManyRequests && !login && !cleaned(w) {
				t.Errorf("%s: %s has status %d", name, path, w.Code)
			}
			wantNone(t, name, w.Body.String(), "T-1", "k1", "frontdesk_messages")
		}
		for _, path := range []string{"/parked/" + id(parked.Message) + "/dismiss", "/sessions/end-others", "/sessions/name", "/queues/api/queues/live:pause", "/tickets/1/close"} {
			if w := r.bare(http.MethodPost, path, change); w.Code != http.StatusUnauthorized && w.Code != http.StatusTooManyRequests {
				t.Errorf("%s: POST %s has status %d", name, path, w.Code)
			}
		}
		for _, path := range []string{"/healthz", "/readyz"} {
			if w := r.bare(http.MethodGet, path, change); w.Code != http.StatusOK || len(w.Body.String()) > 40 {
				t.Errorf("%s: %s is open to everyone, but has status %d: %s", name, path, w.Code, w.Body)
			}
		}
	}
}

// cleaned reports an answer that only leads to the same path without its dots and slashes.
func cleaned(w *httptest.ResponseRecorder) bool {
	to := w.Header().Get("Location")
	return (w.Code == http.StatusMovedPermanently || w.Code == http.StatusTemporaryRedirect) && (to == "/" || to == "/tickets")
}

// TestBehindAPlainProxyItIsAsClosed: a proxy with nothing but `proxy_pass http://127.0.0.1:8081`, which names us in Host
// and passes nothing on of who asks.
func TestBehindAPlainProxyItIsAsClosed(t *testing.T) {
	r := newRig(t)
	r.park("k1", causes.Spam)
	page := httptest.NewServer(r.handler)
	t.Cleanup(page.Close)
	to, err := url.Parse(page.URL)
	if err != nil {
		t.Fatal(err)
	}
	nginx := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) {
		p.SetURL(to)
		p.Out.Host = to.Host
		p.Out.Header.Set("Connection", "close")
	}})
	t.Cleanup(nginx.Close)
	ask := func(change func(*http.Request)) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, nginx.URL+"/messages", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = "desk.public.example"
		change(req)
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	cookie := r.signIn("")
	for _, c := range []struct {
		name   string
		change func(*http.Request)
		want   int
	}{
		{"a stranger", func(*http.Request) {}, 401},
		{"a stranger who says that he is here", set("X-Real-Ip", "127.0.0.1"), 401},
		{"with the token", set("Authorization", "Bearer "+testToken), 200},
		{"with a session", with(cookie), 200},
	} {
		if got := ask(c.change); got != c.want {
			t.Errorf("%s: status %d, want %d", c.name, got, c.want)
		}
	}
}

// TestAForeignNameIsRefused: a page of another site whose name was made to point here (DNS rebinding) reads not even the form.
func TestAForeignNameIsRefused(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Names = []string{"Desk.internal.example", "other.example:8443"} })
	cookie := r.signIn("")
	for _, c := range []struct {
		name, host string
		want       int
	}{
		{"by an IPv4 address", "127.0.0.1:8081", 200}, {"by another address of ours", "10.1.2.3", 200}, {"by IPv6", "[::1]:8081", 200},
		{"as localhost", "LocalHost:8081", 200}, {"below localhost", "desk.localhost", 200}, {"by its configured name", "desk.internal.example:8081", 200},
		{"with the last dot", "desk.internal.example.", 200}, {"by a name that was configured with its port", "other.example", 200},
		{"by a name that points here", "evil.example:8081", 421}, {"by a name that begins like an address", "127.0.0.1.evil.example", 421},
		{"by a name that ends like ours", "evil-desk.internal.example", 421}, {"below our name", "x.desk.internal.example", 421},
		{"by no name", "", 421}, {"by a name that is none", "localhost:8081:1", 421},
	} {
		host := func(req *http.Request) { req.Host = c.host }
		if w := r.bare(http.MethodGet, "/tickets", host, with(cookie)); w.Code != c.want {
			t.Errorf("%s: status %d, want %d", c.name, w.Code, c.want)
		}
		if w := r.bare(http.MethodGet, "/login", host); w.Code != c.want {
			t.Errorf("%s: the form has status %d, want %d", c.name, w.Code, c.want)
		}
		if w := r.bare(http.MethodGet, "/?token="+testToken, host); (len(w.Result().Cookies()) == 1) != (c.want == 200) {
			t.Errorf("%s: a link has set %d cookies", c.name, len(w.Result().Cookies()))
		}
		// No page of another site can send a token; a scraper may reach us by a name of the cluster's.
		if w := r.ask(http.MethodGet, frame.MetricsPath, host); w.Code != http.StatusOK {
			t.Errorf("%s: with the token, status %d", c.name, w.Code)
		}
	}
}

func TestTheTokenForMetricsOpensNothingElse(t *testing.T) {
	const scraper = "m3Vx8Qa1Zt6Lc9Wk2Bn5"
	r := newRig(t, func(c *Config) { c.MetricsToken = scraper })
	token := set("Authorization", "Bearer "+scraper)
	for path, want := range map[string]int{frame.MetricsPath: 200, "/": 403, "/api/overview": 403, "/messages": 403, "/queues/": 403} {
		if w := r.bare(http.MethodGet, path, token); w.Code != want {
			t.Errorf("%s has status %d, want %d", path, w.Code, want)
		}
	}
	if w := r.bare(http.MethodPost, frame.MetricsPath, token); w.Code == http.StatusOK {
		t.Error("a POST was taken")
	}
	if w := r.bare(http.MethodPost, "/login", form("token", scraper)); w.Code != http.StatusUnauthorized || len(w.Result().Cookies()) > 0 {
		t.Errorf("it signs in: status %d", w.Code)
	}
	if w := r.bare(http.MethodGet, "/?token="+scraper); len(w.Result().Cookies()) > 0 {
		t.Error("it signs in by a link")
	}
	without := newRig(t)
	for _, empty := range []string{"", " ", scraper} {
		if w := without.bare(http.MethodGet, frame.MetricsPath, set("Authorization", "Bearer "+empty)); w.Code != http.StatusUnauthorized {
			t.Errorf("without a token for metrics, %q has status %d", empty, w.Code)
		}
	}
}

// TestWrongTokensNeverLockOutTheRightOne: however many wrong ones come from the address that one shares with others.
func TestWrongTokensNeverLockOutTheRightOne(t *testing.T) {
	r := newRig(t)
	from := func(req *http.Request) { req.RemoteAddr = "192.0.2.7:1" }
	cookie := r.signIn("", from)
	link := r.invite("")
	statuses := map[int]int{}
	for range 40 {
		statuses[r.bare(http.MethodGet, frame.MetricsPath, from, set("Authorization", "Bearer wrong")).Code]++
		statuses[r.bare(http.MethodPost, "/login", from, form("token", "wrong")).Code]++
		if w := r.bare(http.MethodGet, "/?token=wrong", from); w.Code != http.StatusSeeOther || len(w.Result().Cookies()) > 0 {
			t.Fatalf("a wrong link: status %d", w.Code)
		}
	}
	if statuses[401]+statuses[429] != 80 || statuses[429] < 40 { // a minute may turn meanwhile
		t.Errorf("wrong tokens got %v", statuses)
	}
	for name, w := range map[string]*httptest.ResponseRecorder{
		"the right bearer": r.bare(http.MethodGet, frame.MetricsPath, from, set("Authorization", "Bearer "+testToken)),
		"the session":      r.bare(http.MethodGet, "/tickets", from, with(cookie)),
	} {
		if w.Code != http.StatusOK {
			t.Errorf("%s after too many wrong ones: status %d", name, w.Code)
		}
	}
	r.signIn("", from)
	if w := r.bare(http.MethodGet, link, from); len(w.Result().Cookies()) != 1 {
		t.Errorf("a fresh link after too many wrong ones: status %d to %s", w.Code, w.Header().Get("Location"))
	}
}

func TestAPageOfAnotherSiteCannotAct(t *testing.T) {
	r := newRig(t, func(c *Config) {
		c.Names, c.Proxied = []string{"desk.internal.example", "host7"}, []string{"desk.internal.example"}
	})
	cookie := r.signIn("")
	parked := r.park("k1", causes.Spam)
	for _, c := range []struct {
		name   string
		change []func(*http.Request)
		may    bool
	}{
		{"sent from another site", []func(*http.Request){set("Sec-Fetch-Site", "cross-site")}, false},
		{"sent from another port of this machine", []func(*http.Request){set("Sec-Fetch-Site", "same-site"), set("Origin", "http://localhost:3000")}, false},
		{"sent from another port under a name of ours", []func(*http.Request){set("Sec-Fetch-Site", "same-site"), set("Origin", "http://desk.internal.example")}, false},
		{"sent by an old browser from another site", []func(*http.Request){set("Origin", "https://evil.example")}, false},
		{"sent by an old browser from nowhere (a file, a sandbox)", []func(*http.Request){set("Origin", "null")}, false},
		{"sent by an old browser from another port of this machine, by its name", []func(*http.Request){set("Origin", "http://host7")}, false},
		{"sent from our page", []func(*http.Request){set("Sec-Fetch-Site", "same-origin"), set("Origin", "http://localhost:8081")}, true},
		{"sent from our page behind a proxy that names us otherwise", []func(*http.Request){set("Origin", "https://desk.internal.example")}, true},
	} {
		for _, path := range []string{"/parked/" + id(parked.Message) + "/dismiss", "/sessions/name", "/sessions/end-others", "/logout", "/login"} {
			if c.may && path != "/sessions/name" {
				continue
			}
			w := r.bare(http.MethodPost, path, append(c.change, with(cookie))...)
			if want := map[bool]int{true: 303, false: 403}[c.may]; w.Code != want {
				t.Errorf("%s: %s has status %d, want %d", c.name, path, w.Code, want)
			}
		}
	}
	path := "/parked/" + id(parked.Message) + "/dismiss"
	if w := r.ask(http.MethodGet, path); w.Code == http.StatusOK || w.Code == http.StatusSeeOther {
		t.Errorf("a GET acted: status %d", w.Code)
	}
}

func TestHeadersAreStrict(t *testing.T) {
	r := newRig(t, withSink, func(c *Config) {
		c.Queues = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	})
	for _, path := range []string{"/", "/fragment", "/tickets", "/nowhere", "/healthz", "/sink/m1.eml", "/metrics", "/login", "/sessions"} {
		h := r.ask(http.MethodGet, path).Header()
		if got := h.Get("Content-Security-Policy"); got != gate.Policy || strings.Contains(got, "unsafe") {
			t.Errorf("%s has the policy %q", path, got)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("X-Frame-Options") != "DENY" || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s has the headers %v", path, h)
		}
	}
	w := r.ask(http.MethodGet, "/queues/")
	// Its pages carry their script and style inline; they reach no other host, and nobody frames them.
	const queues = "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
		"connect-src 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'"
	if got := w.Header().Get("Content-Security-Policy"); w.Code != http.StatusNoContent || got != queues {
		t.Errorf("the queue view has status %d, policy %q", w.Code, got)
	}
	if w := r.ask(http.MethodGet, "/queues"); w.Header().Get("Location") != "/queues/" {
		t.Errorf("/queues leads to %q", w.Header().Get("Location"))
	}
}

func TestAssetsMayBeKept(t *testing.T) {
	r := newRig(t)
	page := r.bare(http.MethodGet, "/login").Body.String()
	for _, kind := range []string{"text/css", "text/javascript", "image/svg+xml"} {
		found := false
		for _, part := range strings.Split(page, `"`) {
			if !strings.HasPrefix(part, "/assets/") {
				continue
			}
			w := r.bare(http.MethodGet, part)
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

// TestBodiesAreLimited: a form that goes on for ever is refused, with a secret or without.
func TestBodiesAreLimited(t *testing.T) {
	r := newRig(t)
	long := form("token", testToken, "name", strings.Repeat("x", 16<<10))
	if w := r.bare(http.MethodPost, "/login", long); w.Code != http.StatusBadRequest || len(w.Result().Cookies()) > 0 {
		t.Errorf("a long form: status %d", w.Code)
	}
	cookie := r.signIn("li")
	if w := r.bare(http.MethodPost, "/sessions/name", with(cookie), long); w.Code != http.StatusSeeOther {
		t.Errorf("status %d", w.Code)
	}
	if s, err := r.config.Store.Operators.Session(t.Context(), cookie.Value, r.config.Store.Operators.Ground(testToken), time.Now()); err != nil || len(s.Name) > 64 {
		t.Errorf("the name is %q, %v", s.Name, err)
	}
}
