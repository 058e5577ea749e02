package email_test

import (
	"context"
	"strings"
	"testing"

	"frontdesk/channels"
	"frontdesk/channels/email/compose"
	"frontdesk/channels/email/internal/emailtest"
	"frontdesk/channels/email/relay"
	"frontdesk/channels/email/smtpd"
	"frontdesk/channels/meta"
	"frontdesk/pipeline/message"
)

// Mail that we send arrives at our own door as it was composed: each side is tested against the
// other, with TLS between them.
func TestSubmitToOurOwnDoor(t *testing.T) {
	server, client := emailtest.CA(t)
	door, err := smtpd.New(smtpd.Config{Addr: "127.0.0.1:0", Domain: "desk.example", TLSConfig: server, Digest: emailtest.Digest,
		Recipients: func(addr string) (string, bool) { return "support-mail", addr == "support@desk.example" }})
	if err != nil {
		t.Fatal(err)
	}
	var taken []channels.Delivery
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() {
		served <- door.Serve(ctx, func(_ context.Context, ds ...channels.Delivery) ([]channels.Recorded, error) {
			taken = append(taken, ds...)
			return make([]channels.Recorded, len(ds)), nil
		})
	}()

	rsa, ed25519, _ := emailtest.DKIMKeys(t, "desk.example")
	s, err := relay.New(relay.Config{
		Addr: door.Addr().String(), Security: "starttls", TLSConfig: client,
		From:     message.Address{Kind: message.Email, Value: "support@desk.example", Name: "ACME"},
		Envelope: "verp", Bounce: "bounce@desk.example", MAC: emailtest.Digest,
		DKIM: []compose.DKIMKey{{Domain: "desk.example", Selector: "r1", Signer: rsa}, {Domain: "desk.example", Selector: "e1", Signer: ed25519}},
	})
	if err != nil {
		t.Fatal(err)
	}
	out := emailtest.Mail()
	out.To.Value = "support+t12@desk.example"
	out.Text = ".\n..\n.dots\nand 中文\n"
	for range 2 {
		if _, err := s.Send(t.Context(), "ack:12", out); err != nil {
			t.Fatal(err)
		}
	}
	stranger := out
	stranger.To.Value = "stranger@desk.example"
	if _, err := s.Send(t.Context(), "ack:13", stranger); err == nil || !strings.Contains(err.Error(), "550 5.1.1") {
		t.Errorf("error = %v, want 550 5.1.1", err)
	}
	_ = s.Close()
	stop()
	if err := <-served; err != nil {
		t.Fatalf("serving: %v", err)
	}

	if len(taken) != 2 {
		t.Fatalf("accepted %d mails, want 2", len(taken))
	}
	checkArrived(t, taken[0], out)
}

// checkArrived compares what came through the door with what was to be sent.
func checkArrived(t *testing.T, d channels.Delivery, out channels.Outbound) {
	t.Helper()
	if key, ok := relay.ParseVERP(d.Meta[meta.MailFrom], emailtest.Digest); !ok || key != "ack:12" {
		t.Errorf("envelope sender gives key %q, %v", key, ok)
	}
	h, text := emailtest.Read(t, d.Raw)
	if got := strings.ReplaceAll(text, "\r\n", "\n"); got != out.Text {
		t.Errorf("text = %q, want %q", got, out.Text)
	}
	if h.Get("Dkim-Signature") == "" || h.Get("Received") != "" {
		t.Error("the mail was not signed, or was changed at the door")
	}
	if d.Meta[meta.TLS] == "" {
		t.Error("the mail came without TLS")
	}
}
