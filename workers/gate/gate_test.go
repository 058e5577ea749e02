package gate

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestOwnPath(t *testing.T) {
	for next, want := range map[string]string{
		"": "/", "/": "/", "/tickets?state=open": "/tickets?state=open", "https://evil.example/": "/", "//evil.example/": "/",
		`/\evil.example`: "/", "/a\r\nX: y": "/", "javascript:alert(1)": "/", "tickets": "/", "/%2f/evil": "/%2f/evil", "/\tevil": "/",
	} {
		if got := OwnPath(next, "/"); got != want {
			t.Errorf("OwnPath(%q) = %q, want %q", next, got, want)
		}
	}
}

func TestDevices(t *testing.T) {
	for agent, want := range map[string]string{
		"": "", "curl/8.5.0": "curl", "something": "",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0": "Edge, Windows",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15":         "Safari, macOS",
		"Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36":                  "Chrome, Android",
	} {
		if got := Device(agent); got != want {
			t.Errorf("Device(%q) = %q, want %q", agent, got, want)
		}
	}
}

func TestNamesUnderWhichPagesAreReached(t *testing.T) {
	names := NamesOf([]string{"Desk.Example.com:8443", "desk.example.net."})
	for host, want := range map[string]bool{
		"127.0.0.1:8082": true, "[::1]:8082": true, "::1": true, "localhost:1": true, "a.localhost": true, "desk.example.com": true, "DESK.example.net:9": true,
		"evil.example": false, "desk.example.com.evil.example": false, "": false, "127.0.0.1.evil.example": false,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		if r.Host = host; names.Reached(r) != want {
			t.Errorf("%q is reached: %t, want %t", host, !want, want)
		}
	}
}

func TestCookies(t *testing.T) {
	c := Cookie{Name: "x", Site: http.SameSiteLaxMode}
	for _, one := range []struct {
		name, proto, want string
	}{
		{"a plain page has a plain one", "", "x=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax"},
		{"behind TLS no other host can set it", "https", "__Host-x=v; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Lax"},
	} {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("X-Forwarded-Proto", one.proto)
		c.Set(w, r, "v", time.Minute)
		if got := w.Header().Get("Set-Cookie"); got != one.want {
			t.Errorf("%s: %s", one.name, got)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Cookie", "x=plain; __Host-x=secure")
	if got := c.Values(r); len(got) != 2 || got[0] != "secure" {
		t.Errorf("values are %q", got)
	}
	w := httptest.NewRecorder()
	c.Drop(w, r)
	if got := w.Header().Values("Set-Cookie"); len(got) != 2 || got[0] != "__Host-x=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax" {
		t.Errorf("both are dropped by %q", got)
	}
}

func TestAnAddressIsReadAsTheProxySaysIt(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.RemoteAddr = "[::ffff:192.0.2.7]:5"
	if got := From(r, nil); got != netip.MustParseAddr("192.0.2.7") {
		t.Error(got)
	}
	if got := From(r, func(*http.Request) string { return "2001:db8::1" }); Network(got) != netip.MustParsePrefix("2001:db8::/64") {
		t.Error(got)
	}
	if got := From(r, func(*http.Request) string { return "unknown" }); got.IsValid() || Network(got) != (netip.Prefix{}) {
		t.Error(got)
	}
}

// FuzzOwnPath: whatever is asked for, a browser that goes on stays with us.
func FuzzOwnPath(f *testing.F) {
	for _, next := range []string{"/desk", "//evil.example", "/\\evil", "/..//evil", "https://evil", "/a?b#c", "/\x00", "javascript:1", "/%5cevil"} {
		f.Add(next)
	}
	base, err := url.Parse("https://desk.example/desk/sign-in")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, next string) {
		own := OwnPath(next, "/desk")
		to, err := base.Parse(own)
		if err != nil || to.Host != base.Host || to.Scheme != base.Scheme || own[0] != '/' || strings.HasPrefix(own, "//") || strings.ContainsAny(own, "\\\r\n\t\x00") {
			t.Errorf("%q leads to %q: %v", next, own, err)
		}
	})
}
