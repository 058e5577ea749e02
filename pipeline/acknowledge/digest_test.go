package acknowledge

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// listing are the digests of one address, as the outbox keeps them.
type listing struct {
	due     map[string]time.Time // by key
	planned map[string]time.Time
}

// known is what a decision at that time is told of them.
func (l listing) known(now time.Time) (s Sent) {
	for key, planned := range l.planned {
		if now.Sub(planned) >= 24*time.Hour {
			continue
		}
		s.Digest = true
		if Late(planned, l.due[key]) && l.due[key].After(s.Late) {
			s.Late = l.due[key]
		}
	}
	return s
}

// plan is the digest of a message that came to the source at one time and is decided at another. A digest whose
// key is there already is not sent again.
func (l listing) plan(at, now time.Time) {
	d := PlanDigest(at, now, l.known(now))
	if key := DigestKey("7", d); l.due[key].IsZero() {
		l.due[key], l.planned[key] = d.Due, now
	}
}

// TestEveryCappedMessageIsListed: whenever somebody writes who is over the cap, a digest that has not
// gone out yet lists the message within the day in which its acknowledgement is promised, or soon where it came too late
// for that.
func TestEveryCappedMessageIsListed(t *testing.T) {
	for _, c := range []struct {
		name   string
		delays []time.Duration // between the source and the decision, at most
		most   int             // digests within twenty hours
	}{
		{"mail that comes at once", []time.Duration{0}, 2},
		{"mail that comes with some delay", []time.Duration{time.Minute, 3 * time.Hour}, 2},
		{"mail of days without a connection", []time.Duration{time.Minute, time.Minute, 72 * time.Hour}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			for seed := range uint64(300) {
				dice := rand.New(rand.NewPCG(seed, 1))
				l := listing{due: map[string]time.Time{}, planned: map[string]time.Time{}}
				now := time.Date(2026, 5, 6, 0, 0, 0, 0, time.UTC)
				for range 60 {
					now = now.Add(time.Duration(dice.Int64N(int64(8 * time.Hour))))
					at := now.Add(-time.Duration(dice.Int64N(int64(c.delays[dice.IntN(len(c.delays))]) + 1)))
					l.plan(at, now)
					l.expect(t, seed, at, now)
				}
				l.count(t, seed, c.most)
			}
		})
	}
}

func (l listing) expect(t *testing.T, seed uint64, at, now time.Time) {
	t.Helper()
	for _, due := range l.due {
		if due.After(now) && (due.Sub(at) < 24*time.Hour || now.Sub(at) > 3*time.Hour && due.Sub(now) < 21*time.Hour) {
			return
		}
	}
	t.Errorf("seed %d: what came at %s and was decided at %s is listed in no digest", seed, at, now)
}

// count sees that there are no more than most within twenty hours.
func (l listing) count(t *testing.T, seed uint64, most int) {
	t.Helper()
	all := slices.SortedFunc(maps.Values(l.due), time.Time.Compare)
	for i := most; i < len(all); i++ {
		if all[i].Sub(all[i-most]) < 20*time.Hour {
			t.Errorf("seed %d: %d digests from %s to %s", seed, most+1, all[i-most], all[i])
		}
	}
}
