package sql

import (
	"context"
	"fmt"
	"time"
)

// On PostgreSQL both do nothing: its own vacuum, and who keeps its archived log, decide what leaves the disk.
func (d *postDB) Compact(context.Context, bool) error { return nil }

func (d *postDB) Shred(context.Context) error { return nil }

// memoryRewrite is the size up to which a file is rewritten by way of memory, in bytes: what VACUUM writes into a
// temporary file would have to be erased, too.
const memoryRewrite = 512 << 20

// Compact holds the one writer until it is done, and a cancelled ctx does not end it: a rewriting that is broken off
// has cost its time and given nothing back.
func (d *liteDB) Compact(ctx context.Context, rewrite bool) error {
	return d.apart(ctx, func(c *liteConn, ctx context.Context) error {
		if rewrite {
			if err := c.rewrite(ctx); err != nil {
				return Fault(err)
			}
		}
		return c.checkpoint(ctx)
	})
}

// Shred makes this connection overwrite what it deletes with zeros (SQLite: PRAGMA secure_delete). It costs further
// writes, so it is switched on by the process that erases, for as long as it lives.
func (d *liteDB) Shred(ctx context.Context) error {
	return d.apart(ctx, func(c *liteConn, ctx context.Context) error {
		_, err := c.conn.ExecContext(ctx, "PRAGMA secure_delete=ON")
		return err
	})
}

// apart gives the writing connection to f, outside of a transaction.
func (d *liteDB) apart(ctx context.Context, f func(*liteConn, context.Context) error) error {
	select {
	case c := <-d.writer:
		defer func() { d.writer <- c }()
		return f(c, context.WithoutCancel(ctx))
	case <-ctx.Done():
		return ctx.Err()
	}
}

// rewrite writes the whole file anew, so that nothing deleted lies in its gaps.
func (c *liteConn) rewrite(ctx context.Context) error {
	var pages, size int64
	if err := c.conn.QueryRowContext(ctx, "SELECT page_count * page_size, page_size FROM pragma_page_count, pragma_page_size").Scan(&pages, &size); err != nil {
		return err
	}
	store := "MEMORY"
	if pages > memoryRewrite {
		store = "FILE"
	}
	for key, s := range c.statements { // a prepared statement would keep the file from being rewritten
		s.Close()
		delete(c.statements, key)
	}
	for _, text := range []string{"PRAGMA temp_store=" + store, "VACUUM", "PRAGMA temp_store=MEMORY"} {
		if _, err := c.conn.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

// checkpointTries bounds how often the log is emptied against readers that stand in the way. Each try may wait by
// itself as long as busyMilliseconds, before it says that it was in vain.
const checkpointTries = 50

// checkpoint writes the log into the file and cuts it to nothing. A reader that began before keeps its part of the
// log from going. SQLite waits for that reader itself, and holds its write lock meanwhile (SQLite: Checkpoint a
// database): a write of another process waits as well. So this stands in commands that are to leave nothing behind,
// not in the service.
func (c *liteConn) checkpoint(ctx context.Context) error {
	for range checkpointTries {
		var busy, log, done int
		if err := c.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &log, &done); err != nil {
			return Fault(err)
		}
		if busy == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return fmt.Errorf("readers kept the write-ahead log from being emptied")
}
