package storetest

import (
	"errors"
	"time"

	"frontdesk/pipeline/domain"
	table "frontdesk/workers/store/desk"
	"frontdesk/workers/store/sql"
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
	d.must(d.Desk.Route(d.ctx, wang, id, table.Belongs{Category: "password", Confirms: true}, d.now))
	confirmed, err := d.Decided.Corrections(d.ctx, 0, 10)
	d.must(err)
	if len(confirmed) != 2 || confirmed[0].Category != [2]string{"password", "password"} {
		d.t.Errorf("what was only confirmed: %+v", confirmed)
	}
	if err := d.Desk.Route(d.ctx, wang, id, table.Belongs{Category: "password"}, d.now); !errors.Is(err, domain.ErrNotSo) {
		d.t.Errorf("what changes nothing and confirms nothing: %v", err)
	}
	said, err := d.Decided.Said(d.ctx, 0, 10)
	d.must(err)
	if len(said) != 1 || said[0].Text != got[0].Text || said[0].At.IsZero() {
		d.t.Errorf("what customers wrote: %+v", said)
	}
	below, err := d.Decided.Said(d.ctx, said[0].ID, 10)
	d.must(err)
	d.same("below what was said last", 0, len(below))
	d.ticket(2, d.now, nil)
	d.must(d.Base.Do(d.ctx, "erasing it", sql.Do(`UPDATE messages SET erased_at = 1 WHERE id = $1`, said[0].ID)))
	left, err := d.Decided.Said(d.ctx, 0, 10)
	d.must(err)
	if len(left) != 1 || left[0].ID == said[0].ID {
		d.t.Errorf("beside what was erased there is %+v", left)
	}
}
