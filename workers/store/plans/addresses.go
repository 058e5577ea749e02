package plans

import (
	"slices"

	"frontdesk/workers/store/sql"
)

// MarkFailed notes that nothing can be sent to these addresses any more.
func MarkFailed(addresses []string) sql.Call {
	slices.Sort(addresses)
	return sql.Do(`UPDATE identities SET failed = true WHERE address = ANY($1)`, sql.OrNone(addresses))
}

// LockIdentities locks what several statements of one transaction change, in the order in which everybody does: after
// outbox and promises.
func LockIdentities(addresses []string) sql.Call {
	slices.Sort(addresses)
	return sql.Ask(func(sql.Row) error { return nil }, `SELECT address FROM identities WHERE address = ANY($1) ORDER BY address FOR UPDATE`, slices.Compact(addresses))
}
