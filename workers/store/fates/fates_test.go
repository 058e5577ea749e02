package fates

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestASharesUsualBand: what leaves it is told, what chance does is not.
func TestASharesUsualBand(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                  string
		count, of             int64 // within the last hours
		usualCount, usualOf   int64
		want                  string
		wantHighest, wantRoom float64
	}{
		{"a rule takes people for machines", 14, 40, 20, 1000, "above", 0.3, 0.1},
		{"a forger's bounces begin", 200, 400, 0, 5000, "above", 0.05, 0},
		{"a usual day", 6, 100, 500, 10_000, "", 0.2, 0},
		{"a busy hour of a usual share", 12, 100, 500, 10_000, "", 0.2, 0},
		{"a desk that knows much of it", 50, 100, 5000, 10_000, "", 0.8, 0},
		{"it stops", 5, 200, 5000, 10_000, "below", 0.8, 0},
		{"two of three in a small desk", 2, 3, 0, 30, "", 1, 0},
		{"a new desk, one in four", 5, 20, 0, 0, "", 0.5, 0},
		{"a new desk, half of all", 20, 40, 0, 0, "above", 0.3, 0},
		{"nothing came", 0, 0, 500, 1000, "", 0, 0},
		{"nothing was set aside, as ever", 0, 300, 0, 5000, "", 0.05, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := judgeShare(Share{Count: c.count, Of: c.of}, c.usualCount, c.usualOf)
			if got.Unusual != c.want {
				t.Errorf("%+v, want it %q", got, c.want)
			}
			if got.High > c.wantHighest || got.Low < 0 || got.High < got.Low {
				t.Errorf("the band is %v to %v", got.Low, got.High)
			}
		})
	}
}

func TestSharesAreJudgedByInboxAndCause(t *testing.T) {
	t.Parallel()
	got := sharesOf(map[Fate]sums{
		{"support", FateAll, ""}:                 {soon: 40, day: 120, usual: 1500},
		{"support", FateParked, "automated"}:     {soon: 30, day: 34, usual: 60},
		{"support", FateWithheld, "robot-text"}:  {soon: 1, day: 5, usual: 40},
		{"support", FateParked, "server-notice"}: {soon: 6, day: 60, usual: 20}, // a little each hour
		{"billing", FateAll, ""}:                 {soon: 10, day: 30, usual: 400},
		{"billing", FateParked, "automated"}:     {soon: 1, day: 2, usual: 20},
	})
	type short struct {
		Inbox, What, Cause, Unusual string
		Hours                       int
	}
	var have []short
	for _, s := range got {
		have = append(have, short{s.Inbox, s.What, s.Cause, s.Unusual, s.Hours})
	}
	want := []short{{"billing", "parked", "automated", "", 24}, {"support", "parked", "automated", "above", 6}, {"support", "parked", "server-notice", "above", 24}, {"support", "withheld", "robot-text", "", 24}}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("shares (-want +got):\n%s", diff)
	}
	if n := len(Unusual(got)); n != 2 {
		t.Errorf("%d have left their band, want 2", n)
	}
}
