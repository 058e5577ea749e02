package web

import (
	"net/netip"
	"testing"
	"time"
)

func TestLimiterSlides(t *testing.T) {
	l := newLimiter(4, time.Hour)
	a := network("192.0.2.1")
	take := func(after time.Duration, n int) (taken int) {
		for range n {
			if _, ok := l.take(a, testTime.Add(after)); ok {
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

func TestLimiterSaysHowLongToWait(t *testing.T) {
	l := newLimiter(1, time.Hour)
	l.take(network("192.0.2.1"), testTime)
	wait, ok := l.take(network("192.0.2.1"), testTime.Add(20*time.Minute))
	if ok || wait != 40*time.Minute {
		t.Errorf("got %v %v, want 40m", wait, ok)
	}
}

func TestLimiterIsBounded(t *testing.T) {
	l := newLimiter(10, time.Hour)
	refused := 0
	for i := range 2 * maxSenders {
		ip := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		if _, ok := l.take(network(ip.String()), testTime); !ok {
			refused++
		}
	}
	if len(l.current) > maxSenders+1 {
		t.Errorf("counts %d networks, want at most %d", len(l.current), maxSenders+1)
	}
	if want := maxSenders - 10; refused != want {
		t.Errorf("refused %d, want %d", refused, want)
	}
	if _, ok := l.take(network("10.0.0.1"), testTime); !ok {
		t.Error("a visitor who was there before the flood is refused")
	}
}

func TestNetwork(t *testing.T) {
	for remote, want := range map[string]string{
		"192.0.2.7": "192.0.2.7/32", "::ffff:192.0.2.7": "192.0.2.7/32", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64",
		"": "invalid Prefix", "nonsense": "invalid Prefix",
	} {
		if got := network(remote).String(); got != want {
			t.Errorf("%s: got %s, want %s", remote, got, want)
		}
	}
}

func BenchmarkLimiter(b *testing.B) {
	l := newLimiter(1<<30, time.Hour)
	who := network("192.0.2.1")
	for b.Loop() {
		l.take(who, testTime)
	}
}
