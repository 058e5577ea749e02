package tables

import (
	"time"

	"frontdesk/pipeline/domain/tickets"
	"frontdesk/workers/store/sql"
)

// TicketsRow is a row of the table tickets.
type TicketsRow struct {
	tickets.Ticket
	Display    string // the subject as it is shown
	RecordedAt time.Time
}

// TicketColumns are the columns of the table tickets t.
var TicketColumns = sql.Columns[TicketsRow]("t.")
