package header

import (
	"errors"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Sizes of a domain name in ASCII (RFC 1035 §2.3.4).
const (
	domainBytes = 253
	labelBytes  = 63
)

// errDomainLength shows nothing of the domain.
var errDomainLength = errors.New("the domain is longer than a name may be")

// ASCIIDomain is a domain as DNS knows it (RFC 5891). What is longer than a name may be is refused before it is
// computed with: Punycode costs the product of a label's letters and its different letters, and takes a label of any size.
// The result is in lower case: the profile is that of UTS #46 for lookups.
func ASCIIDomain(domain string) (string, error) {
	if len(domain) > utf8.UTFMax*domainBytes || longLabel(domain) {
		return "", errDomainLength
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil {
		return "", err
	}
	if len(ascii) > domainBytes || longLabel(ascii) {
		return "", errDomainLength
	}
	return ascii, nil
}

// longLabel reports whether any label has more letters than one has in ASCII, where each takes a byte at least.
func longLabel(domain string) bool {
	for label := range strings.FieldsFuncSeq(domain, labelEnd) {
		if utf8.RuneCountInString(label) > labelBytes {
			return true
		}
	}
	return false
}

// labelEnd reports whether a letter parts labels (RFC 3490 §3.1).
func labelEnd(r rune) bool { return r == '.' || r == '\u3002' || r == '\uff0e' || r == '\uff61' }

// SplitAddress splits an address at its last @. Without one all of it is local.
func SplitAddress(addr string) (local, domain string, ok bool) {
	at := strings.LastIndexByte(addr, '@')
	if at < 0 {
		return addr, "", false
	}
	return addr[:at], addr[at+1:], true
}
