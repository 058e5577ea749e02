package passkeys

import (
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// Site is where passkeys are good: ID is the name that they are bound to (relying party), Origin the address of pages that may ask for them.
type Site struct{ ID, Origin string }

// SiteOf is the site of an address such as https://desk.example:8443. ok is false where browsers have no passkeys: for a host that is an IP
// address, and for plain http but on localhost.
func SiteOf(address string) (s Site, ok bool) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return s, false
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if _, err := netip.ParseAddr(host); err == nil {
		return s, false
	}
	local := host == "localhost" || strings.HasSuffix(host, ".localhost")
	if u.Scheme != "https" && (u.Scheme != "http" || !local) {
		return s, false
	}
	s = Site{ID: host, Origin: u.Scheme + "://" + host}
	if port := u.Port(); port != "" && port != map[string]string{"https": "443", "http": "80"}[u.Scheme] {
		s.Origin = u.Scheme + "://" + net.JoinHostPort(host, port)
	}
	return s, true
}

// Localhost is the address under the name localhost of a page that was asked for at an address of the loopback; "" for every other page.
func Localhost(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	at, err := netip.ParseAddr(u.Hostname())
	if err != nil || !at.Unmap().IsLoopback() {
		return ""
	}
	host := "localhost"
	if port := u.Port(); port != "" {
		host = net.JoinHostPort(host, port)
	}
	return u.Scheme + "://" + host
}
