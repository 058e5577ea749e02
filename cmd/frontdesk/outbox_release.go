package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/pipeline/acknowledge"
	"frontdesk/workers/ops"
	"frontdesk/workers/store"
)

// newOutboxRelease lets withheld acknowledgements go.
func newOutboxRelease(o *options) *cobra.Command {
	var cause, inbox string
	var limit int
	c := o.jsonFlag(&cobra.Command{
		Use: "release", Short: "Let acknowledgements go that a cap of the whole desk withheld",
		Long: `Acknowledgements that a cap of the whole desk withheld, or that would have gone to a number that somebody
only typed, wait for a person. Released ones are sent, the oldest first, and their promises count again.
Look at them first: frontdesk outbox --state withheld.`,
		Example: "  frontdesk outbox release --cause stranger-cap\n  frontdesk outbox release --cause unproven-number --inbox contact --limit 10",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !store.Releasable(cause) {
				return fmt.Errorf("--cause must be %s, %s, %s or %s", acknowledge.CauseStranger, acknowledge.CauseUnproven, acknowledge.CauseSMSPrefix, acknowledge.CauseSMSBudget)
			}
			return releaseHeld(cmd, o, cause, inbox, limit)
		},
	})
	c.Flags().StringVar(&cause, "cause", "", "why they were withheld")
	c.Flags().StringVar(&inbox, "inbox", "", "only those that go out by this inbox")
	c.Flags().IntVar(&limit, "limit", 100, "how many at most")
	return c
}

func releaseHeld(cmd *cobra.Command, o *options, cause, inbox string, limit int) error {
	config, err := o.load()
	if err != nil {
		return err
	}
	var n int
	err = withStore(cmd.Context(), o, func(s *store.Store) error {
		n, err = s.ReleaseHeld(cmd.Context(), cause, inbox, limit, time.Now(), operator())
		return err
	})
	if err != nil {
		return err
	}
	if err := ops.Ring(cmd.Context(), config.DataDir); err != nil {
		return err
	}
	if o.json {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]int{"released": n})
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%d released\n", n)
	return nil
}
