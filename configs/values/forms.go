package values

import (
	"net/mail"
	"net/netip"
	"regexp"
	"strings"
)

var phoneNumber = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// IsPhone reports whether a text is a telephone number with + and country code.
func IsPhone(text string) bool { return phoneNumber.MatchString(text) }

// IsMail reports whether a text is one mail address and nothing else.
func IsMail(text string) bool {
	got, err := mail.ParseAddress(text)
	return err == nil && got.Address == text && strings.Count(text, "@") == 1
}

// IsDomain reports whether a text has the form of a domain name.
func IsDomain(name string) bool {
	if len(name) > 253 || strings.HasPrefix(name, ".") || strings.Contains(name, "..") {
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool {
		return r < 0x80 && r != '-' && r != '.' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

// IsLoopback reports whether a host is this machine.
func IsLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// IsElsewhere reports whether a host is reached over a network. An empty host and a path are sockets of this machine.
func IsElsewhere(host string) bool {
	host = strings.Trim(host, "[]")
	return host != "" && !strings.HasPrefix(host, "/") && !strings.HasPrefix(host, "@") && !IsLoopback(host)
}
