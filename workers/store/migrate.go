package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/pipeline/thread"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/keyring"
	"frontdesk/workers/store/migrations"
	"frontdesk/workers/store/sql"
)

// Parted tells what a migration took apart: contacts that nothing but a claim had joined, and tickets that hold
// messages of more than one of them. One line each, without addresses.
func Parted(ctx context.Context, o Options) (lines []string, err error) {
	d, err := o.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	err = d.Read(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Ask(sql.Pair(func(ticket int64, detail string) {
			if ticket != 0 {
				detail = "ticket " + thread.TicketNumber(ticket) + " " + detail
			}
			lines = append(lines, detail)
		}), `SELECT ticket, detail FROM journal WHERE act = 'part' ORDER BY id`))
	})
	if err != nil {
		return nil, fmt.Errorf("reading what came apart: %w", err)
	}
	return lines, nil
}

// Migrate applies the migrations that the database lacks and returns their names. Only one process
// does so at a time; the others wait.
func Migrate(ctx context.Context, o Options, now time.Time) ([]string, error) {
	d, err := o.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	steps, err := migrations.All()
	if err != nil {
		return nil, err
	}
	return migrations.Up(ctx, d, steps, now)
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
	defer d.Close()
	var have migrations.State
	err = d.Read(ctx, func(t sql.Tx) (err error) {
		have, err = migrations.Read(ctx, t, 0)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading schema version: %w", err)
	}
	steps, err := migrations.All()
	if err != nil {
		return nil, err
	}
	return stepsOf(have.Lacking(steps)), nil
}

// Opens looks whether a start would open the database: its schema is none that this program does not work with, and the
// keyring opens what it holds. Nothing is written. Migrations that it lacks are no fault; an empty database fits every key.
func Opens(ctx context.Context, o Options) error {
	d, err := o.dial(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	steps, err := migrations.All()
	if err != nil {
		return err
	}
	var have migrations.State
	err = d.Read(ctx, func(t sql.Tx) (err error) {
		have, err = migrations.Read(ctx, t, 0)
		return err
	})
	if err != nil || have.Version == 0 {
		return err
	}
	lacks := len(have.Lacking(steps)) > 0
	if !lacks {
		if err := migrations.Check(ctx, d, steps); err != nil {
			return err
		}
	}
	err = o.Keyring.Fits(ctx, base.ShelfIn(d))
	var missing *keyring.MissingError
	if lacks && !errors.As(err, &missing) {
		return nil // the tables of keys may have another form
	}
	return err
}

// AllMigrations lists what a database that is not there yet lacks.
func AllMigrations() ([]Step, error) {
	steps, err := migrations.All()
	return stepsOf(steps), err
}

func stepsOf(list []migrations.Migration) []Step {
	var out []Step
	for _, m := range list {
		out = append(out, Step{Version: m.Version, Name: m.Name, Survives: m.Survives})
	}
	return out
}
