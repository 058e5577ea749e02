package sql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	_ "modernc.org/sqlite"

	"frontdesk/internal/follow"
)

// liteDB is SQLite in WAL mode: one connection that writes, a few that read.
type liteDB struct {
	writing, reading *sql.DB
	writer           chan *liteConn // holds the one writer while it is free
	patience         chan struct{}  // held by the one patient write that may wait for the writer
	readers          chan *liteConn
	file             string // its path; "" where a simulation stands between
}

const busyMilliseconds = 10_000 // how long a write waits for another process's

// OpenSQLite opens a file for one writer and as many readers. through makes the connections; nil: the driver does.
func OpenSQLite(ctx context.Context, path string, readers int, through func(string) driver.Connector) (DB, error) {
	d, err := connectLite(ctx, path, readers, through)
	if err != nil {
		return nil, fmt.Errorf("opening the SQLite file %s: %w", path, err)
	}
	return d, nil
}

func connectLite(ctx context.Context, path string, readers int, through func(string) driver.Connector) (*liteDB, error) {
	if err := follow.MkdirAll(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("making data directory: %w", err)
	}
	d := &liteDB{writer: make(chan *liteConn, 1), patience: make(chan struct{}, 1), readers: make(chan *liteConn, readers)}
	if through == nil {
		d.file = path
	}
	var err error
	if err := closeToOthers(path); err != nil {
		return nil, fmt.Errorf("closing it to others: %w", err)
	}
	if d.writing, err = openLite(liteName(path, false), through); err != nil {
		return nil, err
	}
	if d.reading, err = openLite(liteName(path, true), through); err != nil {
		return nil, err
	}
	if err := fill(ctx, d.writing, d.writer); err != nil {
		return nil, err
	}
	if err := fill(ctx, d.reading, d.readers); err != nil {
		return nil, err
	}
	return d, nil
}

// closeToOthers comes before the file is opened: SQLite gives its log and its index the file's mode. A file
// that is there is not opened for it, because closing it would drop this process's locks on it.
func closeToOthers(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err == nil {
		return errors.Join(follow.File(f), f.Close())
	}
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	return os.Chmod(path, 0o600)
}

func openLite(name string, through func(string) driver.Connector) (*sql.DB, error) {
	if through != nil {
		return sql.OpenDB(through(name)), nil
	}
	return sql.Open("sqlite", name)
}

