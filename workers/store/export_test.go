package store

import (
	"context"
	"strings"
	"sync"

	"frontdesk/workers/store/sql"
)

// Recorder keeps each statement that a store ran, with arguments that suit it.
type Recorder struct {
	sql.DB
	mu   sync.Mutex
	seen map[string][]any
}

// Watch puts a recorder between a store and its database.
func Watch(s *Store) *Recorder {
	r := &Recorder{DB: s.Base.DB, seen: map[string][]any{}}
	s.Base.DB, s.Base.Sequences.DB = r, r
	return r
}

func (r *Recorder) Write(ctx context.Context, f func(sql.Tx) error) error {
	return r.DB.Write(ctx, func(t sql.Tx) error { return f(watched{t, r}) })
}

func (r *Recorder) Read(ctx context.Context, f func(sql.Tx) error) error {
	return r.DB.Read(ctx, func(t sql.Tx) error { return f(watched{t, r}) })
}

func (r *Recorder) Snapshot(ctx context.Context, f func(sql.Tx) error) error {
	return r.DB.Snapshot(ctx, func(t sql.Tx) error { return f(watched{t, r}) })
}

type watched struct {
	sql.Tx
	r *Recorder
}

// BetweenRounds makes the next reading of facts call f between its rounds.
func BetweenRounds(s *Store, f func()) {
	s.Base.DB = &interrupted{DB: s.Base.DB, f: f}
}

type interrupted struct {
	sql.DB
	once sync.Once
	f    func()
}

func (i *interrupted) Snapshot(ctx context.Context, f func(sql.Tx) error) error {
	return i.DB.Snapshot(ctx, func(t sql.Tx) error { return f(&interruptedTx{Tx: t, i: i}) })
}

type interruptedTx struct {
	sql.Tx
	i    *interrupted
	runs int
}

func (t *interruptedTx) Run(ctx context.Context, calls ...sql.Call) error {
	t.between()
	return t.Tx.Run(ctx, calls...)
}

func (t *interruptedTx) Last(ctx context.Context, calls ...sql.Call) error {
	t.between()
	return t.Tx.Last(ctx, calls...)
}

func (t *interruptedTx) between() {
	if t.runs++; t.runs == 2 {
		t.i.once.Do(t.i.f)
	}
}

func (w watched) Run(ctx context.Context, calls ...sql.Call) error {
	w.see(calls)
	return w.Tx.Run(ctx, calls...)
}

func (w watched) Last(ctx context.Context, calls ...sql.Call) error {
	w.see(calls)
	return w.Tx.Last(ctx, calls...)
}

func (w watched) see(calls []sql.Call) {
	w.r.mu.Lock()
	defer w.r.mu.Unlock()
	for _, c := range calls {
		if c.Bulk == nil {
			w.r.seen[c.Text] = c.Args
		}
	}
}

// Plans explains each statement that was seen, in the database's words.
func (r *Recorder) Plans(ctx context.Context) (map[string][]string, error) {
	explain := "EXPLAIN "
	if r.Name() == "sqlite" {
		explain = "EXPLAIN QUERY PLAN "
	}
	plans := map[string][]string{}
	for text, args := range r.seen {
		if strings.Contains(text, "schema_migrations") || strings.Contains(text, "advisory") {
			continue
		}
		err := r.DB.Write(ctx, func(t sql.Tx) error {
			return t.Run(ctx, sql.Ask(func(row sql.Row) error {
				var line string
				var a, b, c int
				err := row.Scan(&line)
				if r.Name() == "sqlite" {
					err = row.Scan(&a, &b, &c, &line)
				}
				plans[text] = append(plans[text], line)
				return err
			}, explain+text, args...))
		})
		if err != nil {
			return nil, err
		}
	}
	return plans, nil
}

// Newer pretends that a newer program has migrated the database.
func Newer(ctx context.Context, s *Store) error {
	return s.Base.DB.Write(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Do(`INSERT INTO schema_migrations (version, name, applied_at) VALUES (9999, 'future', 0)`))
	})
}

// EachSession runs statements on n connections of the pool at once, which is all of them for its size.
func EachSession(ctx context.Context, s *Store, n int, statements string) error {
	return sessions(ctx, s, n, func(t sql.Tx) error {
		for text := range strings.SplitSeq(statements, ";") {
			if err := t.Run(ctx, sql.Do(text)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Sessions counts the connections of which a question has this answer.
func Sessions(ctx context.Context, s *Store, n int, question, answer string) (count int, err error) {
	err = sessions(ctx, s, n, func(t sql.Tx) error {
		return t.Run(ctx, sql.Ask(func(row sql.Row) error {
			var got string
			err := row.Scan(&got)
			if got == answer {
				count++
			}
			return err
		}, question))
	})
	return count, err
}

// sessions holds n connections while f asks each of them.
func sessions(ctx context.Context, s *Store, n int, f func(sql.Tx) error) error {
	if n == 0 {
		return nil
	}
	return s.Base.DB.Read(ctx, func(t sql.Tx) error {
		if err := f(t); err != nil {
			return err
		}
		return sessions(ctx, s, n-1, f)
	})
}

// LockTwo is a transaction like those of Settle and of an erasure: it locks two migrations' rows one after the other. Between
// them, at its first attempt, it waits for the other one.
func LockTwo(ctx context.Context, s *Store, first, second int, between func()) (tries int, err error) {
	err = s.Base.Write(ctx, func(t sql.Tx) error {
		lock := func(version int) error {
			return t.Run(ctx, sql.Ask(func(sql.Row) error { return nil }, `SELECT version FROM schema_migrations WHERE version = $1 FOR UPDATE`, version))
		}
		if err := lock(first); err != nil {
			return err
		}
		if tries++; tries == 1 {
			between()
		}
		return lock(second)
	})
	return tries, err
}

// Schema is the columns of each table of the database.
func Schema(ctx context.Context, s *Store) (map[string][]string, error) {
	query := `SELECT CAST(table_name AS text), CAST(column_name AS text) FROM information_schema.columns WHERE table_schema = current_schema()`
	if s.Base.Dialect() == "sqlite" {
		query = `SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'`
	}
	out := map[string][]string{}
	err := s.Base.DB.Read(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Ask(func(row sql.Row) error {
			var table, column string
			err := row.Scan(&table, &column)
			out[table] = append(out[table], column)
			return err
		}, query))
	})
	return out, err
}
