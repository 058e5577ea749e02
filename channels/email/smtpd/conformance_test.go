package smtpd

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/channelstest"
	"frontdesk/channels/email/internal/emailtest"
)

func TestSMTPConformance(t *testing.T) {
	for name, way := range map[string]way{
		"SMTP by DATA": {},
		"SMTP by BDAT": {chunked: true},
		"LMTP by DATA": {lmtp: true},
		"LMTP by BDAT": {lmtp: true, chunked: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			channelstest.Listener(t, channelstest.ListenerCase{Open: way.open})
		})
	}
}

// way is how a client hands its mail over.
type way struct{ lmtp, chunked bool }

const conformanceLimit = 64 << 10

func (w way) open(t *testing.T) channelstest.ListenerBench {
	var clock atomic.Int64
	cfg := testConfig()
	cfg.LMTP, cfg.MaxBytes = w.lmtp, conformanceLimit
	cfg.Now = func() time.Time { return emailtest.Now.Add(time.Duration(clock.Load())) }
	l, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // the suite has ended Serve by now
		if n := l.cfg.Budget.Held(); n != 0 {
			t.Errorf("%d bytes of the memory budget were not given back", n)
		}
	})
	hand := func(raw string, to ...string) func() (channelstest.Told, error) {
		return func() (channelstest.Told, error) { return w.hand(t, l.Addr(), raw, to) }
	}
	mail := testMail(500)
	return channelstest.ListenerBench{
		Listener: l,
		Addr:     l.Addr(),
		Now:      cfg.Now,
		Later:    func(d time.Duration) { clock.Add(int64(d)) },
		One:      hand(mail, "support@desk.example"),
		Other:    hand(mail+"P.S.\r\n", "support@desk.example"),
		Two:      hand(mail, "support@desk.example", "billing@desk.example"),
		Oversize: hand(testMail(2*conformanceLimit), "support@desk.example"),
		Cut:      func() error { return w.cut(t, l.Addr(), mail) },
	}
}

// begin goes as far as the last RCPT.
func (w way) begin(t *testing.T, addr net.Addr, to []string) (*talk, error) {
	conn, err := net.Dial(addr.Network(), addr.String())
	if err != nil {
		return nil, err
	}
	c := newTalk(t, conn)
	hello := "EHLO"
	if w.lmtp {
		hello = "LHLO"
	}
	commands := []string{"", hello + " client.example\r\n", "MAIL FROM:<lina@customer.example>\r\n"}
	for _, a := range to {
		commands = append(commands, "RCPT TO:<"+a+">\r\n")
	}
	for _, command := range commands {
		if err := c.ask(command, "2"); err != nil {
			_ = conn.Close()
			return nil, err
		}
	}
	return c, nil
}

// ask says a command and wants an answer that starts so. It may be called from any goroutine.
func (c *talk) ask(command, prefix string) error {
	if _, err := io.WriteString(c.Conn, command); err != nil {
		return err
	}
	if got := c.reply(); !strings.HasPrefix(got, prefix) {
		return fmt.Errorf("answer to %q is %q", command, got)
	}
	return nil
}

// hand hands one mail over; LMTP has one answer for each recipient, and all must be the same.
func (w way) hand(t *testing.T, addr net.Addr, raw string, to []string) (channelstest.Told, error) {
	c, err := w.begin(t, addr, to)
	if err != nil {
		return channelstest.Told{}, err
	}
	defer c.Close()
	body := chunk(raw, true)
	if !w.chunked {
		if err := c.ask("DATA\r\n", "354"); err != nil {
			return channelstest.Told{}, err
		}
		body = raw + ".\r\n"
	}
	if _, err := io.WriteString(c.Conn, body); err != nil {
		return channelstest.Told{}, err
	}
	told, err := toldBy(c.reply())
	for range len(to) - 1 {
		if !w.lmtp || err != nil {
			break
		}
		var again channelstest.Told
		if again, err = toldBy(c.reply()); err == nil && (again.Taken != told.Taken || again.Class != told.Class) {
			err = fmt.Errorf("one recipient was told %q, another %q", told.Words, again.Words)
		}
	}
	return told, err
}

// toldBy reads the first digit of an answer (RFC 5321 §4.2.1).
func toldBy(answer string) (channelstest.Told, error) {
	switch answer[:1] {
	case "2":
		return channelstest.Told{Taken: true, Words: answer}, nil
	case "4":
		return channelstest.Told{Class: channels.Temporary, Words: answer}, nil
	case "5":
		return channelstest.Told{Class: channels.Permanent, Words: answer}, nil
	}
	return channelstest.Told{}, fmt.Errorf("no answer: %q", answer)
}

// cut sends the first half and ends its side of the connection.
func (w way) cut(t *testing.T, addr net.Addr, raw string) error {
	c, err := w.begin(t, addr, []string{"support@desk.example"})
	if err != nil {
		return err
	}
	defer c.Close()
	half := fmt.Sprintf("BDAT %d LAST\r\n%s", len(raw), raw[:len(raw)/2])
	if !w.chunked {
		if err := c.ask("DATA\r\n", "354"); err != nil {
			return err
		}
		half = raw[:len(raw)/2]
	}
	if _, err := io.WriteString(c.Conn, half); err != nil {
		return err
	}
	if err := c.Conn.(*net.TCPConn).CloseWrite(); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, c.r)
	return err
}
