package web

import (
	"net/netip"
	"sync"
	"time"
)

// maxSenders bounds how many networks a limiter counts apart in one window. Those beyond share one
// count, so a flood from everywhere meets a limit too.
const maxSenders = 20_000

// limiter counts calls of each network in a sliding window: what came in the current window, and
// of the one before the share that still lies within a window's length.
type limiter struct {
	allowed int
	window  time.Duration

	mu            sync.Mutex // guards all below
	start         time.Time  // of the current window
	current, last map[netip.Prefix]int
}

func newLimiter(allowed int, window time.Duration) *limiter {
	return &limiter{allowed: allowed, window: window, current: map[netip.Prefix]int{}, last: map[netip.Prefix]int{}}
}

// take counts one call. When there were too many it counts nothing and says how long to wait.
func (l *limiter) take(who netip.Prefix, now time.Time) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn(now)
	if _, known := l.current[who]; !known && len(l.current) >= maxSenders {
		who = netip.Prefix{}
	}
	passed := max(0, now.Sub(l.start))
	rest := float64(l.window-passed) / float64(l.window)
	if float64(l.last[who])*rest+float64(l.current[who]) >= float64(l.allowed) {
		return max(l.window-passed, time.Second).Round(time.Second), false
	}
	l.current[who]++
	return 0, true
}

// turn begins a new window when the current one is over.
func (l *limiter) turn(now time.Time) {
	switch passed := now.Sub(l.start); {
	case passed < l.window:
	case passed < 2*l.window:
		l.start = l.start.Add(l.window)
		l.last, l.current = l.current, map[netip.Prefix]int{}
	default:
		l.start = now
		l.last, l.current = map[netip.Prefix]int{}, map[netip.Prefix]int{}
	}
}
