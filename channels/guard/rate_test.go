package guard

import (
	"net/netip"
	"testing"
	"time"
)

func TestRateSlides(t *testing.T) {
	l := NewRate(4, time.Hour)
	a := parsed("192.0.2.1")
	take := func(after time.Duration, n int) (taken int) {
		for range n {
			if _, ok := l.Take(a, began.Add(after)); ok {
				taken++
			}
		}
		return taken
	}
	for _, c := range []struct {
		name  string
		after time.Duration
		want  int
	}{
		{"the first four are let in", 0, 4}, {"no more in the same hour", 59 * time.Minute, 0},
		{"an hour later nothing has left the window yet", time.Hour, 0}, {"half of it has after another half", 90 * time.Minute, 2},
		{"all of it long after", 5 * time.Hour, 4}, {"a clock that went back changes nothing", 4 * time.Hour, 0},
	} {
		if got := take(c.after, 9); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}

func TestRateSaysHowLongToWait(t *testing.T) {
	l := NewRate(1, time.Hour)
	l.Take(parsed("192.0.2.1"), began)
	wait, ok := l.Take(parsed("192.0.2.1"), began.Add(20*time.Minute))
	if ok || wait != 40*time.Minute {
		t.Errorf("got %v %v, want 40m", wait, ok)
	}
}

// TestRateIsBounded: a flood from everywhere takes no more memory than there is, and whoever comes
// afterwards has an allowance of his own.
func TestRateIsBounded(t *testing.T) {
	l := NewRate(10, time.Hour)
	for i := range 5 * maxSenders {
		ip := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		if _, ok := l.Take(ip, began); !ok {
			t.Fatalf("visitor %d pays for others", i)
		}
		if n := len(l.current) + len(l.last); n > 2*maxSenders+2 {
			t.Fatalf("remembers %d networks", n)
		}
	}
	for i := range 200 {
		ip := netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})
		for n := range 10 {
			if _, ok := l.Take(ip, began); !ok {
				t.Fatalf("new visitor %d is refused at his call %d", i, n+1)
			}
		}
		if _, ok := l.Take(ip, began); ok {
			t.Fatalf("new visitor %d has no limit", i)
		}
	}
}

// TestOneSiteFillsNoRate: the 65 536 lines of one /48 have the allowance of four, and take no more
// room than that.
func TestOneSiteFillsNoRate(t *testing.T) {
	l := NewRate(20, time.Hour)
	granted := 0
	for i := range 1 << 16 {
		ip := netip.AddrFrom16([16]byte{0x2a, 0x0e, 0xb1, 0x07, 0, 1, byte(i >> 8), byte(i), 15: 1})
		if _, ok := l.Take(ip, began); ok {
			granted++
		}
	}
	if granted != 4*20 || len(l.current) > 4*20+1 {
		t.Errorf("%d granted, %d remembered", granted, len(l.current))
	}
	for _, other := range []string{"192.0.2.1", "2a0e:b107:2::1", "2001:db8::1"} {
		if _, ok := l.Take(parsed(other), began); !ok {
			t.Errorf("%s pays for its neighbour", other)
		}
	}
}

func BenchmarkRate(b *testing.B) {
	l := NewRate(1<<30, time.Hour)
	who := parsed("192.0.2.1")
	for b.Loop() {
		l.Take(who, began)
	}
}

var began = time.Date(2026, 5, 6, 9, 0, 0, 0, time.UTC)

func parsed(remote string) netip.Addr { return netip.MustParseAddr(remote) }
