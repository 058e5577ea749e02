package email

import (
	"container/list"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// RemoteLimits bounds what one remote address may do; an IPv6 remote is its /64, and a /48 may do limitWide times as
// much. Loopback and Trusted remotes are not limited: mail servers of our own hand over everybody's mail.
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

// limitWide is how many /64 of one /48 may use their limits to the full at a time: who has one has the other.
const limitWide = 4

// limitTable remembers remotes. Those without a session wait in order of their last one and are
// forgotten, oldest first, when the table is full; those with one are as many as there may be
// sessions at most.
type limitTable struct {
	cfg RemoteLimits

	mu      sync.Mutex
	remotes map[netip.Prefix]*limitEntry
	idle    *list.List // of *limitEntry, latest in front
}

type limitEntry struct {
	key  netip.Prefix
	open int
	rate *rate.Limiter
	idle *list.Element
	most int // sessions at a time; 0 for no limit
}

func newLimitTable(cfg RemoteLimits) *limitTable {
	return &limitTable{cfg: cfg, remotes: make(map[netip.Prefix]*limitEntry), idle: list.New()}
}

// open counts a session in; false when that remote has too many. Each true needs a close.
func (t *limitTable) open(remote netip.Addr) bool {
	if t.exempt(remote) {
		return true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	keys := limitKeys(remote)
	for i, key := range keys {
		if !t.enter(t.entry(key)) {
			for _, have := range keys[:i] {
				t.leave(have)
			}
			return false
		}
	}
	return true
}

func (t *limitTable) enter(e *limitEntry) bool {
	if e.most > 0 && e.open >= e.most {
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
	for _, key := range limitKeys(remote) {
		t.leave(key)
	}
}

func (t *limitTable) leave(key netip.Prefix) {
	e := t.remotes[key]
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
	defer t.mu.Unlock()
	for _, key := range limitKeys(remote) {
		if e := t.remotes[key]; e != nil && !e.rate.AllowN(now, 1) {
			return false
		}
	}
	return true
}

// entry finds or makes the remote's entry. A new one is put among the idle until its session opens.
func (t *limitTable) entry(key netip.Prefix) *limitEntry {
	if e := t.remotes[key]; e != nil {
		return e
	}
	for len(t.remotes) >= t.cfg.Remotes && t.idle.Len() > 0 {
		oldest := t.idle.Remove(t.idle.Back()).(*limitEntry)
		delete(t.remotes, oldest.key)
	}
	times := 1
	if key.Bits() == limitWideBits {
		times = limitWide
	}
	n := max(t.cfg.MessagesPerMinute, 1) * times
	e := &limitEntry{key: key, rate: rate.NewLimiter(rate.Limit(float64(n)/60), n), most: max(t.cfg.Sessions, 0) * times}
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

const limitWideBits = 48

// limitKeys are the networks that a remote's doings count for.
func limitKeys(remote netip.Addr) []netip.Prefix {
	if remote.Is4() {
		return []netip.Prefix{netip.PrefixFrom(remote, 32)}
	}
	near, _ := remote.Prefix(64)
	wide, _ := remote.Prefix(limitWideBits)
	return []netip.Prefix{near, wide}
}
