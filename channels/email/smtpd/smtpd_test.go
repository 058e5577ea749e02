package smtpd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/email/internal/emailtest"
	"frontdesk/channels/limits"
	"frontdesk/channels/meta"
	"frontdesk/internal/doubling"
)

func TestSMTPHandsOverTheBytesUntouched(t *testing.T) {
	r := start(t, nil)
	c := dial(t, r.addr).greet().envelope("LiNa@Customer.example", "Support+T12.abc@Desk.Example")
	c.do("DATA", "354")
	c.say("Subject: x\r\n\r\n..starts with a dot\r\nbare\nline feed\r\n\xff\x00 raw\r\n.\r\n")
	c.want("250")
	c.do("QUIT", "221")

	raw := "Subject: x\r\n\r\n.starts with a dot\r\nbare\nline feed\r\n\xff\x00 raw\r\n"
	want := [][]channels.Delivery{{{
		Inbox:   "support-mail",
		Channel: "email",
		Key: "smtp:" + emailtest.Digest([]byte("LiNa@Customer.example"),
			[]byte("support+t12.abc@desk.example"), []byte(raw)),
		At:  emailtest.Now,
		Raw: []byte(raw),
		Meta: map[string]string{
			meta.MailFrom:   "LiNa@Customer.example",
			meta.Recipients: "Support+T12.abc@Desk.Example",
			meta.Remote:     "127.0.0.1",
			meta.Helo:       "client.example",
		},
	}}}
	if diff := cmp.Diff(want, r.accepted()); diff != "" {
		t.Errorf("accepted (-want +got):\n%s", diff)
	}
}

func TestSMTPRecipients(t *testing.T) {
	for _, tc := range []struct {
		name, rcpt, inbox string
	}{
		{"an address as it is written", "support@desk.example", "support-mail"},
		{"letter case does not matter", "SUPPORT@DESK.example", "support-mail"},
		{"a plus suffix is stripped", "support+anything@desk.example", "support-mail"},
		{"a configured plus address wins over the stripped one", "vip+gold@desk.example", "vip-mail"},
		{"a bounce address with a key", "bounce+ack=3a12.00ff@desk.example", "support-mail"},
		{"a Chinese domain in Unicode", "support@中国.example", "china-mail"},
		{"an address of nobody", "nobody@desk.example", ""},
		{"an address that is a plus only", "+support@desk.example", ""},
		{"our name at another domain", "support@evil.example", ""},
		{"a relay attempt by percent", "support%desk.example@evil.example", ""},
		{"a path with a source route", "@evil.example:support@desk.example", "support-mail"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := start(t, nil)
			c := dial(t, r.addr).greet()
			c.do("MAIL FROM:<a@b.example>", "250")
			if tc.inbox == "" {
				c.do("RCPT TO:<"+tc.rcpt+">", "550 5.1.1")
				c.do("DATA", "502")
				if got := r.accepted(); len(got) != 0 {
					t.Errorf("accepted %d messages, want none", len(got))
				}
				return
			}
			c.do("RCPT TO:<"+tc.rcpt+">", "250")
			c.do("DATA", "354")
			c.say("x\r\n.\r\n")
			c.want("250")
			if got := r.accepted()[0][0].Inbox; got != tc.inbox {
				t.Errorf("inbox = %q, want %q", got, tc.inbox)
			}
		})
	}
}

func TestSMTPAddressesNobodyCanHaveAreRefused(t *testing.T) {
	r := start(t, nil)
	c := dial(t, r.addr).greet()
	c.do("MAIL FROM:<a\x01b@c.example>", "501 5.1.7")
	c.do("MAIL FROM:<\xff\xfe@c.example>", "501 5.1.7")
	c.do("MAIL FROM:<"+strings.Repeat("a", 600)+"@c.example>", "501 5.1.7")
	c.do("MAIL FROM:<>", "250")
	c.do("RCPT TO:<support\x00@desk.example>", "501 5.1.3")
	c.do("RCPT TO:<support@desk.example>", "250")
}

