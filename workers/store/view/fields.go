package view

import (
	"context"

	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// FieldsOf are the fields of messages, by message.
func (s *Store) FieldsOf(ctx context.Context, messages []int64) (map[int64][]tables.Field, error) {
	out := map[int64][]tables.Field{}
	err := s.base.Read(ctx, "listing fields", sql.Ask(func(row sql.Row) error {
		var id int64
		var text string
		err := row.Scan(&id, &text)
		if err == nil {
			out[id], err = sql.Unlist[tables.Field](text)
		}
		return err
	}, `SELECT id, fields FROM messages WHERE id = ANY($1) AND fields <> ''`, sql.Sorted(messages)))
	return out, err
}
