package bench

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// mailBytes is about how large a mail is: a short text, and the same as the HTML that mail programs
// make of it, with a quoted history.
const mailBytes = 12 << 10

// letter is one mail with its envelope. Lines end with CRLF.
type letter struct {
	from string
	raw  []byte
}

// mailOf is the address of a customer; some five hundred domains share them.
func mailOf(customer int) string { return fmt.Sprintf("c%d@%s", customer, domainOf(customer)) }

func domainOf(customer int) string {
	if customer/groupSize == originalGroup {
		return fmt.Sprintf("mail%d.fill.example", customer%499)
	}
	return fmt.Sprintf("mail%d.example", customer%499)
}

// mails makes n mails, all different, a second apart up to at: no two are copies, by their Message-ID, subject and
// text.
func (c *customers) mails(n int, at time.Time) []letter {
	filler := history()
	out := make([]letter, n)
	for i := range out {
		customer := c.next()
		out[i] = letter{mailOf(customer), c.mail(customer, filler, at.Add(-time.Duration(n-i)*time.Second))}
	}
	return out
}

// mail is one of them: a Received field as a relay writes it, text and HTML of the same words, and behind them the
// quoted past, which the line has to cut off.
func (c *customers) mail(customer int, filler string, at time.Time) []byte {
	text, id := c.text(), c.id()
	more := c.text()
	name := "Customer " + strconv.Itoa(customer)
	boundary := "b_" + id
	var b strings.Builder
	b.Grow(mailBytes + 1024)
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	line("Received: from mx.%s by relay.example with ESMTPS id %s; %s", domainOf(customer), id[:12], at.Format(time.RFC1123Z))
	line("Date: %s", at.Format(time.RFC1123Z))
	line("From: %q <%s>", name, mailOf(customer))
	line("To: Bench Desk <%s>", mailbox)
	line("Subject: Question about my payment %s", id[:8])
	line("Message-ID: <%s@%s>", id, domainOf(customer))
	line("MIME-Version: 1.0")
	line("Content-Type: multipart/alternative; boundary=%q", boundary)
	line("")
	line("--%s", boundary)
	line("Content-Type: text/plain; charset=utf-8")
	line("Content-Transfer-Encoding: 8bit")
	line("")
	line("Dear support team,\r\n\r\n%s\r\n\r\n%s\r\n\r\nKind regards\r\n%s", text, more, name)
	line("")
	line("--%s", boundary)
	line("Content-Type: text/html; charset=utf-8")
	line("Content-Transfer-Encoding: 8bit")
	line("")
	line("<html><head><style>p { margin: 0; font-family: sans-serif }</style></head><body>\r\n<p>Dear support team,</p><p>%s</p><p>%s</p><p>Kind regards<br>%s</p>", text, more, name)
	b.WriteString(filler)
	line("</body></html>")
	line("--%s--", boundary)
	return []byte(b.String())
}

// history is the quoted past that follows an answer, as HTML.
func history() string {
	var b strings.Builder
	b.WriteString("<blockquote type=\"cite\">\r\n")
	all := sentences()
	for i := 0; b.Len() < mailBytes-1800; i++ {
		b.WriteString("<p style=\"margin:0;color:#444444\"><span lang=\"en\">")
		fmt.Fprintf(&b, all[i%len(all)], "T"+strconv.Itoa(100000000+i*7919), 10+i*13)
		b.WriteString("</span></p>\r\n")
	}
	b.WriteString("</blockquote>\r\n")
	return b.String()
}

// deliver hands mails to the SMTP door over that many sessions, each of which goes on with its next
// mail as a busy mail server does. A mail is what was told to have been taken with 250.
func deliver(ctx context.Context, addr string, sessions int, letters []letter) (load, error) {
	return closedLoop(ctx, sessions, len(letters), func() (sender, error) {
		s, err := dialSMTP(ctx, addr)
		if err != nil {
			return nil, err
		}
		s.letters = letters
		return s, nil
	})
}

// session is one SMTP session (RFC 5321) with pipelined commands (RFC 2920). It is written by hand, since net/smtp
// waits for each reply and would measure its own round trips.
type session struct {
	conn    net.Conn
	in      *bufio.Reader
	letters []letter
	out     []byte
}

// dialSMTP connects and says EHLO. It does not look at what the server offers: it is ours.
func dialSMTP(ctx context.Context, addr string) (*session, error) {
	conn, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("connecting to the SMTP door: %w", err)
	}
	s := &session{conn: conn, in: bufio.NewReader(conn)}
	if err = conn.SetDeadline(time.Now().Add(answerWithin)); err == nil {
		if err = s.expect("220"); err == nil {
			_, err = conn.Write([]byte("EHLO mx.example\r\n"))
		}
		if err == nil {
			err = s.expect("250")
		}
	}
	if err != nil {
		_ = conn.Close() // the first error counts
		return nil, fmt.Errorf("opening an SMTP session: %w", err)
	}
	return s, nil
}

func (s *session) Close() error { return s.conn.Close() }

// send hands over mail i, whose lines begin with no point, so that nothing is to be stuffed.
func (s *session) send(i int) error {
	l := s.letters[i]
	if err := s.conn.SetDeadline(time.Now().Add(answerWithin)); err != nil {
		return err
	}
	s.out = append(s.out[:0], "MAIL FROM:<"...)
	s.out = append(append(s.out, l.from...), ">\r\nRCPT TO:<"+mailbox+">\r\nDATA\r\n"...)
	if _, err := s.conn.Write(s.out); err != nil {
		return fmt.Errorf("sending a mail: %w", err)
	}
	for _, code := range []string{"250", "250", "354"} {
		if err := s.expect(code); err != nil {
			return err
		}
	}
	s.out = append(append(s.out[:0], l.raw...), ".\r\n"...)
	if _, err := s.conn.Write(s.out); err != nil {
		return fmt.Errorf("sending a mail: %w", err)
	}
	return s.expect("250")
}

// expect reads one reply, of one or more lines, and is content with one code only: a refused mail would make the rate
// a lie.
func (s *session) expect(code string) error {
	for {
		line, err := s.in.ReadSlice('\n')
		if err != nil {
			return fmt.Errorf("reading the SMTP reply: %w", err)
		}
		if len(line) < 4 || string(line[:3]) != code {
			return fmt.Errorf("the SMTP reply is %q, not %s", line, code)
		}
		if line[3] != '-' {
			return nil
		}
	}
}
