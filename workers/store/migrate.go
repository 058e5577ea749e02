package store

import (
	"context"
	"embed"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migration is one step of the schema: a numbered file with statements for either database.
type migration struct {
	version int
	name    string
	text    string
}

func migrations() ([]migration, error) {
	entries, err := migrationFiles.ReadDir("migrations")
	if err != nil {
		return nil, fmt.Errorf("reading migrations: %w", err)
	}
	out := make([]migration, 0, len(entries))
	for _, e := range entries {
		text, err := migrationFiles.ReadFile(path.Join("migrations", e.Name()))
		if err != nil {
			return nil, fmt.Errorf("reading migrations: %w", err)
		}
		number, name, _ := strings.Cut(strings.TrimSuffix(e.Name(), ".sql"), "_")
		version, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("reading migration %s: %w", e.Name(), err)
		}
		out = append(out, migration{version, name, string(text)})
	}
	slices.SortFunc(out, func(a, b migration) int { return a.version - b.version })
	return out, nil
}

// statements are a migration's statements in one database's words.
func (m migration) statements(dialect string) []string {
	words := map[string]*strings.Replacer{
		"postgres": strings.NewReplacer("{id}", "bigint", "{bytes}", "bytea", "{rowless}", ""),
		"sqlite":   strings.NewReplacer("{id}", "integer", "{bytes}", "blob", "{rowless}", " WITHOUT ROWID"),
	}
	var out []string
	var statement strings.Builder
	for line := range strings.Lines(words[dialect].Replace(m.text)) {
		if own, ok := strings.CutPrefix(line, "--"+dialect+" "); ok {
			line = own
		} else if strings.HasPrefix(line, "--") {
			continue
		}
		statement.WriteString(line)
		if strings.HasSuffix(strings.TrimSpace(line), ";") {
			out = append(out, strings.TrimSpace(statement.String()))
			statement.Reset()
		}
	}
	return out
}

const schemaTable = `CREATE TABLE IF NOT EXISTS schema_migrations (version bigint PRIMARY KEY, name text NOT NULL, applied_at bigint NOT NULL)`

// schemaVersion is the newest migration that the database has; 0 for an empty one.
func schemaVersion(ctx context.Context, t tx) (int, error) {
	there, version := 0, 0
	table := `SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'schema_migrations'`
	if _, lite := t.(*liteTx); lite {
		table = `SELECT count(*) FROM sqlite_master WHERE name = 'schema_migrations'`
	}
	if err := t.run(ctx, ask(into(&there), table)); err != nil || there == 0 {
		return 0, err
	}
	err := t.run(ctx, ask(into(&version), `SELECT coalesce(max(version), 0) FROM schema_migrations`))
	return version, err
}

// migrateUp applies the migrations that the database lacks and returns their names.
func migrateUp(ctx context.Context, d dialect, now time.Time) (applied []string, err error) {
	steps, err := migrations()
	if err != nil {
		return nil, err
	}
	err = d.alone(ctx, func(t tx) error {
		applied = nil
		if err := t.run(ctx, do(schemaTable)); err != nil {
			return err
		}
		have, err := schemaVersion(ctx, t)
		if err != nil {
			return err
		}
		for _, m := range steps {
			if m.version <= have {
				continue
			}
			if err := m.apply(ctx, t, d.name(), now); err != nil {
				return err
			}
			applied = append(applied, m.name)
		}
		return nil
	})
	return applied, err
}

func (m migration) apply(ctx context.Context, t tx, dialect string, now time.Time) error {
	for _, s := range m.statements(dialect) {
		if err := t.run(ctx, do(s)); err != nil {
			return fmt.Errorf("applying migration %04d_%s: %w", m.version, m.name, err)
		}
	}
	return t.run(ctx, do(`INSERT INTO schema_migrations (version, name, applied_at) VALUES ($1, $2, $3)`, m.version, m.name, micros(now)))
}

// checkSchema refuses a database of another version.
func checkSchema(ctx context.Context, d dialect) error {
	steps, err := migrations()
	if err != nil {
		return err
	}
	want, have := steps[len(steps)-1].version, 0
	err = d.read(ctx, func(t tx) (err error) {
		have, err = schemaVersion(ctx, t)
		return err
	})
	if err != nil {
		return fmt.Errorf("reading schema version: %w", err)
	}
	if have != want {
		return &SchemaError{Have: have, Want: want}
	}
	return nil
}

// Migrate applies the migrations that the database lacks and returns their names.
func Migrate(ctx context.Context, o Options, now time.Time) ([]string, error) {
	d, err := o.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer d.close()
	return migrateUp(ctx, d, now)
}

// PendingMigrations names the migrations that the database lacks, and changes nothing.
func PendingMigrations(ctx context.Context, o Options) ([]string, error) {
	d, err := o.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer d.close()
	have := 0
	err = d.read(ctx, func(t tx) (err error) {
		have, err = schemaVersion(ctx, t)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading schema version: %w", err)
	}
	steps, err := migrations()
	if err != nil {
		return nil, err
	}
	var out []string
	for _, m := range steps {
		if m.version > have {
			out = append(out, m.name)
		}
	}
	return out, nil
}
