package base

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/workers/store/tables"
)

// TestWhoWaitsForIDsWaitsNoLongerThanHisDeadline, however long somebody before him asks the database, and what he wanted
// is not counted as reserved.
func TestWhoWaitsForIDsWaitsNoLongerThanHisDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewSequences(nil)
		q.asking <- struct{}{} // somebody asks and gets no answer
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := q.reserve(ctx, tables.SequenceMessage, 3); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v", err)
		}
		if err := q.GiveBack(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v", err)
		}
		if n := q.block(tables.SequenceMessage).reserved; n != 0 {
			t.Fatalf("%d ids stay reserved for who has left", n)
		}
	})
}
