package smtpd

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/email/internal/emailtest"
	"frontdesk/channels/meta"
)

func TestSMTPStopFinishesMessagesAndEndsTheRest(t *testing.T) {
	r := start(t, nil)
	idle := dial(t, r.addr).greet()
	between := dial(t, r.addr).greet().envelope("a@b.example", "support@desk.example")
	fresh := dial(t, r.addr)
	fresh.want("220")
	inData := dial(t, r.addr).greet().envelope("a@b.example", "support@desk.example")
	inData.do("DATA", "354")
	inData.say("first half ")
	r.gate = make(chan struct{})
	committing := dial(t, r.addr).greet().envelope("a@b.example", "support@desk.example")
	committing.do("DATA", "354")
	committing.say("x\r\n.\r\n")
	<-r.in
	r.busy(2) // 354 is said a moment before the session counts as busy

	stopped := make(chan error, 1)
	go func() { stopped <- r.stop() }()
	idle.want("421")
	between.want("421")
	fresh.want("421")
	if c, err := net.Dial("tcp", r.addr); err == nil {
		got, _ := io.ReadAll(c)
		if strings.HasPrefix(string(got), "220") {
			t.Error("a new session was let in while stopping")
		}
	}
	inData.say("second half\r\n.\r\n")
	close(r.gate)
	inData.want("250")
	inData.want("421")
	committing.want("250")
	committing.want("421")
	if err := <-stopped; err != nil {
		t.Errorf("Serve = %v, want nil", err)
	}
	if got := len(r.seen()); got != 2 {
		t.Errorf("accepted %d messages, want 2", got)
	}
}

func TestSMTPStopGivesUpAfterItsTime(t *testing.T) {
	r := start(t, func(c *Config) { c.StopTimeout = 100 * time.Millisecond })
	r.gate = make(chan struct{}) // never opened: the commit hangs until its context ends
	hanging := dial(t, r.addr).greet().envelope("a@b.example", "support@desk.example")
	hanging.do("DATA", "354")
	hanging.say("x\r\n.\r\n")
	<-r.in
	stalled := dial(t, r.addr).greet().envelope("a@b.example", "support@desk.example")
	stalled.do("DATA", "354")
	stalled.say("half")
	if err := r.stop(); err != nil {
		t.Errorf("Serve = %v, want nil", err)
	}
	if got := hanging.reply(); strings.HasPrefix(got, "250") {
		t.Errorf("an uncommitted message was answered %q", got)
	}
}

func TestSMTPServeWithAnEndedContext(t *testing.T) {
	l, err := New(Config{Addr: "127.0.0.1:0", Recipients: testInboxes, Digest: emailtest.Digest})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Serve(ctx, nil); err != nil {
		t.Errorf("Serve = %v, want nil", err)
	}
	if c, err := net.Dial("tcp", l.Addr().String()); err == nil {
		_ = c.Close()
		t.Error("the port is still open")
	}
}

func TestSMTPServeOnce(t *testing.T) {
	l, err := New(Config{Addr: "127.0.0.1:0", Recipients: testInboxes, Digest: emailtest.Digest})
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close() // the socket is gone: Serve must say so
	if err := l.Serve(t.Context(), nil); err == nil {
		t.Error("serving a closed listener gave no error")
	}
	if err := l.Serve(t.Context(), nil); err == nil {
		t.Error("serving twice gave no error")
	}
}

func TestSMTPStartTLS(t *testing.T) {
	server, client := emailtest.CA(t)
	r := start(t, func(c *Config) { c.TLSConfig = server })
	c := dial(t, r.addr).startTLS(client)
	c.envelope("a@b.example", "support@desk.example").do("DATA", "354")
	c.say("x\r\n.\r\n")
	c.want("250")
	c.envelope("a@b.example", "support@desk.example")
	c.say(chunk("whole chunk\r\n", true))
	c.want("250")
	c.envelope("a@b.example", "support@desk.example")
	c.say(chunk("pipelined\r\n", true) + "NOOP\r\n")
	c.want("250")
	c.want("250 2.0.0 I have")
	calls := r.accepted()
	if len(calls) != 3 {
		t.Fatalf("accepted %d messages, want 3", len(calls))
	}
	if got := calls[0][0].Meta[meta.TLS]; got != "TLS 1.3" {
		t.Errorf("tls = %q, want TLS 1.3", got)
	}
}

