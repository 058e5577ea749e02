package parse

import (
	"strings"

	"golang.org/x/net/publicsuffix"

	"frontdesk/channels/email/header"
	"frontdesk/pipeline/message"
)

// Vouches reports whether a message of that domain for which an aligned method passed is its own: DMARC
// says so, or there is no DMARC and the domain belongs to one organization.
// from is the domain of From in ASCII. A public suffix (blogspot.com, github.io) belongs to nobody alone: what one customer of it
// signs proves nothing about another, so there only DMARC counts.
func Vouches(v message.Verdict, from string) bool {
	if v == message.VerdictPass {
		return true
	}
	suffix, _ := publicsuffix.PublicSuffix(from)
	return v == message.VerdictNone && suffix != from
}

// Aligned reports whether a domain belongs to the organization of that of From, which is in ASCII (RFC 7489 §3.1).
// This is relaxed alignment, the default of RFC 7489 §3.1; a domain whose policy wants strict alignment is judged by DMARC itself.
func Aligned(from, other string) bool {
	other, err := header.ASCIIDomain(strings.TrimSuffix(other, "."))
	return err == nil && other != "" && Organization(from) == Organization(other)
}

// Organization is the registered domain by the public suffix list, or the domain itself.
// The list is the one compiled into golang.org/x/net/publicsuffix; it is as old as that module.
func Organization(domain string) string {
	org, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return domain
	}
	return org
}

// queryDomain is a domain as DNS is asked for it; empty for what is none.
func queryDomain(domain string) string {
	ascii, err := header.ASCIIDomain(strings.TrimSuffix(domain, "."))
	if err != nil || !strings.Contains(ascii, ".") {
		return ""
	}
	return ascii
}
