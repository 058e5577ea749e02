package base

import (
	"math"
	"time"

	"frontdesk/pipeline"
	"frontdesk/workers/store/sql"
)

// Slot is the number of the time span in which something is counted.
func Slot(at time.Time) int64 { return at.Unix() / int64(pipeline.ScopeSlot/time.Second) }

// AddScope counts in a scope and a slot, and returns how many that makes there.
const AddScope = `INSERT INTO scopes (scope, slot, n) VALUES ($1, $2, $3) ON CONFLICT (scope, slot) DO UPDATE SET n = scopes.n + excluded.n RETURNING n`

// gate is the slot of a row that counts nothing. Who uses a scope up locks it first, so that of two who do at once, in slots of their own, the second one sees
// the first. It is never expired.
const gate = math.MaxInt64

// LockScope makes others who use a scope up wait.
func LockScope(scope string) sql.Call {
	return sql.Do(`INSERT INTO scopes (scope, slot, n) VALUES ($1, $2, 0) ON CONFLICT (scope, slot) DO UPDATE SET n = 0`, scope, int64(gate))
}

// SumScope asks how much of a scope was used up within the hour before that moment, to a slot.
func SumScope(scope string, at time.Time, into func(sql.Row) error) sql.Call {
	return sql.Ask(into, `SELECT CAST(sum(c.n) AS bigint) FROM scopes c WHERE c.scope = $1 AND c.slot >= $2`, scope, Slot(at.Add(-time.Hour)))
}

// ExpireScopes forgets what no cap looks at any more.
func ExpireScopes(now time.Time) sql.Call {
	return sql.Do(`DELETE FROM scopes WHERE slot < $1`, Slot(now.Add(-48*time.Hour)))
}
