package email

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"frontdesk/channels"
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

// dkimTestKeys makes one key of each kind for a domain.
func dkimTestKeys(t testing.TB, domain string) (keys []DKIMKey, txt map[string][]string) {
	t.Helper()
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, e, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	pub, err := x509.MarshalPKIXPublicKey(r.Public())
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.StdEncoding.EncodeToString
	return []DKIMKey{{domain, "r1", r}, {domain, "e1", e}}, map[string][]string{
		"r1._domainkey." + domain: {"v=DKIM1; k=rsa; p=" + b64(pub)},
		"e1._domainkey." + domain: {"v=DKIM1; k=ed25519; p=" + b64(e.Public().(ed25519.PublicKey))},
	}
}

func TestDKIMSignatures(t *testing.T) {
	keys, txt := dkimTestKeys(t, "desk.example")
	dns := &fakeDNS{txt: txt}
	r := startRelay(t, submitPlan{})
	cfg := submitTestConfig(r)
	cfg.DKIM = keys
	out := submitTestMail()
	out.InReplyTo, out.ReplyTo, out.Subject = "q@x", "support+t@desk.example", "回复：退款"
	if _, err := newTestSubmitter(t, cfg).Send(t.Context(), "k", out); err != nil {
		t.Fatal(err)
	}
	mails, _ := r.got()
	raw := strings.ReplaceAll(mails[0].Raw, "\n", "\r\n")

	check := func(raw string) []*dkim.Verification {
		t.Helper()
		vs, err := dkim.VerifyWithOptions(strings.NewReader(raw), &dkim.VerifyOptions{
			LookupTXT: func(name string) ([]string, error) { return dns.LookupTXT(t.Context(), name) }})
		if err != nil || len(vs) != 2 {
			t.Fatalf("%d signatures, %v, want 2", len(vs), err)
		}
		return vs
	}
	for _, v := range check(raw) {
		if v.Err != nil {
			t.Errorf("signature does not hold: %v", v.Err)
		}
		got := strings.ToLower(strings.Join(v.HeaderKeys, ":"))
		for _, f := range []string{"from", "to", "subject", "date", "message-id", "in-reply-to", "references",
			"mime-version", "content-type", "auto-submitted", "reply-to"} {
			if !strings.Contains(":"+got+":", ":"+f+":") {
				t.Errorf("%s is not signed: %s", f, got)
			}
		}
		if strings.Count(":"+got+":", ":from:") != 2 {
			t.Errorf("From is not oversigned: %s", got)
		}
	}
	for name, change := range map[string]func(string) string{
		"a second From":   func(s string) string { return "From: ceo@desk.example\r\n" + s },
		"another subject": func(s string) string { return strings.Replace(s, "Subject: ", "Subject: x", 1) },
		"more text":       func(s string) string { return s + "more\r\n" },
	} {
		for _, v := range check(change(raw)) {
			if v.Err == nil {
				t.Errorf("the signature holds in spite of %s", name)
			}
		}
	}
	if strings.Contains(raw, " l=") {
		t.Error("the signature has a length")
	}
}

func TestParseDKIMKey(t *testing.T) {
	keys, _ := dkimTestKeys(t, "desk.example")
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8 := func(k crypto.Signer) []byte {
		der, err := x509.MarshalPKCS8PrivateKey(k)
		if err != nil {
			t.Fatal(err)
		}
		return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	}
	pkcs1 := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(keys[0].Signer.(*rsa.PrivateKey))})
	for _, tc := range []struct {
		name string
		pem  []byte
		ok   bool
	}{
		{"RSA in PKCS #8", pkcs8(keys[0].Signer), true},
		{"RSA in PKCS #1", pkcs1, true},
		{"Ed25519", pkcs8(keys[1].Signer), true},
		{"RSA of 1024 bits", pkcs8(small), false},
		{"no PEM", []byte("hello"), false},
		{"PEM of something else", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")}), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			key, err := ParseDKIMKey("desk.example", "s", tc.pem)
			if (err == nil) != tc.ok || tc.ok && key.Signer == nil {
				t.Errorf("error = %v, want ok %v", err, tc.ok)
			}
		})
	}
}

const verdictFar = "198.51.100.7"

