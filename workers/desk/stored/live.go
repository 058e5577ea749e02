package stored

import (
	"context"
	"errors"

	"frontdesk/pipeline/domain/alerts"
	"frontdesk/workers/desk/events"
	"frontdesk/workers/live"
	"frontdesk/workers/store"
	"frontdesk/workers/store/changes"
	"frontdesk/workers/store/viewer"
)

// Live joins the live part of the desk to the store.
type Live struct{ Store *store.Store }

// After reads what has changed behind a place.
func (l Live) After(ctx context.Context, m live.Mark, limit int) ([]live.Item[events.Change], error) {
	all, err := l.Store.Changes.After(ctx, changes.Mark(m), limit)
	var noted []int64
	for _, c := range all {
		if c.Kind == string(alerts.Named) {
			noted = append(noted, c.Ticket)
		}
	}
	named := map[int64]string{}
	if err == nil && len(noted) > 0 {
		named, err = l.Store.Mentions.Of(ctx, noted)
	}
	out := make([]live.Item[events.Change], 0, len(all))
	for _, c := range all {
		e := events.Change{Ticket: c.Ticket, Queue: c.Queue, Kind: c.Kind, Actor: c.Actor, Owner: c.Owner}
		if c.Kind == string(alerts.Named) {
			e.Named = named[c.Ticket]
		}
		out = append(out, live.Item[events.Change]{Mark: live.Mark(c.Mark), Event: e})
	}
	return out, err
}

// Now is the place behind which everything stands that changes from now on.
func (l Live) Now(ctx context.Context) (live.Mark, error) {
	m, err := l.Store.Changes.Now(ctx)
	return live.Mark(m), err
}

// Knows reports whether everything behind a place is still there.
func (l Live) Knows(ctx context.Context, m live.Mark) (bool, error) {
	return l.Store.Changes.Knows(ctx, changes.Mark(m))
}

// Readable reports whether the viewer may read a ticket.
func (l Live) Readable(ctx context.Context, v viewer.Viewer, ticket int64) (bool, error) {
	err := l.Store.Desk.Readable(ctx, v, ticket)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Names are how colleagues see users, by id.
func (l Live) Names(ctx context.Context) (map[int64]string, error) {
	all, err := l.Store.Users.List(ctx)
	return named(all).byID, err
}
