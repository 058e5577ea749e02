package sql

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// postDB is PostgreSQL, through a pool of connections.
type postDB struct {
	pool  *pgxpool.Pool
	texts sync.Map // statement as written → in PostgreSQL's own words
}

// sessionSettings: each query here is meant to run on an index, which the planner cannot see while tables are small
// and plans are kept; a commit is durable whatever the server's default is; a process that hangs inside a transaction
// does not hold its locks for ever. force_generic_plan: a prepared statement keeps one plan, so that no value of an
// argument makes the database choose another way at night.
const sessionSettings = `SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off;
SET plan_cache_mode = force_generic_plan; SET lock_timeout = '20s'; SET idle_in_transaction_session_timeout = '60s';
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'`

// listSettings leave the planner its choices: a list or a report may look at a large part of a table, for which the way through an
// index is the long one. Nothing is written through such a session.
const listSettings = `SET default_transaction_read_only = on; SET jit = off; SET lock_timeout = '20s'; SET idle_in_transaction_session_timeout = '60s'`

// ReadPostgres reads an address. The reason why it cannot be read would quote it, password and all.
func ReadPostgres(url string) (*pgxpool.Config, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("reading database address: malformed PostgreSQL URL")
	}
	return cfg, nil
}

// believe puts our authorities where the address names none. Modes that look at no certificate stay as they are.
// That is what sslmode=require and the weaker ones say; verify-full looks at it.
func believe(c *pgconn.Config, roots *x509.CertPool) {
	configs := []*tls.Config{c.TLSConfig}
	for _, f := range c.Fallbacks {
		configs = append(configs, f.TLSConfig)
	}
	for _, t := range configs {
		if t != nil && t.RootCAs == nil {
			t.RootCAs = roots
		}
	}
}

// OpenPostgres opens the pool of connections for what is decided and done: each session takes the way through
// indexes. It fails when nobody answers, or when a pooler between mixes sessions up. size is how many connections
// there are at most; they are opened as they are needed.
func OpenPostgres(ctx context.Context, url string, size int, roots *x509.CertPool) (DB, error) {
	d, err := poolPostgres(ctx, url, size, roots, sessionSettings)
	if err != nil {
		return nil, err
	}
	if err = d.Ping(ctx); err == nil {
		err = ownSessions(ctx, d.pool)
	}
	if err != nil {
		d.pool.Close()
		return nil, fmt.Errorf("opening PostgreSQL: %w", err)
	}
	return d, nil
}

// OpenLists opens a pool beside that of OpenPostgres for what people look at. It connects when somebody does.
func OpenLists(ctx context.Context, url string, size int, roots *x509.CertPool) (DB, error) {
	return poolPostgres(ctx, url, size, roots, listSettings)
}

// poolPostgres makes a pool whose connections all get the settings when they are made. A server that has stopped
// taking writes is left at once: see demotion.
func poolPostgres(ctx context.Context, url string, size int, roots *x509.CertPool, settings string) (*postDB, error) {
	cfg, err := ReadPostgres(url)
	if err != nil {
		return nil, err
	}
	believe(&cfg.ConnConfig.Config, roots)
	cfg.MaxConns = int32(size) // a small number from the configuration
	cfg.ConnConfig.RuntimeParams["application_name"] = "frontdesk"
	cfg.ConnConfig.StatementCacheCapacity = 400
	cfg.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.PgConn().Exec(ctx, settings).ReadAll()
		return err
	}
	moved := &demotion{}
	cfg.ConnConfig.OnPgError = moved.heard
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("opening PostgreSQL: %w", err)
	}
	moved.pool.Store(pool)
	return &postDB{pool: pool}, nil
}

func (d *postDB) Name() string { return "postgres" }

func (d *postDB) Ping(ctx context.Context) error { return d.pool.Ping(ctx) }

func (d *postDB) Close() error {
	d.pool.Close()
	return nil
}

// Write takes the server's default isolation, which is READ COMMITTED: a statement sees what others have committed
// until then, and what must hold between two statements is held by a locked row or a unique key.
func (d *postDB) Write(ctx context.Context, f func(Tx) error) error {
	return d.transact(ctx, "begin", f)
}

func (d *postDB) Snapshot(ctx context.Context, f func(Tx) error) error {
	return d.transact(ctx, "begin isolation level repeatable read, read only", f)
}

// transact begins with the first statements' round trip and, where f ends with last, commits with
// theirs: of a small transaction most of the time is the way there and back.
func (d *postDB) transact(ctx context.Context, begin string, f func(Tx) error) error {
	c, err := d.pool.Acquire(ctx)
	if err != nil {
		return Fault(err)
	}
	defer c.Release()
	t := &postTx{on: c, db: d, begin: begin}
	if err := f(t); err != nil {
		if t.begun && !t.over {
			c.Exec(context.WithoutCancel(ctx), "rollback") //nolint:errcheck // the first error counts; the pool drops a connection that is not idle
		}
		return err
	}
	if !t.begun || t.over {
		return nil
	}
	_, err = c.Exec(ctx, "commit")
	return Fault(err)
}

