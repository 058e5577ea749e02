package smtpd

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

func TestSMTPSessionLimits(t *testing.T) {
	t.Run("sessions of all remotes", func(t *testing.T) {
		r := start(t, func(c *Config) { c.MaxSessions = 2 })
		a := dial(t, r.addr).greet()
		dial(t, r.addr).greet()
		dial(t, r.addr).want("421 4.3.2")
		a.do("QUIT", "221")
		_ = a.reply() // the server has hung up, so the place is free or about to be
		for c := dial(t, r.addr); c.reply()[:3] != "220"; c = dial(t, r.addr) {
		}
	})
	t.Run("sessions of one remote", func(t *testing.T) {
		r := start(t, func(c *Config) { fromFar(t, c, "203.0.113.9"); c.Limits.Sessions = 1 })
		dial(t, r.addr).greet()
		dial(t, r.addr).want("421 4.3.2")
	})
	t.Run("a trusted remote has no limit", func(t *testing.T) {
		r := start(t, func(c *Config) {
			fromFar(t, c, "203.0.113.9")
			c.Limits = Limits{Sessions: 1, Trusted: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}}
		})
		dial(t, r.addr).greet()
		dial(t, r.addr).greet()
	})
	t.Run("messages of one remote in a minute", func(t *testing.T) {
		r := start(t, func(c *Config) { fromFar(t, c, "203.0.113.9"); c.Limits.MessagesPerMinute = 2 })
		c := dial(t, r.addr).greet()
		c.do("MAIL FROM:<a@b.example>", "250")
		c.do("RSET", "250")
		c.do("MAIL FROM:<a@b.example>", "250")
		c.do("RSET", "250")
		c.do("MAIL FROM:<a@b.example>", "451 4.7.1")
	})
	t.Run("a dictionary of recipients ends the session", func(t *testing.T) {
		r := start(t, nil)
		c := dial(t, r.addr).greet()
		c.do("MAIL FROM:<a@b.example>", "250")
		for i := range strangers {
			c.do(fmt.Sprintf("RCPT TO:<guess%d@desk.example>", i), "550 5.1.1")
		}
		c.do("RCPT TO:<support@desk.example>", "250")
		c.do("RCPT TO:<oneMore@desk.example>", "421 4.7.0")
		c.want("421")
	})
}

func TestLimitTable(t *testing.T) {
	at := time.Unix(1_700_000_000, 0)
	a, b := netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("203.0.113.2")

	t.Run("the allowance comes back with time", func(t *testing.T) {
		l := newLimitTable(Limits{MessagesPerMinute: 2}.withDefaults())
		l.open(a)
		got := []bool{l.allow(a, at), l.allow(a, at), l.allow(a, at), l.allow(a, at.Add(31*time.Second))}
		want := []bool{true, true, false, true}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("message %d allowed = %v, want %v", i, got[i], want[i])
			}
		}
	})
	t.Run("the allowance outlives a session", func(t *testing.T) {
		l := newLimitTable(Limits{MessagesPerMinute: 1}.withDefaults())
		l.open(a)
		l.allow(a, at)
		l.close(a)
		l.open(a)
		if l.allow(a, at) {
			t.Error("a new session got a new allowance")
		}
	})
	t.Run("the table forgets the remote that is idle for longest", func(t *testing.T) {
		l := newLimitTable(Limits{Remotes: 2, MessagesPerMinute: 1}.withDefaults())
		l.open(a)
		l.open(b)
		l.allow(a, at)
		l.allow(b, at)
		l.close(a)
		l.close(b)
		for i := range 50 {
			c := netip.AddrFrom4([4]byte{198, 51, 100, byte(i)})
			if i < 49 {
				l.open(c)
				l.allow(c, at)
				l.close(c)
			}
		}
		if n := len(l.remotes); n != 2 {
			t.Errorf("table holds %d remotes, want 2", n)
		}
	})
	t.Run("a remote with a session is never forgotten", func(t *testing.T) {
		l := newLimitTable(Limits{Remotes: 1, Sessions: 1}.withDefaults())
		l.open(a)
		l.open(b)
		if l.open(a) {
			t.Error("the second session of a remote was let in")
		}
		l.close(a)
		l.close(a) // once too often
		if !l.open(a) {
			t.Error("the place was not given back")
		}
	})
	t.Run("one /64 is one remote", func(t *testing.T) {
		l := newLimitTable(Limits{Sessions: 1}.withDefaults())
		l.open(netip.MustParseAddr("2001:db8:1:2::1"))
		if l.open(netip.MustParseAddr("2001:db8:1:2:ffff::2")) {
			t.Error("a neighbour in the same /64 was let in")
		}
		if !l.open(netip.MustParseAddr("2001:db8:1:3::1")) {
			t.Error("another /64 was refused")
		}
	})
	t.Run("loopback has no limit", func(t *testing.T) {
		l := newLimitTable(Limits{Sessions: 1, MessagesPerMinute: 1}.withDefaults())
		lo := netip.MustParseAddr("127.0.0.1")
		for range 2 {
			if !l.open(lo) || !l.allow(lo, at) {
				t.Error("loopback was limited")
			}
		}
	})
}
