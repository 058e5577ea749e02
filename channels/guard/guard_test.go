package guard

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

// end is one end of a connection with an address.
type end struct {
	net.Conn
	from   string
	closed bool
	told   string
}

func (e *end) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(e.from), 4711))
}
func (e *end) Close() error                     { e.closed = true; return nil }
func (e *end) Write(p []byte) (int, error)      { e.told += string(p); return len(p), nil }
func (e *end) SetWriteDeadline(time.Time) error { return nil }

// queue is a listener that hands out what is put into it.
type queue chan *end

func (q queue) Accept() (net.Conn, error) {
	select {
	case e := <-q:
		return e, nil
	default:
		return nil, io.EOF
	}
}
func (queue) Close() error   { return nil }
func (queue) Addr() net.Addr { return &net.TCPAddr{} }

// come lets connections in one after the other, a second apart, and returns them by their turn.
func come(t *testing.T, l *Listener, q queue, from ...string) (ends []*end, conns []*Conn) {
	t.Helper()
	for _, f := range from {
		e := &end{from: f}
		q <- e
		c, err := l.Accept()
		if err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		own, _ := c.(*Conn)
		ends, conns = append(ends, e), append(conns, own)
		time.Sleep(time.Second)
	}
	return ends, conns
}

func repeat(n int, format string) (out []string) {
	for i := range n {
		if format == "" {
			out = append(out, "203.0.113.9")
			continue
		}
		out = append(out, fmt.Sprintf(format, i+1))
	}
	return out
}

// gone lists the turns of the connections that were closed.
func gone(ends []*end) (out []int) {
	for i, e := range ends {
		if e.closed {
			out = append(out, i)
		}
	}
	return out
}

func TestWhoMakesRoom(t *testing.T) {
	limits := Limits{All: 8, Address: 3, Network: 5, Exempt: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
	for _, c := range []struct {
		name string
		from []string
		want string
	}{
		{"up to its share an address has what it wants", repeat(3, ""), "[]"},
		{"the oldest of the same address makes room", repeat(5, ""), "[0 1]"},
		{"a mapped address is the IPv4 address", append(repeat(3, ""), "::ffff:203.0.113.9"), "[0]"},
		{"addresses of one /64 are one client", repeat(4, "2001:db8:1:1::%x"), "[0]"},
		{"a zone makes no other client", []string{"fe80::1%a", "fe80::1%b", "fe80::2%c", "fe80::3"}, "[0]"},
		{"addresses of one /48 are one network", repeat(7, "2001:db8:1:%x::1"), "[0 1]"},
		{"other networks are others", repeat(8, "2001:db8:%x::1"), "[]"},
		{"in all the client with most makes room", append(repeat(6, "198.51.100.%d"), "203.0.113.9", "203.0.113.9", "192.0.2.1"), "[6]"},
		{"among clients with one each the oldest makes room", repeat(9, "198.51.100.%d"), "[0]"},
		{"a proxy has no share of its own", repeat(8, "10.0.0.%d"), "[]"},
		{"a proxy's connections go last", append(repeat(5, "10.0.0.%d"), "203.0.113.9", "203.0.113.10", "203.0.113.11", "203.0.113.12"), "[5]"},
		{"a proxy beyond all makes room for itself", repeat(9, "10.0.0.%d"), "[0]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := make(queue, 1)
				l := Listen(q, limits)
				ends, _ := come(t, l, q, c.from...)
				if got := fmt.Sprint(gone(ends)); got != c.want {
					t.Errorf("closed %s, want %s", got, c.want)
				}
				open, _, displaced := l.Counts()
				if n := len(gone(ends)); open != len(ends)-n || displaced != int64(n) {
					t.Errorf("%d open, %d displaced", open, displaced)
				}
			})
		})
	}
}

func TestWhoIsWorkedForKeepsHisPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := make(queue, 1)
		l := Listen(q, Limits{Address: 2, Farewell: []byte("come again\r\n")})
		ends, conns := come(t, l, q, repeat(2, "")...)
		conns[0].Work()
		conns[1].Work()
		third, _ := come(t, l, q, "203.0.113.9")
		if !third[0].closed || third[0].told != "come again\r\n" || len(gone(ends)) != 0 {
			t.Errorf("a third one while two are worked for: closed %v, told %q", third[0].closed, third[0].told)
		}
		conns[0].Rest()
		time.Sleep(time.Second)
		fourth, _ := come(t, l, q, "203.0.113.9")
		if fourth[0].closed || fmt.Sprint(gone(ends)) != "[0]" {
			t.Errorf("after one rests: closed %v, %v", fourth[0].closed, gone(ends))
		}
		if open, refused, displaced := l.Counts(); open != 2 || refused != 1 || displaced != 1 {
			t.Errorf("%d open, %d refused, %d displaced", open, refused, displaced)
		}
	})
}

