package email

import (
	"context"
	"errors"
	"strings"

	"github.com/emersion/go-msgauth/dmarc"
	"golang.org/x/net/publicsuffix"

	"frontdesk/channels/internal/mimewalk"
	"frontdesk/pipeline/message"
)

// verdictPolicy is what the domain of From asks for. A set verdict says why there is no record.
type verdictPolicy struct {
	record  *dmarc.Record
	verdict message.Verdict
}

// findPolicy looks for the record of the From domain, then of its organization (RFC 7489 §6.6.3).
func (c *SenderChecker) findPolicy(ctx context.Context, from verdictSender) verdictPolicy {
	if from.domain == "" {
		return verdictPolicy{verdict: message.VerdictPermError}
	}
	opts := &dmarc.LookupOptions{LookupTXT: c.lookupTXT(ctx)}
	record, err := dmarc.LookupWithOptions(from.domain, opts)
	if org := verdictOrg(from.domain); errors.Is(err, dmarc.ErrNoPolicy) && org != from.domain {
		record, err = dmarc.LookupWithOptions(org, opts)
	}
	switch {
	case err == nil:
		return verdictPolicy{record: record}
	case errors.Is(err, dmarc.ErrNoPolicy):
		return verdictPolicy{verdict: message.VerdictNone}
	case dmarc.IsTempFail(err) || ctx.Err() != nil:
		return verdictPolicy{verdict: message.VerdictTempError}
	default:
		return verdictPolicy{verdict: message.VerdictPermError}
	}
}

// verdictEvidence is what speaks for a sender.
type verdictEvidence struct {
	from     verdictSender
	spf      message.Verdict
	envelope string // domain that SPF judged
	helo     bool   // that is only the name that the host gives itself
	sigs     verdictSigned
}

// spfAligned reports whether SPF judged the sender's domain.
func (e verdictEvidence) spfAligned(p verdictPolicy) bool {
	mode, _ := p.modes()
	return e.from.whole && verdictAligned(e.from.domain, e.envelope, mode)
}

// spfVouches reports whether that says who wrote. The name that a host gives itself says so only where it is the
// domain itself: names below that of a provider are its tenants'.
func (e verdictEvidence) spfVouches(p verdictPolicy) bool {
	return e.spf == message.VerdictPass && e.spfAligned(p) && (!e.helo || verdictAligned(e.from.domain, e.envelope, dmarc.AlignmentStrict))
}

// spfAlone reports whether nothing but SPF speaks for the sender.
func (e verdictEvidence) spfAlone(p verdictPolicy) bool {
	passes, _ := e.signed(p)
	return e.spf == message.VerdictPass && e.spfAligned(p) && !passes
}

// signed reports whether an aligned signature holds, and one that covers what people see.
func (e verdictEvidence) signed(p verdictPolicy) (passes, covers bool) {
	_, mode := p.modes()
	for _, sig := range e.sigs.pass {
		if verdictAligned(e.from.domain, sig.domain, mode) {
			passes, covers = true, covers || sig.covers
		}
	}
	return passes, covers
}

// modes are how near a domain has to be to that of From; without a policy, of the same organization.
func (p verdictPolicy) modes() (spf, dkim dmarc.AlignmentMode) {
	if p.record == nil {
		return dmarc.AlignmentRelaxed, dmarc.AlignmentRelaxed
	}
	return p.record.SPFAlignment, p.record.DKIMAlignment
}

// judge passes a message when a method passed for a domain that is aligned with From (RFC 7489 §3.1). An aligned
// method, or a policy, that could not be asked leaves the matter open.
func (e verdictEvidence) judge(p verdictPolicy) Judgement {
	aligned := e.spfAligned(p)
	signed, covers := e.signed(p)
	passes := signed || aligned && e.spf == message.VerdictPass
	open := p.verdict == message.VerdictTempError || !passes &&
		(aligned && e.spf == message.VerdictTempError || e.sigs.verdict == message.VerdictTempError)
	out := Judgement{DKIM: e.sigs.verdict}
	switch {
	case p.verdict == message.VerdictNone && !e.from.whole:
		out.DMARC = message.VerdictPermError
	case p.verdict != "":
		out.DMARC = p.verdict
	case passes:
		out.DMARC = message.VerdictPass
	case open:
		out.DMARC = message.VerdictTempError
	default:
		out.DMARC = message.VerdictFail
	}
	out.Proven = (covers || e.spfVouches(p)) && e.from.plain && verdictVouches(out.DMARC, e.from.domain)
	out.Open = open && !out.Proven
	return out
}

// verdictVouches reports whether a message of that domain for which an aligned method passed is its own: DMARC
// says so, or there is no DMARC and the domain belongs to one organization.
func verdictVouches(v message.Verdict, from string) bool {
	if v == message.VerdictPass {
		return true
	}
	suffix, _ := publicsuffix.PublicSuffix(from)
	return v == message.VerdictNone && suffix != from
}

func verdictAligned(from, other string, mode dmarc.AlignmentMode) bool {
	other, err := asciiDomain(strings.TrimSuffix(other, "."))
	if err != nil || other == "" {
		return false
	}
	if mode == dmarc.AlignmentStrict {
		return from == other
	}
	return verdictOrg(from) == verdictOrg(other)
}

// verdictRelaxed is alignment within an organization.
func verdictRelaxed(from, other string) bool {
	return verdictAligned(from, other, dmarc.AlignmentRelaxed)
}

// verdictOrg is the registered domain by the public suffix list, or the domain itself.
func verdictOrg(domain string) string {
	org, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return domain
	}
	return org
}

// verdictSender is whom the message names as its sender, in the reading of the decoder: no other address is judged
// than the one that is believed.
type verdictSender struct {
	domain string // in ASCII and lower case; empty when there is none to ask about
	whole  bool   // one From field with one address; else no method can vouch for it
	plain  bool   // and it can be read in one way only
}

func verdictFrom(raw []byte) verdictSender {
	j := job{tree: mimewalk.Walk(raw, mimewalk.Limits{})}
	j.hint = j.charsetHint()
	j.readFrom()
	out := verdictSender{domain: verdictASCII(j.m.From.Domain())}
	value, ok := j.onlyFrom()
	out.whole = ok && verdictSameFrom(raw, value) && len(parseAddresses(value, j.hint)) == 1
	out.plain = out.whole && j.plainFrom()
	return out
}

// verdictASCII is a domain as DNS is asked for it; empty for what is none.
func verdictASCII(domain string) string {
	ascii, err := asciiDomain(strings.TrimSuffix(domain, "."))
	if err != nil || !strings.Contains(ascii, ".") {
		return ""
	}
	return ascii
}

// verdictSameFrom reports whether the library that verifies signatures sees the same one From field as we do.
func verdictSameFrom(raw []byte, value string) bool {
	fields, _, ok := verdictSplit(raw)
	seen := ""
	for _, f := range fields {
		if f.name != "from" {
			continue
		}
		if seen != "" {
			return false
		}
		_, seen, _ = strings.Cut(string(raw[f.start:f.end]), ":")
	}
	bare := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	return ok && seen != "" && bare(seen) == bare(value)
}
