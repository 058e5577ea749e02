// Package guard gives each client of a listener its share and no more: of connections (Listener) and of
// whatever else is counted while it is held (Shares). A client is an IPv4 address, or a /64 of IPv6,
// which is one subscriber's line; the /48 that it lies in, which is one site or one rented machine, has
// a share of its own, so that nobody is many clients by having many addresses.
//
// Whoever comes is let in. Where his share is used up, the connection of the same share that has gone
// longest without handing anything in makes room for him, so that many silent connections never shut a
// door.
package guard

import (
	"net"
	"net/netip"
	"slices"
	"time"
)

// Limits says how many connections there may be at a time. A figure of 0 is no limit.
type Limits struct {
	All     int // in all
	Address int // of one IPv4 address or one IPv6 /64
	Network int // of one IPv6 /48
	// Exempt are networks whose connections are counted in All alone: reverse proxies, whose
	// connections are those of many clients.
	Exempt []netip.Prefix
	// Grace is how long a connection is safe from making room for another one; half a second where it is 0, and not at
	// all where it is negative.
	Grace time.Duration
	// Farewell is written to a connection that finds no room, before it is closed: a few hundred bytes at
	// most, in the words of the protocol.
	Farewell []byte
}

// Client returns what an address counts as: itself or its /64, and the /48 around it. The second is the
// zero Prefix for IPv4, and both are for an invalid address.
func Client(ip netip.Addr) (address, network netip.Prefix) {
	ip = ip.Unmap().WithZone("")
	switch {
	case !ip.IsValid():
		return netip.Prefix{}, netip.Prefix{}
	case ip.Is4():
		return netip.PrefixFrom(ip, 32), netip.Prefix{}
	}
	address, _ = ip.Prefix(64) // an IPv6 address has both
	network, _ = ip.Prefix(48)
	return address, network
}

// Within reports whether an address lies in one of the networks.
func Within(ip netip.Addr, networks []netip.Prefix) bool {
	ip = ip.Unmap().WithZone("")
	return slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// addressOf is the IP address of the other end; invalid for what has none, such as a Unix socket.
func addressOf(a net.Addr) netip.Addr {
	if t, ok := a.(*net.TCPAddr); ok {
		return t.AddrPort().Addr()
	}
	return netip.Addr{}
}
