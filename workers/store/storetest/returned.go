package storetest

import (
	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/workers/store/commit"
)

// originalsReturn: what was parked because its blob could not be read is undecided again, as if it had just come; what was parked
// for another cause, or has been dismissed, stays as it is.
func originalsReturn(d *desk) {
	park := func(key, cause string) int64 {
		p := d.pending(d.record(item("hotline", key, string(make([]byte, 300<<10))+key))...)[0]
		d.must(d.Commit.Commit(d.ctx, []commit.Decision{{Pending: p, Plan: pipeline.Plan{Message: p.ID, State: messages.Parked, Cause: cause}}}, d.now))
		return p.ID
	}
	first, second, third := park("k1", causes.OriginalMissing), park("k2", causes.OriginalMissing), park("k3", causes.Unparsable)
	gone := park("k4", causes.OriginalMissing)
	d.must(d.Acts.Dismiss(d.ctx, gone, d.now, "ann"))
	released, last, err := d.Acts.Returned(d.ctx, 0, 1, d.now)
	d.must(err)
	d.same("one at a time", []any{[]int64{first}, first}, []any{released, last})
	released, last, err = d.Acts.Returned(d.ctx, last, 10, d.now)
	d.must(err)
	d.same("the others", []any{[]int64{second}, int64(0)}, []any{released, last})
	for _, p := range d.pending(first, second) {
		d.same("seen by nobody", []bool{false, true}, []bool{p.Released, len(p.Raw) > 300<<10})
	}
	released, _, err = d.Acts.Returned(d.ctx, 0, 10, d.now)
	d.must(err)
	d.same("once", 0, len(released))
	d.must(d.Acts.Release(d.ctx, third, d.now, "ann"))
}
