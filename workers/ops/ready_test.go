package ops

import (
	"context"
	"net/http"
	"testing"
)

// What a question finds out serves others too, so it does not end with whoever has asked: anybody may ask, hang up
// at once, and would make every process look unready to those who steer traffic.
func TestWhoHangsUpSpoilsNobodysAnswer(t *testing.T) {
	for range 10 { // a database may be quicker than a context that has ended
		rig := newRig(t)
		gone, hangUp := context.WithCancel(t.Context())
		hangUp()
		rig.bare(http.MethodGet, "/readyz", func(r *http.Request) { *r = *r.WithContext(gone) })
		if w := rig.bare(http.MethodGet, "/readyz"); w.Code != http.StatusOK {
			t.Fatalf("after a question that was broken off: status %d %s", w.Code, w.Body)
		}
	}
}
