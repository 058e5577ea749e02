package email

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/netip"
	"runtime"
	"time"

	"blitiri.com.ar/go/spf"

	"frontdesk/channels"
	"frontdesk/pipeline/message"
)

// Verdicts judges who really sent a message: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489).
type Verdicts interface {
	Judge(ctx context.Context, s Sender) Judgement
}

// Sender is what is known of who handed a message over, and the message.
type Sender struct {
	Remote   netip.Addr // host that handed it over; invalid when not known, then SPF is not asked
	Helo     string
	MailFrom string // reverse-path without brackets; empty for the null sender
	Raw      []byte
}

// Judgement is what came of it. Empty verdicts mean that nobody checked. Only identifiers that are aligned with
// the domain of From count for DKIM, DMARC, Proven and Open (RFC 7489 §3.1): what others sign, and their name
// servers, neither help a message nor harm it.
type Judgement struct {
	SPF   message.Verdict // of the envelope sender, whoever that is
	DKIM  message.Verdict // of the aligned signatures together; none when there is no such
	DMARC message.Verdict // temperror only when the policy or an aligned identifier could not be asked
	// Proven says that the domain of From vouches for the message: DMARC passed, or the domain has no DMARC policy
	// and an aligned signature or the aligned envelope passed.
	Proven bool
	// Open says that the message is not proven and that something about it could not be asked just now.
	Open bool
}

// Values of channels.MetaProven.
const (
	verdictProven = "yes"
	verdictOpen   = "open"
	verdictNot    = "no"
)

// note writes a judgement into a delivery's Meta. What nobody checked leaves nothing.
func (j Judgement) note(meta map[string]string) {
	if j == (Judgement{}) {
		return
	}
	for key, v := range map[string]message.Verdict{channels.MetaSPF: j.SPF, channels.MetaDKIM: j.DKIM, channels.MetaDMARC: j.DMARC} {
		if v != "" {
			meta[key] = string(v)
		}
	}
	meta[channels.MetaProven] = verdictNot
	switch {
	case j.Proven:
		meta[channels.MetaProven] = verdictProven
	case j.Open:
		meta[channels.MetaProven] = verdictOpen
	}
}

// Resolver is the DNS that verdicts need; *net.Resolver is one.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error)
	LookupAddr(ctx context.Context, addr string) ([]string, error)
}

// SenderChecker is the Verdicts that asks DNS. It is safe for concurrent use.
type SenderChecker struct {
	resolver Resolver
	timeout  time.Duration
	slots    chan struct{} // of those who compute signatures just now
}

var _ Verdicts = (*SenderChecker)(nil)

// NewSenderChecker checks with that resolver, all methods together within timeout (2 s when 0);
// what is not known by then is temperror.
func NewSenderChecker(r Resolver, timeout time.Duration) *SenderChecker {
	return &SenderChecker{resolver: r, timeout: cmp.Or(timeout, 2*time.Second), slots: make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))}
}

// Check is the three verdicts of Judge alone.
func (c *SenderChecker) Check(ctx context.Context, remote netip.Addr, helo, mailFrom string, raw []byte) (spf, dkim, dmarc message.Verdict) {
	j := c.Judge(ctx, Sender{Remote: remote, Helo: helo, MailFrom: mailFrom, Raw: raw})
	return j.SPF, j.DKIM, j.DMARC
}

// Judge judges one message. Mail from our own machine, or from nowhere, is not judged.
func (c *SenderChecker) Judge(ctx context.Context, s Sender) Judgement {
	if !s.Remote.IsValid() || s.Remote.IsLoopback() {
		return Judgement{}
	}
	return c.judge(ctx, s)
}

