package verdict

import (
	"bytes"
	"context"
	"crypto"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"frontdesk/channels"
	"frontdesk/channels/email/header"
	"frontdesk/channels/email/internal/emailtest"
	"frontdesk/channels/email/parse"
	"frontdesk/pipeline/message"
)

// fakeDNS answers from its maps. A name that is missing does not exist.
type fakeDNS struct {
	txt   map[string][]string
	ip    map[string][]string
	fails map[string]bool // names whose server does not work
	hangs map[string]bool // names whose server never answers
	deaf  bool            // hanging goes on when the context has ended
	done  chan struct{}   // ends the hanging
}

func (d *fakeDNS) fault(ctx context.Context, name string) error {
	switch {
	case d.hangs[name]:
		if d.deaf {
			<-d.done
			return ctx.Err()
		}
		<-ctx.Done()
		return ctx.Err()
	case d.fails[name]:
		return &net.DNSError{Err: "server failure", Name: name, IsTemporary: true}
	default:
		return nil
	}
}

func (d *fakeDNS) LookupTXT(ctx context.Context, name string) ([]string, error) {
	if err := d.fault(ctx, strings.TrimSuffix(name, ".")); err != nil {
		return nil, err
	}
	if txt, ok := d.txt[strings.TrimSuffix(name, ".")]; ok {
		return txt, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func (d *fakeDNS) LookupIPAddr(ctx context.Context, name string) ([]net.IPAddr, error) {
	if err := d.fault(ctx, name); err != nil {
		return nil, err
	}
	var ips []net.IPAddr
	for _, s := range d.ip[strings.TrimSuffix(name, ".")] {
		ips = append(ips, net.IPAddr{IP: net.ParseIP(s)})
	}
	if ips == nil {
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return ips, nil
}

func (d *fakeDNS) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func (d *fakeDNS) LookupAddr(_ context.Context, addr string) ([]string, error) {
	return nil, &net.DNSError{Err: "no such host", Name: addr, IsNotFound: true}
}

const far = "198.51.100.7"

// world is the DNS of the sender tests and mails that are signed for it.
func world(t testing.TB) (*fakeDNS, func(from string, keys ...string) []byte) {
	t.Helper()
	dns := &fakeDNS{txt: map[string][]string{}, fails: map[string]bool{}, hangs: map[string]bool{}, done: make(chan struct{})}
	signers := map[string]crypto.Signer{}
	for _, d := range []string{"shop.example", "news.shop.example", "evil.example"} {
		_, e1, txt := emailtest.DKIMKeys(t, d)
		signers[d] = e1 // Ed25519 is enough here, and fast
		for name, rec := range txt {
			dns.txt[name] = rec
		}
	}
	dns.txt["shop.example"] = []string{"v=spf1 ip4:198.51.100.0/24 -all"}
	dns.txt["news.shop.example"] = dns.txt["shop.example"]
	dns.txt["helo.shop.example"] = dns.txt["shop.example"]
	dns.txt["evil.example"] = dns.txt["shop.example"]
	dns.txt["soft.example"] = []string{"v=spf1 ~all"}
	dns.txt["broken.example"] = []string{"v=spf1 nonsense:"}
	dns.txt["_dmarc.shop.example"] = []string{"v=DMARC1; p=reject"}
	dns.txt["_dmarc.strict.example"] = []string{"v=DMARC1; p=reject; aspf=s; adkim=s"}
	dns.txt["strict.example"] = dns.txt["shop.example"]
	dns.txt["sub.strict.example"] = dns.txt["shop.example"]
	dns.txt["_dmarc.badpolicy.example"] = []string{"v=DMARC1; p=perhaps"}
	return dns, func(from string, domains ...string) []byte {
		raw := []byte("From: " + from + "\r\nTo: support@desk.example\r\nSubject: x\r\nDate: Mon, 04 May 2026 09:30:00 +0000\r\n\r\nhello\r\n")
		for _, d := range domains {
			raw = signedBy(t, raw, d, "e1", signers[d])
		}
		return raw
	}
}

// verdictsOf are the three verdicts of Judge alone.
func verdictsOf(t *testing.T, c *Checker, remote netip.Addr, helo, mailFrom string, raw []byte) (spf, dkim, dmarc message.Verdict) {
	t.Helper()
	j := c.Judge(t.Context(), Sender{Remote: remote, Helo: helo, MailFrom: mailFrom, Raw: raw})
	return j.SPF, j.DKIM, j.DMARC
}

func TestVerdicts(t *testing.T) {
	const (
		none, pass, fail = message.VerdictNone, message.VerdictPass, message.VerdictFail
		soft, temp, perm = message.VerdictSoftFail, message.VerdictTempError, message.VerdictPermError
	)
	dns, mail := world(t)
	dns.fails["down.example"], dns.fails["_dmarc.down.example"] = true, true
	dns.fails["e1._domainkey.lost.shop.example"] = true
	tampered := bytes.Replace(mail("a@shop.example", "shop.example"), []byte("hello"), []byte("hallo"), 1)
	lost := bytes.Replace(mail("a@shop.example", "shop.example"), []byte("d=shop.example"), []byte("d=lost.shop.example"), 1)

	for _, tc := range []struct {
		name             string
		remote           string
		helo, from       string
		raw              []byte
		spf, dkim, dmarc message.Verdict
	}{
		{"everything is right", far, "mx.shop.example", "a@shop.example", mail("A <a@shop.example>", "shop.example"), pass, pass, pass},
		{"a subdomain is aligned when relaxed", far, "x", "bounce@news.shop.example", mail("a@shop.example"), pass, none, pass},
		{"a signature of a subdomain is aligned when relaxed", "192.0.2.1", "x", "x@soft.example", mail("a@shop.example", "news.shop.example"), soft, pass, pass},
		{"forwarded: SPF fails, the signature holds", "192.0.2.1", "x", "a@shop.example", mail("a@shop.example", "shop.example"), fail, pass, pass},
		{"forged: another domain's SPF and signature", far, "x", "a@evil.example", mail("a@shop.example", "evil.example"), pass, none, fail},
		{"the null sender is judged by its EHLO name", far, "helo.shop.example", "", mail("a@shop.example"), pass, none, pass},
		{"the policy of the organization holds for a subdomain", far, "x", "a@evil.example", mail("a@deep.sub.shop.example"), pass, none, fail},
		{"strict alignment wants the very domain", far, "x", "a@sub.strict.example", mail("a@strict.example"), pass, none, fail},
		{"strict alignment of the very domain", far, "x", "a@strict.example", mail("a@strict.example"), pass, none, pass},
		{"nobody has a policy", "192.0.2.1", "x", "a@soft.example", mail("a@soft.example"), soft, none, none},
		{"a broken SPF record", far, "x", "a@broken.example", mail("a@soft.example"), perm, none, none},
		{"a broken policy", far, "x", "a@shop.example", mail("a@badpolicy.example"), pass, none, perm},
		{"a changed text", "192.0.2.1", "x", "a@shop.example", tampered, fail, fail, fail},
		{"the key's server is down: the matter is open", "192.0.2.1", "x", "a@shop.example", lost, fail, temp, temp},
		{"DNS is down", far, "x", "a@down.example", mail("a@down.example"), temp, none, temp},
		{"two From fields hide who writes", far, "x", "a@shop.example", append([]byte("From: b@evil.example\r\n"), mail("a@shop.example")...), pass, none, perm},
		{"the first of two From fields is believed, and forged", far, "x", "a@evil.example", append([]byte("From: b@shop.example\r\n"), mail("a@evil.example", "evil.example")...), pass, none, fail},
		{"two From addresses hide who writes", far, "x", "a@shop.example", mail("a@shop.example, b@evil.example"), pass, none, fail},
		{"no From", far, "x", "a@shop.example", []byte("Subject: x\r\n\r\nFrom: a@shop.example\r\n"), pass, none, perm},
		{"an address in the display name does not count", far, "x", "a@evil.example", mail(`"a@shop.example" <a@soft.example>`), pass, none, none},
		{"raw GBK in the display name", far, "x", "a@shop.example", mail("\xc0\xee\xc4\xc8 <a@shop.example>"), pass, none, pass},
		{"an unknown charset in the display name", far, "x", "a@shop.example", mail("=?x-none?q?a?= <a@shop.example>"), pass, none, pass},
		{"a folded From", far, "x", "a@shop.example", mail("A\r\n <a@shop.example>"), pass, none, pass},
		{"no mail at all", far, "x", "a@shop.example", []byte{0xff, 0, '\n'}, pass, none, perm},
		{"our own machine is not judged", "127.0.0.1", "x", "a@shop.example", mail("a@shop.example"), "", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := NewChecker(dns, 10*time.Second)
			spf, dkim, dmarc := verdictsOf(t, c, netip.MustParseAddr(tc.remote), tc.helo, tc.from, tc.raw)
			if spf != tc.spf || dkim != tc.dkim || dmarc != tc.dmarc {
				t.Errorf("spf %q dkim %q dmarc %q, want %q %q %q", spf, dkim, dmarc, tc.spf, tc.dkim, tc.dmarc)
			}
		})
	}
}

func TestVerdictsAreInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dns, mail := world(t)
		remote, raw := netip.MustParseAddr(far), mail("a@shop.example", "shop.example")
		c := NewChecker(dns, 0)

		dns.hangs["shop.example"] = true
		start := time.Now()
		spf, dkim, dmarc := verdictsOf(t, c, remote, "x", "a@shop.example", raw)
		if spf != message.VerdictTempError || dkim != message.VerdictPass || dmarc != message.VerdictPass {
			t.Errorf("spf %q dkim %q dmarc %q, want what is known by then", spf, dkim, dmarc)
		}
		synctest.Wait()
		dns.deaf = true
		dns.hangs["_dmarc.shop.example"], dns.hangs["e1._domainkey.shop.example"] = true, true
		spf, dkim, dmarc = verdictsOf(t, c, remote, "x", "a@shop.example", raw)
		if spf != message.VerdictTempError || dkim != message.VerdictTempError || dmarc != message.VerdictTempError {
			t.Errorf("spf %q dkim %q dmarc %q, want temperror three times", spf, dkim, dmarc)
		}
		if took := time.Since(start); took != 4*time.Second {
			t.Errorf("two checks took %v, want 2 s each", took)
		}
		close(dns.done)
	})
}

