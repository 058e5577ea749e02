package intake

import (
	"context"

	"frontdesk/channels"
	"frontdesk/workers/store/sql"
)

// Cursor reads the bookmark of a stream; nil when it was never moved. What it holds is the connector's own affair.
func (s *Store) Cursor(ctx context.Context, inbox, stream string) (channels.Cursor, error) {
	var c channels.Cursor
	err := s.base.Read(ctx, "reading cursor", sql.Ask(sql.Value(func(value string) { c = channels.Cursor(value) }), `SELECT value FROM cursors WHERE inbox = $1 AND stream = $2`, inbox, s.base.Key(stream)))
	return c, err
}

// RecordedKeys tells which of the keys are recorded for the inbox, by the unique index deliveries_key. Keys are as
// the connector makes them.
func (s *Store) RecordedKeys(ctx context.Context, inbox string, keys []string) (map[string]bool, error) {
	names := map[string]string{}
	for _, k := range keys {
		names[s.base.Key(k)] = k
	}
	out := map[string]bool{}
	err := s.base.Read(ctx, "looking up recorded keys", sql.Ask(sql.Value(func(key string) { out[names[key]] = true }), `SELECT key FROM deliveries WHERE inbox = $1 AND key = ANY($2)`, inbox, sql.KeysOf(names)))
	return out, err
}
