package email

import (
	"bytes"
	"context"
	"io"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"frontdesk/channels"
	"frontdesk/pipeline/message"
)

// fuzzIMAP answers each command of a client with the next piece of a script, TAG standing for the
// command's tag, and hangs up when the script is over.
type fuzzIMAP struct {
	net.Listener
	mu     sync.Mutex
	script []string
	conns  sync.WaitGroup
}

func newFuzzIMAP(f *testing.F) *fuzzIMAP {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	s := &fuzzIMAP{Listener: l}
	s.conns.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.conns.Go(func() { s.serve(c) })
		}
	})
	f.Cleanup(func() {
		_ = l.Close()
		s.conns.Wait()
	})
	return s
}

func (s *fuzzIMAP) next() (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.script) == 0 {
		return "", false
	}
	piece := s.script[0]
	s.script = s.script[1:]
	return piece, true
}

func (s *fuzzIMAP) serve(c net.Conn) {
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	_, _ = io.WriteString(c, "* OK [CAPABILITY IMAP4rev1] ready\r\n")
	line := make([]byte, 4096)
	for {
		n, err := c.Read(line)
		if err != nil {
			return
		}
		tag, rest, _ := strings.Cut(strings.TrimSpace(string(line[:n])), " ")
		if strings.HasPrefix(rest, "LOGIN") {
			_, _ = io.WriteString(c, tag+" OK [CAPABILITY IMAP4rev1 IDLE] in\r\n")
			continue
		}
		piece, ok := s.next()
		if !ok {
			return
		}
		_, _ = io.WriteString(c, strings.ReplaceAll(piece, "TAG", tag))
	}
}

// FuzzIMAPServer lets a server say foreign bytes: Fetch returns in time, and what it hands over is
// what a store can keep, with a bookmark that it can read again.
func FuzzIMAPServer(f *testing.F) {
	examine := "* 1 EXISTS\r\n* OK [UIDVALIDITY 42] x\r\n* OK [UIDNEXT 9] x\r\nTAG OK done\r\n"
	for _, script := range []string{
		examine + "\x00* SEARCH 3 4\r\nTAG OK done\r\n\x00* 1 FETCH (UID 3 RFC822.SIZE 12 INTERNALDATE \"17-Jul-2025 02:44:25 +0000\")\r\nTAG OK done\r\n\x00* 1 FETCH (UID 3 BODY[] {12}\r\nSubject: x\r\n)\r\nTAG OK done\r\n",
		examine + "\x00* SEARCH 3\r\nTAG OK done\r\n\x00* 1 FETCH (UID 3 RFC822.SIZE 12 INTERNALDATE \"17-Jul-2025 02:44:25 +0000\")\r\nTAG OK done\r\n\x00* 1 FETCH (UID 3 BODY[] {999999999}\r\nSubj",
		examine + "\x00* SEARCH 4294967295 0 -1\r\nTAG OK done\r\n\x00* 9999999999 FETCH (UID 0 RFC822.SIZE -1)\r\nTAG NO [LIMIT] no\r\n",
		"* 1 EXISTS\r\n* OK [UIDVALIDITY 0] x\r\nTAG OK done\r\n\x00* BYE\r\n",
		"TAG BAD what\r\n", "* LIST (\\Noselect) \"/\" {5}\r\nabc",
		examine + "\x00* ESEARCH (TAG \"TAG\") UID ALL 1:4294967295\r\n* SEARCH 1 2 3\r\nTAG OK done\r\n",
	} {
		f.Add([]byte(script))
	}
	server := newFuzzIMAP(f)
	cfg := imapTestConfig(server.Addr().String(), "support", "test-password")
	cfg.CommandTimeout, cfg.ConnectTimeout, cfg.IdleFor = 40*time.Millisecond, 40*time.Millisecond, 20*time.Millisecond
	cfg.Since = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, script []byte) {
		server.mu.Lock()
		server.script = strings.SplitN(string(script), "\x00", 16)
		server.mu.Unlock()
		fetcher := imapNew(t, cfg)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		after, err := imapCursor{UIDValidity: 42, Last: 1}.encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := fetcher.Fetch(ctx, after)
		if ctx.Err() != nil {
			t.Fatal("the fetcher stalls")
		}
		if err != nil && len(got.Deliveries) > 0 {
			t.Errorf("%d deliveries beside an error", len(got.Deliveries))
		}
		for _, d := range got.Deliveries {
			key, err := parseIMAPKey(d.Key)
			if err != nil || key.uid == 0 || d.At.IsZero() || len(d.Raw) > len(script) {
				t.Errorf("delivery %q of %d bytes at %v: %v", d.Key, len(d.Raw), d.At, err)
			}
		}
		if got.Next != nil {
			if _, err := decodeIMAPCursor(got.Next); err != nil {
				t.Errorf("a bookmark that cannot be read: %v", err)
			}
		}
	})
}

var smtpAnswer = regexp.MustCompile(`^[2-5][0-9][0-9][ -][^\n]*\r\n$`)

