package stored

import (
	"context"

	"frontdesk/templates/desk"
	"frontdesk/workers/store/viewer"
)

// mentioned are the tickets in whose notes a viewer is named, where that was last first.
func (d *Desk) mentioned(ctx context.Context, v viewer.Viewer, limit int) (desk.List, error) {
	out := desk.List{Name: "mentions", Order: "newest", Total: uncounted}
	ids, err := d.Store.Mentions.Tickets(ctx, v, limit)
	if err != nil || len(ids) == 0 {
		return out, told(err)
	}
	cards, err := d.Store.Desk.Cards(ctx, v, ids)
	if err != nil {
		return out, told(err)
	}
	names, err := d.names(ctx)
	for _, c := range cards {
		out.Cards = append(out.Cards, d.card(v, c, names, d.Now()))
	}
	return out, err
}
