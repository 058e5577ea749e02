package verdict

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"maps"
	"math/big"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"frontdesk/channels"
	"frontdesk/channels/email/internal/emailtest"
	"frontdesk/channels/email/parse"
	"frontdesk/internal/doubling"
	"frontdesk/pipeline/message"
)

// proven puts a judgement and a mail together as the listener and the decoder do.
func proven(t testing.TB, j parse.Judgement, raw []byte) bool {
	t.Helper()
	meta := map[string]string{}
	j.Note(meta)
	m, err := parse.NewDecoder(parse.DecoderConfig{}).Decode(channels.Delivery{Raw: raw, Meta: meta})
	if err != nil {
		t.Fatal(err)
	}
	return m.Proven
}

// A temporary error of what does not belong to the sender changes nothing.
func TestForgedSenderIsNoTemporaryError(t *testing.T) {
	const junk = "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=evil.example; s=x; h=from; bh=frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=; b=AAAA\r\n"
	const from = "From: Li Wei <li.wei@bank.example>\r\n"
	const rest = "To: support@topay.example\r\nSubject: Refund\r\n\r\nhello\r\n"
	for _, c := range []struct {
		name, header, helo, mailFrom string
		fails, hangs                 string
		want                         message.Verdict
		open                         bool
	}{
		{name: "no signature", header: from, mailFrom: "li.wei@bank.example", want: "fail"},
		{name: "a foreign signature whose server fails", header: junk + from, mailFrom: "li.wei@bank.example", fails: "x._domainkey.evil.example", want: "fail"},
		{name: "a foreign signature whose server is silent", header: junk + from, mailFrom: "li.wei@bank.example", hangs: "x._domainkey.evil.example", want: "fail"},
		{name: "five of them", header: strings.Repeat(junk, 5) + from, mailFrom: "li.wei@bank.example", hangs: "x._domainkey.evil.example", want: "fail"},
		{name: "a foreign envelope whose server fails", header: from, mailFrom: "x@evil.example", fails: "evil.example", want: "fail"},
		{name: "a foreign envelope whose server is silent", header: from, mailFrom: "x@evil.example", hangs: "evil.example", want: "fail"},
		{name: "a null sender with a foreign name", header: from, helo: "evil.example", fails: "evil.example", want: "fail"},
		{name: "a signature of the top-level domain", header: strings.Replace(junk, "d=evil.example", "d=example", 1) + from, mailFrom: "x@evil.example", fails: "x._domainkey.example", want: "fail"},
		{name: "a sender who hides behind another From", header: from + "From: x@evil.example\r\n", mailFrom: "x@evil.example", fails: "evil.example", want: "fail"},
		{name: "a sender in the Sender field alone", header: "Sender: li.wei@bank.example\r\n", mailFrom: "x@evil.example", want: "fail"},
		{name: "an aligned signature whose server fails", header: strings.Replace(junk, "d=evil.example", "d=mail.bank.example", 1) + from, mailFrom: "li.wei@bank.example", fails: "x._domainkey.mail.bank.example", want: "temperror", open: true},
		{name: "an aligned envelope whose server fails", header: from, mailFrom: "x@out.bank.example", fails: "out.bank.example", want: "temperror", open: true},
		{name: "a policy whose server fails", header: from, mailFrom: "li.wei@bank.example", fails: "_dmarc.bank.example", want: "temperror", open: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			dns := &fakeDNS{fails: map[string]bool{c.fails: true}, hangs: map[string]bool{c.hangs: true}, txt: map[string][]string{
				"_dmarc.bank.example": {"v=DMARC1; p=reject"}, "bank.example": {"v=spf1 -all"}, "evil.example": {"v=spf1 ip4:203.0.113.5 -all"}}}
			raw := []byte(c.header + rest)
			j := NewChecker(dns, 100*time.Millisecond).Judge(t.Context(), Sender{Remote: netip.MustParseAddr("203.0.113.5"), Helo: c.helo, MailFrom: c.mailFrom, Raw: raw})
			if j.DMARC != c.want || j.Open != c.open || j.Proven || proven(t, j, raw) {
				t.Errorf("judged %+v, want dmarc %s, open %v, not proven", j, c.want, c.open)
			}
		})
	}
}

