package storetest

import (
	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/workers/store/commit"
)

// readDecided reads back what a replay needs: of a decided message all, of others why not.
func readDecided(d *desk) {
	bad := item("hotline", "k3", "garbage")
	bad.Cause, bad.Evidence = causes.Unparsable, "no JSON"
	ids := d.record(item("hotline", "k1", "one"), item("hotline", "k2", "two"), bad)
	pending := d.pending(ids[0])
	first := d.opening(pending[0], phone(1))
	first.Known, first.Config = []byte(`{"last_hour":7}`), "c0ffee"
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{first}, d.now))

	last, err := d.Decided.LastDelivery(d.ctx)
	d.must(err)
	d.same("last", ids[2], last)
	heads, err := d.Decided.Heads(d.ctx, ids[0], 10)
	d.must(err)
	named, err := d.Decided.HeadsOf(d.ctx, []int64{ids[2], ids[1], 1 << 40})
	d.must(err)
	d.same("heads", heads, named)
	d.same("number of heads", 2, len(heads))

	got, err := d.Decided.Decided(d.ctx, ids)
	d.must(err)
	if len(got) != 3 {
		d.t.Fatalf("got %d messages", len(got))
	}
	a := got[0]
	d.same("original", pending[0].Raw, a.Raw)
	d.same("state and configuration", []string{"ticketed", "c0ffee"}, []string{string(a.State), a.Config})
	d.same("decided at", d.now, a.DecidedAt)
	d.same("known", pipeline.Known{LastHour: 7}, a.Known)
	d.same("flags", []bool{false, false, false, false}, []bool{a.Undecided, a.NoDecision, a.OriginalGone, a.Unreadable})
	if a.Ack == nil || a.Ack.Kind != "phone" {
		d.t.Errorf("acknowledgement = %+v", a.Ack)
	}
	d.same("undecided", []bool{true, true}, []bool{got[1].Undecided, got[1].NoDecision})
	d.same("parked at its recording", []any{false, true, messages.Parked}, []any{got[2].Undecided, got[2].NoDecision, got[2].State})
}