func TestSMTPTwoInboxesAreOneAcceptCall(t *testing.T) {
	r := start(t, nil)
	c := dial(t, r.addr).greet().envelope("", "support@desk.example", "billing@desk.example",
		"support@desk.example", "help@desk.example")
	c.do("DATA", "354")
	c.say("hello\r\n.\r\n")
	c.want("250")

	calls := r.accepted()
	if len(calls) != 1 || len(calls[0]) != 2 {
		t.Fatalf("accept calls = %d with %d deliveries, want one with two", len(calls), len(calls[0]))
	}
	first, second := calls[0][0], calls[0][1]
	if first.Inbox != "support-mail" || second.Inbox != "billing-mail" {
		t.Errorf("inboxes = %q and %q", first.Inbox, second.Inbox)
	}
	if got, want := first.Meta[meta.Recipients], "support@desk.example\nhelp@desk.example"; got != want {
		t.Errorf("recipients = %q, want %q", got, want)
	}
	if from, ok := first.Meta[meta.MailFrom]; !ok || from != "" {
		t.Errorf("null sender = %q, %v, want it present and empty", from, ok)
	}
}

func TestSMTPTheSameMailAgainHasTheSameKey(t *testing.T) {
	r := start(t, nil)
	c := dial(t, r.addr).greet()
	send := func(from string, body string, to ...string) {
		c.envelope(from, to...).do("DATA", "354")
		c.say(body + "\r\n.\r\n")
		c.want("250")
	}
	send("a@b.example", "one", "support@desk.example", "help@desk.example")
	send("a@b.example", "one", "help@desk.example", "Support@desk.example")
	send("a@b.example", "two", "support@desk.example", "help@desk.example")
	send("x@b.example", "one", "support@desk.example", "help@desk.example")
	send("a@b.example", "one", "support@desk.example")

	var keys []string
	for _, call := range r.accepted() {
		keys = append(keys, call[0].Key)
	}
	if keys[0] != keys[1] {
		t.Error("a repeated message got another key")
	}
	seen := map[string]bool{}
	for _, k := range keys[1:] {
		seen[k] = true
	}
	if len(seen) != 4 {
		t.Errorf("different messages have %d keys, want 4", len(seen))
	}
}

func TestSMTPAnswersOnlyAfterTheCommit(t *testing.T) {
	r := start(t, nil)
	var committed atomic.Bool
	r.fail = func(int) error { committed.Store(true); return nil }
	r.gate = make(chan struct{})
	c := dial(t, r.addr).greet().envelope("a@b.example", "support@desk.example")
	c.do("DATA", "354")
	c.say("x\r\n.\r\n")
	<-r.in
	_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if b, err := c.r.Peek(1); err == nil {
		t.Fatalf("an answer began with %q before the commit", b)
	}
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
	close(r.gate)
	c.want("250")
	if !committed.Load() {
		t.Error("answered 250 before the commit")
	}
}

func TestSMTPRefusals(t *testing.T) {
	secret := errors.New("pq: password of lina@customer.example")
	for _, tc := range []struct {
		name, want string
		err        error
	}{
		{"a temporary error asks to come back", "451 4.3.0", &channels.Error{Op: "recording", Err: secret}},
		{"a plain error counts as temporary", "451 4.3.0", secret},
		{"throttling", "452 4.3.1", &channels.Error{Op: "recording", Class: channels.Throttled, Err: secret}},
		{"a permanent refusal", "554 5.6.0", &channels.Error{Op: "recording", Class: channels.Permanent, Err: secret}},
		{"too large", "552 5.3.4", &channels.Error{Op: "recording", Class: channels.TooLarge, Err: secret}},
		{"unknown outcome counts as temporary", "451 4.3.0", &channels.Error{Op: "recording", Class: channels.Unknown, Err: secret}},
		{"an ended context", "451 4.3.0", context.Canceled},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := start(t, nil)
			r.fail = func(n int) error {
				if n == 0 {
					return tc.err
				}
				return nil
			}
			c := dial(t, r.addr).greet().envelope("a@b.example", "support@desk.example")
			c.do("DATA", "354")
			c.say("x\r\n.\r\n")
			if got := c.want(tc.want); strings.Contains(got, "password") || strings.Contains(got, "lina") {
				t.Errorf("the answer shows the cause: %q", got)
			}
			c.envelope("a@b.example", "support@desk.example").do("DATA", "354")
			c.say("x\r\n.\r\n")
			c.want("250")
		})
	}
}

