package sweep

import (
	"fmt"
	"testing"
	"time"

	"frontdesk/workers/store/changes"
)

// TestWhatHasChangedIsForgottenAfterAnHour: the table of changes stays small, and pages that were away for less miss nothing.
func TestWhatHasChangedIsForgottenAfterAnHour(t *testing.T) {
	r := newRig(t)
	s := r.sweep()
	for i := range 3 {
		r.Process(r.Accept(r.Delivery("hotline", fmt.Sprint("k", i), letter{From: fmt.Sprintf("+861380013800%d", i), Text: payment}))...)
		r.Pass(20 * time.Minute)
	}
	left := func() int {
		t.Helper()
		all, err := r.Store.Changes.After(t.Context(), changes.Mark{}, 100)
		r.Must(err)
		return len(all)
	}
	before := left()
	s.once(t.Context(), r.Time())
	r.Same("within an hour", before, left())
	r.Pass(2 * time.Hour)
	s.once(t.Context(), r.Time())
	r.Same("after an hour", 1, left())
}
