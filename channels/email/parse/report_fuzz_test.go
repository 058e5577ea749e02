package parse

import (
	"strings"
	"testing"

	"frontdesk/pipeline/message"
)

// FuzzReport reads foreign text as the bounce of a mail system that follows no standard: every field
// is short, valid and on one line.
func FuzzReport(f *testing.F) {
	f.Add("failure notice", "<a@b.cn>:\n550 5.1.1 user unknown\n", "a@b.cn")
	f.Add("系统退信", "收件人 <a@b.cn> 不存在 5.9.9999999 #4.4.7\n", "")
	f.Add("0", "<a@b.cn>:\n550 5.a\r1.1 user unknown\n", "a@b.cn")
	f.Add("Warning", "Diagnostic-Code: smtp; "+strings.Repeat("x", 5000)+"\nhas been delayed", "\xff")
	f.Fuzz(func(t *testing.T, subject, text, failed string) {
		m := &message.Message{Subject: subject, Text: text, From: message.Address{Kind: message.Email, Value: "mailer-daemon@x.example"},
			Headers: message.Headers{{Name: "X-Failed-Recipients", Value: failed}}}
		r := textReport(m, "")
		if r == nil {
			return
		}
		if r.Kind != message.DSN || r.Action != "failed" && r.Action != "delayed" {
			t.Errorf("report %+v", r)
		}
		for _, s := range []string{r.Status, r.Diagnostic, r.FinalRecipient} {
			if len(s) > 2000 || strings.ContainsAny(s, "\r\n") {
				t.Errorf("field of %d bytes: %.100q", len(s), s)
			}
		}
	})
}
