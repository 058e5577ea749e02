package store

import (
	"time"

	"frontdesk/pipeline/thread"
)

// ticketsRow is a row of the table tickets.
type ticketsRow struct {
	thread.Ticket
	Display    string // the subject as it is shown
	RecordedAt time.Time
}

// ticketColumns are the columns of the table tickets t.
var ticketColumns = columnsOf[ticketsRow]("t.")
