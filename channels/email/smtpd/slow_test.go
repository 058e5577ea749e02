package smtpd

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/channels/limits"
	"frontdesk/channels/meta"
)

// fromAnywhere makes the listener see each client at an address of its own.
func fromAnywhere(t testing.TB, cfg *Config) {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var n atomic.Uint32
	cfg.Listener = farListener{Listener: inner, remote: func() netip.AddrPort {
		var a [4]byte
		binary.BigEndian.PutUint32(a[:], 203<<24|n.Add(1))
		return netip.AddrPortFrom(netip.AddrFrom4(a), 40000)
	}}
}

// Two hundred clients that announce large mails and send a little of them, or nothing at all, are in nobody's way.
func TestSMTPSlowClientsKeepNobodyOut(t *testing.T) {
	r := start(t, func(c *Config) {
		fromAnywhere(t, c)
		c.MaxBytes, c.Budget = 1<<20, limits.NewBudget(8<<20, 0)
	})
	for i := range 200 {
		c := dial(t, r.addr)
		if i%4 == 0 {
			continue
		}
		c.greet().do(fmt.Sprintf("MAIL FROM:<a%d@b.example> SIZE=%d", i, 1<<20), "250")
		c.do("RCPT TO:<support@desk.example>", "250")
		c.say([]string{"", "DATA\r\nX: ", "BDAT 4\r\nX: ", "NOOP\r\nX: "}[i%4])
	}
	c := dial(t, r.addr).greet().envelope("honest@b.example", "support@desk.example")
	c.do("DATA", "354")
	c.say(testMail(900<<10) + ".\r\n")
	c.want("250")
	if got := r.seen(); len(got) != 1 {
		t.Errorf("%d messages, want one", len(got))
	}
}

// When all places are taken, whoever has got on least makes room.
func TestSMTPTheSlowestSessionMakesRoom(t *testing.T) {
	r := start(t, func(c *Config) { fromAnywhere(t, c); c.MaxSessions, c.Patience = 3, 50*time.Millisecond })
	silent := dial(t, r.addr).greet()
	slow := dial(t, r.addr).greet().envelope("a@b.example", "support@desk.example")
	slow.do("DATA", "354")
	slow.say("X: ")
	third := dial(t, r.addr).greet()
	fourth := func() *talk {
		for {
			c := dial(t, r.addr)
			if c.reply()[:3] == "220" {
				c.do("EHLO client.example", "250")
				return c
			}
		}
	}
	fresh := fourth()
	silent.want("421")
	if _, err := silent.r.ReadByte(); err != io.EOF {
		t.Errorf("the silent session goes on: %v", err)
	}
	last := fourth()
	slow.want("421")
	for _, c := range []*talk{fresh, last} {
		c.envelope("honest@b.example", "support@desk.example").do("DATA", "354")
		c.say(testMail(1<<10) + ".\r\n")
		c.want("250")
	}
	third.do("QUIT", "221")
	if got := r.accepted(); len(got) != 2 {
		t.Errorf("%d messages, want two", len(got))
	}
}

// A place is not kept for somebody who stands still: silent clients take all places for half a second at most, however
// many they are, though a message that stands still is waited for longer before its memory is taken.
func TestSMTPSilentClientsHoldNoPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		door := newPipes()
		start(t, func(c *Config) { c.Listener, c.MaxSessions, c.Patience = door, 4, time.Minute })
		for i := range 4 {
			c := door.dial(t)
			if i%2 == 0 {
				c.greet().do("MAIL FROM:<a@b.example>", "250")
			}
			go io.Copy(io.Discard, c.r) //nolint:errcheck // who is written to within the process must read
		}
		time.Sleep(placePatience + time.Millisecond)
		for range 4 {
			c := door.dial(t).greet().envelope("honest@b.example", "support@desk.example")
			c.do("DATA", "354")
			c.say(testMail(1<<10) + ".\r\n")
			c.want("250")
		}
	})
}

