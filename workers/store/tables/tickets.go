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

// InsertTickets writes tickets that are opened.
var InsertTickets = sql.Inserting[TicketsRow]("tickets", "")

// TicketColumns are the columns of the table tickets t.
var TicketColumns = sql.Columns[TicketsRow]("t.")