func TestSMTPAPanickingCommitCostsOneSessionOnly(t *testing.T) {
	r := start(t, nil)
	r.fail = func(n int) error {
		if n == 0 {
			panic("broken store")
		}
		return nil
	}
	c := dial(t, r.addr).greet().envelope("a@b.example", "support@desk.example")
	c.do("DATA", "354")
	c.say("x\r\n.\r\n")
	c.want("421")
	c = dial(t, r.addr).greet().envelope("a@b.example", "support@desk.example")
	c.do("DATA", "354")
	c.say("x\r\n.\r\n")
	c.want("250")
}

func TestSMTPAClientThatGoesAwayLeavesNothing(t *testing.T) {
	for _, tc := range []struct{ name, sent string }{
		{"in the middle of DATA", "DATA\r\nSubject: x\r\n\r\nhalf a l"},
		{"before the final dot", "DATA\r\nSubject: x\r\n\r\nwhole line\r\n"},
		{"after a dot without its line end", "DATA\r\nx\r\n."},
		{"between two chunks", chunk("Subject: x\r\n\r\n", false)},
		{"in the middle of a chunk", "BDAT 1000\r\nSubject: x\r\n"},
		{"in the middle of the last chunk", "BDAT 1000 LAST\r\nSubject: x\r\n"},
		{"before the last chunk's first byte", "BDAT 1000 LAST\r\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := start(t, nil)
			c := dial(t, r.addr).greet().envelope("a@b.example", "support@desk.example")
			c.say(tc.sent)
			_ = c.Conn.(*net.TCPConn).CloseWrite()
			_, _ = io.Copy(io.Discard, c.r) // until the server has hung up as well
			if got := r.accepted(); len(got) != 0 {
				t.Errorf("accepted %q of an unfinished message", got[0][0].Raw)
			}
		})
	}
}

func TestSMTPChunking(t *testing.T) {
	r := start(t, nil)
	c := dial(t, r.addr)
	c.want("220")
	if got := c.do("EHLO x.example", "250"); !strings.Contains(got, "CHUNKING") {
		t.Errorf("EHLO answer lacks CHUNKING: %q", got)
	}
	c.envelope("a@b.example", "support@desk.example")
	c.say(chunk("Subject: x\r\n\r\n", false))
	c.want("250")
	c.say(chunk(".\r\n.\r\nnot the end\r\n", false))
	c.want("250")
	c.say(chunk("", true))
	c.want("250")

	c.envelope("a@b.example", "support@desk.example") // pipelined chunks
	c.say(chunk("a", false) + chunk("b", false) + chunk("c", true))
	c.want("250")
	c.want("250")
	c.want("250")

	c.envelope("a@b.example", "support@desk.example") // given up
	c.say(chunk("never", false))
	c.want("250")
	c.do("RSET", "250")
	c.do("NOOP", "250")

	c.envelope("a@b.example", "support@desk.example") // over the size limit
	c.say("BDAT 999999999 LAST\r\n")
	c.want("552 5.3.4")

	var got []string
	for _, call := range r.accepted() {
		got = append(got, string(call[0].Raw))
	}
	want := []string{"Subject: x\r\n\r\n.\r\n.\r\nnot the end\r\n", "abc"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func TestSMTPSmuggledEndsOfDataAreText(t *testing.T) {
	for name, end := range map[string]string{
		"LF dot LF":           "\n.\n",
		"LF dot CRLF":         "\n.\r\n",
		"CRLF dot LF":         "\r\n.\n",
		"CR dot CR":           "\r.\r",
		"CRLF dot CR":         "\r\n.\r",
		"CR dot CRLF":         "\r.\r\n",
		"CRLF dot CRCRLF":     "\r\n.\r\r\n",
		"CRLF NUL dot CRLF":   "\r\n\x00.\r\n",
		"CRLF dot NUL CRLF":   "\r\n.\x00\r\n",
		"CRCRLF dot dot CRLF": "\r\r\n..\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, nil)
			c := dial(t, r.addr).greet().envelope("a@b.example", "support@desk.example")
			c.do("DATA", "354")
			c.say("Subject: x\r\n\r\nfirst" + end +
				"MAIL FROM:<boss@desk.example>\r\nRCPT TO:<support@desk.example>\r\nDATA\r\nforged\r\n.\r\n")
			c.want("250")
			c.do("NOOP", "250 2.0.0 I have")
			calls := r.accepted()
			if len(calls) != 1 || !bytes.Contains(calls[0][0].Raw, []byte("forged")) {
				t.Errorf("accepted %d messages, want one that holds everything", len(calls))
			}
		})
	}
}

