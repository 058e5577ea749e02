package listings

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/policy"
	"frontdesk/pipeline/causes"
	"frontdesk/workers/ops/control"
	"frontdesk/workers/store"
	"frontdesk/workers/store/acts"
	"frontdesk/workers/store/outbox"
)

// newOutboxRelease lets withheld acknowledgements go, by their ids or by their cause. A hundred at a time by default:
// whoever releases what a cap has held should see some of them arrive before the rest go.
func newOutboxRelease(o *command.Options) *cobra.Command {
	var r acts.Release
	c := o.JSONFlag(&cobra.Command{
		Use: "release [ID...]", Short: "Let acknowledgements go that wait for a person",
		Long: `Acknowledgements that a cap of the whole desk withheld, or that would have gone to a number that somebody
only typed or outside the served countries, wait for a person. Released ones are sent, the oldest first, and
their promises count again. Look at them first: frontdesk outbox --state withheld.

Rows that are named by their ID go whatever they are held for. With --cause no-service-area those go from whose
number somebody has written to you; a number that was only typed goes when its row is named. To premium,
shared-cost, satellite numbers and the like nothing ever goes.`,
		Example: "  frontdesk outbox release 17 18\n  frontdesk outbox release --cause stranger-cap\n  frontdesk outbox release --cause unproven-number --inbox contact --limit 10",
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if r.IDs, err = heldIDs(args); err != nil {
				return err
			}
			switch {
			// Both at once could mean either of them; nothing is let go by a guess.
			case len(r.IDs) > 0 && (r.Cause != "" || r.Inbox != ""):
				return command.Usage(errors.New("give IDs, or --cause and --inbox, not both"))
			case len(r.IDs) == 0 && !outbox.Releasable(r.Cause):
				return command.Usage(fmt.Errorf("name rows by their ID, or give a --cause: %s", strings.Join(causes.Held(), ", ")))
			case r.Limit < 1:
				return command.Usage(errors.New("--limit must be at least 1"))
			}
			return releaseHeld(cmd, o, r)
		},
	})
	c.Flags().StringVar(&r.Cause, "cause", "", "why they were withheld")
	c.Flags().StringVar(&r.Inbox, "inbox", "", "only those that go out by this inbox")
	c.Flags().IntVar(&r.Limit, "limit", 100, "how many at most (at most 1000)")
	return command.Acts(c, "outbox-release")
}

// newOutboxRedeliver sends notices of webhooks once more.
func newOutboxRedeliver(o *command.Options) *cobra.Command {
	return command.Acts(&cobra.Command{
		Use: "redeliver ID…", Short: "Send what a webhook was told once more",
		Long: `What a webhook was told, or could not be told, is sent once more as a row of its own, with the same webhook-id, so that its
receiver can tell it from a new event. What was told is kept for 30 days: frontdesk outbox lists it.`,
		Example: "  frontdesk outbox redeliver 17 18", Args: exactIDs(-1),
		RunE: func(cmd *cobra.Command, args []string) error {
			config, err := o.Load()
			if err != nil {
				return err
			}
			ids, err := heldIDs(args)
			if err != nil {
				return err
			}
			err = o.WithStore(cmd.Context(), func(s *store.Store) error {
				for _, id := range ids {
					err := s.Outbox.Redeliver(cmd.Context(), id, time.Now(), command.Operator())
					if errors.Is(err, store.ErrNotFound) {
						return command.Finding(fmt.Errorf("outbox row %d is no notice of a webhook that was sent or has failed", id))
					}
					if err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
			return control.Ring(cmd.Context(), config.DataDir)
		},
	}, "outbox-redeliver")
}

// heldIDs reads the ids of rows; none of them means that --cause chooses.
func heldIDs(args []string) ([]int64, error) {
	var ids []int64
	for _, a := range args {
		id, err := strconv.ParseInt(a, 10, 64)
		if err != nil || id < 1 {
			return nil, command.Usage(fmt.Errorf("%q is no ID; frontdesk outbox --state withheld lists them", a))
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// releaseHeld asks the store to release, in one transaction; r.May holds back numbers to which nothing ever goes
// (policy.MayGo), whatever was asked for; a row that was named and is held back ends the command with exit code 1. The service is rung afterwards; without one they go at its next start.
func releaseHeld(cmd *cobra.Command, o *command.Options, r acts.Release) error {
	config, err := o.Load()
	if err != nil {
		return err
	}
	if r.May, err = policy.MayGo(config); err != nil {
		return err
	}
	r.Who = command.Operator()
	var got acts.Released
	err = o.WithStore(cmd.Context(), func(s *store.Store) error {
		if err := command.KnownInbox(cmd.Context(), r.Inbox, s, config); err != nil {
			return err
		}
		got, err = s.Acts.ReleaseHeld(cmd.Context(), r, time.Now())
		return err
	})
	if err != nil {
		return err
	}
	if err := control.Ring(cmd.Context(), config.DataDir); err != nil {
		return err
	}
	if err := printReleased(cmd, o, got); err != nil {
		return err
	}
	if asked := len(slices.Compact(slices.Sorted(slices.Values(r.IDs)))); got.Count < asked {
		return command.Finding(fmt.Errorf("%d of %d were not let go; 'frontdesk outbox --state withheld' lists what waits for a person", asked-got.Count, asked))
	}
	return nil
}

func printReleased(cmd *cobra.Command, o *command.Options, got acts.Released) error {
	if o.JSON {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(got)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%d released\n", got.Count)
	if got.Refused > 0 {
		fmt.Fprintf(cmd.OutOrStdout(), "%d not: nothing is ever sent to such a number (premium, shared-cost, satellite or the like)\n", got.Refused)
	}
	return nil
}