// Few clients that take all places and get on all the while make room for whoever has fewer; those who have one
// each don't.
func TestSMTPACrowdIsThinnedOut(t *testing.T) {
	remote := atomic.Uint32{}
	r := start(t, func(c *Config) {
		fromAnywhere(t, c)
		far := c.Listener.(farListener)
		far.remote = func() netip.AddrPort {
			return netip.AddrPortFrom(netip.AddrFrom4([4]byte{203, 0, 113, byte(remote.Load())}), 40000)
		}
		c.Listener, c.MaxSessions, c.Patience = far, 4, time.Minute
	})
	from := func(n uint32) *talk { remote.Store(n); return dial(t, r.addr) }
	crowd := []*talk{from(1).greet(), from(1).greet(), from(1).greet()}
	other := from(2).greet()
	fresh := from(3).greet()
	crowd[0].want("421")
	if got := from(1).reply(); got[:3] != "421" {
		t.Errorf("one more of the crowd is answered %q", got)
	}
	crowd[1].do("NOOP", "250")
	for _, c := range []*talk{other, fresh} {
		c.envelope("honest@b.example", "support@desk.example").do("DATA", "354")
		c.say(testMail(1<<10) + ".\r\n")
		c.want("250")
	}
}

// What a message holds that does not get on is given to one that does.
func TestSMTPASlowMessageYieldsItsMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		door := newPipes()
		r := start(t, func(c *Config) {
			c.Listener, c.MaxBytes, c.Budget, c.Patience = door, 2<<20, limits.NewBudget(3<<20, 0), time.Second
		})
		slow := door.dial(t).greet().envelope("a@b.example", "support@desk.example")
		slow.do("DATA", "354")
		slow.say(testMail(1900 << 10))
		synctest.Wait()
		if held := r.door.cfg.Budget.Held(); held < 1900<<10 {
			t.Fatalf("the slow message holds %d bytes", held)
		}
		time.Sleep(2 * time.Second)
		c := door.dial(t).greet()
		c.do(fmt.Sprintf("MAIL FROM:<honest@b.example> SIZE=%d", 1900<<10), "250") // as every mail server announces it
		c.do("RCPT TO:<support@desk.example>", "250")
		c.do("DATA", "354")
		told := make(chan string)
		go func() { told <- slow.reply() }() // who is written to within the process must read
		c.say(testMail(1900<<10) + ".\r\n")
		c.want("250")
		if got := <-told; !strings.HasPrefix(got, "421") {
			t.Errorf("the slow one is told %q", got)
		}
		if got := r.accepted(); len(got) != 1 || got[0][0].Meta[meta.MailFrom] != "honest@b.example" {
			t.Errorf("%d messages, want the honest one", len(got))
		}
	})
}

// A message that waits for its commit has the time that takes.
func TestSMTPACommitIsNotCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		door := newPipes()
		r := start(t, func(c *Config) {
			c.Listener, c.MaxSessions, c.Patience, c.TransferTimeout = door, 1, time.Millisecond, 100*time.Millisecond
		})
		r.gate = make(chan struct{})
		c := door.dial(t).greet().envelope("a@b.example", "support@desk.example")
		c.do("DATA", "354")
		c.say(testMail(1<<10) + ".\r\n")
		<-r.in
		time.Sleep(10 * time.Second)
		door.dial(t).want("421 4.3.2")
		close(r.gate)
		c.want("250")
	})
}

