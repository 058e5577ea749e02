package verdict

import (
	"context"
	"errors"
	"strings"

	"github.com/emersion/go-msgauth/dmarc"

	"frontdesk/channels/email/header"
	"frontdesk/channels/email/parse"
	"frontdesk/pipeline/message"
)

// policy is what the domain of From asks for. A set verdict says why there is no record.
type policy struct {
	// One of the two is set.
	record  *dmarc.Record
	verdict message.Verdict
}

// findPolicy looks for the record of the From domain, then of its organization (RFC 7489 §6.6.3).
// Two questions at most. A record that cannot be read is a permerror: the domain wanted a policy and nobody knows which.
func (c *Checker) findPolicy(ctx context.Context, from sender) policy {
	if from.domain == "" {
		return policy{verdict: message.VerdictPermError}
	}
	opts := &dmarc.LookupOptions{LookupTXT: c.lookupTXT(ctx)}
	record, err := dmarc.LookupWithOptions(from.domain, opts)
	if org := parse.Organization(from.domain); errors.Is(err, dmarc.ErrNoPolicy) && org != from.domain {
		record, err = dmarc.LookupWithOptions(org, opts)
	}
	switch {
	case err == nil:
		return policy{record: record}
	case errors.Is(err, dmarc.ErrNoPolicy):
		return policy{verdict: message.VerdictNone}
	case dmarc.IsTempFail(err) || ctx.Err() != nil:
		return policy{verdict: message.VerdictTempError}
	default:
		return policy{verdict: message.VerdictPermError}
	}
}

// evidence is what speaks for a sender.
type evidence struct {
	// spf is empty where nothing was asked; sigs are the aligned signatures.
	from     sender
	spf      message.Verdict
	envelope string // domain that SPF judged
	helo     bool   // that is only the name that the host gives itself
	sigs     signed
}

// spfAligned reports whether SPF judged the sender's domain.
func (e evidence) spfAligned(p policy) bool {
	mode, _ := p.modes()
	return e.from.whole && aligned(e.from.domain, e.envelope, mode)
}

// spfVouches reports whether that says who wrote. The name that a host gives itself says so only where it is the
// domain itself: names below that of a provider are its tenants'.
func (e evidence) spfVouches(p policy) bool {
	return e.spf == message.VerdictPass && e.spfAligned(p) && (!e.helo || aligned(e.from.domain, e.envelope, dmarc.AlignmentStrict))
}

// spfAlone reports whether nothing but SPF speaks for the sender.
func (e evidence) spfAlone(p policy) bool {
	passes, _ := e.signed(p)
	return e.spf == message.VerdictPass && e.spfAligned(p) && !passes
}

// signed reports whether an aligned signature holds, and one that covers what people see.
func (e evidence) signed(p policy) (passes, covers bool) {
	_, mode := p.modes()
	for _, sig := range e.sigs.pass {
		if aligned(e.from.domain, sig.domain, mode) {
			passes, covers = true, covers || sig.covers
		}
	}
	return passes, covers
}

// modes are how near a domain has to be to that of From; without a policy, of the same organization.
func (p policy) modes() (spf, dkim dmarc.AlignmentMode) {
	if p.record == nil {
		return dmarc.AlignmentRelaxed, dmarc.AlignmentRelaxed
	}
	return p.record.SPFAlignment, p.record.DKIMAlignment
}

// judge passes a message when a method passed for a domain that is aligned with From (RFC 7489 §3.1). An aligned
// method, or a policy, that could not be asked leaves the matter open.
// DMARC says what the domain's policy would; Proven is stricter, because a customer's ticket opens to whoever has it: the signature
// must cover what people see, and From must be readable in one way only.
func (e evidence) judge(p policy) parse.Judgement {
	aligned := e.spfAligned(p)
	signed, covers := e.signed(p)
	passes := signed || aligned && e.spf == message.VerdictPass
	open := p.verdict == message.VerdictTempError || !passes &&
		(aligned && e.spf == message.VerdictTempError || e.sigs.verdict == message.VerdictTempError)
	out := parse.Judgement{DKIM: e.sigs.verdict}
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
	out.Proven = (covers || e.spfVouches(p)) && e.from.plain && parse.Vouches(out.DMARC, e.from.domain)
	out.Open = open && !out.Proven
	return out
}

// aligned compares by organization, or the whole domain in strict mode. from is in ASCII already.
func aligned(from, other string, mode dmarc.AlignmentMode) bool {
	if mode != dmarc.AlignmentStrict {
		return parse.Aligned(from, other)
	}
	ascii, err := header.ASCIIDomain(strings.TrimSuffix(other, "."))
	return err == nil && ascii != "" && from == ascii
}

// sender is whom the message names as its sender.
type sender struct {
	domain string // in ASCII and lower case; empty when there is none to ask about
	whole  bool   // one From field with one address; else no method can vouch for it
	plain  bool   // and it can be read in one way only
}

// from reads the author as the decoder will, and asks whether the signing library sees the same one.
func from(raw []byte) sender {
	a := parse.ReadAuthor(raw)
	whole := a.Alone && sameFrom(raw, a.Field)
	return sender{domain: a.Domain, whole: whole, plain: whole && a.Plain}
}

// sameFrom reports whether the library that verifies signatures sees the same one From field as we do.
// Two readers that disagree about From are an old way to have one address judged and another shown.
func sameFrom(raw []byte, value string) bool {
	fields, _, ok := split(raw)
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
