// Package setaside is what agents see of messages that wait for a person, and do with them. Such a message has no ticket, and so no queue: those
// look after it who give work to others or look after the desk, whatever their queues.
package setaside

import (
	"context"
	"fmt"
	"time"

	"frontdesk/workers/store/acts"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/view"
	"frontdesk/workers/store/viewer"
	"frontdesk/workers/store/viewer/veil"
)

// Store is this room of the store. It is safe for concurrent use.
type Store struct {
	base  *base.Store
	lists *base.Store // for what people look at
	acts  *acts.Store
	view  *view.Store
}

// New makes the room: it acts on b and looks on lists, beside the rooms that do so for operators.
func New(b, lists *base.Store, a *acts.Store, v *view.Store) *Store {
	return &Store{base: b, lists: lists, acts: a, view: v}
}

// May reports whether a viewer sees what is set aside.
func May(v viewer.Viewer) bool {
	for _, right := range []viewer.Right{viewer.Direct, viewer.Administer} {
		if queues, every := v.Where(right); every || len(queues) > 0 {
			return true
		}
	}
	return false
}

// List is a page of what is set aside, the newest first, for one cause or, where that is empty, for any. before is the last of the page before; 0:
// from the top. sql.ErrNotFound: the viewer does not see it.
func (s *Store) List(ctx context.Context, v viewer.Viewer, cause string, before int64, limit int) ([]view.ParkedMessage, error) {
	if !May(v) {
		return nil, fmt.Errorf("listing what is set aside: %w", sql.ErrNotFound)
	}
	out, err := s.view.Parked(ctx, view.Page{State: cause, Before: before, Limit: limit})
	if !v.Anywhere(viewer.Contact) {
		for i := range out {
			p := &out[i]
			p.From, p.Evidence, p.Name, p.Subject, p.Text = veil.Value(p.From), veil.Text(p.Evidence), veil.Text(p.Name), veil.Text(p.Subject), veil.Text(p.Text)
		}
	}
	return out, err
}

// Release lets a message out, which is decided anew; where it was taken for a machine's, its sender is let in from now on. sql.ErrNotFound: it is not set
// aside, or the viewer does not see it.
func (s *Store) Release(ctx context.Context, v viewer.Viewer, message int64, now time.Time) error {
	if !May(v) {
		return fmt.Errorf("releasing message %d: %w", message, sql.ErrNotFound)
	}
	return s.acts.Release(ctx, message, now, v.Login)
}

// Dismiss drops a message. sql.ErrNotFound as above.
func (s *Store) Dismiss(ctx context.Context, v viewer.Viewer, message int64, now time.Time) error {
	if !May(v) {
		return fmt.Errorf("dismissing message %d: %w", message, sql.ErrNotFound)
	}
	return s.acts.Dismiss(ctx, message, now, v.Login)
}

// Undismiss takes that back, as long as the original is here.
func (s *Store) Undismiss(ctx context.Context, v viewer.Viewer, message int64, now time.Time) error {
	if !May(v) {
		return fmt.Errorf("taking back the dismissal of message %d: %w", message, sql.ErrNotFound)
	}
	return s.acts.Undismiss(ctx, message, now, v.Login)
}
