package base

import (
	"time"

	"frontdesk/pipeline"
	"frontdesk/workers/store/sql"
)

// Slot is the number of the time span in which something is counted.
func Slot(at time.Time) int64 { return at.Unix() / int64(pipeline.ScopeSlot/time.Second) }

// AddScope counts in a scope and a slot, and returns how many that makes.
const AddScope = `INSERT INTO scopes (scope, slot, n) VALUES ($1, $2, $3) ON CONFLICT (scope, slot) DO UPDATE SET n = scopes.n + excluded.n RETURNING n`

// ExpireScopes forgets what no cap looks at any more.
func ExpireScopes(now time.Time) sql.Call {
	return sql.Do(`DELETE FROM scopes WHERE slot < $1`, Slot(now.Add(-48*time.Hour)))
}
