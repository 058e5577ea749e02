package workers

import (
	"context"
	"errors"
	"fmt"
	"strings"
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

func TestGroupTakesFromEachLineInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var batches []string
		g := &group[string, string]{lanes: 1, max: 8, turn: 4, share: func(s string) (string, int) { return s[:1], map[byte]int{'b': 2}[s[0]] },
			run: func(_ context.Context, items []string) ([]string, error) {
				var keys string
				for _, item := range items {
					keys += item[:1]
				}
				batches = append(batches, keys)
				time.Sleep(time.Second)
				return items, nil
			}}
		var wg sync.WaitGroup
		for i, key := range "x" + strings.Repeat("a", 20) + strings.Repeat("b", 10) + "c" {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				item := fmt.Sprintf("%c%d", key, i)
				if got, err := g.do(t.Context(), item); err != nil || got != item {
					t.Errorf("do(%s) = %s, %v", item, got, err)
				}
			})
		}
		wg.Wait()
		synctest.Wait()
		want := []string{"x", "aaaabbbb", "caaaabbb", "aaaabbba", "aaaaaaa"}
		if diff := cmp.Diff(want, batches); diff != "" {
			t.Errorf("batches (-want +got):\n%s", diff)
		}
		if len(g.lines) != 0 || g.waiting != 0 {
			t.Errorf("%d lines and %d calls are left at rest", len(g.lines), g.waiting)
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

// TestGroupWaitsForWhatIsOnItsWayAndKeepsRank: the item that was sent first reaches the line last.
func TestGroupWaitsForWhatIsOnItsWayAndKeepsRank(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got, entered []int
		var mu sync.Mutex
		g := &group[int, int]{lanes: 1, max: 4,
			rank: func(n int) int64 { return int64(n / 10) },
			gather: func(context.Context) {
				time.Sleep(time.Second)
			},
			entered: func(n int) {
				mu.Lock()
				defer mu.Unlock()
				entered = append(entered, n)
			},
			run: func(_ context.Context, items []int) ([]int, error) {
				got = append(got, items...)
				return items, nil
			}}
		var wg sync.WaitGroup
		sent := []int{31, 22, 32, 21, 10, 23}
		for i, n := range sent {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				if _, err := g.do(t.Context(), n); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if diff := cmp.Diff([]int{10, 22, 21, 23, 31, 32}, got); diff != "" {
			t.Errorf("order (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(sent, entered); diff != "" {
			t.Errorf("told of (-want +got):\n%s", diff)
		}
	})
}
