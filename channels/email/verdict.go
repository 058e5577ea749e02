package email

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net"
	"net/netip"
	"time"

	"blitiri.com.ar/go/spf"
	"github.com/emersion/go-msgauth/dkim"

	"frontdesk/pipeline/message"
)

// Verdicts judges who really sent a message: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489).
// Empty verdicts mean that nobody checked.
type Verdicts interface {
	Check(ctx context.Context, remote netip.Addr, helo, mailFrom string, raw []byte) (spf, dkim, dmarc message.Verdict)
}

// Resolver is the DNS that verdicts need; *net.Resolver is one.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error)
	LookupAddr(ctx context.Context, addr string) ([]string, error)
}

// SenderChecker is the Verdicts that asks DNS.
type SenderChecker struct {
	resolver Resolver
	timeout  time.Duration
}

var _ Verdicts = (*SenderChecker)(nil)

// NewSenderChecker checks with that resolver, all methods together within timeout (2 s when 0);
// what is not known by then is temperror.
func NewSenderChecker(r Resolver, timeout time.Duration) *SenderChecker {
	return &SenderChecker{resolver: r, timeout: cmp.Or(timeout, 2*time.Second)}
}

// verdictSigned is what the DKIM signatures of a message said together.
type verdictSigned struct {
	verdict message.Verdict
	domains []string // of the signatures that hold
}

// verdictSignatures is how many signatures of one message are verified.
const verdictSignatures = 5

// Check judges one message. Mail from our own machine is not judged.
func (c *SenderChecker) Check(ctx context.Context, remote netip.Addr, helo, mailFrom string, raw []byte) (message.Verdict, message.Verdict, message.Verdict) {
	if !remote.IsValid() || remote.IsLoopback() {
		return "", "", ""
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	spfDone := verdictAsk(func() message.Verdict { return c.checkSPF(ctx, remote, helo, mailFrom) })
	dkimDone := verdictAsk(func() verdictSigned { return c.checkDKIM(ctx, raw) })
	policyDone := verdictAsk(func() verdictPolicy { return c.findPolicy(ctx, raw) })

	sent := verdictAwait(ctx, spfDone, message.VerdictTempError)
	sigs := verdictAwait(ctx, dkimDone, verdictSigned{verdict: message.VerdictTempError})
	policy := verdictAwait(ctx, policyDone, verdictPolicy{verdict: message.VerdictTempError})
	return sent, sigs.verdict, policy.judge(sent, cmp.Or(verdictDomain(mailFrom), helo), sigs)
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

func (c *SenderChecker) checkSPF(ctx context.Context, remote netip.Addr, helo, mailFrom string) message.Verdict {
	result, _ := spf.CheckHostWithSender(net.IP(remote.AsSlice()), helo, mailFrom,
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

func (c *SenderChecker) checkDKIM(ctx context.Context, raw []byte) verdictSigned {
	checks, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{
		LookupTXT:        c.lookupTXT(ctx),
		MaxVerifications: verdictSignatures,
	})
	if err != nil && !errors.Is(err, dkim.ErrTooManySignatures) {
		return verdictSigned{verdict: message.VerdictPermError}
	}
	s := verdictSigned{verdict: message.VerdictNone}
	for _, v := range checks {
		one := verdictDKIM(v.Err)
		if one == message.VerdictPass {
			s.domains = append(s.domains, v.Domain)
		}
		if verdictRank(one) > verdictRank(s.verdict) {
			s.verdict = one
		}
	}
	return s
}

func verdictDKIM(err error) message.Verdict {
	switch {
	case err == nil:
		return message.VerdictPass
	case dkim.IsTempFail(err):
		return message.VerdictTempError
	case dkim.IsPermFail(err):
		return message.VerdictPermError
	default:
		return message.VerdictFail
	}
}

// verdictRank orders the verdicts of several signatures: one that holds is enough.
func verdictRank(v message.Verdict) int {
	switch v {
	case message.VerdictPass:
		return 4
	case message.VerdictTempError:
		return 3
	case message.VerdictFail:
		return 2
	case message.VerdictPermError:
		return 1
	default:
		return 0
	}
}

// lookupTXT is the resolver in the form that the DKIM and DMARC libraries take. A deadline is
// always told as a passing error.
func (c *SenderChecker) lookupTXT(ctx context.Context) func(string) ([]string, error) {
	return func(name string) ([]string, error) {
		txt, err := c.resolver.LookupTXT(ctx, name)
		if err != nil && ctx.Err() != nil {
			return nil, context.DeadlineExceeded
		}
		return txt, err
	}
}

func verdictDomain(addr string) string {
	_, domain, _ := smtpCut(addr)
	return domain
}
