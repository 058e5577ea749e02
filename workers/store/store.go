// Package store keeps everything that Frontdesk may not forget, in SQLite or PostgreSQL: what was
// handed in, what was decided, what is promised and what is still to be sent.
//
// The database decides what is new and who was first. Each exported method that writes is one
// transaction. Errors are of four sorts: ErrConflict (read and decide again), *GoneError (somebody
// else has done it), *DataError (an item's own fault), and all others, which are temporary.
package store

import (
	"context"
	"crypto/x509"
	"database/sql/driver"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/search"
	"frontdesk/workers/store/blobs"
	"frontdesk/workers/store/keyring"
)

// Options say where the store is.
type Options struct {
	// URL is "postgres://…", "sqlite:PATH", or empty for Dir/frontdesk.db.
	URL string
	// Dir is the data directory of the embedded default.
	Dir string
	// Keyring holds the master keys. It is attached to the database by Open.
	Keyring *keyring.Ring
	// Blobs keeps large originals and attachments. Nil: Dir/blobs.
	Blobs blobs.Store
	// PoolSize bounds the connections to PostgreSQL and the readers of SQLite. 0: 8 and 4.
	PoolSize int
	// Migrate brings the schema up to date at Open; otherwise an older one is a *SchemaError. A newer
	// one is taken if its migrations say that this program survives them.
	Migrate bool
	// Retention is how long an original is kept after its decision. 0: 30 days.
	Retention time.Duration
	// Roots are the authorities that vouch for PostgreSQL, where URL names none (sslrootcert) and looks at certificates. Nil: the
	// system's.
	Roots *x509.CertPool
	// Channels are the traits of all channels that the program has, by name: erasure knows by them where a person's address lies.
	Channels map[string]channels.Traits
	// Connector makes the connections to a SQLite file, given its data source name. Nil: the driver
	// named "sqlite". A simulation puts faults and deaths between the store and its file with it.
	Connector func(name string) driver.Connector
}

// Store is safe for concurrent use.
type Store struct {
	channels  map[string]channels.Traits
	db        dialect
	ring      *keyring.Ring
	blobs     blobs.Store
	retention time.Duration
	sequences *sequences
	shares    keptShares
	folder    *search.Folder
	newestOf  int // how many of the newest tickets a search looks through first; 0: it asks the index at once
}

const defaultRetention = 30 * 24 * time.Hour

// Open connects, checks the schema (or migrates, see Options) and attaches the keyring.
func Open(ctx context.Context, o Options, now time.Time) (*Store, error) {
	if o.Keyring == nil {
		return nil, errors.New("opening store: no keyring")
	}
	d, err := o.dial(ctx)
	if err != nil {
		return nil, fmt.Errorf("opening store: %w", err)
	}
	s, err := assemble(ctx, d, o, now)
	if err != nil {
		d.close() //nolint:errcheck // the first error counts
		return nil, fmt.Errorf("opening store: %w", err)
	}
	return s, nil
}

func assemble(ctx context.Context, d dialect, o Options, now time.Time) (*Store, error) {
	s := &Store{db: d, ring: o.Keyring, channels: o.Channels, blobs: o.Blobs, retention: o.Retention, folder: search.New(), newestOf: newestFirst}
	s.sequences = newSequences(d)
	if s.retention == 0 {
		s.retention = defaultRetention
	}
	steps, err := migrations()
	if err != nil {
		return nil, err
	}
	if o.Migrate {
		if _, err := migrateUp(ctx, d, steps, now); err != nil {
			return nil, err
		}
	}
	if err := checkSchema(ctx, d, steps); err != nil {
		return nil, err
	}
	if s.blobs == nil {
		dir, err := blobs.OpenDir(filepath.Join(o.Dir, "blobs"))
		if err != nil {
			return nil, err
		}
		s.blobs = dir
	}
	if err := s.ring.Attach(ctx, shelfIn(d), now); err != nil {
		return nil, err
	}
	return s, s.sealSecretsAnew(ctx)
}

