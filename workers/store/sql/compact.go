package sql

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// On PostgreSQL both do nothing: its own vacuum, and who keeps its archived log, decide what leaves the disk.
func (d *postDB) Compact(context.Context, bool) error { return nil }

func (d *postDB) Shred(context.Context) error { return nil }

// memoryRewrite is the size up to which a file is rewritten by way of memory, in bytes: what VACUUM writes into a
// temporary file would have to be erased, too.
const memoryRewrite = 512 << 20

// ErrRead says that somebody reads what the write-ahead log holds, so that it could not be emptied: what was deleted
// may still be found in it. Once the reading is over, another Compact does it.
var ErrRead = errors.New("a reading keeps the write-ahead log from being emptied")

// Compact holds the one writer while it rewrites, and a cancelled ctx does not end that: a rewriting that is broken off
// has cost its time and given nothing back. For readings that keep the log from being emptied it waits until ctx ends
// (ErrRead), but tries once at least, and holds nothing meanwhile.
func (d *liteDB) Compact(ctx context.Context, rewrite bool) error {
	if rewrite {
		if err := d.apart(ctx, (*liteConn).rewrite); err != nil {
			return Fault(err)
		}
	}
	return d.checkpoint(ctx, rewrite)
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
	if err := ctx.Err(); err != nil { // of two that are ready select takes either
		return err
	}
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

const (
	// checkpointMilliseconds is how long a try to empty the log waits for others. SQLite holds its write lock while it
	// waits for readers (SQLite: Checkpoint a database), so this is how long a write of anybody waits for a try.
	checkpointMilliseconds = 50
	// checkpointPause is between two tries. Nothing is held in it.
	checkpointPause = 250 * time.Millisecond
)

// checkpoint writes the log into the file and cuts it to nothing. A reading that began before keeps its part of the
// log from going, and may last for minutes. Begun work is tried once, though its time is over.
func (d *liteDB) checkpoint(ctx context.Context, begun bool) error {
	for tried := false; ; {
		busy, try := true, ctx
		if begun {
			try, begun = context.WithoutCancel(ctx), false
		}
		err := d.apart(try, func(c *liteConn, ctx context.Context) (err error) {
			busy, err = c.cut(ctx)
			return err
		})
		switch {
		case err == nil && !busy:
			return nil
		case err != nil && (!tried || ctx.Err() == nil):
			return Fault(err)
		}
		tried = true
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ErrRead, context.Cause(ctx))
		case <-time.After(checkpointPause):
		}
	}
}

// cut tries to empty the log. The long part, writing it into the file, is done first without the write lock.
func (c *liteConn) cut(ctx context.Context) (busy bool, err error) {
	if busy, err = c.pragma(ctx, "wal_checkpoint(PASSIVE)"); busy || err != nil {
		return busy, err
	}
	if _, err := c.conn.ExecContext(ctx, "PRAGMA busy_timeout="+strconv.Itoa(checkpointMilliseconds)); err != nil {
		return true, err
	}
	busy, err = c.pragma(ctx, "wal_checkpoint(TRUNCATE)")
	_, back := c.conn.ExecContext(ctx, "PRAGMA busy_timeout="+strconv.Itoa(busyMilliseconds))
	return busy, errors.Join(err, back)
}

// pragma runs a checkpoint, and tells whether part of the log could not be written into the file.
func (c *liteConn) pragma(ctx context.Context, checkpoint string) (left bool, err error) {
	var busy, log, done int
	err = c.conn.QueryRowContext(ctx, "PRAGMA "+checkpoint).Scan(&busy, &log, &done)
	return busy != 0 || done < log, err
}
