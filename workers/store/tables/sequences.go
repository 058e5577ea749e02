package tables

// Names of sequences.
const (
	// SequenceMessage counts messages.
	SequenceMessage = "message"
	// SequenceUser counts who works at the desk.
	SequenceUser = "user"
	// SequenceOther counts receipts, dead letters and the journal.
	SequenceOther = "other"
)
