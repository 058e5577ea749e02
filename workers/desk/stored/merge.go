package stored

import (
	"cmp"
	"context"

	"frontdesk/templates/desk/acts"
	"frontdesk/workers/desk/pages"
	agents "frontdesk/workers/store/desk"
	"frontdesk/workers/store/viewer"
)

// Root is the ticket in which one is worked on.
func (m *More) Root(ctx context.Context, v viewer.Viewer, number int64) (int64, error) {
	root, err := m.desk.Store.Merging.Root(ctx, v, number)
	return root, told(err)
}

// Joining says what merging a ticket into another one would join.
func (m *More) Joining(ctx context.Context, v viewer.Viewer, number, into int64) (acts.Joining, error) {
	p, err := m.desk.Store.Merging.Look(ctx, v, number, into)
	if err != nil {
		return acts.Joining{}, told(err)
	}
	cards, err := m.desk.Store.Desk.Cards(ctx, v, []int64{p.Target})
	if err != nil || len(cards) == 0 {
		return acts.Joining{}, cmp.Or(told(err), pages.ErrNotFound)
	}
	c := cards[0]
	return acts.Joining{Number: c.Ticket, Subject: c.Subject, Name: c.Customer, Queue: c.Queue, Foreign: p.Foreign}, nil
}

// Merge merges a ticket into another one.
func (m *More) Merge(ctx context.Context, v viewer.Viewer, number, into int64, foreign bool) (int64, error) {
	p, err := m.desk.Store.Merging.Merge(ctx, v, number, into, foreign, m.desk.Now())
	return p.Target, told(err)
}

// Unmerge takes that back.
func (m *More) Unmerge(ctx context.Context, v viewer.Viewer, number int64) error {
	_, err := m.desk.Store.Merging.Undo(ctx, v, number, m.desk.Now())
	return told(err)
}

// merged are the tickets that are worked on in one.
func (d *Desk) merged(ctx context.Context, v viewer.Viewer, c agents.Card, names people) (out []acts.Merged, err error) {
	if c.Merged == 0 {
		return nil, nil
	}
	all, err := d.Store.Merging.Of(ctx, v, c.Ticket)
	for _, m := range all {
		out = append(out, acts.Merged{Number: m.Ticket, Subject: m.Subject, Foreign: m.Foreign, By: cmp.Or(names.byLogin[m.By], m.By), At: m.At, Undo: m.Undo})
	}
	return out, told(err)
}
