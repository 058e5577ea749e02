package safehttp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/publicnet"
)

func TestPublic(t *testing.T) {
	for _, c := range []struct {
		name, ip string
		want     bool
	}{
		{"a public IPv4 address", "93.184.216.34", true},
		{"a public IPv6 address", "2606:2800:220:1:248:1893:25c8:1946", true},
		{"loopback", "127.0.0.1", false},
		{"the rest of loopback", "127.255.255.254", false},
		{"IPv6 loopback", "::1", false},
		{"unspecified", "0.0.0.0", false},
		{"private 10", "10.1.2.3", false},
		{"private 172.31", "172.31.255.255", false},
		{"just above private 172", "172.32.0.1", true},
		{"private 192.168", "192.168.0.1", false},
		{"link-local with the metadata service", "169.254.169.254", false},
		{"metadata of Azure", "168.63.129.16", false},
		{"metadata of Alibaba in carrier-grade NAT", "100.100.100.200", false},
		{"multicast", "224.0.0.251", false},
		{"reserved", "240.0.0.1", false},
		{"broadcast", "255.255.255.255", false},
		{"mapped loopback", "::ffff:127.0.0.1", false},
		{"a mapped public address", "::ffff:93.184.216.34", true},
		{"mapped metadata", "::ffff:169.254.169.254", false},
		{"NAT64 of a private address", "64:ff9b::a00:1", false},
		{"local NAT64", "64:ff9b:1::1", false},
		{"6to4 of a private address", "2002:a00:1::1", false},
		{"Teredo", "2001:0:1::1", false},
		{"unique local with the metadata of AWS", "fd00:ec2::254", false},
		{"IPv6 link-local", "fe80::1", false},
		{"IPv6 with a zone", "fe80::1%eth0", false},
		{"IPv6 multicast", "ff02::1", false},
		{"IPv4-compatible", "::7f00:1", false},
		{"documentation", "2001:db8::1", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := publicnet.Public(netip.MustParseAddr(c.ip)); got != c.want {
				t.Errorf("Public(%s) = %v, want %v", c.ip, got, c.want)
			}
		})
	}
	if publicnet.Public(netip.Addr{}) {
		t.Error("no address is public")
	}
}

func get(t *testing.T, c *http.Client, u string) (*http.Response, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, u, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth("account", "token")
	res, err := c.Do(r)
	if err == nil {
		t.Cleanup(func() { res.Body.Close() })
	}
	return res, err
}

func TestRefuseBeforeAnythingIsSent(t *testing.T) {
	asked := false
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer s.Close()
	port := strings.TrimPrefix(s.URL, "http://127.0.0.1")
	for _, c := range []struct {
		name, url string
		cfg       Config
	}{
		{"plain http", s.URL, Config{}},
		{"loopback by https", "https://127.0.0.1" + port, Config{}},
		{"loopback by name, found when the name is resolved", "https://localhost" + port, Config{}},
		{"mapped loopback", "https://[::ffff:127.0.0.1]" + port, Config{}},
		{"another host than the provider's", "https://example.net/", Config{Hosts: []string{"twilio.com"}}},
		{"a host that only ends like the provider's", "https://eviltwilio.com/", Config{Hosts: []string{"twilio.com"}}},
		{"a private address although loopback is allowed", "https://10.0.0.1/", Config{Loopback: true}},
		{"plain http to a name although loopback is allowed", "http://example.net/", Config{Loopback: true}},
		{"a file", "file:///etc/passwd", Config{Loopback: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.cfg.Connect = time.Second
			_, err := get(t, New(c.cfg), c.url)
			if !errors.Is(err, ErrBlocked) {
				t.Errorf("error %v, want ErrBlocked", err)
			}
		})
	}
	if asked {
		t.Error("the server on loopback was asked")
	}
}

