package acknowledge

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestEveryCappedMessageIsListed: whenever somebody writes who is over the cap, a digest that has not
// gone out yet lists the message within the day in which its acknowledgement is promised. A digest
// whose key is there already is not sent again.
func TestEveryCappedMessageIsListed(t *testing.T) {
	for seed := range uint64(200) {
		dice := rand.New(rand.NewPCG(seed, 1))
		due := map[string]time.Time{} // of the digests, by key
		var planned []time.Time       // when they were
		var messages []time.Time
		at := time.Date(2026, 5, 6, 0, 0, 0, 0, time.UTC)
		for range 60 {
			at = at.Add(time.Duration(dice.Int64N(int64(8 * time.Hour))))
			again := slices.ContainsFunc(planned, func(p time.Time) bool { return at.Sub(p) < 24*time.Hour })
			d := PlanDigest(at, at, again)
			if key := DigestKey("7", d); due[key].IsZero() {
				due[key] = d.Due
				planned = append(planned, at)
			}
			messages = append(messages, at)
		}
		for _, at := range messages {
			listed := false
			for _, d := range due {
				listed = listed || d.After(at) && d.Sub(at) < 24*time.Hour
			}
			if !listed {
				t.Fatalf("seed %d: what came at %s is listed in no digest", seed, at)
			}
		}
		perDay := map[string]int{}
		for _, d := range due {
			perDay[d.Format(time.DateOnly)]++
		}
		for day, n := range perDay {
			if n > 3 {
				t.Errorf("seed %d: %d digests on %s, want 3 at most", seed, n, day)
			}
		}
	}
}
