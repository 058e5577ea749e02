package smtpd

import (
	"bytes"
	"io"
	"net"
	"regexp"
	"testing"
	"time"
	"unicode/utf8"

	"frontdesk/channels/meta"
)

var answer = regexp.MustCompile(`^[2-5][0-9][0-9][ -][^\n]*\r\n$`)

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
	small := func(lmtp bool) *rig {
		return start(f, func(c *Config) {
			c.LMTP, c.MaxBytes, c.MaxRecipients, c.ReadTimeout = lmtp, 4096, 5, 200*time.Millisecond
			c.Limits = Limits{Sessions: -1, MessagesPerMinute: -1}
		})
	}
	doors := map[bool]*rig{false: small(false), true: small(true)}
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
			if !answer.Match(line) {
				t.Errorf("answer %q", line)
			}
		}
		for _, mail := range rig.seen()[before:] {
			for _, d := range mail {
				if len(d.Raw) > 4096 || d.Key == "" || !utf8.ValidString(d.Meta[meta.MailFrom]+d.Meta[meta.Helo]) {
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
