package copies

import "time"

// Said is something that somebody has said in a ticket.
type Said struct {
	Message, Ticket int64
	At              time.Time
	Told            bool // an acknowledgement of it went to the address from which it was said, by itself or in a digest
	Sketch          Sketch
}

// Remembered is how much of what somebody said lately is compared with what he says now.
const Remembered = 32
