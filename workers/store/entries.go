package store

import (
	"time"

	"frontdesk/pipeline/domain"
)

var insertEntries = insert("entries", "ON CONFLICT (ticket, id) DO NOTHING", column{"ticket", number}, column{"id", number}, column{"at", number}, column{"kind", text},
	column{"actor", text}, column{"message", number}, column{"before", text}, column{"after", text}, column{"reason", text}, column{"config", text})

// entryRow is an entry as it is written; config is the digest of the configuration with which the desk decided, "" for a person.
func entryRow(id int64, e domain.Entry, now time.Time, config string) []any {
	return []any{e.Ticket, id, micros(now), e.Kind, clean(e.Actor), e.Message, e.Before.JSON(), e.After.JSON(), clean(e.Detail), config}
}

// entries are what the batch does with tickets, each with the digest of the configuration with which it was decided.
func (b *batch) entries() [][]any {
	configs := make(map[int64]string, len(b.decisions))
	for _, d := range b.decisions {
		configs[d.Plan.Message] = d.Config
	}
	rows := make([][]any, len(b.tickets.entries))
	for i, e := range b.tickets.entries {
		rows[i] = entryRow(b.ids[i], e, b.now, configs[e.Message])
	}
	return rows
}
