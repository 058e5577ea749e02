package email

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// manyLetters is a label of so many bytes in which hardly a letter comes twice. What Punycode costs grows with the
// product of its letters and its different letters (RFC 3492 §6.3).
func manyLetters(n int) string {
	var label strings.Builder
	for i := 0; label.Len() < n; i++ {
		label.WriteRune(rune(0x3400 + i%26_000))
	}
	return label.String()
}

// A domain that somebody writes costs no more than its length, wherever it stands.
func TestDomainsCostLinearTime(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures what reading costs, which the race detector would distort")
	}
	c := NewSenderChecker(&fakeDNS{}, time.Minute)
	judge := func(s Sender, raw string) func() {
		s.Remote, s.Raw = netip.MustParseAddr("203.0.113.5"), []byte(raw)
		return func() { c.Judge(context.Background(), s) }
	}
	const plain = "From: a@bank.example\r\n\r\nhello\r\n"
	for name, prepare := range map[string]func(domain string) func(){
		"a signature's": func(d string) func() {
			return judge(Sender{MailFrom: "a@bank.example"}, "DKIM-Signature: v=1; a=rsa-sha256; d="+d+"; s=x; h=from; bh=AAAA; b=AAAA\r\n"+plain)
		},
		"the sender's": func(d string) func() {
			return judge(Sender{MailFrom: "a@bank.example"}, "From: a@"+d+"\r\n\r\nhello\r\n")
		},
		"the envelope's": func(d string) func() { return judge(Sender{MailFrom: "a@" + d}, plain) },
		"the host's own": func(d string) func() { return judge(Sender{Helo: d}, plain) },
		"that of a result": func(d string) func() {
			return func() { parseAuthResults("mx; dkim=pass header.d=" + d).signed("bank.example") }
		},
		"that of a policy": func(d string) func() {
			return func() { parseAuthResults("mx; dmarc=pass header.from=" + d).dmarc("bank.example") }
		},
		"of one to be written": func(d string) func() { return func() { composeParse("a@"+d, true) } },
		"a recipient's": func(d string) func() {
			return func() { smtpInbox(func(string) (string, bool) { return "", false }, "a@"+d) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			doubling(t, 12<<10, func(n int) func() { return prepare(manyLetters(n) + ".example") })
		})
	}
}

// What DNS has room for is still read.
func TestLongDomainsAreDomains(t *testing.T) {
	long := strings.Repeat("a", 63) + "."
	for _, c := range []struct{ name, domain, want string }{
		{"letters of another script", "bücher.example", "xn--bcher-kva.example"},
		{"a label of Chinese letters", "公司.example", "xn--55qx5d.example"},
		{"as long as a name may be", long + long + long + strings.Repeat("b", 61), long + long + long + strings.Repeat("b", 61)},
		{"longer than a name may be", long + long + long + strings.Repeat("b", 62), ""},
		{"a label that is too long", strings.Repeat("a", 64) + ".example", ""},
		{"a label of too many letters", manyLetters(3*64) + ".example", ""},
		{"a label that is too long in ASCII", strings.Repeat("中ü", 29) + ".example", ""},
		{"a name of too many letters that another stop parts", strings.Repeat(manyLetters(3*50)+"。", 6) + "example", ""},
		{"none", "", ""},
	} {
		if got := verdictASCII(c.domain); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
