package guard

import (
	"net/netip"
	"sync"
)

// Shares counts what each client holds at a time, such as bytes or requests, and lets nobody hold more
// than his share. What nobody holds takes no memory. It is safe for concurrent use; a nil Shares has no
// limits.
type Shares struct {
	// address and network are the most that each may hold, 0 for no limit.
	address, network int64

	mu   sync.Mutex
	held map[netip.Prefix]int64
}

// NewShares makes shares of so much for an IPv4 address or an IPv6 /64, and for a whole IPv6 /48. A
// figure of 0 is no limit.
func NewShares(address, network int64) *Shares {
	return &Shares{address: address, network: network, held: map[netip.Prefix]int64{}}
}

// Take adds n to what a client holds; false, and nothing is added, when that is more than its share.
// An invalid address has no limit.
func (s *Shares) Take(who netip.Addr, n int64) bool {
	if s == nil || n <= 0 {
		return true
	}
	address, network := Client(who)
	if !address.IsValid() {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.address > 0 && s.held[address]+n > s.address || network.IsValid() && s.network > 0 && s.held[network]+n > s.network {
		return false
	}
	s.held[address] += n
	if network.IsValid() {
		s.held[network] += n
	}
	return true
}

// Over is how much too much n more would be for a client, and for which of the two that it counts as; nothing where they fit.
func (s *Shares) Over(who netip.Addr, n int64) (over int64, of netip.Prefix) {
	if s == nil {
		return 0, netip.Prefix{}
	}
	address, network := Client(who)
	s.mu.Lock()
	defer s.mu.Unlock()
	if more := s.held[address] + n - s.address; address.IsValid() && s.address > 0 && more > 0 {
		over, of = more, address
	}
	if more := s.held[network] + n - s.network; network.IsValid() && s.network > 0 && more > over {
		over, of = more, network
	}
	return over, of
}

// Give takes n off again. It is called once for what Take granted.
func (s *Shares) Give(who netip.Addr, n int64) {
	if s == nil || n <= 0 {
		return
	}
	address, network := Client(who)
	if !address.IsValid() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range []netip.Prefix{address, network} {
		if !p.IsValid() {
			continue
		}
		if s.held[p] -= n; s.held[p] <= 0 {
			delete(s.held, p)
		}
	}
}

// Clients is how many prefixes hold something now.
func (s *Shares) Clients() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.held)
}
