package groupcommit_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/groupcommit"
)

// hand hands items in, a millisecond after each other, and waits for all of them.
func hand(t *testing.T, g *groupcommit.Group[int, int], items ...int) {
	var calls sync.WaitGroup
	for i, n := range items {
		calls.Go(func() {
			time.Sleep(time.Duration(i) * time.Millisecond)
			if got, err := g.Do(t.Context(), n); err != nil || got != n {
				t.Errorf("Do(%d) = %d, %v", n, got, err)
			}
		})
	}
	calls.Wait()
}

func size(n int) int { return n }

func TestAGroupIsSplitByBytesAndALargeItemGoesAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var groups [][]int
		g := groupcommit.NewBounded(groupcommit.Bounds[int]{Most: 100, Bytes: 10, Size: size}, func(_ context.Context, items []int) ([]int, error) {
			groups = append(groups, items)
			time.Sleep(time.Second)
			return items, nil
		})
		hand(t, g, 1, 4, 6, 50, 3)
		if diff := cmp.Diff([][]int{{1}, {4, 6}, {50}, {3}}, groups); diff != "" {
			t.Errorf("groups (-want +got):\n%s", diff)
		}
	})
}

func TestTwoLanesRunTwoGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		running, most := 0, 0
		count := func(n int) {
			mu.Lock()
			defer mu.Unlock()
			running += n
			most = max(most, running)
		}
		g := groupcommit.NewBounded(groupcommit.Bounds[int]{Most: 2, Lanes: 2}, func(_ context.Context, items []int) ([]int, error) {
			count(1)
			defer count(-1)
			time.Sleep(time.Second)
			return items, nil
		})
		begun := time.Now()
		hand(t, g, 1, 2, 3, 4, 5, 6)
		if took := time.Since(begun).Round(time.Second); most != 2 || took != 2*time.Second {
			t.Errorf("%d groups ran at a time, for %v, want 2 of them for two seconds", most, took)
		}
	})
}

func TestWhoComesWhenTooMuchWaitsIsToldSo(t *testing.T) {
	for name, bounds := range map[string]groupcommit.Bounds[int]{
		"items": {Most: 1, Queue: 2, Size: size},
		"bytes": {Most: 10, Bytes: 100, Room: 10, Size: size},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				g := groupcommit.NewBounded(bounds, func(_ context.Context, items []int) ([]int, error) { <-release; return items, nil })
				results := make(chan error, 4)
				for _, n := range []int{1, 6, 3, 2} { // the first one runs, the next two wait
					go func() { _, err := g.Do(t.Context(), n); results <- err }()
					synctest.Wait()
				}
				if err := <-results; !errors.Is(err, groupcommit.ErrBusy) {
					t.Errorf("fourth call: %v, want ErrBusy", err)
				}
				close(release)
				for range 3 {
					if err := <-results; err != nil {
						t.Error(err)
					}
				}
			})
		})
	}
}
