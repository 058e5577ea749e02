package relay

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"frontdesk/channels/attach"
	"frontdesk/channels/email/compose"
	"frontdesk/channels/email/internal/emailtest"
	"frontdesk/pipeline/message"
)

func TestDKIMSignatures(t *testing.T) {
	r1, e1, txt := emailtest.DKIMKeys(t, "desk.example")
	keys := []compose.DKIMKey{{Domain: "desk.example", Selector: "r1", Signer: r1}, {Domain: "desk.example", Selector: "e1", Signer: e1}}
	r := startRelay(t, plan{})
	cfg := testConfig(r)
	cfg.DKIM = keys
	out := emailtest.Mail()
	out.InReplyTo, out.ReplyTo, out.Subject = "q@x", "support+t@desk.example", "回复：退款"
	out.Automatic = false
	out.Cc = []message.Address{{Kind: message.Email, Value: "ann@customer.example"}}
	out.HTML, out.Files = "<p>有附件</p>", []attach.File{attach.Bytes("发票.pdf", "application/pdf", bytes.Repeat([]byte("x\r\n"), 50_000))}
	if _, err := newTestter(t, cfg).Send(t.Context(), "k", out); err != nil {
		t.Fatal(err)
	}
	mails, _ := r.got()
	raw := strings.ReplaceAll(mails[0].Raw, "\n", "\r\n")

	check := func(raw string) []*dkim.Verification {
		t.Helper()
		vs, err := dkim.VerifyWithOptions(strings.NewReader(raw), &dkim.VerifyOptions{
			LookupTXT: func(name string) ([]string, error) { return txt[strings.TrimSuffix(name, ".")], nil }})
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
			"mime-version", "content-type", "cc", "reply-to"} {
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
		"another copy":    func(s string) string { return strings.Replace(s, "Cc: <ann@", "Cc: <eve@", 1) },
		"another file":    func(s string) string { return strings.Replace(s, "\r\neA0K", "\r\neA0L", 1) },
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

	if _, err := newTestter(t, cfg).Send(t.Context(), "k2", emailtest.Mail()); err != nil {
		t.Fatal(err)
	}
	mails, _ = r.got()
	for _, v := range check(strings.ReplaceAll(mails[1].Raw, "\n", "\r\n")) {
		if v.Err != nil || !slices.Contains(v.HeaderKeys, "Auto-Submitted") || slices.Contains(v.HeaderKeys, "Cc") {
			t.Errorf("an acknowledgement is signed so: %v, %v", v.HeaderKeys, v.Err)
		}
	}
}
