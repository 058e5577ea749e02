package storetest

import (
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
)

func checkSends(d *desk) {
	var ids []int64
	for i := range 4 {
		id := d.open(string(rune('a'+i)), phone(i)).Effects[0].ID
		d.claim(id)
		o := commands.SendEnded{ID: id, State: effects.Sent, ProviderID: "SM" + string(rune('a'+i)), Ask: d.now.Add(time.Duration(i+1) * time.Minute)}
		if i == 3 {
			o.Ask = time.Time{} // nobody can be asked about it
		}
		d.settle(o)
		ids = append(ids, id)
	}
	take := func(limit int) (out []int64, seen int) {
		rows, seen, err := d.Outbox.TakeChecks(d.ctx, d.now, d.now.Add(10*time.Minute), limit)
		d.must(err)
		for _, c := range rows {
			out = append(out, c.Effect)
			if c.Inbox != "hotline" || c.ProviderID == "" || c.To.Value == "" || c.SentAt.IsZero() {
				d.t.Errorf("check %+v", c)
			}
		}
		return out, seen
	}
	sees := func(what string, limit int, want []int64, all int) {
		d.t.Helper()
		got, seen := take(limit)
		d.same(what, want, got)
		d.same(what+", in all", all, seen)
	}
	sees("before its time", 10, nil, 0)
	d.now = d.now.Add(2 * time.Minute)
	sees("the first", 1, ids[:1], 1)
	sees("the second, and not the first once more", 10, ids[1:2], 1)
	d.must(d.Outbox.Checked(d.ctx, ids[1], time.Time{}))
	d.must(d.Outbox.Checked(d.ctx, ids[0], d.now.Add(time.Hour)))
	d.now = d.now.Add(20 * time.Minute)
	d.receipt(channels.Receipt{ProviderID: "SMc", Status: channels.StatusDelivered})
	sees("one that has arrived meanwhile is forgotten", 10, nil, 1)
	sees("for good", 10, nil, 0)
	d.must(d.Backlog.Rouse(d.ctx, d.now))
	sees("after a start all that are open", 10, ids[:1], 1)
	d.receipt(channels.Receipt{ProviderID: "SMa", Status: channels.StatusFailed, Reason: "30006"})
	d.must(d.Backlog.Rouse(d.ctx, d.now))
	sees("one that failed", 10, nil, 1)
}
