package migrations

import (
	"context"
	"fmt"
	"time"

	"frontdesk/workers/store/sql"
)

// schemaTable is made by every program, since older ones made it without the column survives.
const schemaTable = `CREATE TABLE IF NOT EXISTS schema_migrations (version bigint PRIMARY KEY, name text NOT NULL, applied_at bigint NOT NULL)`

// State is what a database says about its schema.
type State struct {
	Version  int // newest migration; 0 for an empty database
	has      map[int]bool
	survives int  // oldest program that works with it; only what its migrations newer than the program say counts
	declared bool // the table has the column survives
}

// Read reads the state of the schema for a program whose newest migration is own.
func Read(ctx context.Context, t sql.Tx, own int) (s State, err error) {
	columns := `SELECT count(*), count(CASE WHEN column_name = 'survives' THEN 1 END) FROM information_schema.columns
WHERE table_schema = current_schema() AND table_name = 'schema_migrations'`
	if sql.IsLite(t) {
		columns = `SELECT count(*), count(CASE WHEN name = 'survives' THEN 1 END) FROM pragma_table_info('schema_migrations')`
	}
	there, survives := 0, 0
	if err := t.Run(ctx, sql.Ask(sql.Into(&there, &survives), columns)); err != nil || there == 0 {
		return s, err
	}
	s.declared = survives > 0
	oldest := "version"
	if s.declared {
		oldest = "coalesce(survives, version)"
	}
	s.has = map[int]bool{}
	err = t.Run(ctx, sql.Ask(func(row sql.Row) error {
		var version, survivor int
		err := row.Scan(&version, &survivor)
		s.has[version], s.Version = true, max(s.Version, version)
		if version > own {
			s.survives = max(s.survives, survivor)
		}
		return err
	}, `SELECT version, `+oldest+` FROM schema_migrations`))
	return s, err
}

// Lacking are the steps that the database does not have.
func (s State) Lacking(steps []Migration) (out []Migration) {
	for _, m := range steps {
		if !s.has[m.Version] {
			out = append(out, m)
		}
	}
	return out
}

// declare makes the table of migrations, with what each one says about older programs.
func declare(ctx context.Context, t sql.Tx) error {
	if err := t.Run(ctx, sql.Do(schemaTable)); err != nil {
		return err
	}
	s, err := Read(ctx, t, 0)
	if err != nil || s.declared {
		return err
	}
	return t.Run(ctx, sql.Do(`ALTER TABLE schema_migrations ADD COLUMN survives bigint`))
}

// Up applies the steps that the database lacks, one after the other, and returns their names. Of several processes
// one applies and the others wait for it. If it dies in the middle, those before are applied and recorded, and the
// next process goes on: each step is one transaction with its row, but for indexes that are built beside the work,
// which may be begun anew.
func Up(ctx context.Context, d sql.DB, steps []Migration, now time.Time) (applied []string, err error) {
	err = d.Exclusively(ctx, func(s sql.Session) error {
		if err := s.Transact(ctx, func(t sql.Tx) error { return declare(ctx, t) }); err != nil {
			return fmt.Errorf("preparing the table of migrations: %w", err)
		}
		for _, m := range steps {
			done, err := m.apply(ctx, s, d.Name(), now)
			if err != nil {
				return fmt.Errorf("applying migration %04d_%s: %w", m.Version, m.Name, err)
			}
			if done {
				applied = append(applied, m.Name)
			}
		}
		return nil
	})
	return applied, err
}

// apply applies the step unless the database has it.
func (m Migration) apply(ctx context.Context, s sql.Session, dialect string, now time.Time) (done bool, err error) {
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
			if err := s.Beside(ctx, indexes[i], statement); err != nil {
				return false, err
			}
		}
		statements = nil
	}
	err = s.Transact(ctx, func(t sql.Tx) error {
		state, err := Read(ctx, t, 0)
		done = err == nil && !state.has[m.Version]
		if !done {
			return err
		}
		for _, statement := range statements {
			if err := t.Run(ctx, sql.Do(statement)); err != nil {
				return err
			}
		}
		return t.Run(ctx, sql.Do(`INSERT INTO schema_migrations (version, name, applied_at, survives) VALUES ($1, $2, $3, $4)`, m.Version, m.Name, sql.Micros(now), m.Survives))
	})
	return done, err
}

// present is asked before an index is built: building it again would be refused, or take long for nothing.
func (m Migration) present(ctx context.Context, s sql.Session) (have bool, err error) {
	err = s.Transact(ctx, func(t sql.Tx) error {
		state, err := Read(ctx, t, 0)
		have = state.has[m.Version]
		return err
	})
	return have, err
}

// Check refuses a database that lacks a step, and one with newer steps that this program does
// not survive.
// It is how an older program that a migration does not spare finds out, at its start and not by a wrong decision.
func Check(ctx context.Context, d sql.DB, steps []Migration) error {
	own := steps[len(steps)-1].Version
	var s State
	err := d.Read(ctx, func(t sql.Tx) (err error) {
		s, err = Read(ctx, t, own)
		return err
	})
	if err != nil {
		return fmt.Errorf("reading schema version: %w", err)
	}
	if len(s.Lacking(steps)) > 0 || s.survives > own {
		return &sql.SchemaError{Have: s.Version, Want: own, Oldest: s.survives}
	}
	return nil
}