func TestSMTPChunkCutShortUnderTLSIsNotAccepted(t *testing.T) {
	server, client := emailtest.CA(t)
	for name, version := range map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13} {
		t.Run(name, func(t *testing.T) {
			r := start(t, func(c *Config) { c.TLSConfig = server })
			cfg := client.Clone()
			cfg.MaxVersion = version
			c := dial(t, r.addr).startTLS(cfg).envelope("a@b.example", "support@desk.example")
			c.say("BDAT 1000 LAST\r\nhalf of it")
			_ = c.Conn.Close() // a polite close: the library sees a clean end
			if calls := r.accepted(); len(calls) != 0 {
				t.Errorf("accepted %q of an unfinished message", calls[0][0].Raw)
			}
		})
	}
}

func TestSMTPCommandsBeforeTheHandshakeAreForgotten(t *testing.T) {
	server, client := emailtest.CA(t)
	r := start(t, func(c *Config) { c.TLSConfig = server })
	c := dial(t, r.addr).greet()
	c.envelope("mallory@evil.example", "support@desk.example")
	c.do("STARTTLS", "220")
	tc := tls.Client(c.Conn, client)
	if err := tc.Handshake(); err != nil {
		t.Fatal(err)
	}
	up := newTalk(t, tc)
	up.do("DATA", "502")
	up.do("MAIL FROM:<a@b.example>", "502")
	up.do("EHLO x.example", "250")
	up.do("DATA", "502")
}

// What somebody in between puts behind STARTTLS, in the same packet, is not taken for what the client says under TLS.
func TestSMTPCommandsBehindSTARTTLSAreForgotten(t *testing.T) {
	server, client := emailtest.CA(t)
	r := start(t, func(c *Config) { c.TLSConfig = server })
	c := dial(t, r.addr).greet()
	c.say("STARTTLS\r\nEHLO mallory.example\r\nMAIL FROM:<mallory@evil.example>\r\nRCPT TO:<support@desk.example>\r\nRCPT TO:<postmaster>\r\n")
	c.want("220")
	tc := tls.Client(c.Conn, client)
	if err := tc.Handshake(); err != nil {
		t.Fatal(err)
	}
	up := newTalk(t, tc)
	up.do("DATA", "502")
	up.do("EHLO x.example", "250")
	up.do("RCPT TO:<support@desk.example>", "502")
}

func TestLMTPAnswersForEachRecipient(t *testing.T) {
	r := start(t, func(c *Config) { c.LMTP = true })
	r.fail = func(n int) error {
		if n == 1 {
			return &channels.Error{Op: "recording", Err: io.ErrShortWrite}
		}
		return nil
	}
	c := dial(t, r.addr)
	c.want("220 desk.example LMTP")
	c.do("EHLO x.example", "500")
	c.do("LHLO mta.example", "250")
	c.do("MAIL FROM:<a@b.example>", "250")
	c.do("RCPT TO:<support@desk.example>", "250")
	c.do("RCPT TO:<nobody@desk.example>", "550 5.1.1")
	c.do("RCPT TO:<billing@desk.example>", "250")
	c.do("DATA", "354")
	c.say("x\r\n.\r\n")
	c.want("250 2.0.0 <support@desk.example>")
	c.want("250 2.0.0 <billing@desk.example>")

	c.envelope("a@b.example", "support@desk.example", "billing@desk.example")
	c.say(chunk("y", true))
	c.want("451 4.3.0 <support@desk.example>")
	c.want("451 4.3.0 <billing@desk.example>")
	c.envelope("a@b.example", "support@desk.example")
	c.say(chunk("z", true))
	c.want("250 2.0.0 <support@desk.example>")

	calls := r.accepted()
	if len(calls) != 3 || len(calls[0]) != 2 {
		t.Errorf("accept calls = %d, want 3, the first with two deliveries", len(calls))
	}
}

func TestLMTPOverAUnixSocket(t *testing.T) {
	path := t.TempDir() + "/lmtp"
	inner, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, func(c *Config) { c.LMTP = true; c.Listener = inner })
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c := newTalk(t, conn)
	c.want("220")
	c.do("LHLO mta.example", "250")
	c.envelope("a@b.example", "support@desk.example").do("DATA", "354")
	c.say("x\r\n.\r\n")
	c.want("250")
	if remote, ok := r.accepted()[0][0].Meta[meta.Remote]; ok {
		t.Errorf("remote = %q, want none for a local socket", remote)
	}
}

// busy waits until so many sessions are in the middle of a message.
func (r *rig) busy(n int) {
	r.t.Helper()
	count := func() (busy int) {
		d := r.door.door
		d.mu.Lock()
		defer d.mu.Unlock()
		for c := range d.conns {
			c.mu.Lock()
			if c.busy {
				busy++
			}
			c.mu.Unlock()
		}
		return busy
	}
	for end := time.Now().Add(10 * time.Second); count() < n; {
		if time.Now().After(end) {
			r.t.Fatalf("%d sessions are busy, want %d", count(), n)
		}
		runtime.Gosched()
	}
}
