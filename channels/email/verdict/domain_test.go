package verdict

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"frontdesk/channels/email/internal/emailtest"
	"frontdesk/internal/doubling"
)

// A domain that somebody writes costs no more than its length, wherever it stands.
func TestJudgedDomainsCostLinearTime(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures what reading costs, which the race detector would distort")
	}
	c := NewChecker(&fakeDNS{}, time.Minute)
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
	} {
		t.Run(name, func(t *testing.T) {
			doubling.Check(t, 3<<9, func(n int) func() { return prepare(emailtest.ManyLetters(n) + ".example") })
		})
	}
}
