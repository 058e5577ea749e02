package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/workers/store/keyring"
)

// session is a database of which one process alone has the schema in hand.
type session interface {
	// transact runs f in one transaction; it may run f again when the tables were busy.
	transact(ctx context.Context, f func(tx) error) error
	// beside runs the statement that builds the index, without keeping others from their work. What
	// an earlier attempt left half-built is thrown away first.
	beside(ctx context.Context, index, statement string) error
}

const schemaTable = `CREATE TABLE IF NOT EXISTS schema_migrations (version bigint PRIMARY KEY, name text NOT NULL, applied_at bigint NOT NULL)`

// schemaState is what a database says about its schema.
type schemaState struct {
	version  int // newest migration; 0 for an empty database
	has      map[int]bool
	survives int  // oldest program that works with it; only what its migrations newer than the program say counts
	declared bool // the table has the column survives
}

// readSchema reads the state of the schema for a program whose newest migration is own.
func readSchema(ctx context.Context, t tx, own int) (s schemaState, err error) {
	columns := `SELECT count(*), count(CASE WHEN column_name = 'survives' THEN 1 END) FROM information_schema.columns
WHERE table_schema = current_schema() AND table_name = 'schema_migrations'`
	if isLite(t) {
		columns = `SELECT count(*), count(CASE WHEN name = 'survives' THEN 1 END) FROM pragma_table_info('schema_migrations')`
	}
	there, survives := 0, 0
	if err := t.run(ctx, ask(into(&there, &survives), columns)); err != nil || there == 0 {
		return s, err
	}
	s.declared = survives > 0
	oldest := "version"
	if s.declared {
		oldest = "coalesce(survives, version)"
	}
	s.has = map[int]bool{}
	err = t.run(ctx, ask(func(row scanner) error {
		var version, survivor int
		err := row.Scan(&version, &survivor)
		s.has[version], s.version = true, max(s.version, version)
		if version > own {
			s.survives = max(s.survives, survivor)
		}
		return err
	}, `SELECT version, `+oldest+` FROM schema_migrations`))
	return s, err
}

// lacking are the steps that the database does not have.
func (s schemaState) lacking(steps []migration) (out []migration) {
	for _, m := range steps {
		if !s.has[m.version] {
			out = append(out, m)
		}
	}
	return out
}

// declare makes the table of migrations, with what each one says about older programs.
func declare(ctx context.Context, t tx) error {
	if err := t.run(ctx, do(schemaTable)); err != nil {
		return err
	}
	s, err := readSchema(ctx, t, 0)
	if err != nil || s.declared {
		return err
	}
	return t.run(ctx, do(`ALTER TABLE schema_migrations ADD COLUMN survives bigint`))
}

// migrateUp applies the steps that the database lacks, one after the other, and returns their names.
// Of several processes one applies and the others wait for it.
func migrateUp(ctx context.Context, d dialect, steps []migration, now time.Time) (applied []string, err error) {
	err = d.exclusively(ctx, func(s session) error {
		if err := s.transact(ctx, func(t tx) error { return declare(ctx, t) }); err != nil {
			return fmt.Errorf("preparing the table of migrations: %w", err)
		}
		for _, m := range steps {
			done, err := m.apply(ctx, s, d.name(), now)
			if err != nil {
				return fmt.Errorf("applying migration %04d_%s: %w", m.version, m.name, err)
			}
			if done {
				applied = append(applied, m.name)
			}
		}
		return nil
	})
	return applied, err
}

