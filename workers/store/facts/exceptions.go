package facts

import (
	"frontdesk/pipeline"
	"frontdesk/workers/store/sql"
)

const (
	askExceptions = `SELECT digest FROM exceptions WHERE digest = ANY($1)`
	askBlocks     = `SELECT address FROM blocks WHERE address = ANY($1)`
)

// excepted reads which of the batch's senders and subjects are let in.
func (a *asked) excepted(f *pipeline.Facts) func(sql.Row) error {
	return func(row sql.Row) error {
		var digest string
		err := row.Scan(&digest)
		f.Exceptions[a.exceptions[digest]] = true
		return err
	}
}

// blocked reads which of the batch's addresses a person has blocked.
func (a *asked) blocked(f *pipeline.Facts) func(sql.Row) error {
	return sql.Value(func(address string) { f.Blocked[a.identities[address]] = true })
}