// Only a domain that vouches for the very message, and for what people see of it, proves a sender.
func TestProvenSenders(t *testing.T) {
	dns, mail := world(t)
	_, e1, txt := emailtest.DKIMKeys(t, "plain.example") // no policy
	for name, rec := range txt {
		dns.txt[name] = rec
	}
	dns.txt["plain.example"] = []string{"v=spf1 ip4:198.51.100.0/24 -all"}
	dns.txt["open.example"] = []string{"v=spf1 +all"}
	dns.txt["wide.example"], dns.txt["_dmarc.wide.example"] = []string{"v=spf1 ip4:0.0.0.0/0 -all"}, []string{"v=DMARC1; p=reject"}
	dns.txt["vps1.plain.example"] = []string{"v=spf1 ip4:198.51.100.0/24 -all"}
	dns.txt["github.io"], dns.txt["a.github.io"] = dns.txt["plain.example"], dns.txt["plain.example"]
	dns.fails["down.plain.example"] = true
	sign := func(raw string, change func(*dkim.SignOptions)) []byte {
		o := &dkim.SignOptions{Domain: "plain.example", Selector: "e1", Signer: e1, HeaderKeys: []string{"From", "Subject", "To"},
			HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed}
		change(o)
		var out bytes.Buffer
		if err := dkim.Sign(&out, strings.NewReader(raw), o); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	as := func(*dkim.SignOptions) {}
	const text = "From: A <a@plain.example>\r\nTo: support@desk.example\r\nSubject: x\r\n\r\nhello\r\n"
	replace := func(raw []byte, old, new string) []byte { return bytes.Replace(raw, []byte(old), []byte(new), 1) }
	near, far := far, "203.0.113.9"
	for _, c := range []struct {
		name, remote, helo, from string
		raw                      []byte
		want, open               bool
	}{
		{"DMARC passes", near, "x", "a@shop.example", mail("a@shop.example"), true, false},
		{"no policy, an aligned signature", far, "x", "b@evil.example", sign(text, as), true, false},
		{"no policy, an aligned envelope", near, "x", "b@plain.example", []byte(text), true, false},
		{"no policy, somebody else's envelope", near, "x", "b@evil.example", []byte(text), false, false},
		{"no policy, somebody else's signature", far, "x", "b@evil.example", mail("a@plain.example", "evil.example"), false, false},
		{"no policy, and the aligned envelope cannot be asked", near, "x", "b@down.plain.example", []byte(text), false, true},
		{"the name of a host that a provider lends", near, "vps1.plain.example", "", []byte(text), false, false},
		{"a host that is the domain itself", near, "plain.example", "", []byte(text), true, false},
		{"an envelope without a domain, and the name of a host", near, "plain.example", "postmaster", []byte(text), false, false},
		{"a domain that lets everyone send", far, "x", "a@open.example", mail("a@open.example"), false, false},
		{"a domain with a policy that lets everyone send", far, "x", "a@wide.example", mail("a@wide.example"), false, false},
		{"a public suffix speaks for nobody", near, "x", "a@github.io", mail("a@github.io"), false, false},
		{"nor do two of its tenants for each other", near, "x", "b@a.github.io", mail("a@b.github.io"), false, false},
		{"a tenant speaks for himself", near, "x", "b@a.github.io", mail("a@a.github.io"), true, false},
		{"Subject is not signed", far, "x", "b@evil.example", sign(text, func(o *dkim.SignOptions) { o.HeaderKeys = []string{"From"} }), false, false},
		{"a second Subject before the signed one", far, "x", "b@evil.example", append([]byte("Subject: pay\r\n"), sign(text, as)...), false, false},
		{"a second From before the signed one", far, "x", "b@evil.example", append([]byte("From: b@plain.example\r\n"), sign(text, as)...), false, false},
		{"a second From that only other readers see", far, "x", "b@evil.example", append([]byte("From: b@plain.example\r\nx\r\n\r\r\n"), sign(text, as)...), false, false},
		{"a first From that ends with CR alone", far, "x", "b@evil.example", append([]byte("X: a\rFrom: b@plain.example\r\n"), sign(text, as)...), true, false},
		{"an expired signature", far, "x", "b@evil.example", sign(text, func(o *dkim.SignOptions) { o.Expiration = time.Unix(1_000_000_000, 0) }), false, false},
		{"i= of another domain", far, "x", "b@evil.example", replace(sign(text, func(o *dkim.SignOptions) { o.Identifier = "a@plain.example" }), "i=a@plain.example", "i=a@other.example"), false, false},
		{"a part of the body is signed", far, "x", "b@evil.example", replace(sign(text, as), "a=ed25519-sha256;", "a=ed25519-sha256; l=2;"), false, false},
		{"the organization signs for a subdomain", far, "x", "b@evil.example", sign(strings.Replace(text, "a@plain", "a@sub.plain", 1), as), true, false},
		{"a changed subject", far, "x", "b@evil.example", replace(sign(text, as), "Subject: x", "Subject: y"), false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := NewChecker(dns, 10*time.Second).Judge(t.Context(), Sender{Remote: netip.MustParseAddr(c.remote), Helo: c.helo, MailFrom: c.from, Raw: c.raw})
			if got := proven(t, j, c.raw); got != c.want || j.Open != c.open {
				t.Errorf("proven %v, open %v, want %v, %v: %+v", got, j.Open, c.want, c.open, j)
			}
		})
	}
}

