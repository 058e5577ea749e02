package groupcommit_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/groupcommit"
)

// recorder doubles each item and keeps the groups; a group of nothing but 0 waits for the test.
type recorder struct {
	hold   chan struct{}
	failed error
	groups [][]int
}

func (r *recorder) run(_ context.Context, items []int) ([]int, error) {
	if slices.Equal(items, []int{0}) {
		<-r.hold
	}
	slices.Sort(items)
	r.groups = append(r.groups, slices.Clone(items))
	out := make([]int, len(items))
	for i, n := range items {
		out[i] = 2 * n
	}
	return out, r.failed
}

func TestCallsThatComeMeanwhileAreTheNextGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{hold: make(chan struct{})}
		g := groupcommit.New(3, r.run)
		var calls sync.WaitGroup
		for n := range 6 {
			calls.Go(func() {
				if got, err := g.Do(t.Context(), n); err != nil || got != 2*n {
					t.Errorf("Do(%d) = %d, %v", n, got, err)
				}
			})
			synctest.Wait() // so that the calls stand in this order
		}
		close(r.hold)
		calls.Wait()
		if diff := cmp.Diff([][]int{{0}, {1, 2, 3}, {4, 5}}, r.groups); diff != "" {
			t.Errorf("groups (-want +got):\n%s", diff)
		}
	})
}

func TestWhatFailsFailsForTheWholeGroupAlone(t *testing.T) {
	r := &recorder{failed: errors.New("the disk is full")}
	g := groupcommit.New(3, r.run)
	if _, err := g.Do(t.Context(), 1); !errors.Is(err, r.failed) {
		t.Errorf("the first call ended with %v", err)
	}
	r.failed = nil
	if got, err := g.Do(t.Context(), 2); err != nil || got != 4 {
		t.Errorf("the second one ended with %d, %v", got, err)
	}
}

func TestWhoGivesUpDoesNotEndTheGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold, ended := make(chan struct{}), make(chan error, 1)
		g := groupcommit.New(3, func(ctx context.Context, items []int) ([]int, error) {
			<-hold
			ended <- ctx.Err()
			return items, nil
		})
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan error, 1)
		go func() {
			_, err := g.Do(ctx, 1)
			gone <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-gone; !errors.Is(err, context.Canceled) {
			t.Errorf("whoever gave up was told %v", err)
		}
		close(hold)
		if err := <-ended; err != nil {
			t.Errorf("the group's context ended with its first caller: %v", err)
		}
	})
}
