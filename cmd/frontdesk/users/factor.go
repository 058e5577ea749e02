package users

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/configs"
	"frontdesk/workers/store/users"
)

// newFactor is frontdesk user factor.
func newFactor(o *command.Options) *cobra.Command {
	remove := false
	c := &cobra.Command{
		Use: "factor LOGIN", Short: "Say what a user shows besides his password, or take it away",
		Long: `Say what a user shows besides his password when he signs in. --remove takes it away, for who has lost his
telephone and his recovery codes; he is signed out everywhere then. Be sure that it is he who asks.`,
		Example: "  frontdesk user factor tom\n  frontdesk user factor tom --remove", Args: one,
		RunE: with(o, func(configs.Config) error { return nil }, func(cmd *cobra.Command, _ configs.Config, b *installation.Base, u users.User) error {
			if remove {
				if err := b.Store.Factors.Remove(cmd.Context(), u.ID, u.Login, command.Operator(), time.Now()); err != nil {
					return err
				}
				if _, err := b.Store.Signins.EndOthers(cmd.Context(), u.ID, ""); err != nil {
					return err
				}
			}
			held, err := b.Store.Factors.Of(cmd.Context(), u.ID)
			if err != nil {
				return err
			}
			what := []string{}
			if held.Authenticator {
				what = append(what, "authenticator")
			}
			if held.Keys > 0 {
				what = append(what, fmt.Sprintf("%d passkeys", held.Keys))
			}
			if !held.Any() {
				what = append(what, "nothing")
			} else {
				what = append(what, fmt.Sprintf("%d recovery codes", held.Codes))
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", u.Login, strings.Join(what, ", "))
			return nil
		}),
	}
	c.Flags().BoolVar(&remove, "remove", false, "take it away")
	return c
}
