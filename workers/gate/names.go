// Package gate is what stands before pages at which people sign in, the operator's and the desk's alike: under which names they are
// reached, what pages of other sites may not do, headers, whose address it is, and where one may be sent on to. A leaf.
package gate

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Names are host names under which pages are reached, besides addresses and localhost.
type Names map[string]bool

// NamesOf makes them of names as people write them, with or without a port.
func NamesOf(names []string) Names {
	n := Names{}
	for _, name := range names {
		n[hostName(name)] = true
	}
	return n
}

// Reached reports whether the request names the page as it is reached: by an address, as localhost, or by a
// name that was configured. A page of another site whose name was made to point here (DNS rebinding) carries
// that site's name.
func (n Names) Reached(r *http.Request) bool {
	host := hostName(r.Host)
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || n[host] {
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

// Network is what an address is counted by: an IPv4 address, or the /64 that one IPv6 subscriber has. The zero Prefix stands for who has
// no address: they are counted together.
func Network(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

// From is who asks: as remote says, which knows the proxies of ours, or whoever has connected where that is nil. The zero address if it
// cannot be read.
func From(r *http.Request, remote func(*http.Request) string) netip.Addr {
	if remote == nil {
		at, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil {
			return netip.Addr{}
		}
		return at.Addr().Unmap()
	}
	a, err := netip.ParseAddr(remote(r))
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap()
}
