package email

import (
	"crypto/tls"
	"crypto/x509"
	"net/http/httptest"
	"strings"
	"testing"

	"frontdesk/channels"
)

// imapTLS is a certificate for 127.0.0.1, and a client's configuration that trusts it.
func imapTLS(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	h := httptest.NewTLSServer(nil)
	t.Cleanup(h.Close)
	roots := x509.NewCertPool()
	roots.AddCert(h.Certificate())
	return &tls.Config{Certificates: h.TLS.Certificates}, &tls.Config{RootCAs: roots}
}

func TestStartTLS(t *testing.T) {
	server, client := imapTLS(t)
	s := newIMAPFake(t)
	s.fill(2)
	s.tls = server
	cfg := s.config()
	cfg.TLS, cfg.TLSConfig = IMAPStartTLS, client
	got, _ := imapDrain(t, imapNew(t, cfg), nil, 2)
	if len(got) != 2 || len(s.said("STARTTLS")) != 1 {
		t.Errorf("got %d mails after %d STARTTLS", len(got), len(s.said("STARTTLS")))
	}
}

func TestStartTLSIsNeverGivenUp(t *testing.T) {
	server, client := imapTLS(t)
	for name, prepare := range map[string]func(*imapFake){
		"the server is signed in already": func(s *imapFake) { s.greeting = "* PREAUTH welcome" },
		"the server refuses": func(s *imapFake) {
			s.hook = imapAlways("STARTTLS", func(c *imapFakeConn, tag, _ string) { c.say("%s NO not today", tag) })
		},
		"text is slipped in behind the answer": func(s *imapFake) {
			s.hook = imapAlways("STARTTLS", func(c *imapFakeConn, tag, _ string) { c.raw(tag + " OK begin\r\n* OK injected\r\n") })
		},
		"the server says nothing":        func(s *imapFake) { s.hook = imapAlways("STARTTLS", imapSilence) },
		"the certificate is not trusted": func(s *imapFake) { s.tls = server.Clone(); s.tls.Certificates = nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newIMAPFake(t)
			s.tls = server
			prepare(s)
			cfg := s.config()
			cfg.TLS, cfg.TLSConfig = IMAPStartTLS, client
			_, err := imapNew(t, cfg).Fetch(t.Context(), nil)
			if e := imapError(t, err); e.Class != channels.Temporary {
				t.Errorf("class = %q", e.Class)
			}
			if said := s.said("LOGIN"); len(said) != 0 {
				t.Errorf("signed in without TLS")
			}
		})
	}
}

func TestTLSFromTheFirstByte(t *testing.T) {
	server, client := imapTLS(t)
	s := newIMAPFake(t)
	s.fill(1)
	front := tlsFront(t, server, s.addr)
	cfg := imapTestConfig(front, "support", "test-password")
	cfg.TLS, cfg.TLSConfig, cfg.Since = IMAPTLS, client, s.config().Since
	if got, _ := imapDrain(t, imapNew(t, cfg), nil, 1); len(got) != 1 {
		t.Errorf("got %d mails", len(got))
	}
	cfg.TLSConfig = nil // the system does not know this certificate
	_, err := imapNew(t, cfg).Fetch(t.Context(), nil)
	if e := imapError(t, err); !strings.Contains(e.Error(), "certificate") {
		t.Errorf("error = %v, want a word about the certificate", err)
	}
}
