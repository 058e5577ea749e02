package smtpd

import (
	"io"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/channels/guard"
	"frontdesk/channels/limits"
)

// One remote fills its share of the memory of messages, and no more: others' large mails come in beside it.
func TestSMTPOneRemoteHasItsShareOfMemory(t *testing.T) {
	var from atomic.Pointer[netip.AddrPort]
	is := func(addr string) { a := netip.MustParseAddrPort(addr); from.Store(&a) }
	is("203.0.113.7:40000")
	r := start(t, func(c *Config) {
		inner, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		c.Listener = farListener{Listener: inner, remote: func() netip.AddrPort { return *from.Load() }}
		c.MaxBytes, c.Budget, c.Shares = 1<<20, limits.NewBudget(4<<20, 0), guard.NewShares(1200<<10, 2<<20)
	})
	for range 6 {
		c := dial(t, r.addr).greet().envelope("a@b.example", "support@desk.example")
		c.do("DATA", "354")
		c.say(testMail(700 << 10)) // and never an end
		for until := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
			if held := r.door.cfg.Budget.Held(); held >= 1<<20 || time.Now().After(until) {
				break
			}
		}
	}
	is("198.51.100.9:40000")
	c := dial(t, r.addr).greet().envelope("honest@b.example", "support@desk.example")
	c.do("DATA", "354")
	c.say(testMail(900<<10) + ".\r\n")
	c.want("250")
	if held := r.door.cfg.Budget.Held(); held > 1200<<10 {
		t.Errorf("one remote holds %d KiB", held>>10)
	}
}

// A remote that is over its share is told to come back, and has all of it again afterwards.
func TestSMTPAShareIsGivenBack(t *testing.T) {
	r := start(t, func(c *Config) {
		fromFar(t, c, "203.0.113.7")
		c.MaxBytes, c.Shares = 1<<20, guard.NewShares(1<<20+1024, 0)
	})
	first := dial(t, r.addr).greet().envelope("a@b.example", "support@desk.example")
	first.do("DATA", "354")
	first.say(testMail(900 << 10))
	r.held(t, 1<<20)
	second := dial(t, r.addr).greet().envelope("a@b.example", "support@desk.example")
	second.do("DATA", "354")
	second.say(testMail(900<<10) + ".\r\n")
	second.want("452")
	first.say(".\r\n")
	first.want("250")
	for range 3 {
		second.envelope("a@b.example", "support@desk.example").do("DATA", "354")
		second.say(testMail(900<<10) + ".\r\n")
		second.want("250")
	}
	if n := r.door.cfg.Shares.Clients(); n != 0 {
		t.Errorf("%d remotes hold something that have nothing under way", n)
	}
}

// Messages that come, but far more slowly than others', hold no memory that another one needs.
func TestSMTPMessagesThatTrickleYieldTheirMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		door := newPipes()
		r := start(t, func(c *Config) {
			c.Listener, c.MaxBytes, c.Budget, c.Patience = door, 1<<20, limits.NewBudget(4<<20, 0), 3*time.Second
		})
		for range 3 {
			c := door.dial(t).greet().envelope("a@b.example", "support@desk.example")
			c.do("DATA", "354")
			c.say(testMail(700 << 10))
			go io.Copy(io.Discard, c.r) //nolint:errcheck // who is written to within the process must read
		}
		synctest.Wait()
		if held := r.door.cfg.Budget.Held(); held < 3<<20 {
			t.Fatalf("the slow messages hold %d KiB", held>>10)
		}
		time.Sleep(700 * time.Millisecond) // a fifth of the patience is over, the patience is not
		for range 2 {
			c := door.dial(t).greet().envelope("honest@b.example", "support@desk.example")
			c.do("DATA", "354")
			c.say(testMail(900<<10) + ".\r\n")
			c.want("250")
		}
	})
}

// held waits until messages under way hold so much memory.
func (r *rig) held(t *testing.T, atLeast int64) {
	t.Helper()
	for until := time.Now().Add(10 * time.Second); r.door.cfg.Budget.Held() < atLeast; time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("messages hold %d KiB, want %d", r.door.cfg.Budget.Held()>>10, atLeast>>10)
		}
	}
}