// FuzzSMTP says foreign bytes to the listener, as SMTP and as LMTP: each line of answer has the form
// of one, a mail is taken only when a recipient of ours was and its end was said, and nothing of the
// memory budget stays held.
func FuzzSMTP(f *testing.F) {
	for _, talk := range []string{
		"EHLO a\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<support@desk.example>\r\nDATA\r\nSubject: x\r\n\r\nhi\r\n.\r\nQUIT\r\n",
		"LHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<support@desk.example>\r\nRCPT TO:<billing@desk.example>\r\nDATA\r\nx\r\n.\r\n",
		"EHLO a\r\nMAIL FROM:<a@b> SIZE=99999999999 BODY=8BITMIME\r\nRCPT TO:<support+x@desk.example>\r\nBDAT 3 LAST\r\nabc",
		"EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<support@desk.example>\r\nDATA\r\nhi\n.\nMAIL FROM:<c@d>\r\n.\r\n",
		"EHLO \xff\r\nMAIL FROM:<\"a b\"@[127.0.0.1]>\r\nRCPT TO:<@x,@y:support@desk.example>\r\nRSET\r\nNOOP\r\nVRFY x\r\n",
	} {
		f.Add([]byte(talk), false)
		f.Add([]byte(talk), true)
	}
	small := func(lmtp bool) *smtpRig {
		return startSMTP(f, func(c *SMTPConfig) {
			c.LMTP, c.MaxBytes, c.MaxRecipients, c.ReadTimeout = lmtp, 4096, 5, 200*time.Millisecond
			c.Limits = RemoteLimits{Sessions: -1, MessagesPerMinute: -1}
		})
	}
	doors := map[bool]*smtpRig{false: small(false), true: small(true)}
	f.Fuzz(func(t *testing.T, talk []byte, lmtp bool) {
		rig := doors[lmtp]
		before := len(rig.seen())
		conn, err := net.Dial("tcp", rig.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
		go func() {
			_, _ = conn.Write(talk)
			_ = conn.(*net.TCPConn).CloseWrite()
		}()
		said, err := io.ReadAll(conn)
		if ne, ok := err.(net.Error); ok && ne.Timeout() {
			t.Fatalf("the session stalls after %q", said)
		}
		for line := range bytes.Lines(said) {
			if !smtpAnswer.Match(line) {
				t.Errorf("answer %q", line)
			}
		}
		for _, mail := range rig.seen()[before:] {
			for _, d := range mail {
				if len(d.Raw) > 4096 || d.Key == "" || !utf8.ValidString(d.Meta[channels.MetaMailFrom]+d.Meta[channels.MetaHelo]) {
					t.Errorf("taken: %q of %d bytes, meta %q", d.Key, len(d.Raw), d.Meta)
				}
			}
			if !bytes.Contains(bytes.ToUpper(talk), []byte("DESK.EXAMPLE")) && !bytes.Contains(talk, []byte("xn--")) {
				t.Errorf("mail for nobody of ours is taken: %q", talk)
			}
		}
		if held := rig.door.cfg.Budget.Held(); held != 0 {
			t.Errorf("%d bytes of the memory budget stay held", held)
		}
	})
}

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
		cfg := SubmitConfig{Addr: relay.Addr().String(), Security: "none", From: message.Address{Kind: message.Email, Value: "support@desk.example"},
			CommandTimeout: 200 * time.Millisecond, SubmissionTimeout: 200 * time.Millisecond, Now: func() time.Time { return smtpTestNow }}
		s, err := NewSubmitter(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		talks <- talk
		receipt, err := s.Send(t.Context(), "k", submitTestMail())
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
		addr, ok := VERP(key, "bounce@desk.example", smtpTestDigest)
		if ok {
			if len(addr) > 64+len("@desk.example") || strings.ContainsAny(addr, " \r\n<>") {
				t.Errorf("address %q", addr)
			}
			for _, a := range []string{addr, strings.ToUpper(addr), " <" + addr + "> "} {
				if got, ok := ParseVERP(a, smtpTestDigest); !ok || got != key {
					t.Errorf("%q read as %q, %v; want %q", a, got, ok, key)
				}
			}
		}
		if got, ok := ParseVERP(foreign, smtpTestDigest); ok {
			if own, _ := VERP(got, "bounce@desk.example", smtpTestDigest); !strings.Contains(strings.ToLower(foreign), own[strings.Index(own, "+"):strings.Index(own, "@")]) {
				t.Errorf("%q is believed as %q", foreign, got)
			}
		}
	})
}

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

// FuzzIMAPKey reads foreign delivery keys, as the outbox gives them back: what is read is written the
// same again.
func FuzzIMAPKey(f *testing.F) {
	f.Add("INBOX:42:7")
	f.Add("A%2FB:42.1:4294967295")
	f.Add("::")
	f.Fuzz(func(t *testing.T, key string) {
		k, err := parseIMAPKey(key)
		if err != nil || !utf8.ValidString(k.folder) {
			return
		}
		if strings.EqualFold(k.folder, "INBOX") { // known without case (RFC 9051 §5.1)
			k.folder = "INBOX"
		}
		again, err := parseIMAPKey(imapCursor{UIDValidity: k.validity, Turn: k.turn}.key(k.folder, k.uid))
		if err != nil || again != k {
			t.Errorf("%q is %+v, written again it is %+v, %v", key, k, again, err)
		}
	})
}

// FuzzDKIMKey reads foreign bytes as a private key: the parser's words, which may quote it, stay away.
func FuzzDKIMKey(f *testing.F) {
	f.Add([]byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"))
	f.Add([]byte("-----BEGIN RSA PRIVATE KEY-----\nMAA=\n-----END RSA PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		key, err := ParseDKIMKey("desk.example", "s", raw)
		if (err == nil) != (key.Signer != nil) {
			t.Errorf("key %v, error %v", key.Signer != nil, err)
		}
		if err != nil && len(err.Error()) > 120 {
			t.Errorf("error of %d bytes", len(err.Error()))
		}
	})
}
