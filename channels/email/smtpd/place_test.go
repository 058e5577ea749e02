package smtpd

import (
	"io"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// Whose share of sessions is used up has a place again as soon as one of his own stands still; one that gets on, or has
// just come, is left alone.
func TestSMTPASessionOfOnesOwnMakesRoom(t *testing.T) {
	for name, c := range map[string]struct {
		begin func(*talk)
		after time.Duration
		say   string // meanwhile, every second
		ends  bool
	}{
		"one that says nothing at all":               {func(*talk) {}, 2 * time.Second, "", true},
		"one that fell silent between two messages":  {func(c *talk) { c.greet().do("MAIL FROM:<a@b.example>", "250") }, 2 * time.Second, "", true},
		"one that has just come":                     {func(c *talk) { c.greet() }, time.Second, "", false},
		"one that is still talking":                  {func(c *talk) { c.greet() }, 5 * time.Second, "NOOP\r\n", false},
		"one that only talks":                        {func(c *talk) { c.greet() }, 10 * time.Second, "NOOP\r\n", true},
		"one whose message has paused":               {begins, 9 * time.Second, "", false},
		"one whose message stands still":             {begins, 10 * time.Second, "", true},
		"one whose message comes by bytes":           {begins, 10 * time.Second, "x", true},
		"one whose message comes a step at a time":   {begins, 15 * time.Second, testMail(step), false},
		"one whose message comes in a chunk, slowly": {func(c *talk) { greets(c).say("BDAT 9000\r\nX: ") }, 10 * time.Second, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				door := newPipes()
				far := farListener{Listener: door, remote: func() netip.AddrPort { return netip.MustParseAddrPort("203.0.113.7:40000") }}
				r := start(t, func(cfg *Config) {
					cfg.Listener, cfg.Limits.Sessions, cfg.Patience, cfg.MaxBytes = far, 1, 10*time.Second, 8<<20
				})
				first := door.dial(t)
				c.begin(first)
				go io.Copy(io.Discard, first.r) //nolint:errcheck // who is written to within the process must read
				for begun := time.Now(); time.Since(begun) < c.after; time.Sleep(time.Second) {
					if c.say != "" {
						first.say(c.say)
					}
				}
				want := map[bool]string{true: "220", false: "421"}[c.ends]
				if got := door.dial(t).reply(); got[:3] != want {
					t.Errorf("the next one is told %q", got)
				}
				time.Sleep(3 * time.Second)
				r.door.door.mu.Lock()
				defer r.door.door.mu.Unlock()
				if n := len(r.door.door.conns); n != 1 || r.door.door.leaving != 0 {
					t.Errorf("%d sessions are left, %d of them leaving", n, r.door.door.leaving)
				}
			})
		})
	}
}

// greets opens an envelope; begins its message.
func greets(c *talk) *talk {
	return c.greet().envelope("a@b.example", "support@desk.example")
}

func begins(c *talk) {
	greets(c).do("DATA", "354")
	c.say("X: ")
}

// A /48 whose share is used up makes room within itself.
func TestSMTPANetworkMakesRoomWithinItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		door := newPipes()
		var n atomic.Uint32
		far := farListener{Listener: door, remote: func() netip.AddrPort {
			a := netip.MustParseAddr("2001:db8:1::1").As16()
			a[7] = byte(n.Add(1))
			return netip.AddrPortFrom(netip.AddrFrom16(a), 40000)
		}}
		start(t, func(cfg *Config) { cfg.Listener, cfg.Limits.Sessions = far, 1 })
		for range limitWide {
			c := door.dial(t)
			go io.Copy(io.Discard, c.r) //nolint:errcheck // who is written to within the process must read
		}
		synctest.Wait()
		door.dial(t).want("421")
		time.Sleep(2 * time.Second)
		door.dial(t).want("220")
	})
}
