package storetest

import (
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/workers/store/acts"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/decided"
	"frontdesk/workers/store/erasure"
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

// readActs reads back what a replay of people's acts needs, also of what was erased since.
func readActs(d *desk) {
	at := func(n int) time.Time { return d.now.Add(time.Duration(n)*time.Second + 321) } // finer than the database
	first := d.open("k1", phone(1))
	ticket := first.Ticket.ID
	d.must(d.Acts.CloseTicket(d.ctx, ticket, at(1), "zhou"))
	d.must(d.Acts.ReopenTicket(d.ctx, ticket, at(2), "li"))
	d.must(d.Acts.CloseTicket(d.ctx, ticket, at(3), "zhou"))
	add := d.following(d.pending(d.record(item("hotline", "k2", "And?"))...)[0], first, 1, 4)
	add.Plan.Ticket.Reopen, add.Plan.Ticket.Priority = true, "urgent"
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{add}, at(3)))
	d.must(d.Acts.TakeOut(d.ctx, add.Plan.Message, at(4), "li"))
	bad := item("support", "k3", "spam")
	bad.Cause = causes.Spam
	parked := d.record(bad)[0]
	d.must(d.Acts.Dismiss(d.ctx, parked, at(5), "zhou"))
	d.must(d.Acts.Undismiss(d.ctx, parked, at(6), "zhou"))
	d.must(d.Acts.ReleaseLearning(d.ctx, parked, acts.LearnNothing, at(7), "zhou"))
	d.must(d.Acts.Looked(d.ctx, first.Message, "text", at(8), "li"))
	held := d.hold("k4", "sms", phone(2), causes.StrangerCap)
	released, err := d.Acts.ReleaseHeld(d.ctx, acts.Release{IDs: []int64{held.Effects[0].ID}, Wait: time.Minute, Who: "ann"}, at(9))
	d.must(err)
	_, err = d.Acts.HoldBack(d.ctx, released.Act, time.Minute, at(10), "bob")
	d.must(err)

	read := func() (all []decided.Act) {
		for after := int64(0); ; after = all[len(all)-1].ID {
			more, err := d.Decided.ActsAfter(d.ctx, after, 4)
			d.must(err)
			if len(more) == 0 {
				return all
			}
			all = append(all, more...)
		}
	}
	all := read()
	var kinds []string
	by := map[string]decided.Act{}
	for _, a := range all {
		kinds, by[a.Kind] = append(kinds, a.Kind), a
		d.same(a.Kind+" is noted and can be read", []bool{a.Kind != "look", false}, []bool{a.Noted, a.Unreadable})
	}
	d.same("acts", []string{"close", "reopen", "close", "take-out", "dismiss", "undismiss", "release", "look", "release-held", "hold-back"}, kinds)
	d.same("when it was closed before that", all[0].At, by[entries.ActReopen].Closed)
	d.same("when it was done", at(3).Truncate(time.Microsecond), by[entries.ActClose].At)
	d.same("a person had dismissed it", true, by[entries.ActUndismiss].Dismissed)
	out := by[entries.ActTakeOut]
	d.same("what its message had changed", []any{out.Before.Version, "normal", "urgent"}, []any{out.Appended.After.Version, out.Appended.Before.Priority, out.Appended.After.Priority})
	d.same("a message without a ticket", decided.Act{ID: by[entries.ActDismiss].ID, At: at(5).Truncate(time.Microsecond), Kind: entries.ActDismiss, Message: parked, Inbox: "support", Noted: true,
		Before: entries.Snapshot{Message: messages.Parked}, After: entries.Snapshot{Message: messages.Dismissed}, Reason: causes.Spam}, by[entries.ActDismiss])
	d.same("inboxes", []string{"hotline", "hotline"}, []string{by[entries.ActClose].Inbox, by[entries.ActHoldBack].Inbox})

	of, err := d.Decided.ActsOf(d.ctx, []int64{first.Message})
	d.must(err)
	d.same("of a message and of the ticket that it opened", append(append([]decided.Act(nil), all[:4]...), by["look"]), of)
	of, err = d.Decided.ActsOf(d.ctx, []int64{parked})
	d.must(err)
	d.same("of a message", all[4:7], of)

	gone, err := d.Erasure.PersonAt(d.ctx, phone(1).Identity())
	d.must(err)
	_, err = d.Erasure.Erase(d.ctx, gone, erasure.Erasure{Who: "li"}, at(20))
	d.must(err)
	after := read()
	d.same("of what was erased", all, after[:len(all)])
	d.same("and the erasure itself", "erase", after[len(all)].Kind)
}
