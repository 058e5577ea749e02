// Package publicnet tells addresses of the public Internet from all others, for whoever must not be led into a private network; a leaf.
package publicnet

import (
	"net/netip"
	"slices"
)

// outside lists the IPv4 ranges that are not the public Internet (RFC 6890 and the IANA registry of
// special-purpose addresses), and the one public address that a cloud uses for itself.
func outside() []netip.Prefix {
	return prefixes(
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
		"192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
		"198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
		"168.63.129.16/32", // Azure's metadata and DNS
	)
}

// tunnels lists the ranges inside 2000::/3 that lead to an IPv4 address or to nobody.
func tunnels() []netip.Prefix {
	return prefixes("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
}

// prefixes reads constants; a mistake in one stops the first test.
func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, t := range texts {
		out[i] = netip.MustParsePrefix(t)
	}
	return out
}

// Public reports whether ip is an address of the public Internet. IPv4 addresses inside IPv6 ones
// are judged as IPv4 when they are mapped (::ffff:0:0/96) and refused when they are translated
// (NAT64, 6to4, Teredo); of IPv6, only global unicast (2000::/3) is public. Addresses with a zone
// are not.
func Public(ip netip.Addr) bool {
	ip = ip.Unmap()
	if !ip.IsValid() || ip.Zone() != "" {
		return false
	}
	if ip.Is4() {
		return !within(ip, outside())
	}
	return netip.MustParsePrefix("2000::/3").Contains(ip) && !within(ip, tunnels())
}

func within(ip netip.Addr, list []netip.Prefix) bool {
	return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(ip) })
}
