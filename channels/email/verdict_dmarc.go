package email

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/mail"
	"strings"

	"github.com/emersion/go-msgauth/dmarc"
	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"frontdesk/pipeline/message"
)

// verdictPolicy is what the domain of From asks for. A set verdict ends the matter.
type verdictPolicy struct {
	from    string // domain of From
	record  *dmarc.Record
	verdict message.Verdict
}

// findPolicy looks for the record of the From domain, then of its organization (RFC 7489 §6.6.3).
func (c *SenderChecker) findPolicy(ctx context.Context, raw []byte) verdictPolicy {
	from, ok := verdictFrom(raw)
	if !ok {
		return verdictPolicy{verdict: message.VerdictPermError}
	}
	opts := &dmarc.LookupOptions{LookupTXT: c.lookupTXT(ctx)}
	record, err := dmarc.LookupWithOptions(from, opts)
	if org := verdictOrg(from); errors.Is(err, dmarc.ErrNoPolicy) && org != from {
		record, err = dmarc.LookupWithOptions(org, opts)
	}
	switch {
	case err == nil:
		return verdictPolicy{from: from, record: record}
	case errors.Is(err, dmarc.ErrNoPolicy):
		return verdictPolicy{verdict: message.VerdictNone}
	case dmarc.IsTempFail(err) || ctx.Err() != nil:
		return verdictPolicy{verdict: message.VerdictTempError}
	default:
		return verdictPolicy{verdict: message.VerdictPermError}
	}
}

// judge passes a message when a method passed for a domain that is aligned with From
// (RFC 7489 §3.1). A method that could not be asked leaves the matter open.
func (p verdictPolicy) judge(spf message.Verdict, spfDomain string, sigs verdictSigned) message.Verdict {
	if p.verdict != "" {
		return p.verdict
	}
	if spf == message.VerdictPass && verdictAligned(p.from, spfDomain, p.record.SPFAlignment) {
		return message.VerdictPass
	}
	for _, d := range sigs.domains {
		if verdictAligned(p.from, d, p.record.DKIMAlignment) {
			return message.VerdictPass
		}
	}
	if spf == message.VerdictTempError || sigs.verdict == message.VerdictTempError {
		return message.VerdictTempError
	}
	return message.VerdictFail
}

func verdictAligned(from, other string, mode dmarc.AlignmentMode) bool {
	other, err := idna.Lookup.ToASCII(strings.TrimSuffix(other, "."))
	if err != nil || other == "" {
		return false
	}
	if mode == dmarc.AlignmentStrict {
		return from == other
	}
	return verdictOrg(from) == verdictOrg(other)
}

// verdictOrg is the registered domain by the public suffix list, or the domain itself.
func verdictOrg(domain string) string {
	org, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return domain
	}
	return org
}

// verdictFrom is the domain of the one From address, in ASCII and lower case. Anything else than
// one field with one address could show the reader another sender than the one that was judged,
// so it is refused.
func verdictFrom(raw []byte) (string, bool) {
	fields := verdictFields(raw, "from")
	if len(fields) != 1 {
		return "", false
	}
	addr, ok := verdictAddress(fields[0])
	if !ok {
		return "", false
	}
	domain, err := idna.Lookup.ToASCII(strings.TrimSuffix(verdictDomain(addr), "."))
	if err != nil || !strings.Contains(domain, ".") {
		return "", false
	}
	return domain, true
}

// verdictAddress reads a From value strictly. Display names may hold raw bytes of any charset.
func verdictAddress(value string) (string, bool) {
	p := mail.AddressParser{WordDecoder: &mime.WordDecoder{
		CharsetReader: func(string, io.Reader) (io.Reader, error) { return strings.NewReader("x"), nil },
	}}
	list, err := p.ParseList(value)
	if err != nil {
		list, err = p.ParseList(strings.Map(func(r rune) rune {
			if r >= 0x80 {
				return 'x'
			}
			return r
		}, value))
	}
	if err != nil || len(list) != 1 {
		return "", false
	}
	return list[0].Address, true
}

// verdictFields returns the unfolded values of a header field, at most two. The name is in lower case.
func verdictFields(raw []byte, name string) []string {
	var values []string
	var current *string
	for len(raw) > 0 && len(values) <= 2 {
		var line []byte
		line, raw, _ = bytes.Cut(raw, []byte("\n"))
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(line) == 0 {
			break
		}
		if line[0] == ' ' || line[0] == '\t' {
			if current != nil && len(*current) < 64<<10 {
				*current += " " + string(bytes.TrimSpace(line))
			}
			continue
		}
		current = nil
		field, value, found := bytes.Cut(line, []byte(":"))
		if found && strings.EqualFold(string(bytes.TrimSpace(field)), name) {
			values = append(values, string(bytes.TrimSpace(value)))
			current = &values[len(values)-1]
		}
	}
	return values
}
