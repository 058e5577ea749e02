package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/configs"
	"frontdesk/workers/store"
	"frontdesk/workers/store/logbook"
)

// actRewrap is what the desk's log calls it that keys are wrapped anew.
const actRewrap = command.ActPrefix + "keys-rewrap"

// newMigrate is frontdesk migrate. serve does the same at its start; by itself it is for rolling upgrades and for
// processes that may not change the schema (serve --migrate=false).
func newMigrate(o *command.Options) *cobra.Command {
	var dry, rewrap bool
	c := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database schema up to date",
		Long: `Bring the database schema up to date. 'serve' does the same at its start; run it by itself before a
rolling upgrade. --dry-run says which older programs survive what is pending. Of several processes that
migrate at once one does it and the others wait.`,
		Example: `  frontdesk migrate --config frontdesk.yaml
  frontdesk migrate --config frontdesk.yaml --dry-run
  frontdesk migrate --config frontdesk.yaml --rewrap-keys    after a new master key was put first`,
		Args: command.NoArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if dry && rewrap {
				return command.Usage(errors.New("--rewrap-keys wraps the keys, and --dry-run changes nothing: give one of them"))
			}
			c, err := o.Load()
			if err != nil {
				return err
			}
			if rewrap {
				return rewrapKeys(cmd, c)
			}
			options, err := installation.StoreOptions(c, !dry)
			var none *installation.NoDatabaseError
			switch {
			case dry && errors.As(err, &none):
				return firstMigrations(cmd, none.Path)
			case err != nil:
				return err
			case dry:
				return pendingMigrations(cmd, options)
			}
			if err := applyMigrations(cmd, options); err != nil {
				return err
			}
			// A process with an intake key alone can record only when a process with the master key has made the other
			// keys; this is that process.
			return prepareKeys(cmd, options)
		},
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "only say what would be applied")
	c.Flags().BoolVar(&rewrap, "rewrap-keys", false, "wrap every data key with the first master key, so that the older ones are needed no longer")
	return c
}

// applyMigrations applies what is pending and says its names. Each migration is a transaction: if the process dies,
// the next run goes on. The migration "identity" is followed by a report, because it takes contacts apart and people
// should know which.
func applyMigrations(cmd *cobra.Command, o store.Options) error {
	names, err := store.Migrate(cmd.Context(), o, time.Now())
	for _, name := range names {
		fmt.Fprintf(cmd.OutOrStdout(), "applied %s\n", name)
	}
	if err == nil && len(names) == 0 {
		fmt.Fprintln(cmd.OutOrStdout(), "the schema is up to date")
	}
	if err == nil && slices.Contains(names, "identity") {
		return reportParted(cmd, o)
	}
	return err
}

// reportParted prints which contacts came apart, since nothing but a claim had joined them. The journal keeps it.
func reportParted(cmd *cobra.Command, o store.Options) error {
	lines, err := store.Parted(cmd.Context(), o)
	for _, line := range lines {
		fmt.Fprintln(cmd.OutOrStdout(), line)
	}
	if err == nil && len(lines) == 0 {
		fmt.Fprintln(cmd.OutOrStdout(), "no contact had been joined by claim")
	}
	return err
}

// prepareKeys makes the keys that are made once, so that a process with an intake key alone may be the first.
func prepareKeys(cmd *cobra.Command, o store.Options) error {
	s, err := store.Open(cmd.Context(), o, time.Now())
	if err != nil {
		return err
	}
	return s.Close(cmd.Context())
}

// firstMigrations says what would be done where there is no database yet.
func firstMigrations(cmd *cobra.Command, path string) error {
	steps, err := store.AllMigrations()
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "there is no database at %s; it would be made, with:\n", path)
	for _, s := range steps {
		fmt.Fprintf(cmd.OutOrStdout(), "pending %04d %s\n", s.Version, s.Name)
	}
	return nil
}

// pendingMigrations says for each one which older programs work on beside it, so that an operator knows what to stop
// first.
func pendingMigrations(cmd *cobra.Command, o store.Options) error {
	steps, err := store.PendingMigrations(cmd.Context(), o)
	for _, s := range steps {
		who := fmt.Sprintf("programs of schema %d and later work on with it", s.Survives)
		if s.Survives == s.Version {
			who = "stop all older programs first"
		}
		fmt.Fprintf(cmd.OutOrStdout(), "pending %04d %s: %s\n", s.Version, s.Name, who)
	}
	if err == nil && len(steps) == 0 {
		fmt.Fprintln(cmd.OutOrStdout(), "the schema is up to date")
	}
	return err
}

// refuseOlder is for a process that may not migrate: a database that lacks something would fail in the middle of its
// work.
func refuseOlder(ctx context.Context, c configs.Config) error {
	options, err := installation.StoreOptions(c, false)
	if none, ok := errors.AsType[*installation.NoDatabaseError](err); ok {
		return fmt.Errorf("there is no database at %s, and this process may not make one: run 'frontdesk migrate' first", none.Path)
	}
	if err != nil {
		return err
	}
	steps, err := store.PendingMigrations(ctx, options)
	if err == nil && len(steps) > 0 {
		err = fmt.Errorf("the database lacks %d migrations, and this process may not apply them: run 'frontdesk migrate' first", len(steps))
	}
	return err
}

// rewrapKeys ends the rotation of the master key: what is sealed stays as it is, only the keys that sealed it are
// wrapped anew. It may run beside the service and be run again; the old master key is needed until it has succeeded.
func rewrapKeys(cmd *cobra.Command, c configs.Config) error {
	b, err := installation.Open(cmd.Context(), c, false)
	if err != nil {
		return err
	}
	defer b.Close()
	if err := command.Note(cmd.Context(), b.Store, logbook.Line{Act: actRewrap, Object: c.Keys.Master[0].Name}); err != nil {
		return err
	}
	n, err := b.Ring.Rewrap(cmd.Context())
	if err != nil {
		return fmt.Errorf("wrapping the data keys anew: %w", err)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%d data keys wrapped with master key %s\n", n, c.Keys.Master[0].Name)
	return nil
}
