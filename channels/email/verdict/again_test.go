package verdict

import (
	"bytes"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/meta"
	"frontdesk/pipeline/message"
)

// What could not be asked is asked again, from where the mail came; of what another server judged the signature.
func TestAskingAgainAboutASender(t *testing.T) {
	dns, mail := world(t)
	const temp = "Authentication-Results: mx.us.example; spf=pass smtp.mailfrom=a@shop.example; dmarc=temperror header.from=shop.example\r\n"
	trusted := []string{"mx.us.example"}
	own := map[string]string{meta.Proven: "open", meta.DMARC: "temperror", meta.Remote: far, meta.MailFrom: "a@shop.example", meta.Helo: "x"}
	forged := map[string]string{meta.Proven: "open", meta.DMARC: "temperror", meta.Remote: "203.0.113.9", meta.MailFrom: "a@shop.example", meta.Helo: "x"}
	signed, plain := mail("a@shop.example", "shop.example"), mail("a@shop.example")
	with := func(header string, raw []byte) []byte { return append([]byte(header), raw...) }
	for _, c := range []struct {
		name      string
		d         channels.Delivery
		trusted   []string
		unsettled bool
		dmarc     message.Verdict
		proven    bool
		open      bool
	}{
		{"our listener, and the envelope passes now", channels.Delivery{Raw: plain, Meta: own}, nil, true, "pass", true, false},
		{"our listener, and it is forged", channels.Delivery{Raw: plain, Meta: forged}, nil, true, "fail", false, false},
		{"our listener knew", channels.Delivery{Raw: plain, Meta: map[string]string{meta.Proven: "no", meta.DMARC: "fail"}}, trusted, false, "", false, false},
		{"recorded by an earlier version", channels.Delivery{Raw: plain, Meta: map[string]string{meta.DMARC: "temperror"}}, trusted, false, "", false, false},
		{"a trusted server, and the signature holds", channels.Delivery{Raw: with(temp, signed)}, trusted, true, "pass", true, false},
		{"a trusted server, and there is no signature", channels.Delivery{Raw: with(temp, plain)}, trusted, true, "temperror", false, true},
		{"a server that nobody trusts", channels.Delivery{Raw: with(temp, signed)}, []string{"mx.them.example"}, false, "", false, false},
		{"nobody is trusted", channels.Delivery{Raw: with(temp, signed)}, nil, false, "", false, false},
		{"a word of the sender's", channels.Delivery{Raw: with("Subject: error\r\n", signed)}, trusted, false, "", false, false},
		{"the domain turns out to have no policy", channels.Delivery{Raw: bytes.ReplaceAll(with(temp, mail("a@soft.example")), []byte("header.from=shop.example"), []byte("header.from=soft.example"))}, trusted, true, "none", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Unsettled(c.d, c.trusted); got != c.unsettled {
				t.Fatalf("unsettled = %v, want %v", got, c.unsettled)
			}
			if !c.unsettled {
				return
			}
			j := NewChecker(dns, time.Second).Again(t.Context(), c.d, c.trusted)
			if j.DMARC != c.dmarc || j.Proven != c.proven || j.Open != c.open {
				t.Errorf("judged %+v, want dmarc %s, proven %v, open %v", j, c.dmarc, c.proven, c.open)
			}
		})
	}
}
