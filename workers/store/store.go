// Package store keeps everything that Frontdesk may not forget, in SQLite or PostgreSQL: what was
// handed in, what was decided, what is promised and what is still to be sent. It opens the rooms, each a package of
// its own below this one; docs/architecture.md says which of them does what.
//
// The database decides what is new and who was first. Each exported method that writes is one
// transaction. Errors are of four sorts: ErrConflict (read and decide again), *GoneError (somebody
// else has done it), *DataError (an item's own fault), and all others, which are temporary.
package store

import (
	"cmp"
	"context"
	"crypto/x509"
	"database/sql/driver"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"frontdesk/channels/descriptor"
	"frontdesk/workers/store/acts"
	"frontdesk/workers/store/agents"
	"frontdesk/workers/store/alerting"
	"frontdesk/workers/store/answering"
	"frontdesk/workers/store/auditing"
	"frontdesk/workers/store/backlog"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/blobs"
	"frontdesk/workers/store/changes"
	"frontdesk/workers/store/checking"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/copies"
	"frontdesk/workers/store/decided"
	"frontdesk/workers/store/desk"
	"frontdesk/workers/store/dispatch"
	"frontdesk/workers/store/erasure"
	"frontdesk/workers/store/escalating"
	"frontdesk/workers/store/factors"
	"frontdesk/workers/store/facts"
	"frontdesk/workers/store/fates"
	"frontdesk/workers/store/files"
	"frontdesk/workers/store/find"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/keyring"
	"frontdesk/workers/store/links"
	"frontdesk/workers/store/logbook"
	"frontdesk/workers/store/macros"
	"frontdesk/workers/store/mentioning"
	"frontdesk/workers/store/merging"
	"frontdesk/workers/store/migrations"
	"frontdesk/workers/store/models"
	"frontdesk/workers/store/operators"
	"frontdesk/workers/store/outbox"
	"frontdesk/workers/store/persons"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/service"
	"frontdesk/workers/store/setaside"
	"frontdesk/workers/store/signins"
	"frontdesk/workers/store/snippets"
	"frontdesk/workers/store/splitting"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/staff"
	"frontdesk/workers/store/tagging"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/view"
	"frontdesk/workers/store/views"
)

// The errors of every room; see package sql.
var (
	ErrConflict = sql.ErrConflict
	ErrNotFound = sql.ErrNotFound
)

// The errors that say what they are about; see package sql.
type (
	// GoneError says that somebody else has done it.
	GoneError = sql.GoneError
	// DataError is an item's own fault.
	DataError = sql.DataError
)

// Options say where the store is.
type Options struct {
	// URL is "postgres://…", "sqlite:PATH", or empty for Dir/frontdesk.db.
	URL string
	// Dir is the data directory of the embedded default.
	Dir string
	// Keyring holds the master keys. It is attached to the database by Open.
	Keyring *keyring.Ring
	// Channels are the traits of all channels that the program has, by name: erasure knows by them where a person's address lies.
	Channels map[string]descriptor.Traits
	// Blobs keeps large originals and attachments. Nil: Dir/blobs.
	Blobs blobs.Store
	// PoolSize bounds the connections to PostgreSQL and the readers of SQLite. 0: 8 and 4. What people look at has a quarter as
	// many connections to PostgreSQL beside them, two at least.
	PoolSize int
	// Migrate brings the schema up to date at Open; otherwise an older one is a *sql.SchemaError. A newer
	// one is taken if its migrations say that this program survives them.
	Migrate bool
	// Retention is how long an original is kept after its decision. 0: 30 days.
	Retention time.Duration
	// Roots are the authorities that vouch for PostgreSQL, where URL names none (sslrootcert) and looks at certificates. Nil: the
	// system's.
	Roots *x509.CertPool
	// Connector makes the connections to a SQLite file, given its data source name. Nil: the driver
	// named "sqlite". A simulation puts faults and deaths between the store and its file with it.
	Connector func(name string) driver.Connector
}