// CheckURL refuses an address that Open could not read. It connects to nothing.
func CheckURL(url string) error {
	if !strings.HasPrefix(url, "postgres://") && !strings.HasPrefix(url, "postgresql://") {
		return nil // the path of a file
	}
	_, err := readPostgres(url)
	return err
}

func (o Options) dial(ctx context.Context) (dialect, error) {
	size := func(standard int) int {
		if o.PoolSize > 0 {
			return o.PoolSize
		}
		return standard
	}
	switch {
	case strings.HasPrefix(o.URL, "postgres://"), strings.HasPrefix(o.URL, "postgresql://"):
		return openPostgres(ctx, o.URL, size(8), o.Roots)
	case strings.HasPrefix(o.URL, "sqlite:"):
		return openSQLite(ctx, strings.TrimPrefix(o.URL, "sqlite:"), size(4), o.Connector)
	case o.URL == "":
		return openSQLite(ctx, filepath.Join(o.Dir, "frontdesk.db"), size(4), o.Connector)
	}
	return nil, errors.New("the database address begins with neither postgres:// nor sqlite: as it must")
}

// Close hands back unused ids and closes all connections. No method may be running or be called later.
func (s *Store) Close(ctx context.Context) error {
	err := s.sequences.giveBack(ctx)
	if cerr := s.db.close(); err == nil {
		err = cerr
	}
	return err
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return fault(s.db.ping(ctx)) }

// Writable writes a row and commits, changing nothing: a full disk, a database that became read-only and
// one that has lost its master all answer a Ping. Blobs on disk are tried as well: in the embedded
// default they lie beside the database, whose write-ahead log may still have room when the disk has none.
func (s *Store) Writable(ctx context.Context) error {
	if b, ok := s.blobs.(interface{ Try() error }); ok {
		if err := b.Try(); err != nil {
			return err
		}
	}
	return s.db.write(ctx, func(t tx) error {
		return t.run(ctx, do(`UPDATE schema_migrations SET applied_at = applied_at WHERE version = 1`))
	})
}

// Dialect is "sqlite" or "postgres".
func (s *Store) Dialect() string { return s.db.name() }

// Keyring is the attached keyring: digests, tokens, sealing.
func (s *Store) Keyring() *keyring.Ring { return s.ring }

// Digest is the keyed digest of the parts (see keyring.Ring.Digest).
func (s *Store) Digest(parts ...[]byte) string { return s.ring.Digest(parts...) }

// Token is the keyed digest of the parts for use outside (see keyring.Ring.Token).
func (s *Store) Token(parts ...[]byte) string { return s.ring.Token(parts...) }

// attempts is how often a write is tried whose transaction another one has thrown over, and calm how long it waits before it
// is tried for the second time; twice as long each further time. One that began again at once would lock its first row before
// the other one, which waited for it, has woken up, and both would stand in each other's way again.
const (
	attempts = 6
	calm     = 50 * time.Millisecond
)

// write is one transaction that depends on nothing read before: two that stood in each other's way
// are simply done again. f must begin anew at each call.
func (s *Store) write(ctx context.Context, f func(tx) error) error {
	for n := 1; ; n++ {
		err := s.db.write(ctx, f)
		if n == attempts || !errors.Is(err, ErrConflict) {
			return err
		}
		if pause(ctx, calm<<(n-1)) != nil {
			return err
		}
	}
}

// patient marks a context whose writes wait for everybody else's.
type patient struct{}

// Patient gives the context to writes of bulk work: on SQLite, which has one writer, at most one of
// them stands in its line, so that a live write never waits for more than one.
func Patient(ctx context.Context) context.Context { return context.WithValue(ctx, patient{}, true) }

// IsPatient reports whether Patient made the context.
func IsPatient(ctx context.Context) bool { return ctx.Value(patient{}) != nil }
