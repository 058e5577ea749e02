// Package safehttp makes HTTP clients for talking to providers, and for fetching what a provider's
// message points to, without becoming a stranger's way into our network: the address is checked when
// the connection is made, so a name that resolves differently the second time gains nothing; hosts
// may be limited to a provider's own; redirects are checked like first requests and carry no
// credentials to another host; every step has a time limit and every body a size limit.
package safehttp

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"frontdesk/internal/publicnet"
)

// ErrBlocked is what a request ends with that the guard does not let through. Its text names neither
// the address nor the URL.
var ErrBlocked = errors.New("blocked by the outbound guard")

// Config says what a client may reach and for how long. The zero Config reaches any public host by
// HTTPS.
type Config struct {
	// Hosts are the host names, with everything below them, that may be reached. Empty means any.
	Hosts []string
	// Loopback also allows 127.0.0.0/8 and ::1, plain HTTP to them, and there any host rule. For
	// tests, the demonstration and a provider's emulator; no other private range is ever allowed.
	Loopback bool
	// Redirects is how many redirects are followed. 0 means 3, below 0 none: the redirect is the answer.
	Redirects int
	// Connect, Header and Total limit the steps: TCP and TLS each, from the request to the answer's
	// header, and everything with the body. 0 means 5 s, 60 s and 90 s.
	Connect, Header, Total time.Duration
	// Resolver replaces the system's resolver.
	Resolver *net.Resolver
	// Roots are the authorities that vouch for who answers; nil for the system's.
	Roots *x509.CertPool
}

// New makes a client. It uses no proxy, keeps no cookies and is safe for concurrent use.
// It asks no environment for proxies: a proxy would connect in our place, past the guard.
func New(c Config) *http.Client {
	c.Connect = cmp.Or(c.Connect, 5*time.Second)
	c.Header = cmp.Or(c.Header, 60*time.Second)
	c.Redirects = cmp.Or(c.Redirects, 3)
	g := guard{c}
	dialer := &net.Dialer{Timeout: c.Connect, Resolver: c.Resolver, ControlContext: g.control}
	transport := &http.Transport{
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    c.Connect,
		ResponseHeaderTimeout:  c.Header,
		MaxResponseHeaderBytes: 64 << 10,
		MaxIdleConnsPerHost:    8,
		IdleConnTimeout:        90 * time.Second,
		ForceAttemptHTTP2:      true,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.Roots},
	}
	return &http.Client{
		Transport:     checked{g, transport},
		CheckRedirect: g.redirect,
		Timeout:       cmp.Or(c.Total, 90*time.Second),
	}
}

// guard judges addresses and URLs by a Config.
type guard struct{ Config }

// control is called with the resolved address, after DNS and before the connection.
func (g guard) control(_ context.Context, network, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || (network != "tcp4" && network != "tcp6") {
		return fmt.Errorf("connecting by %s: %w", network, ErrBlocked)
	}
	ip := at.Addr()
	if publicnet.Public(ip) || g.Loopback && ip.Unmap().IsLoopback() {
		return nil
	}
	return fmt.Errorf("connecting to an address that is not public: %w", ErrBlocked)
}

// check judges a URL before anything is sent to it.
func (g guard) check(u *url.URL) error {
	switch {
	case g.Loopback && loopbackName(u.Hostname()) && (u.Scheme == "http" || u.Scheme == "https"):
		return nil
	case u.Scheme != "https":
		return fmt.Errorf("not an https URL: %w", ErrBlocked)
	case !g.allowed(u.Hostname()):
		return fmt.Errorf("not a host of this provider: %w", ErrBlocked)
	}
	return nil
}

// allowed reports whether a host is one of those, or whether any is.
func (g guard) allowed(host string) bool {
	if len(g.Hosts) == 0 {
		return host != ""
	}
	return slices.ContainsFunc(g.Hosts, func(h string) bool { return Below(host, h) })
}

// Below reports whether host is the domain or a name below it. Case and a final dot do not count.
func Below(host, domain string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	domain = strings.ToLower(domain)
	return host == domain || strings.HasSuffix(host, "."+domain)
}

// LoopbackURL reports whether a URL points to this machine by name or number.
func LoopbackURL(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && loopbackName(u.Hostname())
}

// loopbackName asks no DNS: control checks what a name resolves to.
func loopbackName(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// redirect runs after net/http has copied the header to the next request. net/http keeps
// credentials for hosts below the first one; here only the very same origin keeps them.
func (g guard) redirect(next *http.Request, via []*http.Request) error {
	if g.Redirects < 0 {
		return http.ErrUseLastResponse
	}
	if len(via) > g.Redirects {
		return fmt.Errorf("following redirect %d: %w", len(via), ErrBlocked)
	}
	first := via[0].URL
	if next.URL.Scheme != first.Scheme || !strings.EqualFold(next.URL.Host, first.Host) {
		for _, name := range []string{"Authorization", "Cookie", "Proxy-Authorization", "Referer"} {
			next.Header.Del(name)
		}
		next.URL.User = nil
	}
	return g.check(next.URL)
}

// checked is the transport that judges each URL, first ones and redirects, before it is used.
type checked struct {
	guard guard
	next  *http.Transport
}

// RoundTrip implements http.RoundTripper.
func (c checked) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := c.guard.check(r.URL); err != nil {
		return nil, err
	}
	return observe(r, c.next)
}

// CloseIdleConnections lets http.Client close what is idle.
func (c checked) CloseIdleConnections() { c.next.CloseIdleConnections() }