// apply applies the step unless the database has it.
func (m migration) apply(ctx context.Context, s session, dialect string, now time.Time) (done bool, err error) {
	statements := m.statements(dialect)
	indexes, err := besides(statements)
	if err != nil {
		return false, err
	}
	if len(indexes) > 0 {
		have, err := m.present(ctx, s)
		if err != nil || have {
			return false, err
		}
		for i, statement := range statements {
			if err := s.beside(ctx, indexes[i], statement); err != nil {
				return false, err
			}
		}
		statements = nil
	}
	err = s.transact(ctx, func(t tx) error {
		state, err := readSchema(ctx, t, 0)
		done = err == nil && !state.has[m.version]
		if !done {
			return err
		}
		for _, statement := range statements {
			if err := t.run(ctx, do(statement)); err != nil {
				return err
			}
		}
		return t.run(ctx, do(`INSERT INTO schema_migrations (version, name, applied_at, survives) VALUES ($1, $2, $3, $4)`, m.version, m.name, micros(now), m.survives))
	})
	return done, err
}

func (m migration) present(ctx context.Context, s session) (have bool, err error) {
	err = s.transact(ctx, func(t tx) error {
		state, err := readSchema(ctx, t, 0)
		have = state.has[m.version]
		return err
	})
	return have, err
}

// checkSchema refuses a database that lacks a step, and one with newer steps that this program does
// not survive.
func checkSchema(ctx context.Context, d dialect, steps []migration) error {
	own := steps[len(steps)-1].version
	var s schemaState
	err := d.read(ctx, func(t tx) (err error) {
		s, err = readSchema(ctx, t, own)
		return err
	})
	if err != nil {
		return fmt.Errorf("reading schema version: %w", err)
	}
	if len(s.lacking(steps)) > 0 || s.survives > own {
		return &SchemaError{Have: s.version, Want: own, Oldest: s.survives}
	}
	return nil
}

// Migrate applies the migrations that the database lacks and returns their names. Only one process
// does so at a time; the others wait.
func Migrate(ctx context.Context, o Options, now time.Time) ([]string, error) {
	d, err := o.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer d.close()
	steps, err := migrations()
	if err != nil {
		return nil, err
	}
	return migrateUp(ctx, d, steps, now)
}

// Step is a migration that a database lacks.
type Step struct {
	Version int
	Name    string
	// Survives is the oldest program, by the version of its newest migration, that works on while and
	// after this one is applied.
	Survives int
}

// PendingMigrations lists the migrations that the database lacks, and changes nothing.
func PendingMigrations(ctx context.Context, o Options) ([]Step, error) {
	d, err := o.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer d.close()
	var have schemaState
	err = d.read(ctx, func(t tx) (err error) {
		have, err = readSchema(ctx, t, 0)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading schema version: %w", err)
	}
	steps, err := migrations()
	if err != nil {
		return nil, err
	}
	return stepsOf(have.lacking(steps)), nil
}

// Opens looks whether a start would open the database: its schema is none that this program does not work with, and the
// keyring opens what it holds. Nothing is written. Migrations that it lacks are no fault; an empty database fits every key.
func Opens(ctx context.Context, o Options) error {
	d, err := o.dial(ctx)
	if err != nil {
		return err
	}
	defer d.close()
	steps, err := migrations()
	if err != nil {
		return err
	}
	var have schemaState
	err = d.read(ctx, func(t tx) (err error) {
		have, err = readSchema(ctx, t, 0)
		return err
	})
	if err != nil || have.version == 0 {
		return err
	}
	lacks := len(have.lacking(steps)) > 0
	if !lacks {
		if err := checkSchema(ctx, d, steps); err != nil {
			return err
		}
	}
	err = o.Keyring.Fits(ctx, shelfIn(d))
	var missing *keyring.MissingError
	if lacks && !errors.As(err, &missing) {
		return nil // the tables of keys may have another form
	}
	return err
}

// AllMigrations lists what a database that is not there yet lacks.
func AllMigrations() ([]Step, error) {
	steps, err := migrations()
	return stepsOf(steps), err
}

func stepsOf(list []migration) []Step {
	var out []Step
	for _, m := range list {
		out = append(out, Step{Version: m.version, Name: m.name, Survives: m.survives})
	}
	return out
}
