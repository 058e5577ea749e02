// Package migrations holds the steps of the schema, reads how far a database is and brings it up to date.
package migrations

import (
	"embed"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

//go:embed *.sql
var migrationFiles embed.FS

// Migration is one step of the schema: a numbered file with statements for either database. A file that was ever
// released is never changed.
type Migration struct {
	Version int
	Name    string
	Text    string
	// Survives is the oldest program, by its newest migration, that works on with the database after
	// this step. The file says it in a line "-- survives: 1"; without that line no older one does.
	Survives int
}

// SurvivesHeader begins the line of a migration that names the oldest program that works with it.
const SurvivesHeader = "-- survives:"

// survivor reads the oldest surviving program from a migration's text.
func survivor(text string, version int) (int, error) {
	for line := range strings.Lines(text) {
		if v, ok := strings.CutPrefix(line, SurvivesHeader); ok {
			n, err := strconv.Atoi(strings.TrimSpace(v))
			if err == nil && (n < 1 || n > version) {
				err = fmt.Errorf("%d is not between 1 and %d", n, version)
			}
			if err != nil {
				err = fmt.Errorf("surviving version: %w", err)
			}
			return n, err
		}
	}
	return version, nil
}

// All returns the migrations of this program, the oldest first. They are embedded, so an error is one of the build,
// found by its tests.
func All() ([]Migration, error) {
	entries, err := migrationFiles.ReadDir(".")
	if err != nil {
		return nil, fmt.Errorf("reading migrations: %w", err)
	}
	out := make([]Migration, 0, len(entries))
	for _, e := range entries {
		text, err := migrationFiles.ReadFile(e.Name())
		if err != nil {
			return nil, fmt.Errorf("reading migrations: %w", err)
		}
		number, name, _ := strings.Cut(strings.TrimSuffix(e.Name(), ".sql"), "_")
		version, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("reading migration %s: %w", e.Name(), err)
		}
		m, err := NewMigration(version, name, string(text))
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b Migration) int { return a.Version - b.Version })
	return out, nil
}

// NewMigration makes a migration of its text.
func NewMigration(version int, name, text string) (Migration, error) {
	survives, err := survivor(text, version)
	m := Migration{version, name, text, survives}
	if err == nil {
		_, err = besides(m.statements("postgres"))
	}
	if err != nil {
		err = fmt.Errorf("reading migration %04d_%s: %w", version, name, err)
	}
	return m, err
}

// statements are a migration's statements in one database's words: {id}, {bytes} and {rowless} are filled in, and a
// line that begins with --postgres or --sqlite is for that one alone. A statement ends with a semicolon at the end of
// a line.
func (m Migration) statements(dialect string) []string {
	words := map[string]*strings.Replacer{
		"postgres": strings.NewReplacer("{id}", "bigint", "{bytes}", "bytea", "{rowless}", ""),
		"sqlite":   strings.NewReplacer("{id}", "integer", "{bytes}", "blob", "{rowless}", " WITHOUT ROWID", " CONCURRENTLY", ""),
	}
	var out []string
	var statement strings.Builder
	for line := range strings.Lines(words[dialect].Replace(m.Text)) {
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

// beside matches the statements that PostgreSQL runs beside all other work, outside a transaction.
var beside = regexp.MustCompile(`(?is)^CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+IF\s+NOT\s+EXISTS\s+(\w+)\s`)

// besides names the indexes that the statements build beside other work; none for a migration that
// is one transaction. A file is the one or the other, so that it can be repeated after a crash.
func besides(statements []string) ([]string, error) {
	var names []string
	for _, s := range statements {
		if m := beside.FindStringSubmatch(s); m != nil {
			names = append(names, m[1])
		}
	}
	if len(names) > 0 && len(names) < len(statements) {
		return nil, errors.New("indexes that are built CONCURRENTLY need a migration of their own")
	}
	return names, nil
}