// verdictWorld is the DNS of the sender tests and mails that are signed for it.
func verdictWorld(t testing.TB) (*fakeDNS, func(from string, keys ...string) []byte) {
	t.Helper()
	dns := &fakeDNS{txt: map[string][]string{}, fails: map[string]bool{}, hangs: map[string]bool{}, done: make(chan struct{})}
	signers := map[string][]DKIMKey{}
	for _, d := range []string{"shop.example", "news.shop.example", "evil.example"} {
		keys, txt := dkimTestKeys(t, d)
		signers[d] = keys[1:] // Ed25519 is enough here, and fast
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
			signed, err := dkimSign(raw, signers[d])
			if err != nil {
				t.Fatal(err)
			}
			raw = signed
		}
		return raw
	}
}

func TestVerdicts(t *testing.T) {
	const (
		none, pass, fail = message.VerdictNone, message.VerdictPass, message.VerdictFail
		soft, temp, perm = message.VerdictSoftFail, message.VerdictTempError, message.VerdictPermError
	)
	dns, mail := verdictWorld(t)
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
		{"everything is right", verdictFar, "mx.shop.example", "a@shop.example", mail("A <a@shop.example>", "shop.example"), pass, pass, pass},
		{"a subdomain is aligned when relaxed", verdictFar, "x", "bounce@news.shop.example", mail("a@shop.example"), pass, none, pass},
		{"a signature of a subdomain is aligned when relaxed", "192.0.2.1", "x", "x@soft.example", mail("a@shop.example", "news.shop.example"), soft, pass, pass},
		{"forwarded: SPF fails, the signature holds", "192.0.2.1", "x", "a@shop.example", mail("a@shop.example", "shop.example"), fail, pass, pass},
		{"forged: another domain's SPF and signature", verdictFar, "x", "a@evil.example", mail("a@shop.example", "evil.example"), pass, none, fail},
		{"the null sender is judged by its EHLO name", verdictFar, "helo.shop.example", "", mail("a@shop.example"), pass, none, pass},
		{"the policy of the organization holds for a subdomain", verdictFar, "x", "a@evil.example", mail("a@deep.sub.shop.example"), pass, none, fail},
		{"strict alignment wants the very domain", verdictFar, "x", "a@sub.strict.example", mail("a@strict.example"), pass, none, fail},
		{"strict alignment of the very domain", verdictFar, "x", "a@strict.example", mail("a@strict.example"), pass, none, pass},
		{"nobody has a policy", "192.0.2.1", "x", "a@soft.example", mail("a@soft.example"), soft, none, none},
		{"a broken SPF record", verdictFar, "x", "a@broken.example", mail("a@soft.example"), perm, none, none},
		{"a broken policy", verdictFar, "x", "a@shop.example", mail("a@badpolicy.example"), pass, none, perm},
		{"a changed text", "192.0.2.1", "x", "a@shop.example", tampered, fail, fail, fail},
		{"the key's server is down: the matter is open", "192.0.2.1", "x", "a@shop.example", lost, fail, temp, temp},
		{"DNS is down", verdictFar, "x", "a@down.example", mail("a@down.example"), temp, none, temp},
		{"two From fields hide who writes", verdictFar, "x", "a@shop.example", append([]byte("From: b@evil.example\r\n"), mail("a@shop.example")...), pass, none, perm},
		{"the first of two From fields is believed, and forged", verdictFar, "x", "a@evil.example", append([]byte("From: b@shop.example\r\n"), mail("a@evil.example", "evil.example")...), pass, none, fail},
		{"two From addresses hide who writes", verdictFar, "x", "a@shop.example", mail("a@shop.example, b@evil.example"), pass, none, fail},
		{"no From", verdictFar, "x", "a@shop.example", []byte("Subject: x\r\n\r\nFrom: a@shop.example\r\n"), pass, none, perm},
		{"an address in the display name does not count", verdictFar, "x", "a@evil.example", mail(`"a@shop.example" <a@soft.example>`), pass, none, none},
		{"raw GBK in the display name", verdictFar, "x", "a@shop.example", mail("\xc0\xee\xc4\xc8 <a@shop.example>"), pass, none, pass},
		{"an unknown charset in the display name", verdictFar, "x", "a@shop.example", mail("=?x-none?q?a?= <a@shop.example>"), pass, none, pass},
		{"a folded From", verdictFar, "x", "a@shop.example", mail("A\r\n <a@shop.example>"), pass, none, pass},
		{"no mail at all", verdictFar, "x", "a@shop.example", []byte{0xff, 0, '\n'}, pass, none, perm},
		{"our own machine is not judged", "127.0.0.1", "x", "a@shop.example", mail("a@shop.example"), "", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := NewSenderChecker(dns, 10*time.Second)
			spf, dkim, dmarc := c.Check(t.Context(), netip.MustParseAddr(tc.remote), tc.helo, tc.from, tc.raw)
			if spf != tc.spf || dkim != tc.dkim || dmarc != tc.dmarc {
				t.Errorf("spf %q dkim %q dmarc %q, want %q %q %q", spf, dkim, dmarc, tc.spf, tc.dkim, tc.dmarc)
			}
		})
	}
}

func TestVerdictsAreInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dns, mail := verdictWorld(t)
		remote, raw := netip.MustParseAddr(verdictFar), mail("a@shop.example", "shop.example")
		c := NewSenderChecker(dns, 0)

		dns.hangs["shop.example"] = true
		start := time.Now()
		spf, dkim, dmarc := c.Check(t.Context(), remote, "x", "a@shop.example", raw)
		if spf != message.VerdictTempError || dkim != message.VerdictPass || dmarc != message.VerdictPass {
			t.Errorf("spf %q dkim %q dmarc %q, want what is known by then", spf, dkim, dmarc)
		}
		synctest.Wait()
		dns.deaf = true
		dns.hangs["_dmarc.shop.example"], dns.hangs["e1._domainkey.shop.example"] = true, true
		spf, dkim, dmarc = c.Check(t.Context(), remote, "x", "a@shop.example", raw)
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
	dns, mail := verdictWorld(t)
	raw := mail("a@shop.example", "shop.example")
	for _, tc := range []struct {
		domain string
		want   message.Verdict
	}{{"evil.example", message.VerdictPass}, {"shop.example", message.VerdictPermError}} {
		many := raw
		for range 20 { // in front, as an attacker would put them
			many = append([]byte("DKIM-Signature: v=1; a=rsa-sha256; d="+tc.domain+"; s=nokey; h=from; bh=eA==; b=eA==\r\n"), many...)
		}
		spf, dkim, _ := NewSenderChecker(dns, time.Second*10).Check(t.Context(), netip.MustParseAddr(verdictFar), "x", "a@shop.example", many)
		if spf != message.VerdictPass || dkim != tc.want {
			t.Errorf("20 signatures of %s: spf %q dkim %q, want pass and %s", tc.domain, spf, dkim, tc.want)
		}
	}
}

func TestSMTPRecordsVerdicts(t *testing.T) {
	dns, mail := verdictWorld(t)
	far := func(lmtp bool) func(*SMTPConfig) {
		return func(c *SMTPConfig) {
			smtpFromFar(t, c, verdictFar)
			c.LMTP = lmtp
			c.Verdicts = NewSenderChecker(dns, 10*time.Second)
		}
	}
	r := startSMTP(t, far(false))
	c := dialSMTP(t, r.addr).greet().envelope("a@shop.example", "support@desk.example", "billing@desk.example")
	c.do("DATA", "354")
	c.say(string(mail("a@shop.example", "shop.example")) + ".\r\n")
	c.want("250")
	for _, d := range r.accepted()[0] {
		for _, k := range []string{channels.MetaSPF, channels.MetaDKIM, channels.MetaDMARC} {
			if d.Meta[k] != "pass" {
				t.Errorf("%s of %s = %q, want pass", k, d.Inbox, d.Meta[k])
			}
		}
		if d.Meta[channels.MetaRemote] != verdictFar {
			t.Errorf("remote = %q", d.Meta[channels.MetaRemote])
		}
	}

	r = startSMTP(t, far(true))
	c = dialSMTP(t, r.addr)
	c.want("220")
	c.do("LHLO mta.example", "250")
	c.envelope("a@shop.example", "support@desk.example").do("DATA", "354")
	c.say(string(mail("a@shop.example")) + ".\r\n")
	c.want("250")
	if v, ok := r.accepted()[0][0].Meta[channels.MetaSPF]; ok {
		t.Errorf("LMTP mail was judged %q by its relay's address", v)
	}
}

func FuzzVerdictFrom(f *testing.F) {
	f.Add([]byte("From: a@b.example\r\n\r\n"))
	f.Add([]byte("from:\r\n \"x@y.example\" <a@b.example>\nFrom : c@d.example\n\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		from := verdictFrom(raw)
		if strings.ContainsAny(from.domain, " @<>\r\n") || from.plain && !from.whole {
			t.Errorf("sender = %+v", from)
		}
		if m, err := NewDecoder(DecoderConfig{}).Decode(channels.Delivery{Raw: raw}); err == nil && verdictASCII(m.From.Domain()) != from.domain {
			t.Errorf("judged %q, believed %q", from.domain, m.From.Domain())
		}
	})
}
