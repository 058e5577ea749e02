package workers

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store"
)

func from(id int64, number string) reading {
	return reading{pending: store.Pending{ID: id}, c: pipeline.Case{Asks: pipeline.Asks{From: message.Identity{Kind: message.Phone, Value: number}}}}
}

func ids(work []reading) []int64 {
	out := make([]int64, len(work))
	for i, w := range work {
		out[i] = w.pending.ID
	}
	return out
}

func TestBatchesAtTheSameTimeAreAboutDifferentThings(t *testing.T) {
	tests := map[string]struct {
		busy, work  []reading
		ours, later []int64
	}{
		"nothing is under way": {
			work: []reading{from(1, "a"), from(2, "a"), from(3, "b")}, ours: []int64{1, 2, 3},
		},
		"whoever is being answered waits, with all that he wrote": {
			busy: []reading{from(1, "a")},
			work: []reading{from(2, "b"), from(3, "a"), from(4, "c"), from(5, "a")}, ours: []int64{2, 4}, later: []int64{3, 5},
		},
		"the same message waits": {
			busy: []reading{from(1, "a")}, work: []reading{from(1, ""), from(2, "b")}, ours: []int64{2}, later: []int64{1},
		},
		"what follows a message that waits, waits behind it": {
			busy: []reading{from(1, "a")},
			work: []reading{withThread(from(2, "a"), "x"), withThread(from(3, "b"), "x"), from(4, "b"), from(5, "c")},
			ours: []int64{5}, later: []int64{2, 3, 4},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := newApart()
			_, _, done, err := a.take(t.Context(), test.busy)
			if err != nil {
				t.Fatal(err)
			}
			ours, later, release, err := a.take(t.Context(), test.work)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([][]int64{test.ours, test.later}, [][]int64{ids(ours), slices.Clip(idsOrNil(later))}); diff != "" {
				t.Errorf("taken and left (-want +got):\n%s", diff)
			}
			release()
			done()
			if len(a.held) > 0 {
				t.Errorf("%d keys are still held", len(a.held))
			}
		})
	}
}

func idsOrNil(work []reading) []int64 {
	if len(work) == 0 {
		return nil
	}
	return ids(work)
}

func withThread(r reading, thread string) reading {
	r.c.Asks.Thread = thread
	return r
}

func TestABatchWaitsUntilSomethingIsFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApart()
		_, _, done, err := a.take(t.Context(), []reading{from(1, "a")})
		if err != nil {
			t.Fatal(err)
		}
		impatient, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if _, _, _, err := a.take(impatient, []reading{from(2, "a")}); err == nil {
			t.Error("took what was held")
		}
		time.AfterFunc(time.Minute, done)
		start := time.Now()
		ours, _, release, err := a.take(t.Context(), []reading{from(2, "a")})
		if err != nil {
			t.Fatal(err)
		}
		defer release()
		if waited := time.Since(start); len(ours) != 1 || waited != time.Minute {
			t.Errorf("took %d after %v, want 1 after a minute", len(ours), waited)
		}
	})
}
