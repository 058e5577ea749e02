package entrance

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/netip"
	"strings"
	"sync"
	"time"

	"frontdesk/workers/gate"
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
	names   gate.Names
	brake   brake
}

func newGuard(c Config) *guard {
	g := &guard{token: sha256.Sum256([]byte(c.Token)), names: gate.NamesOf(c.Names), brake: brake{wrong: map[netip.Prefix]int{}}}
	if c.MetricsToken != "" {
		sum := sha256.Sum256([]byte(c.MetricsToken))
		g.metrics = &sum
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
	network := gate.Network(from)
	if _, known := b.wrong[network]; !known && len(b.wrong) >= wrongNetworks {
		b.others++
		return b.others
	}
	b.wrong[network]++
	return b.wrong[network]
}