// TestAWorkerOutlivesTheSilent: who hands something in now and then is not the one who goes, however
// long he has been there.
func TestAWorkerOutlivesTheSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := make(queue, 1)
		l := Listen(q, Limits{Address: 3})
		ends, conns := come(t, l, q, repeat(3, "")...)
		conns[0].Work()
		conns[0].Rest()
		time.Sleep(time.Second)
		come(t, l, q, "203.0.113.9")
		if got := fmt.Sprint(gone(ends)); got != "[1]" {
			t.Errorf("closed %s", got)
		}
	})
}

func TestNewcomersAreNotDisplacedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := make(queue, 1)
		l := Listen(q, Limits{All: 1})
		first := &end{from: "192.0.2.1"}
		q <- first
		if _, err := l.Accept(); err != nil {
			t.Fatal(err)
		}
		second := &end{from: "192.0.2.2"}
		q <- second
		if _, err := l.Accept(); !errors.Is(err, io.EOF) || first.closed || !second.closed {
			t.Errorf("%v, first closed %v, second closed %v", err, first.closed, second.closed)
		}
	})
}

func TestWhatIsClosedIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := make(queue, 1)
		l := Listen(q, Limits{All: 4, Address: 1, Network: 2})
		for range 3 {
			_, conns := come(t, l, q, "192.0.2.1", "2001:db8::1", "2001:db8:0:1::1", "2001:db8:0:2::1")
			for _, c := range conns {
				c.Close()
				c.Close()
			}
			if open, _, _ := l.Counts(); open != 0 || len(l.groups) != 0 {
				t.Fatalf("%d open, %d groups", open, len(l.groups))
			}
		}
	})
}

// TestTheGuardOnRealSockets: of 200 silent connections and one more from one address the last is served.
func TestTheGuardOnRealSockets(t *testing.T) {
	raw, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := Listen(raw, Limits{Address: 50})
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				io.Copy(c, c)
			}()
		}
	}()
	call := func() net.Conn {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	for range 200 {
		call()
	}
	for until := time.Now().Add(10 * time.Second); ; {
		c := call()
		c.SetDeadline(until)
		c.Write([]byte("x"))
		if _, err := io.ReadFull(c, make([]byte, 1)); err == nil {
			break // once those before it have had their grace
		}
		if time.Now().After(until) {
			t.Fatal("no one is served beside silent connections")
		}
	}
	if open, _, _ := l.Counts(); open > 50 {
		t.Errorf("%d open", open)
	}
}

func TestShares(t *testing.T) {
	s := NewShares(10, 15)
	a, sameLine, sameSite := netip.MustParseAddr("2001:db8:1:1::1"), netip.MustParseAddr("2001:db8:1:1::2"), netip.MustParseAddr("2001:db8:1:2::1")
	v4 := netip.MustParseAddr("192.0.2.1")
	for _, c := range []struct {
		name string
		who  netip.Addr
		n    int64
		want bool
	}{
		{"a share is all of it", a, 10, true},
		{"the same line has no second share", sameLine, 1, false},
		{"the same site has what is left of its own", sameSite, 5, true},
		{"and no more", sameSite, 1, false},
		{"another client has his", v4, 10, true},
		{"a mapped address is the same client", netip.MustParseAddr("::ffff:192.0.2.1"), 1, false},
		{"who has no address has no limit", netip.Addr{}, 100, true},
		{"nothing is always granted", a, 0, true},
	} {
		if got := s.Take(c.who, c.n); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	s.Give(sameLine, 10)
	s.Give(sameSite, 5)
	s.Give(v4, 10)
	if s.Clients() != 0 {
		t.Errorf("%d clients are remembered who hold nothing", s.Clients())
	}
	var none *Shares
	if !none.Take(a, 1<<40) {
		t.Error("no shares are no limits")
	}
	none.Give(a, 1<<40)
}

func BenchmarkAcceptAtTheLimit(b *testing.B) {
	q := make(queue, 1)
	l := Listen(q, Limits{All: 4096})
	for i := range 4096 {
		c, _ := l.admit(&end{from: fmt.Sprintf("10.%d.%d.1", i/256, i%256)}, time.Now())
		c.since.Store(0)
	}
	for b.Loop() {
		c, gone := l.admit(&end{from: "192.0.2.1"}, time.Now())
		if c == nil || len(gone) != 1 {
			b.Fatal("no room")
		}
		c.since.Store(0)
	}
}

// TestADoorWithoutGraceServesWhoComesAtOnce: the oldest silent one makes room, however young it is; who has just come never
// does while another is silent.
func TestADoorWithoutGraceServesWhoComesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := make(queue, 1)
		l := Listen(q, Limits{All: 2, Grace: -1})
		var ends []*end
		for i := range 4 {
			e := &end{from: fmt.Sprintf("192.0.2.%d", i+1)}
			q <- e
			c, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				c.(*Conn).Work()
			}
			ends = append(ends, e)
		}
		if got := fmt.Sprint(gone(ends)); got != "[1 2]" {
			t.Errorf("closed %s", got)
		}
	})
}
