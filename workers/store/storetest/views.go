package storetest

import (
	"errors"

	"frontdesk/workers/store"
	"frontdesk/workers/store/erasure"
	"frontdesk/workers/store/viewer"
	"frontdesk/workers/store/views"
)

// keptViews: a view is its person's, or for all who read in its queue; whoever answers there shares it, whoever directs there takes it away.
func keptViews(d *desk) {
	cards := agent(2, viewer.Agent, "cards")
	mine := agent(1, viewer.Agent, "payments")
	lead := agent(3, viewer.Lead, "payments")
	names := func(v viewer.Viewer) (out []string) {
		d.t.Helper()
		all, err := d.Views.All(d.ctx, v)
		d.must(err)
		for _, one := range all {
			out = append(out, one.Name)
		}
		return out
	}
	d.must(d.Views.Save(d.ctx, mine, views.View{Name: " My refunds ", Query: "refund", State: "open"}, d.now))
	d.must(d.Views.Save(d.ctx, mine, views.View{Name: "Chargebacks", Query: "chargeback", Queue: "payments"}, d.now))
	for name, one := range map[string]views.View{"no name": {Query: "x"}, "no words": {Name: "x"}, "a state of its own": {Name: "x", Query: "x", State: "secret"}, "another queue": {Name: "x", Query: "x", Queue: "cards"}} {
		if err := d.Views.Save(d.ctx, mine, one, d.now); !errors.Is(err, views.ErrRefused) {
			d.t.Errorf("%s: %v", name, err)
		}
	}
	d.same("its person's", []string{"My refunds", "Chargebacks"}, names(mine))
	d.same("the queue's", []string{"Chargebacks"}, names(lead))
	d.same("nobody else's", []string(nil), names(cards))
	all, err := d.Views.All(d.ctx, mine)
	d.must(err)
	if err := d.Views.Remove(d.ctx, cards, all[1].ID); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("taken away by another queue's: %v", err)
	}
	if err := d.Views.Remove(d.ctx, lead, all[0].ID); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("one that is another person's alone: %v", err)
	}
	d.must(d.Views.Remove(d.ctx, lead, all[1].ID))
	d.must(d.Views.Remove(d.ctx, mine, all[0].ID))
	d.same("gone", []string(nil), names(mine))
}

// viewsOfTheErased: who is erased is not looked for by name any more.
func viewsOfTheErased(d *desk) {
	d.open("k1", phone(1))
	mine := agent(1, viewer.Agent, "payments")
	d.must(d.Views.Save(d.ctx, mine, views.View{Name: "That one", Query: phone(1).Value}, d.now))
	d.must(d.Views.Save(d.ctx, mine, views.View{Name: "Refunds", Query: "refund"}, d.now))
	who, err := d.Erasure.PersonAt(d.ctx, phone(1).Identity())
	d.must(err)
	_, err = d.Erasure.Erase(d.ctx, who, erasure.Erasure{}, d.now)
	d.must(err)
	left, err := d.Views.All(d.ctx, mine)
	d.must(err)
	if len(left) != 1 || left[0].Name != "Refunds" {
		d.t.Errorf("left: %+v", left)
	}
}
