package sql

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Times of migrating. The tries together are a minute: a step that finds its table locked for so long gives up, and
// the start with it.
const (
	migrationKey   = advisoryKey + 1        // the advisory lock of whoever has the schema in hand
	migrationWait  = 250 * time.Millisecond // between two attempts to get it, or to lock a busy table
	migrationTries = 240                    // attempts to lock a busy table
)

// migrationSettings: a step that waits for a table's lock keeps everyone behind it waiting too, so it
// waits briefly and tries again; an index that is built beside the work waits as long as it must.
const migrationSettings = `SET lock_timeout = '2s'; SET enable_seqscan = on; SET idle_in_transaction_session_timeout = 0`

// Exclusively holds a lock of the session on a connection of its own. It asks for the lock again and again instead of
// waiting for it: a waiting statement would be an open snapshot, and an index is built beside the work only when the
// snapshots before it are gone. A process that dies gives the lock back with its connection.
func (d *postDB) Exclusively(ctx context.Context, f func(Session) error) error {
	pooled, err := d.pool.Acquire(ctx)
	if err != nil {
		return Fault(err)
	}
	c := pooled.Hijack()
	defer c.Close(context.WithoutCancel(ctx)) // the lock goes with the connection
	if _, err := c.PgConn().Exec(ctx, migrationSettings).ReadAll(); err != nil {
		return Fault(err)
	}
	for {
		var mine bool
		if err := c.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, int64(migrationKey)).Scan(&mine); err != nil {
			return Fault(err)
		}
		if mine {
			return f(&postSession{c, d})
		}
		if err := Pause(ctx, migrationWait); err != nil {
			return fmt.Errorf("waiting for another process that migrates: %w", err)
		}
	}
}

// Pause waits for d, or until ctx is over.
func Pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// postSession is the connection that holds the lock; every step of a migration goes by it.
type postSession struct {
	c *pgx.Conn
	d *postDB
}

// Transact tries again while a table is locked, or two transactions stood in each other's way; f must begin anew each
// time.
func (s *postSession) Transact(ctx context.Context, f func(Tx) error) (err error) {
	for range migrationTries {
		if err = s.once(ctx, f); !errors.Is(err, errLocked) && !errors.Is(err, ErrConflict) {
			return err
		}
		if err := Pause(ctx, migrationWait); err != nil {
			return err
		}
	}
	return err
}

func (s *postSession) once(ctx context.Context, f func(Tx) error) error {
	t, err := s.c.Begin(ctx)
	if err != nil {
		return Fault(err)
	}
	defer t.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // no-op after a commit
	if err := f(&postTx{on: t, db: s.d}); err != nil {
		return err
	}
	return Fault(t.Commit(ctx))
}

// Beside builds an index CONCURRENTLY. A build that was cut off leaves an index behind that is not valid and that IF
// NOT EXISTS would take for the real one (PostgreSQL manual, CREATE INDEX). It cannot run in a transaction, so it
// waits as long as it must.
func (s *postSession) Beside(ctx context.Context, index, statement string) error {
	var broken bool
	err := s.c.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_index WHERE indexrelid = to_regclass($1) AND NOT indisvalid)`, index).Scan(&broken)
	if err != nil {
		return Fault(err)
	}
	statements := []string{"SET lock_timeout = 0"}
	if broken {
		statements = append(statements, "DROP INDEX CONCURRENTLY "+pgx.Identifier{index}.Sanitize())
	}
	for _, text := range append(statements, statement, "SET lock_timeout = '2s'") {
		if _, err := s.c.Exec(ctx, text); err != nil {
			return Fault(err)
		}
	}
	return nil
}
