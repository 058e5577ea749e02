package intake

import (
	"context"
	"fmt"

	"frontdesk/channels"
	"frontdesk/workers/store/sql"
)

// Cursor reads the bookmark of a stream; nil when it was never moved. What it holds is the connector's own affair.
func (s *Store) Cursor(ctx context.Context, inbox, stream string) (channels.Cursor, error) {
	var c channels.Cursor
	err := s.base.DB.Read(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Ask(func(row sql.Row) error {
			var value string
			err := row.Scan(&value)
			c = channels.Cursor(value)
			return err
		}, `SELECT value FROM cursors WHERE inbox = $1 AND stream = $2`, inbox, s.base.Key(stream)))
	})
	if err != nil {
		return nil, fmt.Errorf("reading cursor: %w", err)
	}
	return c, nil
}

// RecordedKeys tells which of the keys are recorded for the inbox, by the unique index deliveries_key. Keys are as
// the connector makes them.
func (s *Store) RecordedKeys(ctx context.Context, inbox string, keys []string) (map[string]bool, error) {
	names := map[string]string{}
	for _, k := range keys {
		names[s.base.Key(k)] = k
	}
	out := map[string]bool{}
	err := s.base.DB.Read(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Ask(func(row sql.Row) error {
			var key string
			err := row.Scan(&key)
			out[names[key]] = true
			return err
		}, `SELECT key FROM deliveries WHERE inbox = $1 AND key = ANY($2)`, inbox, sql.KeysOf(names)))
	})
	if err != nil {
		return nil, fmt.Errorf("looking up recorded keys: %w", err)
	}
	return out, nil
}