// TestARecordThatLetsEveryoneSendProvesNobody, by the family of the connection.
func TestARecordThatLetsEveryoneSendProvesNobody(t *testing.T) {
	const four, six = "198.51.100.7", "2a00:1450::7"
	raw := []byte("From: A <a@shop.test>\r\nSubject: x\r\n\r\nhello\r\n")
	txt := map[string][]string{"all.test": {"v=spf1 +all"}, "strict.test": {"v=spf1 ip4:198.51.100.0/24 ip6:2a00:1450::/32 -all"}, "wide6.test": {"v=spf1 ip6:2000::/3 -all"}}
	for _, c := range []struct {
		name, remote, record string
		want                 bool
	}{
		{"its own networks, over IPv4", four, "v=spf1 ip4:198.51.100.0/24 ip6:2a00:1450::/32 -all", true},
		{"its own networks, over IPv6", six, "v=spf1 ip4:198.51.100.0/24 ip6:2a00:1450::/32 -all", true},
		{"all, over IPv4", four, "v=spf1 +all", false},
		{"all, over IPv6", six, "v=spf1 all", false},
		{"all of IPv6, over IPv6", six, "v=spf1 ip6:::/0 -all", false},
		{"all of IPv6 that is given out, over IPv6", six, "v=spf1 ip6:2000::/3 -all", false},
		{"the halves of IPv6", six, "v=spf1 ip6:::/1 ip6:8000::/1 -all", false},
		{"all of IPv6, and its own network over IPv4", four, "v=spf1 ip4:198.51.100.0/24 ip6:::/0 -all", true},
		{"all of IPv4, over IPv4", four, "v=spf1 ip4:0.0.0.0/0 -all", false},
		{"the halves of IPv4", four, "v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all", false},
		{"all of IPv4, and its own network over IPv6", six, "v=spf1 ip4:0.0.0.0/0 ip6:2a00:1450::/32 -all", true},
		{"an IPv4 address as IPv6 writes it, and all of IPv4", "::ffff:" + four, "v=spf1 ip4:0.0.0.0/0 -all", false},
		{"an IPv4 address as IPv6 writes it, and its own network", "::ffff:" + four, "v=spf1 ip4:198.51.100.0/24 ip6:::/0 -all", true},
		{"all by an include", four, "v=spf1 include:all.test -all", false},
		{"all by an include, over IPv6", six, "v=spf1 include:wide6.test -all", false},
		{"all by a redirect", six, "v=spf1 redirect=all.test", false},
		{"its own networks by an include", six, "v=spf1 include:strict.test -all", true},
		{"its own networks by a redirect", four, "v=spf1 redirect=strict.test", true},
		{"whoever is not listed is doubtful", six, "v=spf1 ip6:2a00:1450::/32 ~all", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			dns := &fakeDNS{txt: maps.Clone(txt)}
			dns.txt["shop.test"] = []string{c.record}
			s := Sender{Remote: netip.MustParseAddr(c.remote), Helo: "x", MailFrom: "a@shop.test", Raw: raw}
			j := NewChecker(dns, 10*time.Second).Judge(t.Context(), s)
			if j.SPF != "pass" {
				t.Fatalf("spf says %s", j.SPF)
			}
			if got := proven(t, j, raw); got != c.want {
				t.Errorf("proven %v, want %v: %+v", got, c.want, j)
			}
		})
	}
}

func TestWeakAndHugeKeysProveNothing(t *testing.T) {
	raw := []byte("From: A <a@plain.example>\r\nSubject: x\r\n\r\nhello\r\n")
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	signed := signedBy(t, raw, "plain.example", "s", k)
	pub, _ := x509.MarshalPKIXPublicKey(k.Public())
	right := "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(pub)
	short, _ := x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: new(big.Int).Rsh(k.N, 1536), E: k.E})
	for _, c := range []struct {
		name, record string
		want         message.Verdict
	}{
		{"the right key", right, "pass"},
		{"a key of 512 bits", "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(short), "permerror"},
		{"a record as long as DNS allows", right + "; n=" + strings.Repeat("x", 60<<10), "permerror"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dns := &fakeDNS{txt: map[string][]string{"s._domainkey.plain.example": {c.record}}}
			j := NewChecker(dns, time.Second).Judge(t.Context(), Sender{Remote: netip.MustParseAddr(far), MailFrom: "a@evil.example", Raw: signed})
			if j.DKIM != c.want || j.Proven != (c.want == "pass") {
				t.Errorf("judged %+v, want dkim %s", j, c.want)
			}
		})
	}
}

