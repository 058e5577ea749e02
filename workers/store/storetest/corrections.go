package storetest

import (
	"time"

	table "frontdesk/workers/store/desk"
)

// corrections: what a person has said of where a ticket belongs is kept as an example, with the words by which it was decided.
func corrections(d *desk) {
	id := d.ticket(1, d.now.Add(-time.Hour), nil)
	before := d.item(id)
	d.must(d.Desk.Route(d.ctx, wang, id, table.Belongs{Category: "password"}, d.now))
	got, err := d.Decided.Corrections(d.ctx, 0, 10)
	d.must(err)
	if len(got) != 1 || got[0].Ticket != id || got[0].Who != wang.Login || got[0].Category != [2]string{before.Category, "password"} || got[0].Queue != [2]string{before.Queue, before.Queue} || got[0].Text == "" {
		d.t.Errorf("corrections: %+v", got)
	}
	more, err := d.Decided.Corrections(d.ctx, got[0].ID, 10)
	d.must(err)
	d.same("below the last one", 0, len(more))
}
