package erasure

import (
	"context"

	"frontdesk/pipeline/message"
	"frontdesk/workers/store/sql"
)

// sides decides whose a side thread is: of the person whose ticket it is, or of the third party who is asked in it.
func (w *sweep) sides(ctx context.Context) error {
	return w.walk(ctx, "side_threads", `SELECT id, ticket, address, name, subject FROM side_threads WHERE id > $1 ORDER BY id LIMIT $2`, func(row sql.Row) (any, error) {
		var id, ticket int64
		var address, name, subject string
		if err := row.Scan(&id, &ticket, &address, &name, &subject); err != nil {
			return nil, err
		}
		third := w.n.owns(message.Address{Kind: message.Email, Value: address}.Identity())
		switch {
		case address == "" && name == "" && subject == "":
		case w.mine[ticket], third:
			w.found.Sides = append(w.found.Sides, id)
		case w.n.in(address, name, subject):
			w.found.Others.Sides = append(w.found.Others.Sides, id)
		default:
			w.seen(address, name, subject)
		}
		return id, nil
	})
}

// sides blanks side threads of the person's; that something was asked, and when, stays.
func (e *eraser) sides(ctx context.Context, ids []int64) error {
	return e.s.base.Write(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Do(`UPDATE side_threads SET address = '', name = '', subject = '' WHERE id = ANY($1)`, ids))
	})
}

// otherSides masks the person in side threads of others.
func (e *eraser) otherSides(ctx context.Context, ids []int64) error {
	return e.masks(ctx, "side_threads", []string{"id", "address", "name", "subject"}, ids, e.maskAll)
}
