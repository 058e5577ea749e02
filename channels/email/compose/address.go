package compose

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/channels/email/header"
)

// Address is an address as SMTP and headers want it.
type Address struct {
	local  string // quoted where it must be
	domain string // ASCII
	UTF8   bool   // the local part needs SMTPUTF8
}

// Spec is the address as it is written, without a name: local@domain.
func (a Address) Spec() string { return a.local + "@" + a.domain }

// Errors of addresses. None of them shows the address.
var (
	errSyntax = errors.New("not an address")
	errLength = errors.New("address is longer than mail allows")
	errDomain = errors.New("domain is not a name")
	ErrUTF8   = errors.New("local part needs SMTPUTF8, which the relay does not offer (5.6.7)")
)

// ParseAddress reads an addr-spec. Its domain becomes ASCII (RFC 5891), so that only the local
// part can need SMTPUTF8. Local parts that break the dot rules, as some carriers gave them out,
// are quoted.
// Every error means that no mail can ever go there. The address itself is in none of them, since they are logged.
func ParseAddress(addr string, allowUTF8 bool) (Address, error) {
	var a Address
	if !utf8.ValidString(addr) || strings.ContainsFunc(addr, unicode.IsControl) {
		return a, errSyntax
	}
	local, domain, ok := header.SplitAddress(strings.TrimSpace(addr))
	if !ok || local == "" || domain == "" {
		return a, errSyntax
	}
	var err error
	if a.domain, err = parseDomain(domain); err != nil {
		return a, err
	}
	a.UTF8 = nonASCII(local) > 0
	if a.UTF8 && !allowUTF8 {
		return a, ErrUTF8
	}
	if a.local, err = parseLocal(local); err != nil {
		return a, err
	}
	if len(a.local) > 64 || len(a.Spec()) > 254 { // RFC 5321 §4.5.3.1
		return a, errLength
	}
	return a, nil
}

// parseDomain makes a name of letters, digits, hyphens and underscores of it, in lower case. Address literals ([192.0.2.1]) are refused:
// no customer has one.
func parseDomain(domain string) (string, error) {
	if nonASCII(domain) > 0 {
		ascii, err := header.ASCIIDomain(domain)
		if err != nil {
			return "", errDomain
		}
		domain = ascii
	}
	domain = strings.ToLower(domain)
	if len(domain) > 253 {
		return "", errLength
	}
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return "", errDomain
		}
	}
	return domain, nil
}

// parseLocal unquotes and quotes anew only where it must, so that one mailbox has one spelling.
func parseLocal(local string) (string, error) {
	if len(local) > 1 && local[0] == '"' && local[len(local)-1] == '"' {
		local = unquote(local[1 : len(local)-1])
	} else if strings.ContainsAny(local, specials) {
		return "", errSyntax // more likely a list than a mailbox
	}
	if local == "" {
		return "", errSyntax
	}
	if dotAtom(local) {
		return local, nil
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(local) + `"`, nil
}

// specials need quotes (RFC 5322 §3.2.3).
const specials = ` ()<>[]:;@\,"`

// unquote removes the backslashes of a quoted string.
func unquote(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// dotAtom reports whether a local part needs no quotes (RFC 5322 §3.2.3, RFC 6532 §3.2).
func dotAtom(s string) bool {
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" || strings.ContainsAny(atom, specials) {
			return false
		}
	}
	return true
}