// judge asks side by side. Names are asked on goroutines that end with the resolver's answer; what costs
// computing time runs here and ends with the deadline.
func (c *SenderChecker) judge(ctx context.Context, s Sender) Judgement {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	from := verdictFrom(s.Raw)
	spfDone := verdictAsk(func() message.Verdict { return c.checkSPF(ctx, s) })
	policyDone := verdictAsk(func() verdictPolicy { return c.findPolicy(ctx, from) })
	sigs := c.checkSignatures(ctx, from, s.Raw)
	policy := verdictAwait(ctx, policyDone, verdictPolicy{verdict: message.VerdictTempError})
	sent := verdictAwait(ctx, spfDone, message.VerdictTempError)
	e := verdictEvidence{from: from, spf: sent, envelope: s.envelopeDomain(), helo: s.MailFrom == "", sigs: sigs}
	if e.spfAlone(policy) && c.anybodyPasses(ctx, s) {
		e.spf = message.VerdictNeutral
	}
	out := e.judge(policy)
	out.SPF = sent
	return out
}

// envelopeDomain is the domain that SPF judges. Without a reverse-path that is the name that the host gives
// itself (RFC 7208 §2.4).
func (s Sender) envelopeDomain() string {
	if s.MailFrom == "" {
		return s.Helo
	}
	return verdictDomain(s.MailFrom)
}

// verdictAsk runs f beside its caller.
func verdictAsk[T any](f func() T) <-chan T {
	done := make(chan T, 1)
	go func() { done <- f() }()
	return done
}

// verdictAwait prefers an answer that is there to a deadline that is over.
func verdictAwait[T any](ctx context.Context, done <-chan T, late T) T {
	select {
	case v := <-done:
		return v
	case <-ctx.Done():
	}
	select {
	case v := <-done:
		return v
	default:
		return late
	}
}

func (c *SenderChecker) checkSPF(ctx context.Context, s Sender) message.Verdict {
	if !s.Remote.IsValid() {
		return ""
	}
	result, _ := spf.CheckHostWithSender(net.IP(s.Remote.AsSlice()), s.Helo, s.MailFrom,
		spf.WithContext(ctx), spf.WithResolver(c.resolver))
	if ctx.Err() != nil {
		return message.VerdictTempError
	}
	switch v := message.Verdict(result); v {
	case message.VerdictNone, message.VerdictPass, message.VerdictFail, message.VerdictSoftFail,
		message.VerdictNeutral, message.VerdictTempError, message.VerdictPermError:
		return v
	default:
		return message.VerdictPermError
	}
}

// anybodyPasses reports whether the envelope's SPF record lets everyone send, like "+all": a pass is worth
// nothing then. It asks for an address that is nobody's (RFC 5737, RFC 3849). What cannot be asked is not believed.
func (c *SenderChecker) anybodyPasses(ctx context.Context, s Sender) bool {
	s.Remote = netip.MustParseAddr("192.0.2.1")
	four := verdictAwait(ctx, verdictAsk(func() message.Verdict { return c.checkSPF(ctx, s) }), message.VerdictPass)
	return four == message.VerdictPass || four == message.VerdictTempError
}

// verdictTXT is the longest TXT record set that is read, in bytes. No key or policy comes near it; computing with
// the key of a record of 64 KB takes seconds.
const verdictTXT = 8 << 10

var errVerdictTXT = errors.New("the TXT record is too long")

// lookupTXT is the resolver in the form that the DKIM and DMARC libraries take. A deadline is
// always told as a passing error.
func (c *SenderChecker) lookupTXT(ctx context.Context) func(string) ([]string, error) {
	return func(name string) ([]string, error) {
		txt, err := c.resolver.LookupTXT(ctx, name)
		if err != nil && ctx.Err() != nil {
			return nil, context.DeadlineExceeded
		}
		size := 0
		for _, t := range txt {
			size += len(t)
		}
		if err == nil && size > verdictTXT {
			return nil, errVerdictTXT
		}
		return txt, err
	}
}

func verdictDomain(addr string) string {
	_, domain, _ := smtpCut(addr)
	return domain
}
