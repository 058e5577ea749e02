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
	case "block":
		return told(aside.Block(ctx, v, message, m.desk.Now()))
	case "undismiss":
		return told(aside.Undismiss(ctx, v, message, m.desk.Now()))
	}
	return pages.ErrNotSo
}

// Blocks is a page of who is blocked.
func (m *More) Blocks(ctx context.Context, v viewer.Viewer, before int64, limit int) (out []acts.Block, err error) {
	all, err := m.desk.Store.Aside.Blocks(ctx, v, before, limit)
	for _, b := range all {
		out = append(out, acts.Block{ID: b.ID, Address: b.Value, Message: b.Message, At: b.At, By: b.By})
	}
	return out, told(err)
}

// Unblock ends a block.
func (m *More) Unblock(ctx context.Context, v viewer.Viewer, id int64) error {
	return told(m.desk.Store.Aside.Unblock(ctx, v, id, m.desk.Now()))
}