func TestRedirect(t *testing.T) {
	var auth string
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		auth = r.Header.Get("Authorization")
	}))
	defer target.Close()
	var to string
	first := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/end" {
			auth = r.Header.Get("Authorization")
			return
		}
		http.Redirect(w, r, to, http.StatusTemporaryRedirect)
	}))
	defer first.Close()
	for _, c := range []struct {
		name, to string
		blocked  bool
		auth     bool
	}{
		{"the same origin keeps the credentials", first.URL + "/end", false, true},
		{"another port does not get them", target.URL + "/", false, false},
		{"credentials in the new URL are dropped", strings.Replace(target.URL, "//", "//u:p@", 1), false, false},
		{"a private address is refused", "https://192.168.1.1/", true, false},
		{"a metadata service by plain http is refused", "http://169.254.169.254/latest/", true, false},
		{"a circle ends", first.URL + "/again", true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			to, auth = c.to, ""
			_, err := get(t, New(Config{Loopback: true, Connect: time.Second}), first.URL+"/start")
			if got := errors.Is(err, ErrBlocked); got != c.blocked {
				t.Fatalf("blocked = %v (%v), want %v", got, err, c.blocked)
			}
			if got := auth != ""; got != c.auth {
				t.Errorf("credentials sent on: %v, want %v", got, c.auth)
			}
		})
	}
	t.Run("none are followed when asked so", func(t *testing.T) {
		to = target.URL
		res, err := get(t, New(Config{Loopback: true, Redirects: -1}), first.URL+"/start")
		if err != nil || res.StatusCode != http.StatusTemporaryRedirect {
			t.Errorf("got %v, %v; want the redirect itself", res, err)
		}
	})
}

func TestExchangeTellsWhatHappened(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/drop" {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	defer s.Close()
	type seen struct {
		Failed, Sent bool
		Status       int
		Wait         time.Duration
	}
	for _, c := range []struct {
		name, url string
		client    *http.Client
		want      seen
	}{
		{"an answer", s.URL, New(Config{Loopback: true}), seen{false, true, 429, 7 * time.Second}},
		{"a connection dropped before the answer", s.URL + "/drop", New(Config{Loopback: true}), seen{true, true, 0, 0}},
		{"nobody listens", "http://127.0.0.1:1", New(Config{Loopback: true}), seen{true, false, 0, 0}},
		{"refused by the guard", s.URL, New(Config{}), seen{true, false, 0, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, e := Observe(t.Context())
			r, _ := http.NewRequestWithContext(ctx, http.MethodPost, c.url, strings.NewReader("x"))
			res, err := c.client.Do(r)
			if err == nil {
				res.Body.Close()
			}
			got := seen{err != nil, e.Sent(), e.Status(), e.RetryAfter()}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("exchange (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHeaderTimeout(t *testing.T) {
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer s.Close()
	defer close(release)
	if _, err := get(t, New(Config{Loopback: true, Header: 50 * time.Millisecond}), s.URL); err == nil {
		t.Error("a server that does not answer was waited for")
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": 0, "5": 5 * time.Second, "-5": 0, "soon": 0, "99999999": 24 * time.Hour, "99999999999999999999": 0,
		"Mon, 04 May 2026 12:01:00 GMT": time.Minute, "Mon, 04 May 2026 11:00:00 GMT": 0,
	} {
		if got := retryAfter(value, now); got != want {
			t.Errorf("retryAfter(%q) = %v, want %v", value, got, want)
		}
	}
}

func TestLimit(t *testing.T) {
	for _, c := range []struct {
		name  string
		size  int
		limit int64
		err   error
	}{
		{"shorter", 9, 10, nil}, {"exactly", 10, 10, nil}, {"longer", 11, 10, ErrTooLarge},
		{"much longer", 1 << 20, 10, ErrTooLarge}, {"nothing allowed, nothing there", 0, 0, nil},
		{"no limit worth the name", 5, 1<<63 - 1, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ReadAll(bytes.NewReader(make([]byte, c.size)), c.limit)
			if !errors.Is(err, c.err) || int64(len(got)) > c.limit {
				t.Errorf("%d bytes, error %v; want at most %d and %v", len(got), err, c.limit, c.err)
			}
			body := Limit(io.NopCloser(bytes.NewReader(make([]byte, c.size))), c.limit)
			if _, err := io.Copy(io.Discard, body); !errors.Is(err, c.err) {
				t.Errorf("copying: %v, want %v", err, c.err)
			}
		})
	}
}

func TestRedactTakesTheURLAway(t *testing.T) {
	inner := context.DeadlineExceeded
	err := Redact(&url.Error{Op: "Get", URL: "https://host/bot123:secret/getMe", Err: inner})
	if !errors.Is(err, inner) || strings.Contains(err.Error(), "secret") {
		t.Errorf("redacted to %q", err)
	}
}
