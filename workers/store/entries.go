package store

import (
	"time"

	"frontdesk/pipeline/domain"
)

// entryRow is a row of the table entries.
type entryRow struct {
	Ticket, ID    int64
	At            time.Time
	Kind, Actor   string
	Message       int64
	Before, After string
	Reason        string
	Config        string // digest of the configuration with which the desk decided, "" for a person
}

var insertEntries = inserting[entryRow]("entries", "ON CONFLICT (ticket, id) DO NOTHING")

// entryOf is an entry as it is written.
func entryOf(id int64, e domain.Entry, now time.Time, config string) entryRow {
	return entryRow{Ticket: e.Ticket, ID: id, At: now, Kind: e.Kind, Actor: e.Actor, Message: e.Message, Before: e.Before.JSON(), After: e.After.JSON(),
		Reason: e.Detail, Config: config}
}

// entries are what the batch does with tickets, each with the digest of the configuration with which it was decided.
func (b *batch) entries() []entryRow {
	configs := make(map[int64]string, len(b.decisions))
	for _, d := range b.decisions {
		configs[d.Plan.Message] = d.Config
	}
	rows := make([]entryRow, len(b.tickets.entries))
	for i, e := range b.tickets.entries {
		rows[i] = entryOf(b.ids[i], e, b.now, configs[e.Message])
	}
	return rows
}
