package sql

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// readOnlyServer is what a server answers to a write that takes none: a standby, or a primary that was made
// read-only for a switchover (SQLSTATE 25006, read_only_sql_transaction).
const readOnlyServer = "25006"

// demotion closes the connections to a server that has stopped being the primary without closing them
// itself. New ones go to whichever server of the address takes writes by then (target_session_attrs, a
// virtual address, a name). The others go too, although they only read so far: what they read is old.
type demotion struct {
	pool  atomic.Pointer[pgxpool.Pool]
	reset atomic.Int64 // Unix milliseconds of the last one
}

// resetEvery bounds how often everything is closed while no server takes writes at all.
const resetEvery = time.Second

// heard is pgconn.Config.OnPgError: false closes the connection that the error came from.
func (d *demotion) heard(_ *pgconn.PgConn, e *pgconn.PgError) bool {
	if e.Code != readOnlyServer {
		return !strings.EqualFold(e.Severity, "FATAL")
	}
	now, last := time.Now().UnixMilli(), d.reset.Load()
	if pool := d.pool.Load(); pool != nil && now-last >= resetEvery.Milliseconds() && d.reset.CompareAndSwap(last, now) {
		pool.Reset()
	}
	return false
}

// errShared says what is wrong with a pooler between us and the server.
var errShared = errors.New("a pooler hands the connections to PostgreSQL from one to the next between transactions " +
	"(PgBouncer: pool_mode transaction or statement); prepared statements, settings and locks of a session get lost there: " +
	"give this database pool_mode = session, or connect to PostgreSQL itself")

// serverSession is one session of the server. Processes of two servers may have the same number.
type serverSession struct {
	pid   int64
	since time.Time
}

// ownSessions refuses a pooler that does not give each connection a session of its own for as long as it lasts. Two
// connections tell: while the second is within a transaction, it must not have the session that the first one had, and
// the first one must find its own again.
func ownSessions(ctx context.Context, pool *pgxpool.Pool) error {
	first, err := pool.Acquire(ctx)
	if err != nil {
		return Fault(err)
	}
	defer first.Release()
	second, err := pgx.ConnectConfig(ctx, pool.Config().ConnConfig)
	if err != nil {
		return Fault(err)
	}
	defer second.Close(context.WithoutCancel(ctx)) // made for the question
	before, err := sessionOf(ctx, first.Conn())
	if err != nil {
		return err
	}
	if _, err := second.Exec(ctx, "begin", pgx.QueryExecModeSimpleProtocol); err != nil {
		return statementPooling(err)
	}
	within, err := sessionOf(ctx, second)
	if err == nil && within == before { // a pooler with one session could not answer the next question
		err = errShared
	}
	if err != nil {
		return err
	}
	after, err := sessionOf(ctx, first.Conn())
	if err == nil && after != before {
		err = errShared
	}
	return err
}

// statementPooling reads PgBouncer's refusal of transactions (pool_mode statement), which has no code of its own.
func statementPooling(err error) error {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.Code == "08P01" {
		return errShared
	}
	return Fault(err)
}

// sessionOf asks which session of the server answers.
func sessionOf(ctx context.Context, c *pgx.Conn) (s serverSession, err error) {
	err = c.QueryRow(ctx, `SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()`, pgx.QueryExecModeSimpleProtocol).Scan(&s.pid, &s.since)
	return s, Fault(err)
}

// Place asks for the identity that initdb gave the server, which a restored dump does not have, and for the
// database's name. A server may keep the first from its users: then it is "".
func (d *postDB) Place(ctx context.Context) (at string) {
	err := d.Read(ctx, func(t Tx) error {
		return t.Run(ctx, Ask(Into(&at), `SELECT system_identifier::text || '/' || current_database() FROM pg_control_system()`))
	})
	if err != nil {
		return ""
	}
	return at
}
