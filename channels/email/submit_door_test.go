package email

import (
	"strings"
	"testing"

	"frontdesk/channels"
)

// Mail that we send arrives at our own door as it was composed: each side is tested against the
// other, with TLS between them.
func TestSubmitToOurOwnDoor(t *testing.T) {
	server, client := smtpTestCA(t)
	keys, _ := dkimTestKeys(t, "desk.example")
	r := startSMTP(t, func(c *SMTPConfig) { c.TLSConfig = server })
	cfg := submitTestConfig(&submitRelay{addr: r.addr})
	cfg.Security, cfg.TLSConfig, cfg.DKIM = "starttls", client, keys
	cfg.Envelope, cfg.Bounce, cfg.MAC = "verp", "bounce@desk.example", smtpTestDigest
	s := newTestSubmitter(t, cfg)

	out := submitTestMail()
	out.To.Value = "support+t12@desk.example"
	out.Text = ".\n..\n.dots\nand 中文\n"
	for range 2 { // the same mail twice: the same key at the door
		if _, err := s.Send(t.Context(), "ack:12", out); err != nil {
			t.Fatal(err)
		}
	}
	out.To.Value = "stranger@desk.example"
	if _, err := s.Send(t.Context(), "ack:13", out); err == nil || !strings.Contains(err.Error(), "550 5.1.1") {
		t.Errorf("error = %v, want 550 5.1.1", err)
	}
	_ = s.Close()

	calls := r.accepted()
	if len(calls) != 2 {
		t.Fatalf("accepted %d mails, want 2", len(calls))
	}
	d := calls[0][0]
	if key, ok := ParseVERP(d.Meta[channels.MetaMailFrom], smtpTestDigest); !ok || key != "ack:12" {
		t.Errorf("envelope sender gives key %q, %v", key, ok)
	}
	h, text := composeRead(t, d.Raw)
	if got := strings.ReplaceAll(text, "\r\n", "\n"); got != out.Text {
		t.Errorf("text = %q, want %q", got, out.Text)
	}
	if h.Get("Dkim-Signature") == "" || h.Get("Received") != "" {
		t.Error("the mail was not signed, or was changed at the door")
	}
	if d.Meta[channels.MetaTLS] == "" {
		t.Error("the mail came without TLS")
	}
}
