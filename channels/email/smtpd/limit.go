package smtpd

import (
	"container/list"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"frontdesk/channels/guard"
)

// Limits bounds what one remote address may do; an IPv6 remote is its /64, and a /48 may do limitWide times as
// much. Loopback and Trusted remotes are not limited: mail servers of our own hand over everybody's mail.
type Limits struct {
	Sessions          int            // at a time; 20, negative for no limit
	MessagesPerMinute int            // with bursts of the same number; 120, negative for no limit
	Remotes           int            // remembered at a time; 10 000
	Trusted           []netip.Prefix // own mail servers
}

// withDefaults fills what is zero; negative numbers stay, and mean no limit.
func (r Limits) withDefaults() Limits {
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

// limitTable counts the sessions of remotes, and the messages of those that have sent some lately: the one that has sent none
// for longest is forgotten when the table is full.
type limitTable struct {
	cfg      Limits
	sessions *guard.Shares

	mu      sync.Mutex
	remotes map[netip.Prefix]*list.Element // of *limitEntry
	order   *list.List                     // of *limitEntry, latest in front
}

// limitEntry is the allowance of one address or network: a token bucket that is full after a minute without messages.
type limitEntry struct {
	key  netip.Prefix
	rate *rate.Limiter
}

// newLimitTable makes an empty one. Without a limit of sessions its shares are 0, which bound nothing.
func newLimitTable(cfg Limits) *limitTable {
	each := int64(max(cfg.Sessions, 0))
	return &limitTable{cfg: cfg, sessions: guard.NewShares(each, each*limitWide), remotes: make(map[netip.Prefix]*list.Element), order: list.New()}
}

// open counts a session in; false when that remote has too many. Each true needs one close.
func (t *limitTable) open(remote netip.Addr) bool {
	return t.exempt(remote) || t.sessions.Take(remote, 1)
}

// full is the address or the network of a remote that has no place left for a session more.
func (t *limitTable) full(remote netip.Addr) (of netip.Prefix, is bool) {
	over, of := t.sessions.Over(remote, 1)
	return of, over > 0
}

// close counts a session out.
func (t *limitTable) close(remote netip.Addr) {
	if !t.exempt(remote) {
		t.sessions.Give(remote, 1)
	}
}

// allow takes one message of the remote's allowance.
// A message that the network's allowance refuses has used up one of the address's: it comes back within the minute.
func (t *limitTable) allow(remote netip.Addr, now time.Time) bool {
	if t.cfg.MessagesPerMinute < 0 || t.exempt(remote) {
		return true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	address, network := guard.Client(remote)
	return t.entry(address, 1).AllowN(now, 1) && (!network.IsValid() || t.entry(network, limitWide).AllowN(now, 1))
}

// entry finds or makes the allowance of a network, which is so many times that of one remote.
func (t *limitTable) entry(key netip.Prefix, times int) *rate.Limiter {
	if at := t.remotes[key]; at != nil {
		t.order.MoveToFront(at)
		return at.Value.(*limitEntry).rate
	}
	for len(t.remotes) >= t.cfg.Remotes && t.order.Len() > 0 {
		delete(t.remotes, t.order.Remove(t.order.Back()).(*limitEntry).key)
	}
	n := max(t.cfg.MessagesPerMinute, 1) * times
	e := &limitEntry{key: key, rate: rate.NewLimiter(rate.Limit(float64(n)/60), n)}
	t.remotes[key] = t.order.PushFront(e)
	return e.rate
}

// exempt reports whether a remote is not limited: unknown (a Unix socket), this machine, or Trusted.
func (t *limitTable) exempt(remote netip.Addr) bool {
	return !remote.IsValid() || remote.IsLoopback() || guard.Within(remote, t.cfg.Trusted)
}
