package watch

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestWhoLooksWaitsForASlowStoreOnlyAsLongAsHeMay: a store that is slow holds up whoever asks for his own time alone,
// is read once for all of them, and what was written meanwhile is looked for anew.
func TestWhoLooksWaitsForASlowStoreOnlyAsLongAsHeMay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reads := 0
		k := &kept[int]{read: func(context.Context, time.Time) (int, error) { reads++; time.Sleep(2 * time.Second); return reads, nil }}
		patient, hasty := make(chan int), make(chan error)
		go func() { v, _ := k.get(t.Context()); patient <- v }()
		go func() {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			_, err := k.get(ctx)
			hasty <- err
		}()
		if err := <-hasty; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the hasty one got %v", err)
		}
		k.drop()
		if v := <-patient; v != 1 {
			t.Errorf("the patient one got %d, want the first reading", v)
		}
		if v, err := k.get(t.Context()); v != 2 || err != nil || reads != 2 {
			t.Errorf("after a change that came while it was read: %d, %v, %d readings; want a second one", v, err, reads)
		}
		if v, _ := k.get(t.Context()); v != 2 {
			t.Errorf("a fresh value was read again: %d", v)
		}
	})
}
