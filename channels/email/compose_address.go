package email

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// composeAddress is an address as SMTP and headers want it.
type composeAddress struct {
	local  string // quoted where it must be
	domain string // ASCII
	utf8   bool   // the local part needs SMTPUTF8
}

func (a composeAddress) spec() string { return a.local + "@" + a.domain }

// Errors of addresses. None of them shows the address.
var (
	errComposeSyntax = errors.New("not an address")
	errComposeLength = errors.New("address is longer than mail allows")
	errComposeDomain = errors.New("domain is not a name")
	errComposeUTF8   = errors.New("local part needs SMTPUTF8, which the relay does not offer (5.6.7)")
)

// composeParse reads an addr-spec. Its domain becomes ASCII (RFC 5891), so that only the local
// part can need SMTPUTF8. Local parts that break the dot rules, as some carriers gave them out,
// are quoted.
func composeParse(addr string, allowUTF8 bool) (composeAddress, error) {
	var a composeAddress
	if !utf8.ValidString(addr) || strings.ContainsFunc(addr, unicode.IsControl) {
		return a, errComposeSyntax
	}
	local, domain, ok := smtpCut(strings.TrimSpace(addr))
	if !ok || local == "" || domain == "" {
		return a, errComposeSyntax
	}
	var err error
	if a.domain, err = composeDomain(domain); err != nil {
		return a, err
	}
	a.utf8 = composeNonASCII(local) > 0
	if a.utf8 && !allowUTF8 {
		return a, errComposeUTF8
	}
	if a.local, err = composeLocal(local); err != nil {
		return a, err
	}
	if len(a.local) > 64 || len(a.spec()) > 254 { // RFC 5321 §4.5.3.1
		return a, errComposeLength
	}
	return a, nil
}

func composeDomain(domain string) (string, error) {
	if composeNonASCII(domain) > 0 {
		ascii, err := asciiDomain(domain)
		if err != nil {
			return "", errComposeDomain
		}
		domain = ascii
	}
	domain = strings.ToLower(domain)
	if len(domain) > 253 {
		return "", errComposeLength
	}
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return "", errComposeDomain
		}
	}
	return domain, nil
}

func composeLocal(local string) (string, error) {
	if len(local) > 1 && local[0] == '"' && local[len(local)-1] == '"' {
		local = composeUnquote(local[1 : len(local)-1])
	} else if strings.ContainsAny(local, composeSpecials) {
		return "", errComposeSyntax // more likely a list than a mailbox
	}
	if local == "" {
		return "", errComposeSyntax
	}
	if composeDotAtom(local) {
		return local, nil
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(local) + `"`, nil
}

// composeSpecials need quotes (RFC 5322 §3.2.3).
const composeSpecials = ` ()<>[]:;@\,"`

func composeUnquote(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// composeDotAtom reports whether a local part needs no quotes (RFC 5322 §3.2.3, RFC 6532 §3.2).
func composeDotAtom(s string) bool {
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" || strings.ContainsAny(atom, composeSpecials) {
			return false
		}
	}
	return true
}