func TestVerdictsOnlyFirstSignaturesAreAsked(t *testing.T) {
	dns, mail := world(t)
	raw := mail("a@shop.example", "shop.example")
	for _, tc := range []struct {
		domain string
		want   message.Verdict
	}{{"evil.example", message.VerdictPass}, {"shop.example", message.VerdictPermError}} {
		many := raw
		for range 20 { // in front, as an attacker would put them
			many = append([]byte("DKIM-Signature: v=1; a=rsa-sha256; d="+tc.domain+"; s=nokey; h=from; bh=eA==; b=eA==\r\n"), many...)
		}
		spf, dkim, _ := verdictsOf(t, NewChecker(dns, 10*time.Second), netip.MustParseAddr(far), "x", "a@shop.example", many)
		if spf != message.VerdictPass || dkim != tc.want {
			t.Errorf("20 signatures of %s: spf %q dkim %q, want pass and %s", tc.domain, spf, dkim, tc.want)
		}
	}
}

func FuzzVerdictFrom(f *testing.F) {
	f.Add([]byte("From: a@b.example\r\n\r\n"))
	f.Add([]byte("from:\r\n \"x@y.example\" <a@b.example>\nFrom : c@d.example\n\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		from := from(raw)
		if strings.ContainsAny(from.domain, " @<>\r\n") || from.plain && !from.whole {
			t.Errorf("sender = %+v", from)
		}
		m, err := parse.NewDecoder(parse.DecoderConfig{}).Decode(channels.Delivery{Raw: raw})
		if err != nil {
			return
		}
		believed, err := header.ASCIIDomain(strings.TrimSuffix(m.From.Domain(), "."))
		if err != nil || !strings.Contains(believed, ".") {
			believed = ""
		}
		if believed != from.domain {
			t.Errorf("judged %q, believed %q", from.domain, m.From.Domain())
		}
	})
}

// signedBy puts a signature of that domain before a mail.
func signedBy(t testing.TB, raw []byte, domain, selector string, key crypto.Signer) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := dkim.Sign(&out, bytes.NewReader(raw), &dkim.SignOptions{Domain: domain, Selector: selector, Signer: key, HeaderKeys: []string{"From", "From", "To", "Subject", "Date"},
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
