package base

import (
	"time"

	"frontdesk/workers/store/sql"
)

// Note is one line of the journal: what a person did.
func Note(id int64, now time.Time, who, act string, message, ticket int64, detail string) sql.Call {
	return sql.Do(`INSERT INTO journal (id, at, who, act, message, ticket, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		id, sql.Micros(now), sql.Clean(who), act, message, ticket, sql.Clean(detail))
}
