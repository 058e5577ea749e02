package store

import (
	"context"
	"fmt"

	"frontdesk/workers/store/sql"
)

// ForgetWords empties the index and what is noted for it, as if an older program had run until now.
func ForgetWords(ctx context.Context, s *Store) error {
	return s.Base.DB.Write(ctx, func(t sql.Tx) error {
		calls := []sql.Call{sql.Do(`DELETE FROM searched`), sql.Do(`DELETE FROM unsearched`), sql.Do(`DELETE FROM search_walk`)}
		if s.Base.Dialect() == "sqlite" {
			calls = append(calls, sql.Do(`DELETE FROM search_words`))
		}
		return t.Run(ctx, calls...)
	})
}

// ForgetMarks forgets which tickets have changed.
func ForgetMarks(ctx context.Context, s *Store) error {
	return s.Base.DB.Write(ctx, func(t sql.Tx) error { return t.Run(ctx, sql.Do(`DELETE FROM unsearched`)) })
}

// BlankBehind blanks the texts of all messages behind the index's back, as an older program's erasure does.
func BlankBehind(ctx context.Context, s *Store) error {
	return s.Base.DB.Write(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Do(`UPDATE messages SET sender_value = 'x@y.example', sender_name = '', subject = '', visible = '', fields = ''`), sql.Do(`DELETE FROM claims`))
	})
}

// Newest sets how many of the newest tickets a search looks through before it asks the index.
func Newest(s *Store, n int) { s.Find.NewestOf = n }

// IndexBytes is how large the index is.
func IndexBytes(ctx context.Context, s *Store) (n int64, err error) {
	query := `SELECT pg_total_relation_size('searched')`
	if s.Base.Dialect() == "sqlite" {
		query = `SELECT sum(length(block)) FROM search_words_data`
	}
	err = s.Base.DB.Read(ctx, func(t sql.Tx) error { return t.Run(ctx, sql.Ask(sql.Into(&n), query)) })
	return n, err
}

// IndexedWords are the bytes of the index as they lie in the database.
func IndexedWords(ctx context.Context, s *Store) (out string, err error) {
	query := `SELECT CAST(words AS text) FROM searched`
	if s.Base.Dialect() == "sqlite" {
		query = `SELECT block FROM search_words_data`
	}
	err = s.Base.DB.Read(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Ask(func(row sql.Row) error {
			var v any
			err := row.Scan(&v)
			if b, raw := v.([]byte); raw {
				v = string(b)
			}
			out += fmt.Sprintln(v)
			return err
		}, query))
	})
	return out, err
}
