package store_test

import (
	"context"
	"errors"
	"testing"

	"frontdesk/workers/store"
	"frontdesk/workers/store/sql"
)

// TestAReadingRunsOnce: most readings add to a list that they have begun outside, so nobody may run them again by himself,
// whatever has become of the first time.
func TestAReadingRunsOnce(t *testing.T) {
	for name, open := range map[string]func(testing.TB) *store.Store{"SQLite": openSQLite, "PostgreSQL": openPostgres} {
		t.Run(name, func(t *testing.T) {
			db := open(t).Base.DB
			for _, c := range []struct {
				name string
				run  func(context.Context, func(sql.Tx) error) error
				err  error
			}{
				{"a reading", db.Read, nil},
				{"a reading that failed", db.Read, errors.New("broken")},
				{"a reading in whose way another one stood", db.Read, sql.ErrConflict},
				{"readings with one view", db.Snapshot, nil},
				{"readings with one view, in whose way another one stood", db.Snapshot, sql.ErrConflict},
				{"what runs outside of a transaction, and failed", db.Outside, sql.ErrConflict},
			} {
				n := 0
				err := c.run(t.Context(), func(tx sql.Tx) error {
					n++
					return errors.Join(tx.Run(t.Context(), sql.Do("SELECT 1")), c.err)
				})
				if n != 1 || !errors.Is(err, c.err) {
					t.Errorf("%s ran %d times and says %v", c.name, n, err)
				}
			}
		})
	}
}
