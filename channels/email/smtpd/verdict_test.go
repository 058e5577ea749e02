package smtpd

import (
	"context"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels/email/parse"
	"frontdesk/channels/email/verdict"
	"frontdesk/channels/meta"
)

// judged tells what it is asked about and answers the same to all.
type judged struct {
	asked []verdict.Sender
	says  parse.Judgement
}

func (j *judged) Judge(_ context.Context, s verdict.Sender) parse.Judgement {
	j.asked = append(j.asked, s)
	return j.says
}

func TestSMTPRecordsVerdicts(t *testing.T) {
	const far, text = "198.51.100.7", "From: a@shop.example\r\n\r\nhello\r\n"
	judge := &judged{says: parse.Judgement{SPF: "pass", DKIM: "fail", DMARC: "pass", Proven: true}}
	door := func(lmtp bool) func(*Config) {
		return func(c *Config) {
			fromFar(t, c, far)
			c.LMTP, c.Verdicts = lmtp, judge
		}
	}
	r := start(t, door(false))
	c := dial(t, r.addr).greet().envelope("a@shop.example", "support@desk.example", "billing@desk.example")
	c.do("DATA", "354")
	c.say(text + ".\r\n")
	c.want("250")
	for _, d := range r.accepted()[0] {
		for k, want := range map[string]string{meta.SPF: "pass", meta.DKIM: "fail", meta.DMARC: "pass", meta.Proven: "yes", meta.Remote: far} {
			if d.Meta[k] != want {
				t.Errorf("%s of %s = %q, want %s", k, d.Inbox, d.Meta[k], want)
			}
		}
	}
	want := []verdict.Sender{{Remote: netip.MustParseAddr(far), Helo: "client.example", MailFrom: "a@shop.example", Raw: []byte(text)}}
	if diff := cmp.Diff(want, judge.asked, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
		t.Errorf("asked about (-want +got):\n%s", diff)
	}

	r = start(t, door(true))
	c = dial(t, r.addr)
	c.want("220")
	c.do("LHLO mta.example", "250")
	c.envelope("a@shop.example", "support@desk.example").do("DATA", "354")
	c.say(text + ".\r\n")
	c.want("250")
	if v, ok := r.accepted()[0][0].Meta[meta.SPF]; ok {
		t.Errorf("LMTP mail was judged %q by its relay's address", v)
	}
}
