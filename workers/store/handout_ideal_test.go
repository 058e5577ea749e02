package store_test

import "testing"

// TestTheIdealOfTheStandardWorld: the world and its ideal are those that were measured before Frontdesk handed out anything.
func TestTheIdealOfTheStandardWorld(t *testing.T) {
	var means, p95 []float64
	for seed := range uint64(20) {
		ts, as := standardWorld(seed+1, 10000, 50, 5, .8)
		f := runWorld(&pool{}, ts, as)
		means, p95 = append(means, f.mean), append(p95, f.p95)
	}
	if m, p := percentile(sorted(means), .55), percentile(sorted(p95), .55); m < 31 || m > 34 || p < 105 || p > 113 {
		t.Errorf("mean %.1f and p95 %.1f, want about 32.4 and 108.9", m, p)
	}
}
