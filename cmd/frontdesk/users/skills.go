package users

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/cmd/frontdesk/policy"
	"frontdesk/configs"
	"frontdesk/workers/store/users"
)

// skills are the flags by which abilities are named, by their kinds.
type skills struct {
	of    map[string]*[]string
	level int
	take  bool
}

// named are the abilities that the flags name.
func (f *skills) named() (out []users.Ability) {
	for _, kind := range []string{users.AbilityLanguage, users.AbilityCategory, users.AbilityChannel} {
		for _, value := range *f.of[kind] {
			out = append(out, users.Ability{Kind: kind, Value: value, Level: users.Level(f.level)})
		}
	}
	return out
}

// check refuses categories and channels that there are not: one that is spelled wrong would bring a user nothing, and look as if it did.
func (f *skills) check(c configs.Config) error {
	var categories []string
	for _, k := range policy.Categories(c) {
		categories = append(categories, k.Key)
	}
	for kind, known := range map[string][]string{users.AbilityCategory: categories, users.AbilityChannel: c.Kinds.Names()} {
		for _, value := range *f.of[kind] {
			if !slices.Contains(known, value) {
				return command.Usage(fmt.Errorf("there is no %s %q; --%s takes %s", kind, value, kind, strings.Join(known, ", ")))
			}
		}
	}
	return nil
}

// newSkill is frontdesk user skill.
func newSkill(o *command.Options) *cobra.Command {
	f := &skills{of: map[string]*[]string{}}
	c := &cobra.Command{
		Use: "skill LOGIN", Short: "Say which languages, categories and channels are a user's",
		Long: `Say what a user knows. Of whom no language is said speaks all, of whom no category is said knows all, and so
with channels. A language is never given up. A category of level 2 comes after those of level 1; one that
is not a user's comes to him when it has waited for others for some minutes (agents.relax_after).`,
		Example: `  frontdesk user skill tom --language en,zh --category refund,wrong-amount
  frontdesk user skill tom --category password-reset --level 2
  frontdesk user skill tom --category password-reset --take`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(f.named()) == 0 || f.level != int(users.Primary) && f.level != int(users.Secondary) {
				return command.Usage(errors.New("user skill takes --language, --category or --channel, and a --level of 1 or 2"))
			}
			return one(cmd, args)
		},
		RunE: with(o, f.check, func(cmd *cobra.Command, _ configs.Config, b *installation.Base, u users.User) error {
			now, err := b.Store.Users.Abilities(cmd.Context(), u.ID)
			if err != nil {
				return err
			}
			named := f.named()
			same := func(a, b users.Ability) bool { return a.Kind == b.Kind && a.Value == b.Value }
			now = slices.DeleteFunc(now, func(a users.Ability) bool {
				return slices.ContainsFunc(named, func(b users.Ability) bool { return same(a, b) })
			})
			if !f.take {
				now = append(now, named...)
			}
			if err := b.Store.Users.SetAbilities(cmd.Context(), u.ID, now, time.Now(), command.Operator()); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", u.Login, abilities(now))
			return nil
		}),
	}
	for kind, use := range map[string]string{users.AbilityLanguage: "languages (BCP 47)", users.AbilityCategory: "keys of categories", users.AbilityChannel: "channels"} {
		f.of[kind] = c.Flags().StringSlice(kind, nil, use)
	}
	c.Flags().IntVar(&f.level, "level", int(users.Primary), "1: in the first place; 2: after those of level 1")
	c.Flags().BoolVar(&f.take, "take", false, "take them in place of giving them")
	return c
}

// abilities is a line of what a user knows.
func abilities(all []users.Ability) string {
	var out []string
	for _, a := range all {
		text := a.Kind + " " + a.Value
		if a.Level != users.Primary {
			text += fmt.Sprintf(" (%d)", a.Level)
		}
		out = append(out, text)
	}
	if len(out) == 0 {
		return "everything"
	}
	return strings.Join(out, ", ")
}

// newLimit is frontdesk user limit.
func newLimit(o *command.Options) *cobra.Command {
	return &cobra.Command{
		Use: "limit LOGIN N", Short: "Say how much a user may have in hand",
		Long: `Say how much a user may have in hand that is our turn, in weights (agents.weights). 0: as everybody
(agents.limit).`,
		Example: "  frontdesk user limit tom 3",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 2 {
				if n, err := strconv.Atoi(args[1]); err == nil && n >= 0 && n <= maxRoom {
					return nil
				}
			}
			return command.Usage(fmt.Errorf("user limit takes one login and a number from 0 to %d", maxRoom))
		},
		RunE: with(o, func(configs.Config) error { return nil }, func(cmd *cobra.Command, _ configs.Config, b *installation.Base, u users.User) error {
			n, err := strconv.ParseInt(cmd.Flags().Arg(1), 10, 64)
			if err != nil {
				return command.Usage(err)
			}
			if err := b.Store.Agents.SetRoom(cmd.Context(), u.ID, n); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: %d\n", u.Login, n)
			return nil
		}),
	}
}

// maxRoom is more than anybody can have in hand.
const maxRoom = 1000
