package limits

import (
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels/guard"
)

// slowMessage is a message of a test that is being received.
type slowMessage struct {
	name  string
	who   string
	bytes int64
	pace  float64
	late  bool
	lazy  time.Duration // until it lets go of what it holds

	hold *Hold
	told atomic.Bool
}

func (m *slowMessage) Who() netip.Addr { a, _ := netip.ParseAddr(m.who); return a }

func (m *slowMessage) Pace(time.Time) (float64, bool) { return m.pace, m.late && !m.told.Load() }

func (m *slowMessage) GiveWay() bool {
	m.told.Store(true)
	time.AfterFunc(m.lazy, m.hold.Release)
	return true
}

const mib = 1 << 20

func TestWhoGivesWay(t *testing.T) {
	honest := func() *slowMessage {
		return &slowMessage{name: "honest", who: "198.51.100.9", bytes: 4 * mib, pace: 300 << 10, late: true}
	}
	for name, c := range map[string]struct {
		under []*slowMessage
		needs int64
		took  bool
		went  string
	}{
		"the slowest does, whichever door": {[]*slowMessage{honest(), {name: "trickle", bytes: 4 * mib, pace: 9, late: true}, {name: "full", bytes: 6 * mib}}, 4 * mib, true, "trickle"},
		"nobody does who is fast":          {[]*slowMessage{{name: "fast", bytes: 14 * mib, pace: fastMessage, late: true}}, 4 * mib, false, ""},
		"nobody does who has just begun":   {[]*slowMessage{{name: "young", bytes: 14 * mib}}, 4 * mib, false, ""},
		"nobody does in vain":              {[]*slowMessage{{name: "small", bytes: mib, late: true}, {name: "whole", bytes: 13 * mib}}, 4 * mib, false, ""},
		"as many as it takes do":           {[]*slowMessage{{name: "a", bytes: 7 * mib, late: true}, {name: "b", bytes: 7 * mib, pace: 1, late: true}}, 10 * mib, true, "a b"},
		"those who hold little shield nobody who holds much": {[]*slowMessage{{name: "tiny", bytes: 16 << 10, late: true}, {name: "tiny too", bytes: 16 << 10, late: true},
			{name: "large", bytes: 13 * mib, pace: 9, late: true}}, 4 * mib, true, "large"},
		"one who lets go late is waited for":         {[]*slowMessage{{name: "lazy", bytes: 13 * mib, late: true, lazy: 300 * time.Millisecond}}, 4 * mib, true, "lazy"},
		"one who never lets go is not waited for":    {[]*slowMessage{{name: "stuck", bytes: 13 * mib, late: true, lazy: time.Hour}}, 4 * mib, false, "stuck"},
		"a small one has the last eighth for itself": {[]*slowMessage{honest(), {name: "full", bytes: 10 * mib}}, SmallMessage, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := NewBudget(16*mib, mib)
				for i := range c.under {
					m := c.under[i]
					m.hold = b.Hold()
					if !m.hold.Reach(m.bytes) {
						t.Fatalf("%s finds no room", m.name)
					}
					m.hold.Yields(m)
				}
				fits := b.Fits(c.needs)
				begun, h := time.Now(), b.Hold()
				took := h.Press(c.needs)
				var went []string
				for i := range c.under {
					if c.under[i].told.Load() {
						went = append(went, c.under[i].name)
					}
				}
				if diff := cmp.Diff([]any{c.took, c.went}, []any{took, strings.Join(went, " ")}); diff != "" {
					t.Error(diff)
				}
				if fits != took && c.went != "stuck" || time.Since(begun) > time.Second {
					t.Errorf("it was said beforehand that it fits: %v; it took %s", fits, time.Since(begun))
				}
				time.Sleep(2 * time.Hour)
			})
		})
	}
}

// A share makes room within itself, and at nobody else's cost.
func TestAShareMakesRoomWithinItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := NewBudget(64*mib, mib), guard.NewShares(4*mib, 8*mib)
		var all []*slowMessage
		for _, who := range []string{"198.51.100.9", "2001:db8:1:1::1", "2001:db8:1:2::1", "203.0.113.7"} {
			m := &slowMessage{who: who, bytes: 4 * mib, late: true, hold: b.Hold()}
			m.hold.Reach(m.bytes)
			m.hold.Yields(m)
			s.Take(m.Who(), m.bytes)
			time.AfterFunc(0, func() {
				for !m.told.Load() {
					time.Sleep(time.Millisecond)
				}
				s.Give(m.Who(), m.bytes)
			})
			all = append(all, m)
		}
		for _, who := range []string{"203.0.113.7", "2001:db8:1:3::1"} {
			if !b.Hold().Share(s, netip.MustParseAddr(who), 2*mib) {
				t.Errorf("%s finds no room", who)
			}
		}
		if all[0].told.Load() || !all[3].told.Load() || all[1].told.Load() == all[2].told.Load() {
			t.Error("others than one of the same client and one of the same network had to go")
		}
		for _, m := range all {
			m.told.Store(true)
		}
		time.Sleep(time.Second)
	})
}

func TestPace(t *testing.T) {
	for name, c := range map[string]struct {
		came   []int64 // by second
		lasts  int
		slower bool
		counts bool
	}{
		"one that comes steadily is as fast as it is":        {[]int64{2 * mib, 2 * mib, 2 * mib, 2 * mib}, 0, false, true},
		"one that began fast and stands still is slow":       {[]int64{30 * mib}, 3, true, true},
		"one that began fast and then trickles is slow":      {[]int64{30 * mib, 1, 1, 1, 1, 1}, 0, true, true},
		"one that began slowly and comes fast now is fast":   {[]int64{1, 1, 1, 8 * mib, 8 * mib}, 0, false, true},
		"one that has just begun does not count":             {[]int64{1}, 0, true, false},
		"one of which nothing has come stands still at last": {nil, 2, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			now := time.Unix(1_700_000_000, 0)
			p, got := NewPace(2*time.Second, now), int64(0)
			for _, n := range c.came {
				now = now.Add(time.Second)
				got += n
				p.Came(got, now)
			}
			now = now.Add(time.Duration(c.lasts) * time.Second)
			if pace := p.PerSecond(now); pace < fastMessage != c.slower || p.Counts(now) != c.counts {
				t.Errorf("%.0f bytes a second, counts: %v", pace, p.Counts(now))
			}
		})
	}
}
