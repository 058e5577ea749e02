package stored

import (
	"context"

	"frontdesk/pipeline/message"
	"frontdesk/templates/desk/acts"
	"frontdesk/workers/store/answering"
	"frontdesk/workers/store/viewer"
	"frontdesk/workers/store/viewer/veil"
)

// chosen is what an answer stands on that goes to the address of the customer's that was chosen, and all that can be. by names one of the ways; where it
// names none to which an answer may go, the answer goes where it goes by itself.
func (d *Desk) chosen(ctx context.Context, v viewer.Viewer, number int64, by string) (answering.Ground, []acts.Way, error) {
	g, err := d.Store.Answering.Ground(ctx, v, number, d.House)
	if err != nil {
		return g, nil, err
	}
	all, err := d.Store.Answering.Others(ctx, v, d.House, g)
	if err != nil || len(all) == 0 {
		return g, nil, err
	}
	shown := func(a message.Address) string {
		if !v.May(viewer.Contact, g.Queue) {
			return veil.Value(a.Value)
		}
		return a.Value
	}
	var ways []acts.Way
	if len(g.Recipients.To) > 0 {
		ways = append(ways, acts.Way{ID: acts.ByItself, Channel: g.Channel, Address: shown(g.Recipients.To[0]), Chosen: true})
	}
	at := -1
	for i, o := range all {
		w := acts.Way{ID: d.way(o.Address), Channel: o.Channel, Address: shown(o.Address), Why: string(o.Why)}
		if w.ID == by && w.Why == "" {
			at, w.Chosen = i, true
		}
		ways = append(ways, w)
	}
	if at < 0 {
		return g, ways, nil
	}
	if ways[0].ID == acts.ByItself {
		ways[0].Chosen = false
	}
	g, err = d.Store.Answering.Elsewhere(ctx, v, d.House, g, all[at].Address.Identity())
	return g, ways, err
}

// grounded is what an answer stands on that goes by that way.
func (d *Desk) grounded(ctx context.Context, v viewer.Viewer, number int64, by string) (answering.Ground, error) {
	if by == "" {
		return d.Store.Answering.Ground(ctx, v, number, d.House)
	}
	g, _, err := d.chosen(ctx, v, number, by)
	return g, err
}

// way names an address in a form, without telling it to whom addresses are hidden.
func (d *Desk) way(a message.Address) string {
	return d.Store.Base.Digest([]byte("way"), []byte(a.Kind), []byte(a.Identity().Value))[:24]
}
