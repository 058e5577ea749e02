package identify

import (
	"fmt"
	"strings"
	"testing"

	"frontdesk/internal/doubling"
	"frontdesk/pipeline/message"
)

var desk = Desk{Ours: func(a string) bool { return strings.HasPrefix(a, "support") && strings.HasSuffix(a, "@desk.example") },
	Domains: []string{"desk.example"}, Forms: []string{"form@site.example", "@forms.example"}}

func FuzzWhoWrote(f *testing.F) {
	f.Add("support@desk.example", "lee@cust.example", "support+bnc@desk.example", "List-Id", "<support.desk.example>")
	f.Add("form@site.example", "", "", "X-Original-From", "Lee <lee@cust.example>")
	f.Add("kim@cust.example", "", "SRS0=a=b=c=d@e.example", "Received", "from x by y for <a@b>; now")
	f.Add("kim@cust.example", "", "prvs=123456789a=kim@x.example", "X-Forwarded-For", "a@b c@d")
	f.Fuzz(func(t *testing.T, from, replyTo, envelope, name, value string) {
		m := message.Message{Channel: "email", Traits: message.Traits{Mail: true}, Proven: true, From: message.Address{Kind: message.Email, Value: from}, Envelope: message.Envelope{MailFrom: envelope, HasMailFrom: true},
			Headers: message.Headers{{Name: name, Value: value}}}
		if replyTo != "" {
			m.ReplyTo = []message.Address{{Kind: message.Email, Value: replyTo}}
		}
		a := WhoWrote(m, desk)
		if a.Proven && a.From.Identity() != m.From.Identity() {
			t.Errorf("%q is proven by what vouched for %q", a.From.Value, from)
		}
		if a.From.Identity() != m.From.Identity() && desk.Ours(a.From.Value) {
			t.Errorf("the customer is ourselves: %q", a.From.Value)
		}
		if a.Via != Direct && !a.Back.IsZero() {
			t.Errorf("by %s, and %q is written to", a.Via, a.Back.Value)
		}
		if !a.Back.IsZero() && !strings.HasSuffix(strings.ToLower(envelope), a.Back.Value) && !strings.Contains(strings.ToLower(envelope), a.Back.Value) {
			t.Errorf("%q is none of %q", a.Back.Value, envelope)
		}
	})
}

// TestWhoWroteCostsLinearTime in the fields of a header and in their length.
func TestWhoWroteCostsLinearTime(t *testing.T) {
	for name, field := range map[string]message.Header{
		"recipients": {Name: "Delivered-To", Value: strings.Repeat("a@b.example, ", 300)}, "relays": {Name: "Received", Value: strings.Repeat(" for ", 800)},
		"lists": {Name: "List-Post", Value: strings.Repeat("<mailto:a@b.example>", 200)}, "authors": {Name: "X-Original-From", Value: strings.Repeat("@", 4000)},
	} {
		t.Run(name, func(t *testing.T) {
			doubling.Check(t, 1<<9, func(n int) func() {
				m := message.Message{Channel: "email", Traits: message.Traits{Mail: true}, From: message.Address{Kind: message.Email, Value: "support@desk.example"}, Envelope: message.Envelope{MailFrom: "x@y.example", HasMailFrom: true}}
				for i := range n {
					m.Headers = append(m.Headers, field)
					m.ReplyTo = append(m.ReplyTo, message.Address{Kind: message.Email, Value: fmt.Sprintf("support+%d@desk.example", i)})
				}
				return func() { WhoWrote(m, desk) }
			})
		})
	}
}
