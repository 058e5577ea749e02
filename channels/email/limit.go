package email

import (
	"container/list"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// RemoteLimits bounds what one remote address may do; an IPv6 remote is its /64. Loopback and
// Trusted remotes are not limited: mail servers of our own hand over everybody's mail.
type RemoteLimits struct {
	Sessions          int            // at a time; 20, negative for no limit
	MessagesPerMinute int            // with bursts of the same number; 120, negative for no limit
	Remotes           int            // remembered at a time; 10 000
	Trusted           []netip.Prefix // own mail servers
}

func (r RemoteLimits) withDefaults() RemoteLimits {
	if r.Sessions == 0 {
		r.Sessions = 20
	}
	if r.MessagesPerMinute == 0 {
		r.MessagesPerMinute = 120
	}
	if r.Remotes == 0 {
		r.Remotes = 10_000
	}
	return r
}

// limitTable remembers remotes. Those without a session wait in order of their last one and are
// forgotten, oldest first, when the table is full; those with one are as many as there may be
// sessions at most.
type limitTable struct {
	cfg RemoteLimits

	mu      sync.Mutex
	remotes map[netip.Addr]*limitEntry
	idle    *list.List // of *limitEntry, latest in front
}

type limitEntry struct {
	key  netip.Addr
	open int
	rate *rate.Limiter
	idle *list.Element
}

func newLimitTable(cfg RemoteLimits) *limitTable {
	return &limitTable{cfg: cfg, remotes: make(map[netip.Addr]*limitEntry), idle: list.New()}
}

// open counts a session in; false when that remote has too many. Each true needs a close.
func (t *limitTable) open(remote netip.Addr) bool {
	if t.exempt(remote) {
		return true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.entry(limitKey(remote))
	if t.cfg.Sessions > 0 && e.open >= t.cfg.Sessions {
		return false
	}
	e.open++
	if e.idle != nil {
		t.idle.Remove(e.idle)
		e.idle = nil
	}
	return true
}

// close counts a session out.
func (t *limitTable) close(remote netip.Addr) {
	if t.exempt(remote) {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.remotes[limitKey(remote)]
	if e == nil || e.open == 0 {
		return
	}
	if e.open--; e.open == 0 {
		e.idle = t.idle.PushFront(e)
	}
}

// allow takes one message of the remote's allowance.
func (t *limitTable) allow(remote netip.Addr, now time.Time) bool {
	if t.cfg.MessagesPerMinute < 0 || t.exempt(remote) {
		return true
	}
	t.mu.Lock()
	e := t.remotes[limitKey(remote)]
	t.mu.Unlock()
	return e == nil || e.rate.AllowN(now, 1)
}

// entry finds or makes the remote's entry. A new one is put among the idle until its session opens.
func (t *limitTable) entry(key netip.Addr) *limitEntry {
	if e := t.remotes[key]; e != nil {
		return e
	}
	for len(t.remotes) >= t.cfg.Remotes && t.idle.Len() > 0 {
		oldest := t.idle.Remove(t.idle.Back()).(*limitEntry)
		delete(t.remotes, oldest.key)
	}
	n := max(t.cfg.MessagesPerMinute, 1)
	e := &limitEntry{key: key, rate: rate.NewLimiter(rate.Limit(float64(n)/60), n)}
	e.idle = t.idle.PushFront(e)
	t.remotes[key] = e
	return e
}

func (t *limitTable) exempt(remote netip.Addr) bool {
	if !remote.IsValid() || remote.IsLoopback() {
		return true
	}
	for _, p := range t.cfg.Trusted {
		if p.Contains(remote) {
			return true
		}
	}
	return false
}

func limitKey(remote netip.Addr) netip.Addr {
	if remote.Is6() {
		if p, err := remote.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return remote
}
