package stored

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"frontdesk/templates/desk"
	"frontdesk/workers/desk/pages"
	agents "frontdesk/workers/store/desk"
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
	if hidden(v) {
		k.Veiled = func(queue string) bool { return !v.May(viewer.Contact, queue) }
	}
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
	cards, hits, err := d.found(ctx, v, ids, f.Hits)
	if err != nil {
		return out, 0, told(err)
	}
	names, err := d.names(ctx)
	now := d.Now()
	for _, c := range cards {
		card := d.card(v, c, names, now)
		card.Hit = hit(hits[c.Ticket])
		out.Cards = append(out.Cards, card)
	}
	return out, called, err
}

// hidden reports whether the viewer reads in a queue where he is not shown how customers can be reached.
func hidden(v viewer.Viewer) bool {
	queues, every := v.Where(viewer.Read)
	_, all := v.Where(viewer.Contact)
	return every != all || slices.ContainsFunc(queues, func(q string) bool { return !v.May(viewer.Contact, q) })
}

// found are the cards of tickets that were found, once each: of one that is merged, that of the ticket in which it is worked on, with the place at
// which the words stand.
func (d *Desk) found(ctx context.Context, v viewer.Viewer, ids []int64, hits map[int64]find.Hit) ([]agents.Card, map[int64]find.Hit, error) {
	cards, err := d.Store.Desk.Cards(ctx, v, ids)
	if !slices.ContainsFunc(cards, func(c agents.Card) bool { return c.MergedInto != 0 }) {
		return cards, hits, err
	}
	var roots []int64
	seen, at := map[int64]bool{}, map[int64]find.Hit{}
	for _, c := range cards {
		root := cmp.Or(c.MergedInto, c.Ticket)
		if h, there := hits[c.Ticket]; there && (at[root].Parts == nil || root == c.Ticket) {
			at[root] = h
		}
		if !seen[root] {
			seen[root] = true
			roots = append(roots, root)
		}
	}
	cards, err = d.Store.Desk.Cards(ctx, v, roots)
	return cards, at, err
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
