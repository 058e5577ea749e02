package base

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/workers/store/sql"
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

// written is a database that notes the first argument of each statement of a write.
type written struct {
	sql.DB
	sql.Tx
	names []string
}

func (w *written) Write(_ context.Context, f func(sql.Tx) error) error { return f(w) }

func (w *written) Run(_ context.Context, calls ...sql.Call) error {
	for _, c := range calls {
		w.names = append(w.names, c.Args[0].(string))
	}
	return nil
}

// TestWhoHandsBackIDsLocksTheirRowsInOneOrder: two processes that stop at once wait for each other one way only.
func TestWhoHandsBackIDsLocksTheirRowsInOneOrder(t *testing.T) {
	for _, test := range []struct {
		name  string
		taken []string
		want  []string
	}{
		{"nothing was taken", nil, nil},
		{"one sequence", []string{"ticket"}, []string{"ticket"}},
		{"many, taken in another order", []string{"ticket", "effect", "contact", "message", "other", "act", "slip"}, []string{"act", "contact", "effect", "message", "other", "slip", "ticket"}},
		{"several ranges of one", []string{"message", "contact", "message"}, []string{"contact", "message", "message"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for range 8 { // a map's order is made by dice
				w := &written{}
				q := NewSequences(w)
				for i, name := range test.taken {
					q.block(name).add(span{int64(i) * 10, int64(i)*10 + 5})
				}
				if err := q.GiveBack(t.Context()); err != nil || !slices.Equal(w.names, test.want) {
					t.Fatalf("rows were written in the order %v (%v), want %v", w.names, err, test.want)
				}
			}
		})
	}
}
