package guard

import (
	"net/netip"
	"sync"
	"time"
)

// maxSenders bounds how many networks a rate remembers of one window. When there are more, the
// window ends early: what is forgotten is always the oldest, so that who is new never pays for others.
const maxSenders = 20_000

// siteShare is how many lines' allowance the whole /48 of an IPv6 address has: it is one site, or one
// rented machine, and holds 65 536 lines.
const siteShare = 4

// Rate counts calls of each client in a sliding window: what came in the current window, and of the
// one before the share that still lies within a window's length. Only calls that were allowed are
// counted, so one /48 never fills more than siteShare allowances of its memory.
// It keeps two numbers for each client instead of a time for each call, so its memory is bounded by maxSenders. The price is an
// estimate: it takes for granted that the last window's calls were spread evenly.
type Rate struct {
	// allowed is how many calls of one line (an IPv4 address or an IPv6 /64, Client) a window takes.
	allowed int
	// window is its length. current and last count by prefix: lines and the sites around them, in one map.
	window time.Duration

	mu            sync.Mutex // guards all below
	start         time.Time  // of the current window
	current, last map[netip.Prefix]int
}

// NewRate makes one whose first window begins with its first call.
func NewRate(allowed int, window time.Duration) *Rate {
	return &Rate{allowed: allowed, window: window, current: map[netip.Prefix]int{}, last: map[netip.Prefix]int{}}
}

// Take counts one call. When there were too many of the address's line or site it counts nothing and
// says how long to wait. Callers whose address is not known are one client.
func (l *Rate) Take(who netip.Addr, now time.Time) (wait time.Duration, ok bool) {
	line, site := Client(who)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn(now)
	passed := max(0, now.Sub(l.start))
	rest := float64(l.window-passed) / float64(l.window)
	used := func(p netip.Prefix) float64 { return float64(l.last[p])*rest + float64(l.current[p]) }
	if used(line) >= float64(l.allowed) || site.IsValid() && used(site) >= float64(siteShare*l.allowed) {
		return max(l.window-passed, time.Second).Round(time.Second), false
	}
	l.current[line]++
	if site.IsValid() {
		l.current[site]++
	}
	return 0, true
}

// turn begins a new window when the current one is over, or full.
func (l *Rate) turn(now time.Time) {
	switch passed := now.Sub(l.start); {
	case passed >= 2*l.window:
		l.start = now
		l.last, l.current = map[netip.Prefix]int{}, map[netip.Prefix]int{}
	case passed >= l.window:
		l.start = l.start.Add(l.window)
		l.last, l.current = l.current, map[netip.Prefix]int{}
	case len(l.current) >= maxSenders:
		l.start = now
		l.last, l.current = l.current, map[netip.Prefix]int{}
	}
}