// Store is the rooms of one database. Whoever needs one of them takes that one alone. It is safe for concurrent use.
type Store struct {
	Base      *base.Store       // keys, ids
	Intake    *intake.Store     // what was received
	Backlog   *backlog.Store    // what waits for its decision
	Facts     *facts.Store      // what is known for a decision
	Commit    *commit.Store     // what was decided
	Outbox    *outbox.Store     // what is to be sent, and promises
	Acts      *acts.Store       // what people do
	Answering *answering.Store  // what agents write
	Snippets  *snippets.Store   // texts that they put into it
	Macros    *macros.Store     // and what they do with it
	Checking  *checking.Store   // who their customers show to be
	View      *view.Store       // what people look at
	Desk      *desk.Store       // what agents see and do
	Merging   *merging.Store    // tickets that are worked on as one
	Splitting *splitting.Store  // tickets that are made of messages of others
	Persons   *persons.Store    // contacts that are one person
	Mentions  *mentioning.Store // who is named in notes
	Alerts    *alerting.Store   // what people are told beside their pages
	Aside     *setaside.Store   // what waits for a person and has no ticket
	Tagging   *tagging.Store    // words by which tickets are sorted
	Views     *views.Store      // what people look for again and again
	Agents    *agents.Store     // who is there
	Escalate  *escalating.Store // what is done about promises that are still owed
	Changes   *changes.Store    // what has changed lately
	Dispatch  *dispatch.Store   // who gets what
	Find      *find.Store       // what people look for
	Files     *files.Store      // attachments and originals
	Copies    *copies.Store     // what people read of a message beside its text
	Fates     *fates.Store      // what becomes of messages, counted
	Service   *service.Store    // what processes tell each other
	Operators *operators.Store  // who is signed in at the operator's page
	Users     *users.Store      // who works at the desk
	Signins   *signins.Store    // who is signed in there
	Factors   *factors.Store    // what people show besides a password
	Links     *links.Store      // who a person of an issuer is there
	Logbook   *logbook.Store    // who did and read what there
	Staff     *staff.Store      // how they are looked after
	Models    *models.Store     // which learned model is the line's
	Decided   *decided.Store    // decisions as they were made
	Auditing  *auditing.Store   // the audit
	Erasure   *erasure.Store    // the erasure of a person

	lists sql.DB // of View; nil on SQLite, where it is that of Base
}

const (
	defaultRetention = 30 * 24 * time.Hour
	defaultPool      = 8 // connections to PostgreSQL
	defaultReaders   = 4 // of SQLite
	leastLists       = 2
)

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
		d.Close() // the first error counts
		return nil, fmt.Errorf("opening store: %w", err)
	}
	return s, nil
}

// assemble goes from what everything stands on to what stands on it: schema, blobs, keys, rooms. With Migrate it may
// take minutes on a large database.
func assemble(ctx context.Context, d sql.DB, o Options, now time.Time) (*Store, error) {
	steps, err := migrations.All()
	if err != nil {
		return nil, err
	}
	if o.Migrate {
		if _, err := migrations.Up(ctx, d, steps, now); err != nil {
			return nil, err
		}
	}
	if err := migrations.Check(ctx, d, steps); err != nil {
		return nil, err
	}
	if o.Blobs == nil {
		dir, err := blobs.OpenDir(filepath.Join(o.Dir, "blobs"))
		if err != nil {
			return nil, err
		}
		o.Blobs = dir
	}
	b := &base.Store{DB: d, Ring: o.Keyring, Channels: o.Channels, Blobs: o.Blobs, Retention: cmp.Or(o.Retention, defaultRetention), Sequences: base.NewSequences(d), Bell: &base.Bell{}, Changed: &base.Bell{}}
	if err := b.Ring.Attach(ctx, base.ShelfIn(d), now); err != nil {
		return nil, err
	}
	if err := b.SealSecretsAnew(ctx); err != nil {
		return nil, err
	}
	lists, err := o.dialLists(ctx, d)
	if err != nil {
		return nil, err
	}
	s := rooms(b, lists)
	if lists != d {
		s.lists = lists
	}
	return s, nil
}

