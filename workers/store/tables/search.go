package tables

import (
	"frontdesk/workers/store/sql"
)

// UnsearchedRow is a row of the table unsearched: what the index for searches lacks.
type UnsearchedRow struct{ Ticket, Message int64 }

// InsertUnsearched notes what is to be indexed.
var InsertUnsearched = sql.Inserting[UnsearchedRow]("unsearched", `ON CONFLICT (ticket, message) DO NOTHING`)

// IndexAnew notes that a person has changed a ticket.
func IndexAnew(ticket int64) sql.Call { return InsertUnsearched.Put(UnsearchedRow{Ticket: ticket}) }
