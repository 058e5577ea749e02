package promises

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestWhateverHappensToAPromise: in thousands of lives, of what was broken nothing is kept, books and clock agree, no deadline moves
// later, and what is over is over for the clock.
func TestWhateverHappensToAPromise(t *testing.T) {
	ends := map[State]int{}
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 7))
		kind := []string{Acknowledgement, FirstReply, NextReply, Resolution}[r.IntN(4)]
		p := New(Promise{Ticket: 7, Kind: kind, Start: start, Due: deadline, Warn: []time.Time{half, most}}, []string{"", "", "capped"}[r.IntN(3)], start)
		now := start
		var closed time.Time
		for range 2 + r.IntN(8) {
			now = now.Add(time.Duration(r.Int64N(int64(8 * time.Hour))))
			before := p
			what := r.IntN(11)
			changed := true
			switch what {
			case 0, 1:
				if changed = p.Open() && !p.Next.After(now); changed {
					p, _ = p.Wake(now)
				}
			case 2:
				p, changed = p.Done(now)
			case 3:
				p, changed = p.Withdrawn("erased", now)
			case 4:
				p, changed = OnClose(p, now)
				if changed {
					closed = now
				}
			case 5:
				p, changed = OnReopen(p, closed, now)
			case 6:
				p, changed = OnRelease(p, "capped", now)
			case 8:
				p, changed = OnReply(p, []time.Time{{}, start, start.Add(time.Hour)}[r.IntN(3)], now)
			case 9:
				p, changed = OnSetAside(p, now)
			case 10:
				p, changed = OnRecall(p, now)
			case 7:
				p, changed = p.Hastened(Promise{Start: now, Due: deadline.Add(time.Duration(r.Int64N(int64(6*time.Hour))) - 3*time.Hour)}, now)
			}
			agree(t, seed, what, before, p, changed)
		}
		ends[p.State]++
	}
	for _, s := range states() {
		if ends[s] == 0 {
			t.Errorf("no life ended %s: %v", s, ends)
		}
	}
}

func agree(t *testing.T, seed uint64, what int, before, p Promise, changed bool) {
	t.Helper()
	switch {
	case !changed && (p.State != before.State || !p.Settled.Equal(before.Settled) || !p.Due.Equal(before.Due) || !p.Next.Equal(before.Next)):
		t.Fatalf("seed %d: %d says that nothing has changed: %+v became %+v", seed, what, before, p)
	case before.State == Broken && p.State != Broken:
		t.Fatalf("seed %d: %d makes a broken promise %s", seed, what, p.State)
	case before.State == Broken && !before.Settled.IsZero() && changed:
		t.Fatalf("seed %d: %d changes what is broken and settled", seed, what)
	case p.Due.After(before.Due):
		t.Fatalf("seed %d: %d moves the deadline later", seed, what)
	case p.Open() == p.Next.IsZero():
		t.Fatalf("seed %d: %d: the clock is wrong about %+v", seed, what, p)
	case p.Open() && !p.Settled.IsZero(), (p.State == Kept || p.State == Void) && p.Settled.IsZero():
		t.Fatalf("seed %d: %d: the books are wrong about %+v", seed, what, p)
	case p.State == Kept && p.Settled.After(p.Due):
		t.Fatalf("seed %d: %d keeps it late", seed, what)
	case (p.State == Void) != (p.Cause != "") && p.State != Broken:
		t.Fatalf("seed %d: %d: its cause is %q, and it is %s", seed, what, p.Cause, p.State)
	}
}