func liteName(path string, read bool) string {
	q := url.Values{}
	for _, p := range []string{
		"busy_timeout(" + strconv.Itoa(busyMilliseconds) + ")", "journal_mode(WAL)", "synchronous(FULL)",
		"temp_store(MEMORY)", "cache_size(-32768)", "journal_size_limit(67108864)", "wal_autocheckpoint(4000)",
	} {
		q.Add("_pragma", p)
	}
	if read {
		q.Add("_pragma", "query_only(1)")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

func fill(ctx context.Context, db *sql.DB, conns chan *liteConn) error {
	db.SetMaxOpenConns(cap(conns))
	db.SetMaxIdleConns(cap(conns))
	for range cap(conns) {
		c, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		conns <- &liteConn{conn: c, statements: map[string]*sql.Stmt{}}
	}
	return nil
}

func (d *liteDB) Name() string { return "sqlite" }

func (d *liteDB) Place(context.Context) string {
	if d.file == "" {
		return ""
	}
	return fileNumber(d.file)
}

func (d *liteDB) Ping(ctx context.Context) error {
	return d.Read(ctx, func(t Tx) error { return t.Run(ctx, Do("SELECT 1")) })
}

func (d *liteDB) Close() error {
	for _, conns := range []chan *liteConn{d.writer, d.readers} {
		for range cap(conns) {
			(<-conns).close()
		}
	}
	rerr := d.reading.Close()
	if err := d.writing.Close(); err != nil {
		return err
	}
	return rerr
}

// write waits for the writer as long as ctx lets it; from then on the transaction runs to its end,
// so that a cancelled caller never leaves a half-read statement behind.
func (d *liteDB) Write(ctx context.Context, f func(Tx) error) error {
	if isPatient(ctx) {
		select {
		case d.patience <- struct{}{}:
			defer func() { <-d.patience }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err := ctx.Err(); err != nil { // of two that are ready select takes either
		return err
	}
	select {
	case c := <-d.writer:
		defer func() { d.writer <- c }()
		return c.transact(context.WithoutCancel(ctx), "BEGIN IMMEDIATE", f)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (d *liteDB) Alone(ctx context.Context, f func(Tx) error) error { return d.Write(ctx, f) }

// exclusively needs no lock: each step looks in its own transaction whether it is still to be done,
// and SQLite has one writer.
func (d *liteDB) Exclusively(_ context.Context, f func(Session) error) error {
	return f(liteSession{d})
}

type liteSession struct{ d *liteDB }

func (s liteSession) Transact(ctx context.Context, f func(Tx) error) error { return s.d.Write(ctx, f) }

func (s liteSession) Beside(ctx context.Context, _, statement string) error {
	return s.d.Write(ctx, func(t Tx) error { return t.Run(ctx, Do(statement)) })
}

func (d *liteDB) Read(ctx context.Context, f func(Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case c := <-d.readers:
		defer func() { d.readers <- c }()
		return f(&liteTx{c, context.WithoutCancel(ctx)})
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (d *liteDB) Snapshot(ctx context.Context, f func(Tx) error) error {
	return d.Read(ctx, func(t Tx) error {
		c := t.(*liteTx)
		return c.transact(c.ctx, "BEGIN", f)
	})
}

// liteConn is one connection with its prepared statements.
type liteConn struct {
	conn       *sql.Conn
	statements map[string]*sql.Stmt
}

func (c *liteConn) close() {
	for _, s := range c.statements {
		s.Close()
	}
	c.conn.Close()
}

func (c *liteConn) transact(ctx context.Context, begin string, f func(Tx) error) error {
	if _, err := c.conn.ExecContext(ctx, begin); err != nil {
		return Fault(err)
	}
	committed := false
	defer func() {
		if !committed {
			c.conn.ExecContext(ctx, "ROLLBACK") //nolint:errcheck // the transaction may be over already
		}
	}()
	if err := f(&liteTx{c, ctx}); err != nil {
		return err
	}
	if _, err := c.conn.ExecContext(ctx, "COMMIT"); err != nil {
		return Fault(err)
	}
	committed = true
	return nil
}

// maxStatements bounds the prepared statements of a connection; the hot ones are some sixty.
const maxStatements = 400

func (c *liteConn) prepare(ctx context.Context, text string) (*sql.Stmt, error) {
	if s, ok := c.statements[text]; ok {
		return s, nil
	}
	if len(c.statements) >= maxStatements {
		for key, s := range c.statements {
			s.Close()
			delete(c.statements, key)
		}
	}
	s, err := c.conn.PrepareContext(ctx, forSQLite(text))
	if err != nil {
		return nil, err
	}
	c.statements[text] = s
	return s, nil
}

// IsLite reports whether a transaction is one of SQLite.
func IsLite(t Tx) bool {
	_, lite := t.(*liteTx)
	return lite
}

// outside runs f on the writing connection without a transaction.
func (d *liteDB) Outside(ctx context.Context, f func(Tx) error) error {
	return d.apart(ctx, func(c *liteConn, ctx context.Context) error { return f(&liteTx{c, ctx}) })
}

// liteTx runs calls on one connection.
type liteTx struct {
	*liteConn
	ctx context.Context // without cancellation: see liteDB.write
}

func (t *liteTx) Run(_ context.Context, calls ...Call) error {
	for _, c := range calls {
		if err := t.one(c); err != nil {
			return Fault(err)
		}
	}
	return nil
}

func (t *liteTx) Last(ctx context.Context, calls ...Call) error { return t.Run(ctx, calls...) }

func (t *liteTx) one(c Call) error {
	var changed int64
	var err error
	if c.Bulk != nil {
		changed, err = t.rows(c)
	} else {
		changed, err = t.each(c.Text, [][]any{c.Args}, c)
	}
	if err == nil && c.Done != nil {
		*c.Done = changed
	}
	return err
}

// rows runs a bulk call: several rows at a time where that can be, the rest one by one.
func (t *liteTx) rows(c Call) (changed int64, err error) {
	rest := c.rows
	if c.Bulk.several != "" && len(rest) >= severalRows {
		whole := len(rest) / severalRows * severalRows
		if changed, err = t.each(c.Bulk.several, together(rest[:whole], len(c.Bulk.columns)), c); err != nil {
			return 0, err
		}
		rest = rest[whole:]
	}
	more, err := t.each(c.Bulk.one, rest, c)
	return changed + more, err
}

// together joins the arguments of severalRows rows each.
func together(rows [][]any, columns int) [][]any {
	out := make([][]any, 0, len(rows)/severalRows)
	for part := range slices.Chunk(rows, severalRows) {
		args := make([]any, 0, severalRows*columns)
		for _, row := range part {
			args = append(args, row...)
		}
		out = append(out, args)
	}
	return out
}

// each runs a statement for each row of arguments.
func (t *liteTx) each(text string, rows [][]any, c Call) (changed int64, err error) {
	if len(rows) == 0 {
		return 0, nil
	}
	s, err := t.prepare(t.ctx, text)
	if err != nil {
		return 0, err
	}
	for _, args := range rows {
		n, err := execute(t.ctx, s, args, c)
		if err != nil {
			return changed, err
		}
		if n > 0 && c.Bulk != nil && c.each != nil {
			if err := c.each(inserted{c.Bulk, args}); err != nil {
				return changed, err
			}
		}
		changed += n
	}
	return changed, nil
}

func execute(ctx context.Context, s *sql.Stmt, args []any, c Call) (int64, error) {
	args, err := liteArgs(args)
	if err != nil {
		return 0, err
	}
	if c.each != nil && c.Bulk == nil {
		return 0, each(ctx, s, args, c.each)
	}
	res, err := s.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func each(ctx context.Context, s *sql.Stmt, args []any, f func(Row) error) error {
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// liteArgs turns array arguments into JSON for json_each.
func liteArgs(args []any) ([]any, error) {
	out := args
	for i, a := range args {
		switch a.(type) {
		case []int64, []string:
			if &out[0] == &args[0] {
				out = append([]any(nil), args...)
			}
			js, err := json.Marshal(a)
			if err != nil {
				return nil, err
			}
			out[i] = string(js)
		}
	}
	return out, nil
}
