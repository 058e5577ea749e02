package store

import (
	"context"
	"fmt"
)

// ForgetWords empties the index and what is noted for it, as if an older program had run until now.
func ForgetWords(ctx context.Context, s *Store) error {
	return s.db.write(ctx, func(t tx) error {
		calls := []call{do(`DELETE FROM searched`), do(`DELETE FROM unsearched`), do(`DELETE FROM search_walk`)}
		if s.Dialect() == "sqlite" {
			calls = append(calls, do(`DELETE FROM search_words`))
		}
		return t.run(ctx, calls...)
	})
}

// ForgetMarks forgets which tickets have changed.
func ForgetMarks(ctx context.Context, s *Store) error {
	return s.db.write(ctx, func(t tx) error { return t.run(ctx, do(`DELETE FROM unsearched`)) })
}

// BlankBehind blanks the texts of all messages behind the index's back, as an older program's erasure does.
func BlankBehind(ctx context.Context, s *Store) error {
	return s.db.write(ctx, func(t tx) error {
		return t.run(ctx, do(`UPDATE messages SET sender_value = 'x@y.example', sender_name = '', subject = '', visible = '', fields = ''`), do(`DELETE FROM claims`))
	})
}

// Newest sets how many of the newest tickets a search looks through before it asks the index.
func Newest(s *Store, n int) { s.newestOf = n }

// IndexBytes is how large the index is.
func IndexBytes(ctx context.Context, s *Store) (n int64, err error) {
	query := `SELECT pg_total_relation_size('searched')`
	if s.Dialect() == "sqlite" {
		query = `SELECT sum(length(block)) FROM search_words_data`
	}
	err = s.db.read(ctx, func(t tx) error { return t.run(ctx, ask(into(&n), query)) })
	return n, err
}

// IndexedWords are the bytes of the index as they lie in the database.
func IndexedWords(ctx context.Context, s *Store) (out string, err error) {
	query := `SELECT CAST(words AS text) FROM searched`
	if s.Dialect() == "sqlite" {
		query = `SELECT block FROM search_words_data`
	}
	err = s.db.read(ctx, func(t tx) error {
		return t.run(ctx, ask(func(row scanner) error {
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
