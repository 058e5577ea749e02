package facts

import (
	"frontdesk/pipeline"
	"frontdesk/workers/store/sql"
)

const askScopes = `SELECT s.value,
coalesce((SELECT CAST(sum(c.n) AS bigint) FROM scopes c WHERE c.scope = s.value AND c.slot >= $2), 0),
coalesce((SELECT CAST(sum(c.n) AS bigint) FROM scopes c WHERE c.scope = s.value AND c.slot >= $3), 0) FROM EACH($1::text[]) AS s`

func scopesOf(f *pipeline.Facts) func(sql.Row) error {
	return func(row sql.Row) error {
		var name string
		var s pipeline.Scope
		err := row.Scan(&name, &s.Hour, &s.Day)
		s.Before = s.Hour
		f.Scopes[name] = &s
		return err
	}
}
