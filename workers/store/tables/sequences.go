package tables

const SequenceMessage = "message"

const SequenceOther = "other" // receipts, dead letters, journal
