package workers

import (
	"testing"

	"frontdesk/workers/workerstest"
)

var noon = workerstest.Noon

type rig struct{ *workerstest.Rig }

func newRig(t testing.TB) *rig {
	t.Helper()
	return &rig{workerstest.New(t)}
}

// inBubble runs a test on a clock of its own, which begins at noon.
func inBubble(t *testing.T, f func(t *testing.T, r *rig)) {
	workerstest.InBubble(t, func(t *testing.T) {
		r := newRig(t)
		r.RealTime()
		f(t, r)
	})
}
