package storetest

import (
	"fmt"

	"frontdesk/channels"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/workers/store/outbox"
)

func confirm(d *desk) {
	sent, other, known := d.open("k1", phone(1)).Effects[0].ID, d.open("k2", phone(2)).Effects[0].ID, d.open("k3", phone(3)).Effects[0].ID
	rows := d.claim(sent, other, known)
	d.settle(commands.SendEnded{ID: known, State: effects.Sent, ProviderID: "P3"})
	slip := func(row outbox.EffectRow) outbox.Slip {
		return outbox.Slip{Key: row.Key, CreatedAt: row.CreatedAt, SendEnded: commands.SendEnded{ID: row.ID, State: effects.Sent, ProviderID: "P"}}
	}
	restored := slip(rows[1])
	restored.CreatedAt = restored.CreatedAt.Add(-1000)
	renamed := slip(rows[1])
	renamed.Key = "acknowledgement:1234"
	nobody := outbox.Slip{Key: "acknowledgement:99", SendEnded: commands.SendEnded{ID: 999_999_999, State: effects.Sent}}
	n, err := d.Outbox.Confirm(d.ctx, []outbox.Slip{slip(rows[0]), slip(rows[0]), restored, slip(rows[2]), nobody}, d.now)
	d.must(err)
	d.same("written down", 1, n)
	n, err = d.Outbox.Confirm(d.ctx, []outbox.Slip{renamed}, d.now)
	d.must(err)
	d.same("another's row", 0, n)
	n, err = d.Outbox.Confirm(d.ctx, nil, d.now)
	d.must(err)
	d.same("nothing", 0, n)
	d.must(d.Service.Reclaim(d.ctx, d.now))
	left := d.claim(sent, other, known)
	if len(left) != 1 || left[0].ID != other {
		d.t.Errorf("%+v can be claimed, want only what was not sent, %d", left, other)
	}
}

// A status callback may overtake the record of the send that it is about.
func failedBeforeSettled(d *desk) {
	for i, first := range []string{"the record", "the callback"} {
		plan := d.open(fmt.Sprint("k", i), phone(i+1))
		id := plan.Effects[0].ID
		row := d.claim(id)[0]
		record := func() { d.settle(commands.SendEnded{ID: id, State: effects.Sent, ProviderID: fmt.Sprint("P", i)}) }
		callback := func() {
			d.receipt(channels.Receipt{Key: row.Key, ProviderID: fmt.Sprint("P", i), Status: channels.StatusFailed, Reason: "30003", At: d.now})
		}
		if i == 0 {
			record()
			callback()
		} else {
			callback()
			record()
		}
		d.claim(id) // for the fallback, which there is not
		d.settle(commands.SendEnded{ID: id, State: effects.Failed, Code: "bounced", Void: "no-address"})
		state, _ := d.promise(plan.Ticket.ID)
		d.same("promise when "+first+" was first", "kept", state)
	}
}
