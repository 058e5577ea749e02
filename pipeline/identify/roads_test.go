package identify

import (
	"frontdesk/pipeline/message"
	"testing"
)

// TestWhoWroteOnEveryRoad: who is taken for the author, by which road, and whether the envelope may be answered.
func TestWhoWroteOnEveryRoad(t *testing.T) {
	t.Parallel()
	h := func(kv ...string) (out message.Headers) {
		for i := 0; i < len(kv); i += 2 {
			out = append(out, message.Header{Name: kv[i], Value: kv[i+1]})
		}
		return
	}
	ad := func(v ...string) (out []message.Address) {
		for _, x := range v {
			out = append(out, message.Address{Kind: message.Email, Value: x})
		}
		return
	}
	for _, c := range []struct {
		name, from, fname, env string
		to, reply, cc          []message.Address
		h                      message.Headers
		report                 *message.Report
		want                   string
		via                    Via
		back                   string
	}{
		{"a named form whose visitor writes of what was not delivered", "form@site.example", "", "", nil, ad("anna@c.example"), nil, nil, &message.Report{Kind: message.DSN, Told: true}, "anna@c.example", Form, ""},
		{"and under an address that mail systems have", "mailer@forms.example", "", "mailer@forms.example", nil, ad("anna@c.example"), nil, nil, &message.Report{Kind: message.DSN, Told: true}, "anna@c.example", Form, ""},
		{"Yahoo forwards", "anna@c.example", "", "old@yahoo.example", ad("old@yahoo.example"), nil, nil, nil, nil, "anna@c.example", Forward, ""},
		{"QQ forwards what came blind", "anna@c.example", "", "old@qq.example", ad("undisclosed@x.example"), nil, nil, h("X-QQ-FORWARD", "1", "Received", "from x by y for <old@qq.example>; now"), nil, "anna@c.example", Forward, ""},
		{"iCloud resends", "anna@c.example", "", "anna@c.example", ad("old@icloud.example"), nil, nil, h("Resent-From", "old@icloud.example"), nil, "anna@c.example", Forward, ""},
		{"PostSRSd with a plus", "anna@c.example", "", "SRS0+abc=de=c.example=anna@fwd.example", ad("old@fwd.example"), nil, nil, nil, nil, "anna@c.example", Forward, ""},
		{"two forwarders", "anna@c.example", "", "SRS1=abc=fwd.example==de=ef=c.example=anna@fwd2.example", ad("old@fwd.example"), nil, nil, nil, nil, "anna@c.example", Forward, ""},
		{"Exchange Online redirects", "anna@c.example", "", "old+SRS=abcde=FG=c.example=anna@firm.example", ad("old@firm.example"), nil, nil, nil, nil, "anna@c.example", Forward, ""},
		{"Cloudflare's routing", "anna@c.example", "", "SRS0=AbCd=XY=c.example=anna@cf.example", ad("hi@own.example"), nil, nil, nil, nil, "anna@c.example", Forward, ""},
		{"ImprovMX", "anna@c.example", "", "SRS0=tPfN=EX=c.example=anna@improvmx.example", ad("hi@own.example"), nil, nil, h("X-Forwarding-Service", "ImprovMX v3"), nil, "anna@c.example", Forward, ""},
		{"a scheme in lower case", "anna@c.example", "", "srs0=ab=cd=c.example=anna@forwardemail.example", ad("hi@own.example"), nil, nil, nil, nil, "anna@c.example", Forward, ""},
		{"a bounce address of a masking service", "anna@c.example", "", "bounce+xyz@sl.example", nil, nil, nil, nil, nil, "anna@c.example", Direct, ""},
		{"a Google Group of ours", "support@desk.example", "'Anna' via Support", "support+bncABC@desk.example", ad("support@desk.example"), ad("anna@c.example"), nil, h("List-ID", "<support.desk.example>", "X-Original-From", "Anna <anna@c.example>"), nil, "anna@c.example", List, ""},
		{"a Google Group of ours whose answers go to the group", "support@desk.example", "'Anna' via Support", "support+bncABC@desk.example", ad("support@desk.example"), ad("support@desk.example"), nil, h("List-ID", "<support.desk.example>", "X-Original-Sender", "anna@c.example"), nil, "anna@c.example", List, ""},
		{"Groups.io", "support@desk.example", "Anna via desk.example", "bounce+123+support@desk.example", ad("support@desk.example"), ad("anna@c.example"), nil, h("List-Id", "<support.desk.example>"), nil, "anna@c.example", List, ""},
		{"a group of Exchange", "anna@c.example", "", "support@desk.example", ad("support@desk.example"), nil, nil, nil, nil, "anna@c.example", Forward, ""},
		{"a form of our own site", "wordpress@www.desk.example", "Desk", "www-data@www.desk.example", nil, ad("anna@c.example"), nil, nil, nil, "anna@c.example", Form, ""},
		{"a form in the visitor's name, by a mail service", "anna@c.example", "", "bounces+123-abc=desk.example@em.sendgrid.example", nil, nil, nil, nil, nil, "anna@c.example", Direct, ""},
		{"a form in the visitor's name, by our server", "anna@c.example", "", "web@desk.example", nil, nil, nil, nil, nil, "anna@c.example", Form, ""},
		{"a colleague", "kim@desk.example", "Kim", "kim@desk.example", ad("support@desk.example"), nil, nil, nil, nil, "kim@desk.example", Direct, "kim@desk.example"},
		{"a colleague who names the customer in Reply-To", "kim@desk.example", "Kim", "kim@desk.example", ad("support@desk.example"), ad("anna@c.example"), nil, nil, nil, "anna@c.example", Form, ""},
		{"a customer's own Reply-To", "anna@c.example", "", "anna@c.example", nil, ad("evil@x.example"), nil, nil, nil, "anna@c.example", Direct, "anna@c.example"},
		{"a tag that protects the envelope", "anna@c.example", "", "prvs=123456789a=anna@c.example", nil, nil, nil, nil, nil, "anna@c.example", Direct, "anna@c.example"},
		{"a mail service's bounce address", "anna@c.example", "", "bounce-12345678901234567@esp.example", nil, nil, nil, nil, nil, "anna@c.example", Direct, ""},
		{"our own postmaster", "postmaster@desk.example", "", "", nil, ad("anna@c.example"), nil, nil, nil, "postmaster@desk.example", Direct, ""},
	} {
		m := message.Message{Channel: "email", Traits: message.Traits{Mail: true}, From: message.Address{Kind: message.Email, Value: c.from, Name: c.fname}, ReplyTo: c.reply, To: c.to, Cc: c.cc, Headers: c.h, Report: c.report, Envelope: message.Envelope{MailFrom: c.env, HasMailFrom: true}}
		a := WhoWrote(m, desk)
		if a.From.Value != c.want || a.Via != c.via || a.Back.Value != c.back {
			t.Errorf("%s: %q via %q back %q", c.name, a.From.Value, a.Via, a.Back.Value)
		}
	}
}
