package plans

import (
	"time"

	"frontdesk/pipeline/domain/entries"
	"frontdesk/workers/store/sql"
)

// EntryRow is a row of the table entries.
type EntryRow struct {
	Ticket, ID    int64
	At            time.Time
	Kind, Actor   string
	Message       int64
	Before, After string
	Reason        string
	Config        string // digest of the configuration with which the desk decided, "" for a person
}

// InsertEntries writes entries that are not there yet.
var InsertEntries = sql.Inserting[EntryRow]("entries", "ON CONFLICT (ticket, id) DO NOTHING")

// EntryOf is an entry as it is written.
func EntryOf(id int64, e entries.Entry, now time.Time, config string) EntryRow {
	return EntryRow{Ticket: e.Ticket, ID: id, At: now, Kind: e.Kind, Actor: e.Actor, Message: e.Message, Before: e.Before.JSON(), After: e.After.JSON(),
		Reason: e.Detail, Config: config}
}
