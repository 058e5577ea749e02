package entrance

import (
	"net/netip"
	"testing"
	"time"
)

func TestWrongTokensAreCountedByNetwork(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	for _, c := range []struct {
		name, other string
		want        int
	}{
		{"the same address", "192.0.2.7", 2}, {"the same in IPv6 words", "::ffff:192.0.2.7", 2}, {"its neighbour", "192.0.2.8", 1},
		{"an IPv6 subscriber", "2001:db8::1", 1},
	} {
		b := brake{wrong: map[netip.Prefix]int{}}
		b.miss(netip.MustParseAddr("192.0.2.7"), now)
		if got := b.miss(netip.MustParseAddr(c.other), now); got != c.want {
			t.Errorf("%s is counted as %d, want %d", c.name, got, c.want)
		}
	}
	b := brake{wrong: map[netip.Prefix]int{}}
	b.miss(netip.MustParseAddr("2001:db8:0:1::1"), now)
	if b.miss(netip.MustParseAddr("2001:db8:0:1:ffff::2"), now) != 2 || b.miss(netip.MustParseAddr("fe80::1%eth0"), now) != 1 || b.miss(netip.MustParseAddr("2001:db8:0:2::1"), now) != 1 {
		t.Error("IPv6 is not counted by /64")
	}
	if b.miss(netip.Addr{}, now) != 1 || b.miss(netip.Addr{}, now) != 2 {
		t.Error("who has no address is not counted")
	}
	if b.miss(netip.MustParseAddr("2001:db8:0:1::1"), now.Add(time.Minute)) != 1 {
		t.Error("wrong tokens count for more than their minute")
	}
	a := netip.MustParseAddr("10.0.0.0")
	for range 3 * wrongNetworks {
		b.miss(a, now)
		a = a.Next()
	}
	if len(b.wrong) > wrongNetworks || b.miss(a, now) <= wrongPerMinute {
		t.Errorf("%d networks are counted, and those on top not at all", len(b.wrong))
	}
}
