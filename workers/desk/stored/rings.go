package stored

import (
	"context"

	"frontdesk/workers/store/viewer"
)

// Rings are the kinds of event that somebody's pages tell by themselves, with their ways; "" where that cannot be read: then they tell all.
func Rings(d *Desk) func(context.Context, viewer.Viewer) string {
	return func(ctx context.Context, v viewer.Viewer) string {
		c, err := d.Store.Alerts.Choice(ctx, v)
		if err != nil {
			return ""
		}
		return c.String()
	}
}
