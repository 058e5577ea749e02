package enrich

import (
	"context"
	"testing"
	"testing/synctest"
)

// entering is somebody who wants in; the channel gives his way out once he is.
func entering(t *testing.T, r *room, size int64) <-chan func() {
	in := make(chan func(), 1)
	go func() {
		leave, err := r.enter(t.Context(), size)
		if err == nil {
			in <- leave
		}
	}()
	synctest.Wait()
	return in
}

func TestARoomIsSharedInTheOrderOfComing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &room{whole: 10}
		first := <-entering(t, r, 6)
		large := entering(t, r, 100) // as large as the room
		small := entering(t, r, 1)
		if len(large) != 0 || len(small) != 0 {
			t.Fatal("somebody overtook the one who came before him")
		}
		first()
		synctest.Wait()
		if len(large) != 1 || len(small) != 0 {
			t.Fatal("the large one has the room to himself")
		}
		(<-large)()
		synctest.Wait()
		if len(small) != 1 {
			t.Fatal("the small one is let in at last")
		}
		(<-small)()
		if r.taken != 0 {
			t.Errorf("%d are taken and nobody is there", r.taken)
		}
	})
}

func TestWhoGivesUpWaitingHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &room{whole: 10}
		first := <-entering(t, r, 6)
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan error, 1)
		go func() {
			_, err := r.enter(ctx, 10)
			gone <- err
		}()
		synctest.Wait()
		small := entering(t, r, 4)
		cancel()
		synctest.Wait()
		if err := <-gone; err == nil || len(small) != 1 {
			t.Fatalf("error %v, the one behind him is in: %v", err, len(small) == 1)
		}
		first()
		(<-small)()
		if r.taken != 0 {
			t.Errorf("%d are taken and nobody is there", r.taken)
		}
	})
}