// Sessions that are of no use end, whatever they say.
func TestSMTPUselessSessionsEnd(t *testing.T) {
	for name, says := range map[string]string{
		"commands without end":      strings.Repeat("NOOP\r\n", 1<<10),
		"a command without end":     strings.Repeat("x", 8<<10),
		"recipients without end":    strings.Repeat("RCPT TO:<support@desk.example>\r\n", 200),
		"a chunk of no message":     "RSET\r\nBDAT 4000000000\r\n" + strings.Repeat("x", 8<<10),
		"nonsense":                  "FOO\r\nBAR\r\nBAZ\r\nQUX\r\n",
		"empty chunks of a message": "BDAT 0\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				door := newPipes()
				r := start(t, func(c *Config) { c.Listener, c.TransferTimeout = door, 200*time.Millisecond })
				c := door.dial(t).greet().envelope("a@b.example", "support@desk.example")
				go func() {
					_, _ = io.Copy(io.Discard, c.r)
				}()
				begun := time.Now()
				for {
					if _, err := io.WriteString(c.Conn, says); err != nil {
						break // the server has hung up; the deadline of the test's client is 20 s
					}
					time.Sleep(time.Millisecond)
				}
				if time.Since(begun) > 19*time.Second {
					t.Error("the client had to hang up")
				}
				synctest.Wait()
				r.door.door.mu.Lock()
				defer r.door.door.mu.Unlock()
				if n := len(r.door.door.conns); n != 0 {
					t.Errorf("%d sessions go on", n)
				}
			})
		})
	}
}

func TestSMTPLimitsOfALargeNetwork(t *testing.T) {
	l := newLimitTable(Limits{Sessions: 2, MessagesPerMinute: 3}.withDefaults())
	at := time.Unix(1_700_000_000, 0)
	in, said := 0, 0
	for i := range 100 {
		a := netip.MustParseAddr(fmt.Sprintf("2001:db8:1:%x::1", i))
		if l.open(a) {
			in++
			for range 10 {
				if l.allow(a, at) {
					said++
				}
			}
		}
	}
	if in != 2*limitWide || said != 3*limitWide {
		t.Errorf("a /48 opened %d sessions and sent %d messages, want %d and %d", in, said, 2*limitWide, 3*limitWide)
	}
	if !l.open(netip.MustParseAddr("2001:db8:2::1")) {
		t.Error("another /48 was refused")
	}
	for i := range 100 {
		l.close(netip.MustParseAddr(fmt.Sprintf("2001:db8:1:%x::1", i)))
	}
	if !l.open(netip.MustParseAddr("2001:db8:1:99::1")) {
		t.Error("a place was not given back")
	}
}

// The postmaster needs no domain (RFC 5321 §4.5.1); what looks like that command within a message is text.
func TestSMTPPostmasterWithoutDomain(t *testing.T) {
	r := start(t, func(c *Config) {
		c.Recipients = func(a string) (string, bool) { return "support-mail", a == "postmaster@desk.example" }
	})
	const text = "Subject: x\r\n\r\nRCPT TO:<postmaster>\r\n"
	c := dial(t, r.addr).greet()
	for _, rcpt := range []string{"RCPT TO:<postmaster>", "rcpt to:<PostMaster>", "RCPT TO:<Postmaster@desk.example>"} {
		c.do("MAIL FROM:<a@b.example>", "250")
		c.do(rcpt, "250")
		c.do("DATA", "354")
		c.say(text + ".\r\n")
		c.want("250")
	}
	c.do("MAIL FROM:<a@b.example>", "250")
	c.do("RCPT TO:<support>", "501")
	c.do("RCPT TO:<postmaster@elsewhere.example>", "550")
	c.say("RCPT TO:<postmaster>\r\n" + fmt.Sprintf("BDAT %d LAST\r\n", len(text)) + text) // all at once
	c.want("250")
	c.want("250")
	got := r.accepted()
	if len(got) != 4 {
		t.Fatalf("%d messages, want four", len(got))
	}
	for _, ds := range got {
		if string(ds[0].Raw) != text {
			t.Errorf("text = %q", ds[0].Raw)
		}
		if to := strings.ToLower(ds[0].Meta[meta.Recipients]); to != "postmaster@desk.example" {
			t.Errorf("recipient = %q", to)
		}
	}
}
