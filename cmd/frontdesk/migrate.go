package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/configs"
	"frontdesk/workers/store"
)

func newMigrate(o *options) *cobra.Command {
	var dry, rewrap bool
	c := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database schema up to date",
		Long: `Bring the database schema up to date. 'serve' does the same at its start; run it by itself before a
rolling upgrade, so that only one process does it.`,
		Example: `  frontdesk migrate --config frontdesk.yaml
  frontdesk migrate --config frontdesk.yaml --dry-run
  frontdesk migrate --config frontdesk.yaml --rewrap-keys    after a new master key was put first`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := o.load()
			if err != nil {
				return err
			}
			options, err := storeOptions(c, true)
			if err != nil {
				return err
			}
			if rewrap {
				return rewrapKeys(cmd, c)
			}
			names, err := store.PendingMigrations(cmd.Context(), options)
			if err == nil && !dry {
				names, err = store.Migrate(cmd.Context(), options, time.Now())
			}
			if err != nil {
				return err
			}
			word := map[bool]string{false: "applied", true: "pending"}[dry]
			for _, name := range names {
				fmt.Fprintf(cmd.OutOrStdout(), "%s %s\n", word, name)
			}
			if len(names) == 0 {
				fmt.Fprintln(cmd.OutOrStdout(), "the schema is up to date")
			}
			return nil
		},
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "only say what would be applied")
	c.Flags().BoolVar(&rewrap, "rewrap-keys", false, "wrap every data key with the first master key, so that the older ones are needed no longer")
	return c
}

// rewrapKeys ends the rotation of the master key: what is sealed stays as it is, only the keys that
// sealed it are wrapped anew.
func rewrapKeys(cmd *cobra.Command, c configs.Config) error {
	b, err := openBase(cmd.Context(), c, false)
	if err != nil {
		return err
	}
	defer b.close()
	n, err := b.ring.Rewrap(cmd.Context())
	if err != nil {
		return fmt.Errorf("wrapping the data keys anew: %w", err)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%d data keys wrapped with master key %s\n", n, c.Keys.Master[0].Name)
	return nil
}
