package stored

import (
	"cmp"
	"context"

	"frontdesk/templates/desk/acts"
	"frontdesk/workers/desk/pages"
	"frontdesk/workers/store/viewer"
)

// Parked is a page of what is set aside.
func (m *More) Parked(ctx context.Context, v viewer.Viewer, cause string, before int64, limit int) (out []acts.Parked, err error) {
	all, err := m.desk.Store.Aside.List(ctx, v, cause, before, limit)
	for _, p := range all {
		out = append(out, acts.Parked{ID: p.ID, Cause: p.Cause, Evidence: p.Evidence, Name: cmp.Or(p.Name, p.From), Proven: p.Proven, Channel: p.Channel, Subject: p.Subject, Text: oneLine(p.Text), At: p.ReceivedAt.Time})
	}
	return out, told(err)
}

// Settle does something with one message.
func (m *More) Settle(ctx context.Context, v viewer.Viewer, message int64, act string) error {
	aside := m.desk.Store.Aside
	switch act {
	case "release":
		return told(aside.Release(ctx, v, message, m.desk.Now()))
	case "dismiss":
		return told(aside.Dismiss(ctx, v, message, m.desk.Now()))
	case "undismiss":
		return told(aside.Undismiss(ctx, v, message, m.desk.Now()))
	}
	return pages.ErrNotSo
}