// What the check of a mail costs is linear, or refused: fields of many short folded lines, an empty stretch in the
// body, many fields and long lists of them.
func TestVerdictsCostLinearTime(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures what reading costs, which the race detector would distort")
	}
	sig := func(more string) string {
		return "DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple; d=bank.example; s=x; h=from" + more + "; bh=frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=; b=AAAA\r\n"
	}
	const from = "From: a@bank.example\r\n"
	pub, _ := x509.MarshalPKIXPublicKey(&rsaKey(t).PublicKey)
	dns := &fakeDNS{txt: map[string][]string{"x._domainkey.bank.example": {"v=DKIM1; p=" + base64.StdEncoding.EncodeToString(pub)}}}
	c := NewChecker(dns, time.Minute)
	for name, make := range map[string]func(n int) string{
		"folded lines": func(n int) string {
			return sig("") + from + "X: a\r\n" + strings.Repeat(" a\r\n", n/4) + "\r\nhello\r\n"
		},
		"folded lines of the From": func(n int) string {
			return sig("") + "From:\r\n" + strings.Repeat(" a\r\n", n/4) + " a@bank.example\r\n\r\nhello\r\n"
		},
		"a folded signature": func(n int) string {
			return "DKIM-Signature: v=1;\r\n" + strings.Repeat(" ;\r\n", n/4) + sig("")[15:] + from + "\r\nhello\r\n"
		},
		"empty lines in the body": func(n int) string { return sig("") + from + "\r\n" + strings.Repeat("\r\n", n/2) + "x\r\n" },
		"empty lines at the end":  func(n int) string { return sig("") + from + "\r\nx" + strings.Repeat("\r\n", n/2) },
		"returns in the body":     func(n int) string { return sig("") + from + "\r\n" + strings.Repeat("\r", n) + "x\r\n" },
		"many fields":             func(n int) string { return sig("") + from + strings.Repeat("X: a\r\n", n/6) + "\r\nhello\r\n" },
		"a long list of fields":   func(n int) string { return sig(strings.Repeat(":x", n/2)) + from + "\r\nhello\r\n" },
		"many signatures":         func(n int) string { return strings.Repeat(sig(""), n/len(sig(""))) + from + "\r\nhello\r\n" },
		"a body":                  func(n int) string { return sig("") + from + "\r\n" + strings.Repeat("hello  world\r\n", n/14) },
	} {
		t.Run(name, func(t *testing.T) {
			doubling.Check(t, 1<<17, func(n int) func() {
				raw := []byte(make(n))
				return func() {
					c.Judge(context.Background(), Sender{Remote: netip.MustParseAddr("203.0.113.5"), Helo: "h", MailFrom: "a@bank.example", Raw: raw})
				}
			})
		})
	}
}

func rsaKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// A check ends when its time is over, and so does all that it began.
func TestVerdictsEndWithTheirTime(t *testing.T) {
	dns, mail := world(t)
	for name := range map[string]bool{"shop.example": true, "_dmarc.shop.example": true, "e1._domainkey.shop.example": true} {
		dns.hangs[name] = true
	}
	raw := mail("a@shop.example", "shop.example")
	raw = append(raw, bytes.Repeat([]byte("hello\r\n"), 1<<20)...)
	c := NewChecker(dns, 50*time.Millisecond)
	before := runtime.NumGoroutine()
	for range 5 {
		j := c.Judge(t.Context(), Sender{Remote: netip.MustParseAddr(far), MailFrom: "a@shop.example", Raw: raw})
		if j.DMARC != message.VerdictTempError || !j.Open {
			t.Errorf("judged %+v, want what is open", j)
		}
	}
	for try := 0; runtime.NumGoroutine() > before; try++ {
		if try == 1000 {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
		time.Sleep(time.Millisecond) // they have been told; how soon they are gone is the scheduler's
	}
	// computing ends too: a reader whose time is over reads no more
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if got := c.checkSignatures(ended, from(raw), raw); got.verdict != message.VerdictTempError {
		t.Errorf("after the end: %q, want temperror", got.verdict)
	}
}
