package stored

import (
	"context"
	"strconv"
	"time"

	"frontdesk/templates/desk"
	"frontdesk/workers/desk/pages"
	"frontdesk/workers/store/find"
	"frontdesk/workers/store/viewer"
)

// searchWithin bounds one search: a query of common words over a large desk must not hold a session of the lists for long.
const searchWithin = 10 * time.Second

// Search looks for tickets in the queues that the viewer may read; what lies in others is neither found nor counted.
func (d *Desk) Search(ctx context.Context, v viewer.Viewer, s pages.Sought) (out desk.List, called int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, searchWithin)
	defer cancel()
	k := find.Seek{Query: d.Store.Find.Reader().Read(s.Text), State: s.State, Limit: s.Limit}
	if s.After != "" {
		if k.Before, err = strconv.ParseInt(s.After, 10, 64); err != nil || k.Before <= 0 {
			return out, 0, pages.ErrNotFound
		}
	}
	only, every := v.Where(viewer.Read)
	k.Only, k.Limited = only, !every
	f, err := d.Store.Find.Search(ctx, k)
	if err != nil {
		return out, 0, told(err)
	}
	if called = f.Ticket; called == 0 {
		called = f.Of
	}
	out.Total, out.Order = int64(f.Count), "newest"
	if f.Before != 0 {
		out.Next = strconv.FormatInt(f.Before, 10)
	}
	ids := make([]int64, 0, len(f.Tickets))
	for _, t := range f.Tickets {
		ids = append(ids, t.ID)
	}
	cards, err := d.Store.Desk.Cards(ctx, v, ids)
	if err != nil {
		return out, 0, told(err)
	}
	names, err := d.names(ctx)
	now := d.Now()
	for _, c := range cards {
		card := d.card(v, c, names, now)
		card.Hit = hit(f.Hits[c.Ticket])
		out.Cards = append(out.Cards, card)
	}
	return out, called, err
}

// hit is where the words stand: texts of which every second one is a word that was looked for.
func hit(h find.Hit) (out []string) {
	for _, p := range h.Parts {
		if p.Hit == (len(out)%2 == 0) { // two of a kind follow each other, or it begins with a word
			out = append(out, "")
		}
		out = append(out, p.Text)
	}
	return out
}