func TestSMTPSizeLimit(t *testing.T) {
	r := start(t, func(c *Config) { c.MaxBytes = 200 << 10 })
	c := dial(t, r.addr)
	c.want("220")
	if got := c.do("EHLO x.example", "250"); !strings.Contains(got, "SIZE 204800") {
		t.Errorf("EHLO answer lacks the size: %q", got)
	}
	c.do("MAIL FROM:<a@b.example> SIZE=204801", "552 5.3.4")
	c.do("MAIL FROM:<a@b.example> SIZE=1000", "250") // a lie
	c.do("RCPT TO:<support@desk.example>", "250")
	c.do("DATA", "354")
	c.say(testMail(300<<10) + ".\r\n")
	c.want("552 5.3.4")
	c.envelope("a@b.example", "support@desk.example").do("DATA", "354")
	c.say(testMail(150<<10) + ".\r\n")
	c.want("250")
	if calls := r.accepted(); len(calls) != 1 || len(calls[0][0].Raw) < 150<<10 {
		t.Errorf("accepted %d messages, want the small one only", len(calls))
	}
}

func TestSMTPLongLinesAreMail(t *testing.T) {
	r := start(t, nil)
	c := dial(t, r.addr).greet().envelope("a@b.example", "support@desk.example")
	c.do("DATA", "354")
	long := strings.Repeat("长", 100_000)
	c.say(long + "\r\n.\r\n")
	c.want("250")
	if got := string(r.accepted()[0][0].Raw); got != long+"\r\n" {
		t.Errorf("a line of %d bytes arrived as %d", len(long), len(got))
	}
}

func TestSMTPTooManyRecipients(t *testing.T) {
	r := start(t, func(c *Config) { c.MaxRecipients = 2 })
	c := dial(t, r.addr).greet().envelope("a@b.example", "support@desk.example", "billing@desk.example")
	c.do("RCPT TO:<help@desk.example>", "452 4.5.3")
}

func TestSMTPMemoryBudget(t *testing.T) {
	r := start(t, func(c *Config) { c.MaxBytes = 64 << 10; c.Budget = limits.NewBudget(96<<10, 0) })
	r.gate = make(chan struct{})
	first := dial(t, r.addr).greet().envelope("a@b.example", "support@desk.example")
	first.do("DATA", "354")
	first.say(testMail(60<<10) + ".\r\n")
	<-r.in
	second := dial(t, r.addr).greet().envelope("a@b.example", "support@desk.example")
	second.do("DATA", "354")
	second.say(testMail(60<<10) + ".\r\n")
	second.want("452 4.3.1")
	close(r.gate)
	first.want("250")
	second.envelope("a@b.example", "support@desk.example").do("DATA", "354")
	second.say(testMail(60<<10) + ".\r\n")
	second.want("250")
}

// What is announced keeps nothing from others: room is taken for bytes that have come.
func TestSMTPWhoDeclaresAndSendsNothingKeepsNobodyOut(t *testing.T) {
	const size = 3 << 20
	r := start(t, func(c *Config) { c.MaxBytes, c.Budget = size, limits.NewBudget(2*size, 0) })
	begin := func() *talk {
		c := dial(t, r.addr).greet()
		c.do(fmt.Sprintf("MAIL FROM:<a@b.example> SIZE=%d", size-1), "250")
		c.do("RCPT TO:<support@desk.example>", "250")
		c.do("DATA", "354")
		return c
	}
	var idle []*talk
	for range 50 {
		idle = append(idle, begin())
	}
	if held := r.door.cfg.Budget.Held(); held > size {
		t.Fatalf("%d bytes are held for who sends nothing", held)
	}
	other := begin()
	other.say(testMail(size-4096) + ".\r\n")
	other.want("250")
	idle[0].say(testMail(size-4096) + ".\r\n")
	idle[0].want("250")
	if got := r.accepted(); len(got) != 2 {
		t.Errorf("%d messages were taken, want 2", len(got))
	}
}