// rooms builds the rooms from the ground up: each is given those on which it stands.
func rooms(b *base.Store, lists sql.DB) *Store {
	carry, kept, search := plans.New(b), files.New(b), find.New(b)
	in, out := intake.New(b, kept, carry), outbox.New(b, carry)
	looks, acting, people := view.New(b.On(lists), out), acts.New(b, carry), users.New(b)
	entries, present, shows, chain := signins.New(b), agents.New(b, carry), factors.New(b), logbook.New(b)
	joins := persons.New(b, b.On(lists), carry, search)
	return &Store{
		Base: b, Intake: in, Backlog: backlog.New(b), Facts: facts.New(b), Commit: commit.New(b, carry), Outbox: out, Acts: acting, Aside: setaside.New(b, b.On(lists), acting, looks),
		Answering: answering.New(b, carry),
		Snippets:  snippets.New(b),
		Macros:    macros.New(b),
		Checking:  checking.New(b, carry, joins),
		View:      looks,
		Desk:      desk.New(b, b.On(lists), carry, looks),
		Merging:   merging.New(b, b.On(lists), carry),
		Splitting: splitting.New(b, b.On(lists), carry), Persons: joins,
		Escalate: escalating.New(b, carry),
		Tagging:  tagging.New(b, b.On(lists), carry), Views: views.New(b, b.On(lists)),
		Agents:    present,
		Changes:   changes.New(b),
		Dispatch:  dispatch.New(b, carry),
		Find:      search,
		Files:     kept,
		Copies:    copies.New(b, b.On(lists), looks, kept),
		Fates:     fates.New(b),
		Service:   service.New(b),
		Operators: operators.New(b),
		Users:     people,
		Mentions:  mentioning.New(b, b.On(lists), people),
		Alerts:    alerting.New(b, b.On(lists), carry, people),
		Signins:   entries,
		Factors:   shows,
		Logbook:   chain,
		Links:     links.New(b, people),
		Staff:     staff.New(b, people, entries, present, shows, looks),
		Models:    models.New(b),
		Decided:   decided.New(b),
		Auditing:  auditing.New(b, kept, in, chain),
		Erasure:   erasure.New(b, search, out, carry),
	}
}

// CheckURL refuses an address that Open could not read. It connects to nothing.
func CheckURL(url string) error {
	if !isPostgres(url) {
		return nil // the path of a file
	}
	_, err := sql.ReadPostgres(url)
	return err
}

func isPostgres(url string) bool {
	return strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://")
}

func (o Options) dial(ctx context.Context) (sql.DB, error) {
	switch {
	case isPostgres(o.URL):
		return sql.OpenPostgres(ctx, o.URL, cmp.Or(max(0, o.PoolSize), defaultPool), o.Roots)
	case strings.HasPrefix(o.URL, "sqlite:"):
		return sql.OpenSQLite(ctx, strings.TrimPrefix(o.URL, "sqlite:"), cmp.Or(max(0, o.PoolSize), defaultReaders), o.Connector)
	case o.URL == "":
		return sql.OpenSQLite(ctx, filepath.Join(o.Dir, "frontdesk.db"), cmp.Or(max(0, o.PoolSize), defaultReaders), o.Connector)
	}
	return nil, errors.New("the database address begins with neither postgres:// nor sqlite: as it must")
}

// dialLists is the database for what people look at: on PostgreSQL sessions of its own, in which the planner has its choices.
func (o Options) dialLists(ctx context.Context, d sql.DB) (sql.DB, error) {
	if !isPostgres(o.URL) {
		return d, nil
	}
	return sql.OpenLists(ctx, o.URL, max(leastLists, cmp.Or(max(0, o.PoolSize), defaultPool)/4), o.Roots)
}

// Close hands back unused ids and closes all connections. No method may be running or be called later.
func (s *Store) Close(ctx context.Context) error {
	err := s.Base.Sequences.GiveBack(ctx)
	if s.lists != nil {
		err = errors.Join(err, s.lists.Close())
	}
	return errors.Join(err, s.Base.DB.Close())
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return sql.Fault(s.Base.DB.Ping(ctx)) }

// Writable writes a row and commits, changing nothing: a full disk, a database that became read-only and
// one that has lost its master all answer a Ping. Blobs on disk are tried as well: in the embedded
// default they lie beside the database, whose write-ahead log may still have room when the disk has none.
func (s *Store) Writable(ctx context.Context) error {
	if b, ok := s.Base.Blobs.(interface{ Try() error }); ok {
		if err := b.Try(); err != nil {
			return err
		}
	}
	return s.Base.DB.Write(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Do(`UPDATE schema_migrations SET applied_at = applied_at WHERE version = 1`))
	})
}

// Patient gives the context to writes of bulk work: on SQLite, which has one writer, at most one of
// them stands in its line, so that a live write never waits for more than one.
func Patient(ctx context.Context) context.Context { return sql.Patient(ctx) }
