package acknowledge

import (
	"math/rand/v2"
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
		perDay int
	}{
		{"mail that comes at once", []time.Duration{0}, 3},
		{"mail that comes with some delay", []time.Duration{time.Minute, time.Hour}, 3},
		{"mail of days without a connection", []time.Duration{time.Minute, time.Minute, 72 * time.Hour}, 24},
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
				l.count(t, seed, c.perDay)
			}
		})
	}
}

func (l listing) expect(t *testing.T, seed uint64, at, now time.Time) {
	t.Helper()
	for _, due := range l.due {
		if due.After(now) && (due.Sub(at) < 24*time.Hour || due.Sub(now) < 2*time.Hour) {
			return
		}
	}
	t.Errorf("seed %d: what came at %s and was decided at %s is listed in no digest", seed, at, now)
}

func (l listing) count(t *testing.T, seed uint64, most int) {
	t.Helper()
	perDay := map[string]int{}
	for _, due := range l.due {
		perDay[due.Format(time.DateOnly)]++
	}
	for day, n := range perDay {
		if n > most {
			t.Errorf("seed %d: %d digests on %s, want %d at most", seed, n, day, most)
		}
	}
}
