package sql

import (
	"regexp"
)

// Statements use these forms, which the databases say differently:
//
//	= ANY($1)                 member of an array argument
//	EACH($1::text[]) AS a     the array argument as rows a(value)
//	{in SELECT …}             member of a subquery that may look at the outer row
//	FOR UPDATE [SKIP LOCKED]  row locks; SQLite has one writer and needs none
//
// {in …} becomes = ANY(ARRAY(…)) on PostgreSQL: the subquery makes a list, which is looked for by the index;
// IN would be a join, for which the planner may read the whole table. It may hold no "}".
var (
	formAny  = regexp.MustCompile(`= ANY\(\$(\d+)\)`)
	formEach = regexp.MustCompile(`EACH\(\$(\d+)::(\w+)\[\]\) AS (\w+)`)
	formIn   = regexp.MustCompile(`\{in ([^}]*)\}`)
	formLock = regexp.MustCompile(`FOR UPDATE( OF \w+)?( SKIP LOCKED)?`)
	formMark = regexp.MustCompile(`\$(\d+)`)
)

// forPostgres and forSQLite are called once for each text; the result is kept with the prepared statement.
func forPostgres(s string) string {
	s = formEach.ReplaceAllString(s, `unnest($$$1::$2[]) AS $3(value)`)
	return formIn.ReplaceAllString(s, `= ANY(ARRAY($1))`)
}

func forSQLite(s string) string {
	s = formAny.ReplaceAllString(s, `IN (SELECT value FROM json_each($$$1))`)
	s = formEach.ReplaceAllString(s, `json_each($$$1) AS $3`)
	s = formIn.ReplaceAllString(s, `IN ($1)`)
	s = formLock.ReplaceAllString(s, ``)
	return formMark.ReplaceAllString(s, `?$1`)
}
