package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"frontdesk/workers/store/migrations"
	"frontdesk/workers/store/sql"
)

// MigrateTo applies what a later program would bring: the present migrations and then the texts.
func MigrateTo(ctx context.Context, o Options, now time.Time, texts ...string) ([]string, error) {
	steps, err := later(texts)
	if err != nil {
		return nil, err
	}
	d, err := o.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return migrations.Up(ctx, d, steps, now)
}

func later(texts []string) ([]migrations.Migration, error) {
	steps, err := migrations.All()
	if err != nil {
		return nil, err
	}
	for _, text := range texts {
		version := steps[len(steps)-1].Version + 1
		m, err := migrations.NewMigration(version, fmt.Sprintf("later%d", version), text)
		if err != nil {
			return nil, err
		}
		steps = append(steps, m)
	}
	return steps, nil
}

// Own is the version of this program.
func Own() int {
	steps, _ := migrations.All()
	return steps[len(steps)-1].Version
}

// Survivors are the oldest programs that the migrations name, as written.
func Survivors() (map[string]bool, error) {
	steps, err := migrations.All()
	out := map[string]bool{}
	for _, m := range steps {
		named := m.Version == 1
		for line := range strings.Lines(m.Text) {
			named = named || strings.HasPrefix(line, migrations.SurvivesHeader)
		}
		out[m.Name] = named
	}
	return out, err
}

// Undo takes the newest rows out of the table of migrations, as a crash before the commit would.
func Undo(ctx context.Context, o Options, after int) error {
	return Exec(ctx, o, fmt.Sprintf(`DELETE FROM schema_migrations WHERE version > %d`, after))
}

// Exec runs a statement.
func Exec(ctx context.Context, o Options, text string) error {
	d, err := o.dial(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Write(ctx, func(t sql.Tx) error { return t.Run(ctx, sql.Do(text)) })
}

// Hold keeps what a statement locks until release.
func Hold(ctx context.Context, o Options, text string, held, release chan struct{}) error {
	d, err := o.dial(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Write(ctx, func(t sql.Tx) error {
		err := t.Run(ctx, sql.Do(text))
		close(held)
		<-release
		return err
	})
}

// Steps is how many migrations this program brings.
func Steps() int {
	steps, _ := migrations.All()
	return len(steps)
}

// MigrateBefore applies only what came before a version, as an older program did.
func MigrateBefore(ctx context.Context, o Options, now time.Time, version int) error {
	steps, err := migrations.All()
	if err != nil {
		return err
	}
	d, err := o.dial(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	_, err = migrations.Up(ctx, d, steps[:version-1], now)
	return err
}

// Finds reports whether a statement finds a row.
func Finds(ctx context.Context, o Options, text string) (found bool, err error) {
	d, err := o.dial(ctx)
	if err != nil {
		return false, err
	}
	defer d.Close()
	err = d.Read(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Ask(func(row sql.Row) error {
			var one int
			found = true
			return row.Scan(&one)
		}, text))
	})
	return found, err
}
