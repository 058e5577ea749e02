package worldtest

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"time"

	"frontdesk/workers/store"
)

// What a fault between store and file looks like to the store.
var (
	errDead = errors.New("this process is dead")
	errAway = errors.New("the database is away for a moment")
)

// lite is SQLite's own driver.
func lite() driver.Driver {
	db, err := sql.Open("sqlite", "")
	if err != nil {
		panic(err)
	}
	defer db.Close()
	return db.Driver()
}

// connector stands between the store of one process and its file.
type connector struct {
	p    *process
	name string
}

func (c connector) Driver() driver.Driver { return c.p.w.ready.file.driver }

func (c connector) Connect(context.Context) (driver.Conn, error) {
	if err := c.p.point("connecting"); err != nil {
		return nil, err
	}
	inner, err := c.p.w.ready.file.take(c.name)
	if err != nil {
		return nil, err
	}
	return &conn{p: c.p, name: c.name, inner: inner}, nil
}

// conn is one connection. What a transaction decided is told to the world once it is committed.
type conn struct {
	p       *process
	name    string
	inner   *line
	decided []int64 // messages written by the transaction under way, in their order
	reads   bool    // the transaction under way only reads
}

func (c *conn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if err := c.p.point("preparing"); err != nil {
		return nil, err
	}
	inner, err := c.inner.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	return &stmt{Stmt: inner, c: c, text: query}, nil
}

func (c *conn) Close() error { return c.p.w.ready.file.give(c.name, c.inner) }

func (c *conn) Begin() (driver.Tx, error) { return nil, errors.New("the store says BEGIN itself") }

// ExecContext is what the store begins and ends transactions with.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	switch query {
	case "BEGIN IMMEDIATE", "BEGIN":
		return c.begin(ctx, query, args)
	case "COMMIT":
		return c.commit(ctx, query, args)
	}
	return c.exec(ctx, query, args) // ROLLBACK: the dead's too, as SQLite does for them
}

func (c *conn) exec(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.inner.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.(driver.StmtExecContext).ExecContext(ctx, args)
}

func (c *conn) begin(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.decided, c.reads = nil, query == "BEGIN"
	if err := c.p.point("beginning a transaction"); err != nil {
		return nil, err
	}
	if c.p.w.away("database") || c.p.trouble(c.p.w.odds.begin, "the database refuses a transaction") {
		return nil, errAway
	}
	return c.exec(ctx, query, args)
}

func (c *conn) commit(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if c.reads {
		return c.known(ctx, query, args)
	}
	if err := c.p.point("committing"); err != nil {
		return nil, err
	}
	switch {
	case c.p.trouble(c.p.w.odds.commit, "a commit fails"):
		return nil, errAway
	case c.p.trouble(c.p.w.odds.conflict, "a commit meets another one"):
		return nil, store.ErrConflict
	}
	res, err := c.exec(ctx, query, args)
	if err != nil {
		return res, err
	}
	c.p.w.committed(c.decided)
	if err := c.p.point("having committed"); err != nil {
		return nil, err
	}
	if c.p.trouble(c.p.w.odds.answer, "a commit is done and its answer lost") {
		return nil, errAway
	}
	return res, nil
}

// known ends a transaction that only read. Whoever has asked for what is known may be slow with what he makes of it,
// while somebody else writes: nothing but the store's own connection is held over this sleep.
func (c *conn) known(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	res, err := c.exec(ctx, query, args)
	odds := c.p.w.odds.think
	if time.Now().UnixNano() < c.p.w.hasty.Load() {
		odds = 0.7
	}
	if c.p.trouble(odds, "it takes its time over what it has read") {
		time.Sleep(c.p.w.chaos.between(time.Millisecond, 2*time.Second))
	}
	if err := c.p.point("having read what is known"); err != nil {
		return nil, err
	}
	return res, err
}

// stmt is a prepared statement.
type stmt struct {
	driver.Stmt
	c    *conn
	text string
}

// Close leaves the statement to its line.
func (s *stmt) Close() error { return nil }

func (s *stmt) before() error {
	if err := s.c.p.point("a statement"); err != nil {
		return err
	}
	if s.c.p.trouble(s.c.p.w.odds.statement, "a statement fails") {
		return errAway
	}
	return nil
}

func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if err := s.before(); err != nil {
		return nil, err
	}
	res, err := s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
	if err == nil && strings.HasPrefix(s.text, "INSERT INTO messages ") {
		if id, ok := args[0].Value.(int64); ok {
			s.c.decided = append(s.c.decided, id)
		}
	}
	return res, err
}

func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if err := s.before(); err != nil {
		return nil, err
	}
	return s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
}