// advisoryKey marks this program's own exclusive work in the database ("frontdes" in ASCII).
const advisoryKey = 0x66726f6e74646573

// Alone waits for the lock of whoever is at it; the lock ends with the transaction, so a process that dies gives it
// back.
func (d *postDB) Alone(ctx context.Context, f func(Tx) error) error {
	return d.Write(ctx, func(t Tx) error {
		if err := t.Run(ctx, Do("SELECT pg_advisory_xact_lock($1)", int64(advisoryKey))); err != nil {
			return err
		}
		return f(t)
	})
}

// Read has no transaction around it: each statement is one by itself.
func (d *postDB) Read(ctx context.Context, f func(Tx) error) error {
	c, err := d.pool.Acquire(ctx)
	if err != nil {
		return Fault(err)
	}
	defer c.Release()
	return f(&postTx{on: c, db: d})
}

func (d *postDB) Outside(ctx context.Context, f func(Tx) error) error { return d.Read(ctx, f) }

// words gives a statement in PostgreSQL's own words, translated once.
func (d *postDB) words(text string) string {
	if s, ok := d.texts.Load(text); ok {
		return s.(string)
	}
	s := forPostgres(text)
	d.texts.Store(text, s)
	return s
}

// querier is what a pooled connection and a transaction have in common.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// postTx runs calls on one connection, all of one run in one round trip. BEGIN goes with the first run, and COMMIT
// with the last one where Last says so: a small transaction is one round trip in place of three.
type postTx struct {
	on    querier
	db    *postDB
	begin string // the statement that begins the transaction, with the first others; empty for none
	begun bool
	over  bool // it is committed
}

// Last runs the calls and commits. After an error nobody knows whether the commit has come through; callers treat it
// as one that has not, and their keys make a second try harmless.
func (t *postTx) Last(ctx context.Context, calls ...Call) error {
	calls = busy(calls)
	if len(calls) == 0 && !t.begun {
		return nil
	}
	err := t.Run(ctx, append(calls, Do("commit"))...)
	t.over = err == nil
	return err
}

// Run sends all calls at once. A lone call without BEGIN needs no pipeline, and is prepared and kept by pgx.
func (t *postTx) Run(ctx context.Context, calls ...Call) error {
	calls = busy(calls)
	if t.begin != "" && !t.begun && len(calls) > 0 {
		t.begun = true
		calls = append([]Call{Do(t.begin)}, calls...)
	}
	switch len(calls) {
	case 0:
		return nil
	case 1:
		text, args := t.statement(calls[0])
		rows, err := t.on.Query(ctx, text, args...)
		return Fault(drain(rows, err, calls[0]))
	}
	b := &pgx.Batch{}
	for _, c := range calls {
		text, args := t.statement(c)
		b.Queue(text, args...)
	}
	return Fault(results(t.on.SendBatch(ctx, b), calls))
}

// busy leaves out bulk calls without rows.
func busy(calls []Call) []Call {
	out := calls[:0:0]
	for _, c := range calls {
		if c.Bulk == nil || len(c.rows) > 0 {
			out = append(out, c)
		}
	}
	return out
}

// results reads the answers in the order of the calls. The first error ends it; PostgreSQL skips what stands behind
// it in the pipeline.
func results(br pgx.BatchResults, calls []Call) (err error) {
	defer func() {
		if cerr := br.Close(); err == nil {
			err = cerr
		}
	}()
	for _, c := range calls {
		rows, err := br.Query()
		if err := drain(rows, err, c); err != nil {
			return err
		}
	}
	return nil
}

// drain reads one answer to its end.
func drain(rows pgx.Rows, err error, c Call) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if c.each == nil {
			continue
		}
		if err := c.each(rows); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if c.Done != nil {
		*c.Done = rows.CommandTag().RowsAffected()
	}
	return nil
}

// A bulk call is one statement with an array for each column (unnest), so that it is prepared once for any number of
// rows.
func (t *postTx) statement(c Call) (string, []any) {
	if c.Bulk == nil {
		return t.db.words(c.Text), c.Args
	}
	args := make([]any, len(c.Bulk.columns))
	for i, col := range c.Bulk.columns {
		args[i] = array(col.kind, c.rows, i)
	}
	return c.Bulk.many, args
}

// array is one column of the rows as PostgreSQL's array.
func array(k kind, rows [][]any, i int) any {
	switch k {
	case number:
		return columnOf[int64](rows, i)
	case flag:
		return columnOf[bool](rows, i)
	case bytes:
		return columnOf[[]byte](rows, i)
	default:
		return columnOf[string](rows, i)
	}
}

// A value of another type than its column's panics: that is a mistake in the program, which the first test that
// writes such a row finds.
func columnOf[T any](rows [][]any, i int) []T {
	out := make([]T, len(rows))
	for r, row := range rows {
		out[r] = row[i].(T)
	}
	return out
}
