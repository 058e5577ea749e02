package tables

// Names of sequences.
const (
	// SequenceMessage counts messages.
	SequenceMessage = "message"
	// SequenceOther counts receipts, dead letters and the journal.
	SequenceOther = "other"
)