func TestSMTPStalledClientIsCutOff(t *testing.T) {
	for name, sent := range map[string]string{
		"in DATA":           "DATA\r\nSubject: x\r\n",
		"in a chunk":        "BDAT 100 LAST\r\nSubject: x\r\n",
		"between commands":  "NOOP\r\n",
		"in a command line": "NOO",
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, func(c *Config) { c.ReadTimeout = 150 * time.Millisecond })
			c := dial(t, r.addr).greet().envelope("a@b.example", "support@desk.example")
			c.say(sent)
			got, err := io.ReadAll(c.r)
			if err != nil || !strings.Contains(string(got), "421 ") {
				t.Errorf("answer = %q, %v, want 421 and the end", got, err)
			}
			if n := len(r.accepted()); n != 0 {
				t.Errorf("accepted %d unfinished messages", n)
			}
		})
	}
}

func TestSMTPSlowButSteadyClientMayTakeLongerThanOneStep(t *testing.T) {
	r := start(t, func(c *Config) { c.ReadTimeout = 800 * time.Millisecond })
	c := dial(t, r.addr).greet().envelope("a@b.example", "support@desk.example")
	c.do("DATA", "354")
	tick := time.NewTicker(80 * time.Millisecond)
	defer tick.Stop()
	for range 12 { // about a second
		<-tick.C
		c.say(strings.Repeat(strings.Repeat("x", 62)+"\r\n", 1<<10))
	}
	c.say(".\r\n")
	c.want("250")
	if got := len(r.accepted()[0][0].Raw); got != 12<<16 {
		t.Errorf("got %d bytes, want %d", got, 12<<16)
	}
}

func TestSMTPTransferTimeoutEndsATrickle(t *testing.T) {
	r := start(t, func(c *Config) { c.TransferTimeout = 200 * time.Millisecond })
	c := dial(t, r.addr).greet().envelope("a@b.example", "support@desk.example")
	c.do("DATA", "354")
	c.say("x")
	c.want("421 4.4.2")
	if n := len(r.accepted()); n != 0 {
		t.Errorf("accepted %d unfinished messages", n)
	}
}

func TestSMTPManySessionsAtOnce(t *testing.T) {
	r := start(t, nil)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			c, err := smtp.Dial(r.addr)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			for range 10 {
				err := c.SendMail("a@b.example", []string{"support@desk.example"}, strings.NewReader(testMail(5000)))
				if err != nil {
					t.Error(err)
				}
			}
			if err := c.Quit(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := len(r.accepted()); got != 160 {
		t.Errorf("accepted %d messages, want 160", got)
	}
}

func TestSMTPNeedsItsFunctions(t *testing.T) {
	for name, cfg := range map[string]Config{
		"without recipients": {Addr: "127.0.0.1:0", Digest: emailtest.Digest},
		"without digest":     {Addr: "127.0.0.1:0", Recipients: testInboxes},
		"without an address": {Addr: "no such address", Digest: emailtest.Digest, Recipients: testInboxes},
	} {
		t.Run(name, func(t *testing.T) {
			if l, err := New(cfg); err == nil {
				_ = l.Close()
				t.Error("no error")
			}
		})
	}
}

func BenchmarkSMTPAccept(b *testing.B) {
	r := start(b, nil)
	var n atomic.Int64
	r.fail = nil
	mail := testMail(10_000) + ".\r\n"
	b.SetBytes(int64(len(mail)))
	var wg sync.WaitGroup
	b.ResetTimer()
	for range 64 {
		wg.Go(func() {
			c := dial(b, r.addr).greet()
			for n.Add(1) <= int64(b.N) {
				c.envelope("a@b.example", "support@desk.example").do("DATA", "354")
				c.say(mail)
				c.want("250")
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
}

// A domain that somebody writes costs no more than its length.
func TestRecipientsDomainsCostLinearTime(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures what reading costs, which the race detector would distort")
	}
	doubling.Check(t, 3<<9, func(n int) func() {
		d := emailtest.ManyLetters(n) + ".example"
		return func() { inbox(func(string) (string, bool) { return "", false }, "a@"+d) }
	})
}
