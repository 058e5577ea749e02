package erasure

import (
	"context"

	"frontdesk/workers/store/sql"
)

// views are those that name the person: somebody has looked for him, and kept that.
func (w *sweep) views(ctx context.Context) error {
	return w.walk(ctx, "views", `SELECT id, name, query FROM views WHERE id > $1 ORDER BY id LIMIT $2`, func(row sql.Row) (any, error) {
		var id int64
		var name, query string
		if err := row.Scan(&id, &name, &query); err != nil {
			return nil, err
		}
		if w.n.in(name, query) {
			w.found.Others.Views = append(w.found.Others.Views, id)
		} else {
			w.seen(name, query)
		}
		return id, nil
	})
}
