package workers

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestGroupGathersWhatArrivesWhileABatchRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sizes []int
		g := &group[int, int]{lanes: 1, max: 4, run: func(_ context.Context, items []int) ([]int, error) {
			sizes = append(sizes, len(items))
			time.Sleep(time.Second)
			return items, nil
		}}
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				got, err := g.do(t.Context(), i)
				if err != nil || got != i {
					t.Errorf("do(%d) = %d, %v", i, got, err)
				}
			})
		}
		wg.Wait()
		synctest.Wait()
		if diff := cmp.Diff([]int{1, 4, 4, 1}, sizes); diff != "" {
			t.Errorf("batch sizes (-want +got):\n%s", diff)
		}
		if g.busy != 0 {
			t.Errorf("%d lanes are still taken at rest", g.busy)
		}
	})
}

func TestGroupRefusesWhenTooMuchWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		g := &group[int, int]{lanes: 1, max: 1, queue: 1, run: func(_ context.Context, items []int) ([]int, error) {
			<-release
			return items, nil
		}}
		results := make(chan error, 3)
		for i := range 3 {
			go func() { _, err := g.do(t.Context(), i); results <- err }()
			synctest.Wait()
		}
		if err := <-results; !errors.Is(err, errBusy) {
			t.Errorf("third call: %v, want errBusy", err)
		}
		close(release)
		for range 2 {
			if err := <-results; err != nil {
				t.Errorf("waiting call: %v", err)
			}
		}
	})
}

func TestGroupSplitsByBytesAndLetsALargeItemGoAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got [][]int
		g := &group[int, int]{lanes: 1, max: 100, maxByte: 10, size: func(n int) int { return n },
			run: func(_ context.Context, items []int) ([]int, error) {
				got = append(got, items)
				time.Sleep(time.Second)
				return items, nil
			}}
		var wg sync.WaitGroup
		for i, n := range []int{1, 4, 6, 50, 3} {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				g.do(t.Context(), n)
			})
		}
		wg.Wait()
		if diff := cmp.Diff([][]int{{1}, {4, 6}, {50}, {3}}, got); diff != "" {
			t.Errorf("batches (-want +got):\n%s", diff)
		}
	})
}

func TestGroupOutlivesAnImpatientCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ran := make(chan int, 1)
		g := &group[int, int]{lanes: 1, max: 8, run: func(ctx context.Context, items []int) ([]int, error) {
			time.Sleep(time.Second)
			ran <- len(items)
			return items, ctx.Err()
		}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := g.do(ctx, 1); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("impatient caller got %v", err)
		}
		if n := <-ran; n != 1 {
			t.Errorf("batch of %d ran, want 1", n)
		}
	})
}

func TestGroupRefusesWhenTooManyBytesWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		g := &group[int, int]{lanes: 1, max: 10, maxByte: 100, room: 10, size: func(n int) int { return n },
			run: func(_ context.Context, items []int) ([]int, error) { <-release; return items, nil }}
		results := make(chan error, 4)
		for _, n := range []int{1, 6, 3, 2} { // the first one runs, the next two wait
			go func() { _, err := g.do(t.Context(), n); results <- err }()
			synctest.Wait()
		}
		if err := <-results; !errors.Is(err, errBusy) {
			t.Errorf("fourth call: %v, want errBusy", err)
		}
		close(release)
		for range 3 {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		if g.bytes != 0 {
			t.Errorf("%d bytes wait at rest", g.bytes)
		}
	})
}
