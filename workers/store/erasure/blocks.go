package erasure

import (
	"context"
	"slices"

	"frontdesk/workers/store/sql"
)

// blocks counts those of the person's addresses that somebody has blocked; they go at the very end, with the contact.
func (w *sweep) blocks(ctx context.Context) error {
	return w.walk(ctx, "blocks", `SELECT id, address, value FROM blocks WHERE id > $1 ORDER BY id LIMIT $2`, func(row sql.Row) (any, error) {
		var id int64
		var address, value string
		if err := row.Scan(&id, &address, &value); err != nil {
			return nil, err
		}
		if slices.Contains(w.n.keys, address) {
			w.found.Identity++
		} else {
			w.seen(address, value)
		}
		return id, nil
	})
}
