package plans

import (
	"time"

	"frontdesk/pipeline/domain/promises"
	"frontdesk/workers/store/sql"
)

// PromiseRow is a row of the table promises: a promise under the names of its columns.
type PromiseRow struct {
	Ticket          int64
	Kind            string
	Turn            int64 `db:"-"`
	State           promises.State
	Cause, Calendar string
	Start           time.Time `db:"start_at"`
	Due             time.Time `db:"due_at"`
	Half            time.Time `db:"half_at"`
	Warn            []time.Time
	Next            time.Time `db:"next_at"`
	Settled         time.Time `db:"settled_at"`
	Paused          time.Time `db:"paused_at"`
	From            time.Time `db:"from_at"`
	Used            int64
	Step            time.Time `db:"step_at"`
}

var (
	// PromiseColumns are the columns of the table promises.
	PromiseColumns = sql.Columns[PromiseRow]("")
	// InsertPromises writes promises that their ticket lacks, and returns which those are.
	InsertPromises = sql.Inserting[PromiseRow]("promises", "ON CONFLICT (ticket, kind) DO NOTHING RETURNING 'promise', ticket, kind")
	// InsertFirstPromises writes those of a new ticket. A ticket that is opened here has no promise yet, so there is no older row to look for.
	InsertFirstPromises = sql.Inserting[PromiseRow]("promises", "")
	writePromises       = sql.Inserting[PromiseRow]("promises", `ON CONFLICT (ticket, kind) DO UPDATE SET state = excluded.state, cause = excluded.cause, calendar = excluded.calendar,
start_at = excluded.start_at, due_at = excluded.due_at, half_at = excluded.half_at, warn = excluded.warn, next_at = excluded.next_at, settled_at = excluded.settled_at,
paused_at = excluded.paused_at, from_at = excluded.from_at, used = excluded.used, step_at = excluded.step_at`)
)

// RowOf is a promise as it is written.
func RowOf(p promises.Promise) PromiseRow {
	p.Kind = sql.Clip(p.Kind)
	return PromiseRow(p)
}

// ScanPromise reads a promise from PromiseColumns.
func ScanPromise(row sql.Row) (promises.Promise, error) {
	r, err := sql.Read[PromiseRow](row)
	return promises.Promise(r), err
}
