package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/configs"
	"frontdesk/workers/store/logbook"
)

const (
	// actIntakeKey is what the desk's log calls it that somebody has seen an intake key.
	actIntakeKey = command.ActPrefix + "keys-intake"
	// noteWithin is for how long a database is waited for that need not be there.
	noteWithin = 5 * time.Second
)

// noteIntakeKey enters into the desk's log that somebody sees an intake key, as far as this machine reaches a database.
func noteIntakeKey(ctx context.Context, c configs.Config, name string) error {
	ctx, cancel := context.WithTimeout(ctx, noteWithin)
	defer cancel()
	b, err := installation.Open(ctx, c, false)
	if err != nil {
		return err
	}
	defer b.Close()
	return command.Note(ctx, b.Store, logbook.Line{Act: actIntakeKey, Object: name})
}

// newKeys is frontdesk keys. Only the intake key is made here: a master key is 32 random bytes of any source, an
// intake key is derived. It needs the configuration and no database, so that it runs where the master key lies, which
// may be another machine.
func newKeys(o *command.Options) *cobra.Command {
	c := &cobra.Command{
		Use:     "keys",
		Short:   "Make keys",
		Example: `  frontdesk keys intake --config frontdesk.yaml`,
		Args:    command.NoArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var name string
	intake := &cobra.Command{
		Use:   "intake",
		Short: "Print the intake key of a master key",
		Long: `Print the intake key of a master key, of the first one or of that named with --name. A process that only takes in
(--roles intake) with this key under keys.intake, and without the master key, can record and cannot read what is
recorded. The same master key gives the same intake key every time, so there is nothing to keep a copy of.
It is a secret nonetheless: what every process signs is signed with it.`,
		Example: `  frontdesk keys intake --config frontdesk.yaml > intake.key    under umask 077
  frontdesk keys intake --config frontdesk.yaml --name 2027`,
		Args: command.NoArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := o.Load()
			if err != nil {
				return err
			}
			key, err := installation.IntakeKeyOf(c, name)
			if _, unknown := errors.AsType[*installation.NoKeyError](err); unknown {
				return command.Usage(err)
			}
			if err != nil {
				return err
			}
			if err := noteIntakeKey(cmd.Context(), c, name); err != nil {
				fmt.Fprintln(cmd.ErrOrStderr(), "This does not stand in the desk's log:", err)
			}
			fmt.Fprintln(cmd.OutOrStdout(), key.Text())
			return nil
		},
	}
	intake.Flags().StringVar(&name, "name", "", "name of the master key (default the first one)")
	c.AddCommand(intake)
	return c
}
