package store

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestWhoWaitsForIDsWaitsNoLongerThanHisDeadline, however long somebody before him asks the database, and what he wanted
// is not counted as reserved.
func TestWhoWaitsForIDsWaitsNoLongerThanHisDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newSequences(nil)
		q.asking <- struct{}{} // somebody asks and gets no answer
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := q.reserve(ctx, sequenceMessage, 3); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v", err)
		}
		if err := q.giveBack(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v", err)
		}
		if n := q.block(sequenceMessage).reserved; n != 0 {
			t.Fatalf("%d ids stay reserved for who has left", n)
		}
	})
}
