package erasure

import (
	"context"
	"slices"

	"frontdesk/workers/store/sql"
)

// enclosures decides whose the files are that agents send: like what they write, those in tickets of the person and those that go to him
// are his. It comes behind the tickets and the outbox. What is in a file of somebody else nobody looks at.
func (w *sweep) enclosures(ctx context.Context) error {
	return w.walk(ctx, "enclosures", `SELECT f.id, f.ticket, coalesce(r.effect, 0), f.name FROM enclosures f LEFT JOIN replies r ON f.reply <> 0 AND r.id = f.reply
WHERE f.id > $1 ORDER BY f.id LIMIT $2`, func(row sql.Row) (any, error) {
		var id, ticket, effect int64
		var name string
		if err := row.Scan(&id, &ticket, &effect, &name); err != nil {
			return nil, err
		}
		switch {
		case w.mine[ticket], effect != 0 && slices.Contains(w.found.Effects, effect):
			w.found.Files = append(w.found.Files, id)
		case w.n.in(name):
			w.found.Others.Files = append(w.found.Others.Files, id)
		default:
			w.seen(name)
		}
		return id, nil
	})
}

// enclosures removes files that agents sent to the person, with their contents, which nobody else's row names.
func (e *eraser) enclosures(ctx context.Context, ids []int64) error {
	var contents []string
	err := e.s.base.Write(ctx, func(t sql.Tx) error {
		contents = nil
		return t.Run(ctx, sql.Ask(sql.Value(func(digest string) { contents = append(contents, digest) }), `DELETE FROM enclosures WHERE id = ANY($1) RETURNING digest`, ids))
	})
	for _, digest := range contents {
		if err == nil {
			err = e.s.base.Blobs.Delete(ctx, digest)
			e.out.Blobs++
		}
	}
	return err
}

// otherEnclosures masks the person in the names of files in tickets of others.
func (e *eraser) otherEnclosures(ctx context.Context, ids []int64) error {
	return e.masks(ctx, "enclosures", []string{"id", "name"}, ids, e.maskAll)
}
