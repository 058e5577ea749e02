package workers

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestBatchesDecideAndCommitInTheOrderInWhichTheyWereTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c column
		var mu sync.Mutex
		var got []string
		note := func(s string) {
			mu.Lock()
			defer mu.Unlock()
			got = append(got, s)
		}
		places := make([]*place, 4)
		for i := range places {
			places[i] = placeIn(c.enter(t.Context()))
		}
		var wg sync.WaitGroup
		for i, name := range []string{"a", "b", "nothing", "d"} {
			wg.Go(func() { // the later ones are read faster
				at := places[i]
				defer at.leave()
				time.Sleep(time.Duration(10-i) * time.Second)
				if name == "nothing" { // all of it was decided elsewhere
					return
				}
				at.mayDecide()
				note(name + " decides")
				at.hasDecided()
				at.mayCommit()
				time.Sleep(time.Minute)
				note(name + " has committed")
			})
		}
		wg.Wait()
		want := []string{"a decides", "b decides", "d decides", "a has committed", "b has committed", "d has committed"}
		if !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
		if places[3].before != nil || c.last != places[3] {
			t.Error("places of the past are kept")
		}
	})
}

func TestWhatIsOutsideOfTheColumnWaitsForNobody(t *testing.T) {
	at := placeIn(t.Context())
	at.mayDecide()
	at.hasDecided()
	at.mayCommit()
	at.leave()
}
