package entrance

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// Bounds of guessing. A token that a start makes has 256 bits, so guessing is hopeless anyway; the brake slows down
// who guesses one that somebody has thought up, and keeps the log and the database quiet.
const (
	// wrongPerMinute is how many wrong tokens of one network are answered as such in a minute; it is told to wait for
	// the others.
	wrongPerMinute = 10
	// wrongNetworks bounds the networks that are counted at a time. Those on top share one count.
	wrongNetworks = 4096
)

// guard knows the tokens and the names under which the page is reached. Tokens are kept as digests: comparing digests
// takes the same time whatever was sent, its length included.
type guard struct {
	token   [sha256.Size]byte
	metrics *[sha256.Size]byte // nil: none
	names   map[string]bool
	brake   brake
}

func newGuard(c Config) *guard {
	g := &guard{token: sha256.Sum256([]byte(c.Token)), names: map[string]bool{}, brake: brake{wrong: map[netip.Prefix]int{}}}
	if c.MetricsToken != "" {
		sum := sha256.Sum256([]byte(c.MetricsToken))
		g.metrics = &sum
	}
	for _, name := range c.Names {
		g.names[hostName(name)] = true
	}
	return g
}

// right compares a token in constant time. It is always compared before anything is counted or refused: however
// many wrong ones come from the same network, the right one opens.
func (g *guard) right(token string) bool { return equal(&g.token, token) }

// mayScrape reports whether the token is the one for metrics alone.
func (g *guard) mayScrape(token string) bool { return g.metrics != nil && equal(g.metrics, token) }

func equal(want *[sha256.Size]byte, token string) bool {
	got := sha256.Sum256([]byte(strings.TrimSpace(token)))
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

// named reports whether the request names this page as it is reached: by an address, as localhost, or by a
// name that was configured. A page of another site whose name was made to point here (DNS rebinding) carries
// that site's name.
func (g *guard) named(r *http.Request) bool {
	host := hostName(r.Host)
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || g.names[host] {
		return true
	}
	_, err := netip.ParseAddr(host)
	return err == nil
}

// hostName is a host without its port, brackets and last dot, in small letters.
func hostName(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

// brake counts wrong tokens by network: an IPv4 address, or the /64 that one IPv6 subscriber has.
type brake struct {
	mu     sync.Mutex
	minute int64
	wrong  map[netip.Prefix]int
	others int // of the networks beyond the bound
}

// miss counts a wrong token and returns which one of its network it is in this minute, from 1.
func (b *brake) miss(from netip.Addr, now time.Time) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if m := now.Unix() / 60; m != b.minute {
		b.minute, b.others = m, 0
		clear(b.wrong)
	}
	network := networkOf(from)
	if _, known := b.wrong[network]; !known && len(b.wrong) >= wrongNetworks {
		b.others++
		return b.others
	}
	b.wrong[network]++
	return b.wrong[network]
}

func networkOf(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // no address: they share one count
	}
	return p
}

func remote(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap()
}
