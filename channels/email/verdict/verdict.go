// Package verdict judges who really sent a mail: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489).
package verdict

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/netip"
	"runtime"
	"time"

	"blitiri.com.ar/go/spf"

	"frontdesk/channels/email/header"
	"frontdesk/channels/email/parse"
	"frontdesk/pipeline/message"
)

// Judge is what the SMTP listener asks before it records a mail. A zero Judgement means that nothing was checked.
type Judge interface {
	Judge(ctx context.Context, s Sender) parse.Judgement
}

// Sender is what is known of who handed a message over, and the message.
type Sender struct {
	Remote netip.Addr // host that handed it over; invalid when not known, then SPF is not asked
	// Helo is the name that the host gave itself (EHLO), unproven. Raw is the whole mail with CRLF line ends.
	Helo     string
	MailFrom string // reverse-path without brackets; empty for the null sender
	Raw      []byte
}

// Resolver is the DNS that verdicts need; *net.Resolver is one.
// Errors are those of net: a *net.DNSError says whether there is no such record, or whether the failure is passing.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error)
	LookupAddr(ctx context.Context, addr string) ([]string, error)
}

// Checker is the Judge that asks DNS. It is safe for concurrent use.
type Checker struct {
	// timeout is for one message, all questions together.
	resolver Resolver
	timeout  time.Duration
	slots    chan struct{} // of those who compute signatures just now
}

var _ Judge = (*Checker)(nil)

// NewChecker checks with that resolver, all methods together within timeout (2 s when 0);
// what is not known by then is temperror.
// The bound on computing is the number of processors: signature checks of a flood must not starve the rest of the program.
func NewChecker(r Resolver, timeout time.Duration) *Checker {
	return &Checker{resolver: r, timeout: cmp.Or(timeout, 2*time.Second), slots: make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))}
}

// Judge judges one message. Mail from our own machine, or from nowhere, is not judged.
// It never fails and lasts at most timeout; what could not be asked is in the verdicts. Mail of our own machine is what a local
// server hands on: its own Authentication-Results say more than we could find out.
func (c *Checker) Judge(ctx context.Context, s Sender) parse.Judgement {
	if !s.Remote.IsValid() || s.Remote.IsLoopback() {
		return parse.Judgement{}
	}
	return c.judge(ctx, s)
}

// judge asks side by side. Names are asked on goroutines that end with the resolver's answer; what costs
// computing time runs here and ends with the deadline.
func (c *Checker) judge(ctx context.Context, s Sender) parse.Judgement {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	from := from(s.Raw)
	spfDone := ask(func() message.Verdict { return c.checkSPF(ctx, s) })
	policyDone := ask(func() policy { return c.findPolicy(ctx, from) })
	sigs := c.checkSignatures(ctx, from, s.Raw)
	policy := await(ctx, policyDone, policy{verdict: message.VerdictTempError})
	sent := await(ctx, spfDone, message.VerdictTempError)
	e := evidence{from: from, spf: sent, envelope: s.envelopeDomain(), helo: s.MailFrom == "", sigs: sigs}
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
	return domain(s.MailFrom)
}

// ask runs f beside its caller.
func ask[T any](f func() T) <-chan T {
	done := make(chan T, 1)
	go func() { done <- f() }()
	return done
}

// await prefers an answer that is there to a deadline that is over.
func await[T any](ctx context.Context, done <-chan T, late T) T {
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

// checkSPF is the verdict on the envelope sender, "" where it is not known where the mail came from. The library bounds its DNS
// questions as RFC 7208 §4.6.4 wants it. A result with an unknown name counts as permerror.
func (c *Checker) checkSPF(ctx context.Context, s Sender) message.Verdict {
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

// anybodyPasses reports whether the envelope's SPF record lets everyone send who comes as this sender did, like "+all": a pass is worth
// nothing then. It asks for an address that is nobody's: a record may be wide open over IPv6 and strict over IPv4, or the reverse.
// Whatever opens it is found so: all, a wide network, two halves, an include or a redirect.
func (c *Checker) anybodyPasses(ctx context.Context, s Sender) bool {
	s.Remote = nobody(s.Remote)
	found := await(ctx, ask(func() message.Verdict { return c.checkSPF(ctx, s) }), message.VerdictPass)
	return found == message.VerdictPass || found == message.VerdictTempError
}

// nobody is an address of the same family that stands in documents alone: of RFC 5737 §3 or RFC 3849 §2.
func nobody(remote netip.Addr) netip.Addr {
	if remote.Unmap().Is4() {
		return netip.AddrFrom4([4]byte{192, 0, 2, 1})
	}
	return netip.AddrFrom16([16]byte{0: 0x20, 1: 0x01, 2: 0x0d, 3: 0xb8, 15: 1})
}

// maxTXT is the longest TXT record set that is read, in bytes. No key or policy comes near it; computing with
// the key of a record of 64 KB takes seconds.
const maxTXT = 8 << 10

// errTXT is a lasting failure: no later look makes the record shorter.
var errTXT = errors.New("the TXT record is too long")

// lookupTXT is the resolver in the form that the DKIM and DMARC libraries take. A deadline is
// always told as a passing error.
func (c *Checker) lookupTXT(ctx context.Context) func(string) ([]string, error) {
	return func(name string) ([]string, error) {
		txt, err := c.resolver.LookupTXT(ctx, name)
		if err != nil && ctx.Err() != nil {
			return nil, context.DeadlineExceeded
		}
		size := 0
		for _, t := range txt {
			size += len(t)
		}
		if err == nil && size > maxTXT {
			return nil, errTXT
		}
		return txt, err
	}
}

// domain is what stands behind the last @; "" without one.
func domain(addr string) string {
	_, domain, _ := header.SplitAddress(addr)
	return domain
}
