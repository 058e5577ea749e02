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
