package imap

import (
	"crypto/tls"
	"crypto/x509"
	"net/http/httptest"
	"strings"
	"testing"

	"frontdesk/channels"
	"frontdesk/channels/email/internal/emailtest"
)

// testTLS is a certificate for 127.0.0.1, and a client's configuration that trusts it.
func testTLS(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	h := httptest.NewTLSServer(nil)
	t.Cleanup(h.Close)
	roots := x509.NewCertPool()
	roots.AddCert(h.Certificate())
	return &tls.Config{Certificates: h.TLS.Certificates}, &tls.Config{RootCAs: roots}
}

func TestStartTLS(t *testing.T) {
	server, client := testTLS(t)
	s := newFake(t)
	s.fill(2)
	s.tls = server
	cfg := s.config()
	cfg.TLS, cfg.TLSConfig = StartTLS, client
	got, _ := drain(t, newFetcher(t, cfg), nil, 2)
	if len(got) != 2 || len(s.said("STARTTLS")) != 1 {
		t.Errorf("got %d mails after %d STARTTLS", len(got), len(s.said("STARTTLS")))
	}
}

func TestStartTLSIsNeverGivenUp(t *testing.T) {
	server, client := testTLS(t)
	for name, prepare := range map[string]func(*fake){
		"the server is signed in already": func(s *fake) { s.greeting = "* PREAUTH welcome" },
		"the server refuses": func(s *fake) {
			s.hook = always("STARTTLS", func(c *fakeConn, tag, _ string) { c.say("%s NO not today", tag) })
		},
		"text is slipped in behind the answer": func(s *fake) {
			s.hook = always("STARTTLS", func(c *fakeConn, tag, _ string) { c.raw(tag + " OK begin\r\n* OK injected\r\n") })
		},
		"the server says nothing":        func(s *fake) { s.hook = always("STARTTLS", silence) },
		"the certificate is not trusted": func(s *fake) { s.tls = server.Clone(); s.tls.Certificates = nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newFake(t)
			s.tls = server
			prepare(s)
			cfg := s.config()
			cfg.TLS, cfg.TLSConfig = StartTLS, client
			_, err := newFetcher(t, cfg).Fetch(t.Context(), nil)
			if e := emailtest.Error(t, err); e.Class != channels.Temporary {
				t.Errorf("class = %q", e.Class)
			}
			if said := s.said("LOGIN"); len(said) != 0 {
				t.Errorf("signed in without TLS")
			}
		})
	}
}

func TestTLSFromTheFirstByte(t *testing.T) {
	server, client := testTLS(t)
	s := newFake(t)
	s.fill(1)
	front := tlsFront(t, server, s.addr)
	cfg := testConfig(front, "support", "test-password")
	cfg.TLS, cfg.TLSConfig, cfg.Since = TLS, client, s.config().Since
	if got, _ := drain(t, newFetcher(t, cfg), nil, 1); len(got) != 1 {
		t.Errorf("got %d mails", len(got))
	}
	cfg.TLSConfig = nil // the system does not know this certificate
	_, err := newFetcher(t, cfg).Fetch(t.Context(), nil)
	if e := emailtest.Error(t, err); !strings.Contains(e.Error(), "certificate") {
		t.Errorf("error = %v, want a word about the certificate", err)
	}
}
