package tables

import (
	"frontdesk/workers/store/sql"
)

type UnsearchedRow struct{ Ticket, Message int64 }

var InsertUnsearched = sql.Inserting[UnsearchedRow]("unsearched", `ON CONFLICT (ticket, message) DO NOTHING`)

// IndexAnew notes that a person has changed a ticket.
func IndexAnew(ticket int64) sql.Call { return InsertUnsearched.Put(UnsearchedRow{Ticket: ticket}) }
