package relay

import (
	"bytes"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/email/internal/emailtest"
	"frontdesk/pipeline/message"
)

// FuzzRelay lets a relay say foreign bytes while we hand a mail over: without a 250 of the relay's
// the mail does not count as sent, and the relay's words are in no error.
func FuzzRelay(f *testing.F) {
	for _, talk := range []string{
		"220 a\r\n250-a\r\n250 8BITMIME\r\n250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n",
		"220 a\r\n250 a\r\n250 ok\r\n550 5.1.1 <SECRET@x.example> unknown\r\n",
		"220-a\r\n220", "421 SECRET\r\n", "250 a\r\n\r\n\r\n", "220 a\r\n250-\xff\r\n250 SIZE 1\r\n",
	} {
		f.Add([]byte(talk))
	}
	relay, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = relay.Close() })
	talks := make(chan []byte, 1)
	go func() {
		for {
			c, err := relay.Accept()
			if err != nil {
				return
			}
			talk := <-talks
			_ = c.SetDeadline(time.Now().Add(2 * time.Second))
			_, _ = c.Write(talk)
			_ = c.(*net.TCPConn).CloseWrite()
			_, _ = io.Copy(io.Discard, c)
			_ = c.Close()
		}
	}()
	f.Fuzz(func(t *testing.T, talk []byte) {
		cfg := Config{Addr: relay.Addr().String(), Security: "none", From: message.Address{Kind: message.Email, Value: "support@desk.example"},
			CommandTimeout: 200 * time.Millisecond, SubmissionTimeout: 200 * time.Millisecond, Now: func() time.Time { return emailtest.Now }}
		s, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		talks <- talk
		receipt, err := s.Send(t.Context(), "k", emailtest.Mail())
		if err != nil {
			if strings.Contains(err.Error(), "SECRET") {
				t.Errorf("the relay's words are in the error: %v", err)
			}
			return
		}
		if receipt.Status != channels.StatusSent || !bytes.Contains(talk, []byte("250")) || !bytes.Contains(talk, []byte("354")) {
			t.Errorf("sent by %q", talk)
		}
	})
}

// FuzzVERP writes any key into a bounce address and reads it again, and believes no other address.
func FuzzVERP(f *testing.F) {
	f.Add("acknowledgement:12", "bounce+ack.0000000000@desk.example")
	f.Add("Ä=", "bounce+=zz.aa@x")
	f.Fuzz(func(t *testing.T, key, foreign string) {
		addr, ok := verp(key, "bounce@desk.example", emailtest.Digest)
		if ok {
			if len(addr) > 64+len("@desk.example") || strings.ContainsAny(addr, " \r\n<>") {
				t.Errorf("address %q", addr)
			}
			for _, a := range []string{addr, strings.ToUpper(addr), " <" + addr + "> "} {
				if got, ok := ParseVERP(a, emailtest.Digest); !ok || got != key {
					t.Errorf("%q read as %q, %v; want %q", a, got, ok, key)
				}
			}
		}
		if got, ok := ParseVERP(foreign, emailtest.Digest); ok {
			if own, _ := verp(got, "bounce@desk.example", emailtest.Digest); !strings.Contains(strings.ToLower(foreign), own[strings.Index(own, "+"):strings.Index(own, "@")]) {
				t.Errorf("%q is believed as %q", foreign, got)
			}
		}
	})
}
