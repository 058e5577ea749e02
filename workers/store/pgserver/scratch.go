package pgserver

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// ErrNotEmpty says that the database holds tables already.
var ErrNotEmpty = errors.New("the database has tables already")

// Scratch is a schema of its own in a database.
type Scratch struct {
	// URL leads into the schema: tables are made and found there.
	URL string
	// PID is the server's process id where it runs on this machine, else 0.
	PID int
	// Version is the server's, with its setting of fsync.
	Version string

	admin, schema string
}

// NewScratch makes a schema in the database of the URL. One that holds tables is refused with
// ErrNotEmpty, lest a busy database be measured or filled by mistake, unless force is set.
func NewScratch(ctx context.Context, address string, force bool) (*Scratch, error) {
	c, err := pgx.Connect(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("connecting to PostgreSQL: %w", err)
	}
	defer c.Close(ctx) // it was asked all it had to be
	s := &Scratch{admin: address, schema: "frontdesk_scratch_" + strings.ToLower(rand.Text())}
	var tables, backend int
	var local bool
	var version, fsync string
	err = c.QueryRow(ctx, `SELECT (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'),
 pg_backend_pid(), coalesce(inet_server_addr() <<= '127.0.0.0/8' OR inet_server_addr() = '::1', true), current_setting('server_version'), current_setting('fsync')`).
		Scan(&tables, &backend, &local, &version, &fsync)
	if err != nil {
		return nil, fmt.Errorf("looking at the database: %w", err)
	}
	if tables > 0 && !force {
		return nil, ErrNotEmpty
	}
	if _, err := c.Exec(ctx, "CREATE SCHEMA "+s.schema); err != nil {
		return nil, fmt.Errorf("making a schema: %w", err)
	}
	if s.URL, err = within(address, s.schema); err != nil {
		return nil, err
	}
	s.Version = "PostgreSQL " + version + ", fsync " + fsync
	if local {
		s.PID = parent(backend)
	}
	return s, nil
}

// within adds the schema to the address.
func within(address, schema string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", errors.New("reading the database address: malformed URL")
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// Drop deletes the schema with all that is in it.
func (s *Scratch) Drop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	c, err := pgx.Connect(ctx, s.admin)
	if err != nil {
		return dropping(err, s.schema)
	}
	defer c.Close(ctx) // it did all it had to do
	for {
		_, err := c.Exec(ctx, "DROP SCHEMA IF EXISTS "+s.schema+" CASCADE")
		if !deadlocked(err) {
			return dropping(err, s.schema)
		}
		select { // whoever used it is ending still: PostgreSQL notices later than its client has gone
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return dropping(err, s.schema)
		}
	}
}

func dropping(err error, schema string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("dropping the schema %s: %w", schema, err)
}

// deadlocked reports whether PostgreSQL ended a statement because two waited for each other; it may be tried again.
func deadlocked(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pg.Code == "40P01"
}

// parent is the process above a backend, 0 where /proc does not know it for PostgreSQL's.
func parent(backend int) int {
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(backend), "stat"))
	if err != nil {
		return 0
	}
	text := string(raw)
	end := strings.LastIndexByte(text, ')')
	if !strings.Contains(text[:end+1], "postgres") {
		return 0
	}
	fields := strings.Fields(text[end+1:])
	if len(fields) < 2 {
		return 0
	}
	pid, _ := strconv.Atoi(fields[1]) // 0 for what is no number
	return pid
}
