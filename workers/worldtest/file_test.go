package worldtest

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// file is the SQLite file that one world after another lives on. Opening connections and reading
// statements is most of what a small world costs, so both outlive the process that asked for them: a
// process gets a line whose transaction was rolled back, as a new one would find the file.
type file struct {
	driver   driver.Driver
	dir      string
	keeper   *sql.DB  // empties the file between two worlds
	tables   []string // all of the schema
	readable []string // queries for all the text of each table
	mu       sync.Mutex
	idle     map[string][]*line // by data source name
}

// line is a connection of SQLite's own with the statements that were ever prepared on it.
type line struct {
	driver.Conn
	words map[string]driver.Stmt
}

// newFile makes a migrated file in a folder of its own.
func newFile(parent string) (f *file, err error) {
	f = &file{driver: lite(), idle: map[string][]*line{}}
	if f.dir, err = os.MkdirTemp(parent, "world"); err != nil {
		return nil, err
	}
	model := filepath.Join(f.dir, "model")
	if err := empty(model); err != nil {
		return nil, err
	}
	content, err := os.ReadFile(filepath.Join(model, "frontdesk.db"))
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(f.path(), content, 0o600); err != nil {
		return nil, err
	}
	f.keeper = sql.OpenDB(dsn{f.driver, "file:" + f.path()})
	f.keeper.SetMaxOpenConns(1)
	if _, err := f.keeper.Exec("ATTACH ? AS model", filepath.Join(model, "frontdesk.db")); err != nil {
		return nil, err
	}
	rows, err := f.keeper.Query("SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		f.tables = append(f.tables, name)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return f, f.read()
}

// read makes the queries for whatever can be read.
func (f *file) read() error {
	for _, name := range f.tables {
		var columns sql.NullString
		if err := f.keeper.QueryRow(`SELECT group_concat('"' || name || '"', ' || char(10) || ') FROM pragma_table_info(?) WHERE lower(type) = 'text'`, name).Scan(&columns); err != nil {
			return err
		}
		if columns.Valid {
			f.readable = append(f.readable, "SELECT "+columns.String+" FROM "+name)
		}
	}
	if len(f.readable) == 0 {
		return errors.New("no table has a column of text")
	}
	return nil
}

func (f *file) path() string { return filepath.Join(f.dir, "frontdesk.db") }

// renew makes the file as it was when it was new.
func (f *file) renew(ctx context.Context) error {
	notes, err := filepath.Glob(filepath.Join(f.dir, "sent-*"))
	if err != nil {
		return err
	}
	for _, name := range notes {
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	tx, err := f.keeper.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // it is committed where all went well
	for _, name := range f.tables {
		if _, err := tx.ExecContext(ctx, fmt.Sprintf("DELETE FROM main.%s; INSERT INTO main.%[1]s SELECT * FROM model.%[1]s", name)); err != nil {
			return fmt.Errorf("emptying %s: %w", name, err)
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	_, err = f.keeper.ExecContext(ctx, "PRAGMA main.wal_checkpoint(TRUNCATE)")
	return err
}

func (f *file) close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	errs := []error{f.keeper.Close()}
	for _, lines := range f.idle {
		for _, l := range lines {
			for _, s := range l.words {
				errs = append(errs, s.Close())
			}
			errs = append(errs, l.Close())
		}
	}
	return errors.Join(append(errs, os.RemoveAll(f.dir))...)
}

// take gives a line out.
func (f *file) take(name string) (*line, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if free := f.idle[name]; len(free) > 0 {
		f.idle[name] = free[:len(free)-1]
		return free[len(free)-1], nil
	}
	inner, err := f.driver.Open(name)
	if err != nil {
		return nil, err
	}
	return &line{inner, map[string]driver.Stmt{}}, nil
}

// give takes a line back. What its process had not committed is gone, as with the process's end.
func (f *file) give(name string, l *line) error {
	if s, err := l.statement(context.Background(), "ROLLBACK"); err == nil {
		s.(driver.StmtExecContext).ExecContext(context.Background(), nil) //nolint:errcheck // there is mostly nothing to roll back
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.idle[name] = append(f.idle[name], l)
	return nil
}

// statement prepares a text, once in the line's life.
func (l *line) statement(ctx context.Context, text string) (driver.Stmt, error) {
	if s, ok := l.words[text]; ok {
		return s, nil
	}
	s, err := l.Conn.(driver.ConnPrepareContext).PrepareContext(ctx, text)
	if err == nil {
		l.words[text] = s
	}
	return s, err
}

// dsn opens a file by its name.
type dsn struct {
	driver driver.Driver
	name   string
}

func (d dsn) Connect(context.Context) (driver.Conn, error) { return d.driver.Open(d.name) }
func (d dsn) Driver() driver.Driver                        { return d.driver }

// reader opens lines that nothing stands between.
type reader struct {
	file *file
	name string
}

func (r reader) Driver() driver.Driver { return r.file.driver }

func (r reader) Connect(context.Context) (driver.Conn, error) {
	l, err := r.file.take(r.name)
	return plain{l, r}, err
}

type plain struct {
	*line
	r reader
}

func (p plain) Prepare(query string) (driver.Stmt, error) {
	s, err := p.statement(context.Background(), query)
	return kept{s}, err
}

func (p plain) Close() error { return p.r.file.give(p.r.name, p.line) }

// kept is a statement that its line keeps.
type kept struct{ driver.Stmt }

func (kept) Close() error { return nil }

func (k kept) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return k.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
}
