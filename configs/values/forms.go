package values

import (
	"net/mail"
	"net/netip"
	"regexp"
	"strings"
)

// phoneNumber is the form of E.164: at most 15 digits, the country code among them. Whether a number exists is package phones' matter.
var phoneNumber = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// IsPhone reports whether a text is a telephone number with + and country code.
func IsPhone(text string) bool { return phoneNumber.MatchString(text) }

// IsMail reports whether a text is one mail address and nothing else.
// A display name, a comment or a second @ is refused, since the text stands in envelopes.
func IsMail(text string) bool {
	got, err := mail.ParseAddress(text)
	return err == nil && got.Address == text && strings.Count(text, "@") == 1
}

// IsDomain reports whether a text has the form of a domain name.
// Letters beyond ASCII are allowed, as people write them. Whether DNS knows the name is not asked; the empty name passes, too.
func IsDomain(name string) bool {
	if len(name) > 253 || strings.HasPrefix(name, ".") || strings.Contains(name, "..") {
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool {
		return r < 0x80 && r != '-' && r != '.' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

// IsLoopback reports whether a host is this machine.
// It asks no name server, so only "localhost" is known among names.
func IsLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// IsElsewhere reports whether a host is reached over a network. An empty host and a path are sockets of this machine.
// It decides where a password or a customer's text would travel in the clear. A leading @ is an abstract socket of Linux.
func IsElsewhere(host string) bool {
	host = strings.Trim(host, "[]")
	return host != "" && !strings.HasPrefix(host, "/") && !strings.HasPrefix(host, "@") && !IsLoopback(host)
}
