package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/workers/store"
)

func newMigrate(o *options) *cobra.Command {
	var dry bool
	c := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database schema up to date",
		Long: `Bring the database schema up to date. 'serve' does the same at its start; run it by itself before a
rolling upgrade, so that only one process does it.`,
		Example: `  frontdesk migrate --config frontdesk.yaml
  frontdesk migrate --config frontdesk.yaml --dry-run`,
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
	return c
}
