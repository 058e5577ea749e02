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

// liteDB is SQLite in WAL mode: one connection that writes, a few that read. Readers never wait for the writer, nor
// it for them (SQLite: Write-Ahead Logging). One writer in the process is a queue in Go, which is fair and can be
// cancelled; SQLite's own waiting is neither.
type liteDB struct {
	writing, reading *sql.DB
	writer           chan *liteConn // holds the one writer while it is free
	patience         chan struct{}  // held by the one patient write that may wait for the writer
	readers          chan *liteConn
	file             string // its path; "" where a simulation stands between
}

// busyMilliseconds is how long a write waits for another process's: a command beside the service writes for
// milliseconds, an erasure's rewriting of the file for some seconds.
const busyMilliseconds = 10_000

// OpenSQLite opens a file for one writer and as many readers. through makes the connections; nil: the driver does.
func OpenSQLite(ctx context.Context, path string, readers int, through func(string) driver.Connector) (DB, error) {
	d, err := connectLite(ctx, path, readers, through)
	if err != nil {
		return nil, fmt.Errorf("opening the SQLite file %s: %w", path, err)
	}
	return d, nil
}

// connectLite makes the file for its owner alone before SQLite opens it, then all connections.
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

// liteName is the data source with the pragmas of each connection. synchronous(FULL) makes a commit durable in WAL
// mode, at one fsync. The writer's cache is 32 MiB, a reader's 8: what it has read lies with the system as well. The log is written back from 4 000 pages on, and cut to 64
// MiB after that. query_only keeps a reader from writing by mistake.
func liteName(path string, read bool) string {
	q, cache := url.Values{}, "cache_size(-32768)"
	if read {
		cache = "cache_size(-8192)"
	}
	for _, p := range []string{
		"busy_timeout(" + strconv.Itoa(busyMilliseconds) + ")", "journal_mode(WAL)", "synchronous(FULL)",
		"temp_store(MEMORY)", cache, "journal_size_limit(67108864)", "wal_autocheckpoint(4000)",
	} {
		q.Add("_pragma", p)
	}
	if read {
		q.Add("_pragma", "query_only(1)")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// fill opens all connections at once and keeps them: opening one later could fail when files are at their limit.
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

// Place is the file's number, not its path: a copy that is put under the same path is told from the file.
func (d *liteDB) Place(context.Context) string {
	if d.file == "" {
		return ""
	}
	return fileNumber(d.file)
}

func (d *liteDB) Ping(ctx context.Context) error {
	return d.Read(ctx, func(t Tx) error { return t.Run(ctx, Do("SELECT 1")) })
}

// Close takes all connections out of their queues, so it waits for whoever holds one; who comes later waits until its
// own ctx ends.
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

// Write waits for the writer as long as ctx lets it; from then on the transaction runs to its end, so that a
// cancelled caller never leaves a half-read statement behind. A patient write first waits until no other patient one
// stands in line: so a live write has one before it at most. BEGIN IMMEDIATE takes SQLite's lock at once: a
// transaction that reads first and writes later could not be tried again.
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

// Exclusively needs no lock: each step looks in its own transaction whether it is still to be done, and SQLite has
// one writer.
func (d *liteDB) Exclusively(_ context.Context, f func(Session) error) error {
	return f(liteSession{d})
}

// liteSession is the one writer.
type liteSession struct{ d *liteDB }

func (s liteSession) Transact(ctx context.Context, f func(Tx) error) error { return s.d.Write(ctx, f) }

// Beside has nothing to be beside of: an index is built under the one writer, and readers go on.
func (s liteSession) Beside(ctx context.Context, _, statement string) error {
	return s.d.Write(ctx, func(t Tx) error { return t.Run(ctx, Do(statement)) })
}

// Read takes one of the reading connections. Each statement sees the newest commit; see Snapshot for one view.
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

// Snapshot holds a read transaction open: SQLite's log cannot be written back beyond it, so it should be short.
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

// transact rolls back when f fails, or panics: then the deferred function runs as well.
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

// maxStatements bounds the prepared statements of a connection; the hot ones are some sixty. At the bound all are
// closed and made anew, which is simpler than to know which are old, and rare.
const maxStatements = 400

// prepare keeps each statement by its text: preparing costs more than running most of them.
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
	if w, wrapped := t.(interface{ Inner() Tx }); wrapped {
		t = w.Inner()
	}
	_, lite := t.(*liteTx)
	return lite
}

// Outside runs f on the writing connection without a transaction, for pragmas and VACUUM.
func (d *liteDB) Outside(ctx context.Context, f func(Tx) error) error {
	return d.apart(ctx, func(c *liteConn, ctx context.Context) error { return f(&liteTx{c, ctx}) })
}

// liteTx runs calls on one connection.
type liteTx struct {
	*liteConn
	ctx context.Context // without cancellation: see liteDB.Write
}

// Run stops at the first call that fails; there is no round trip to save, so they run one by one.
func (t *liteTx) Run(_ context.Context, calls ...Call) error {
	for _, c := range calls {
		if err := t.one(c); err != nil {
			return Fault(err)
		}
	}
	return nil
}

func (t *liteTx) Last(ctx context.Context, calls ...Call) error { return t.Run(ctx, calls...) }

// one runs a call and notes how many rows it has changed.
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

// each runs a statement for each row of arguments. A row of a bulk insert that changed something went in, and its
// RETURNING is answered from its arguments (see inserted).
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

// execute runs a statement once with its arguments.
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

// liteArgs turns array arguments into JSON for json_each: one text for lists of any length, so that a statement is
// prepared once.
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
