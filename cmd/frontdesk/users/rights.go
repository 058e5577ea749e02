package users

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/configs"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
)

// rights are the flags by which roles and queues are named.
type rights struct {
	roles, queues []string
	take          bool
	level         int
}

func (f *rights) roleFlags(c *cobra.Command) {
	c.Flags().StringSliceVar(&f.roles, "role", nil, "agent, lead, administrator or auditor; may be given several times")
	c.Flags().StringSliceVar(&f.queues, "queue", nil, "queues in which the roles hold (default all)")
}

// check refuses roles and queues that there are not, before there need be a database: a role in a queue that is spelled wrong would
// allow nothing, and look as if it did.
func (f *rights) check(c configs.Config) error {
	for _, r := range f.roles {
		if !slices.Contains(viewer.Roles(), viewer.Role(r)) {
			return command.Usage(fmt.Errorf("--role takes agent, lead, administrator or auditor, not %q", r))
		}
	}
	var known []string
	for _, q := range c.Queues {
		known = append(known, q.Name)
	}
	for _, q := range f.queues {
		if !slices.Contains(known, q) {
			return command.Usage(fmt.Errorf("there is no queue %q; --queue takes %s", q, strings.Join(known, ", ")))
		}
	}
	return nil
}

// grants are the roles in the queues.
func (f *rights) grants() []viewer.Grant {
	queues := f.queues
	if len(queues) == 0 {
		queues = []string{viewer.Every}
	}
	var out []viewer.Grant
	for _, r := range f.roles {
		for _, q := range queues {
			out = append(out, viewer.Grant{Role: viewer.Role(r), Queue: q})
		}
	}
	return out
}

// newAdd is frontdesk user add.
func newAdd(o *command.Options) *cobra.Command {
	u, f, at := users.User{}, &rights{}, ""
	c := &cobra.Command{
		Use: "add LOGIN", Short: "Add a user, and print the link by which he chooses his password",
		Long: `Add a user, and print the link by which the person chooses the password: good once, for 24 hours. The login has
letters a-z, figures and . _ - + @, so an address of mail is one, too. A role without --queue holds in all queues.

An agent reads and answers; a lead gives work to others as well; an administrator reads, and looks after users,
queues and texts; an auditor reads everything and changes nothing. Who looks after the desk and answers has both roles.`,
		Example: `  frontdesk user add li.na --name 'Li Na' --role administrator
  frontdesk user add tom --name Tom --role agent,lead --queue refunds --language en`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 || len(f.roles) == 0 {
				return command.Usage(errors.New("user add takes one login and --role; 'frontdesk user add --help' has an example"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			u.Login = args[0]
			if _, err := users.Login(u.Login); err != nil {
				return command.Usage(err)
			}
			return o.WithBase(cmd.Context(), f.check, func(c configs.Config, b *installation.Base) error { return add(cmd, c, b, u, f, at) })
		},
	}
	c.Flags().StringVar(&u.Name, "name", "", "name, as colleagues see it (default the login)")
	c.Flags().StringVar(&u.Email, "mail", "", "address of mail")
	c.Flags().StringVar(&u.Language, "language", "", "of the pages, such as en or zh (default as the browser says)")
	c.Flags().StringVar(&u.Zone, "zone", "", "time zone, such as Asia/Shanghai (default that of the desk)")
	f.roleFlags(c)
	addressFlag(c, &at)
	return c
}

func add(cmd *cobra.Command, c configs.Config, b *installation.Base, u users.User, f *rights, at string) error {
	if _, err := address(c, at); err != nil { // before a user is there to whom nobody can come
		return err
	}
	u, err := b.Store.Users.Add(cmd.Context(), u, time.Now(), command.Operator())
	if errors.Is(err, users.ErrTaken) {
		return command.Finding(fmt.Errorf("there is a user %s already; 'frontdesk user link' makes a link, 'frontdesk user grant' gives roles", u.Login))
	}
	if err == nil {
		err = b.Store.Users.SetGrants(cmd.Context(), u.ID, f.grants(), time.Now(), command.Operator())
	}
	if err != nil {
		return err
	}
	return printLink(cmd, c, b, u, at)
}

// newGrant is frontdesk user grant.
func newGrant(o *command.Options) *cobra.Command {
	f := &rights{}
	c := &cobra.Command{
		Use: "grant LOGIN", Short: "Give a user roles, or take them",
		Example: `  frontdesk user grant tom --role lead --queue refunds
  frontdesk user grant tom --role lead --queue refunds --take`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(f.roles) == 0 {
				return command.Usage(errors.New("user grant takes --role"))
			}
			return one(cmd, args)
		},
		RunE: with(o, f.check, func(cmd *cobra.Command, _ configs.Config, b *installation.Base, u users.User) error {
			now, err := b.Store.Users.Grants(cmd.Context(), u.ID)
			if err != nil {
				return err
			}
			now = slices.DeleteFunc(now, func(g viewer.Grant) bool { return slices.Contains(f.grants(), g) })
			if !f.take {
				now = append(now, f.grants()...)
			}
			if err := b.Store.Users.SetGrants(cmd.Context(), u.ID, now, time.Now(), command.Operator()); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", u.Login, roles(now))
			return nil
		}),
	}
	f.roleFlags(c)
	c.Flags().BoolVar(&f.take, "take", false, "take the roles in place of giving them")
	return c
}

// newMember is frontdesk user member.
func newMember(o *command.Options) *cobra.Command {
	f := &rights{}
	c := &cobra.Command{
		Use: "member LOGIN", Short: "Say whose work the tickets of queues are",
		Long: `Say that the tickets of queues are a user's work. That gives no right: 'frontdesk user grant' does. Level 2 is
work that a user is given where nobody of level 1 is free.`,
		Example: `  frontdesk user member tom --queue refunds
  frontdesk user member tom --queue cards --level 2
  frontdesk user member tom --queue cards --take`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(f.queues) == 0 || f.level != int(users.Primary) && f.level != int(users.Secondary) {
				return command.Usage(errors.New("user member takes --queue, and a --level of 1 or 2"))
			}
			return one(cmd, args)
		},
		RunE: with(o, f.check, func(cmd *cobra.Command, _ configs.Config, b *installation.Base, u users.User) error {
			now, err := b.Store.Users.Queues(cmd.Context(), u.ID)
			if err != nil {
				return err
			}
			now = slices.DeleteFunc(now, func(m users.Member) bool { return slices.Contains(f.queues, m.Queue) })
			for _, q := range f.queues {
				if !f.take {
					now = append(now, users.Member{Queue: q, Person: u.ID, Level: users.Level(f.level)})
				}
			}
			if err := b.Store.Users.SetMembers(cmd.Context(), u.ID, now, time.Now(), command.Operator()); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", u.Login, queues(now))
			return nil
		}),
	}
	c.Flags().StringSliceVar(&f.queues, "queue", nil, "queues")
	c.Flags().IntVar(&f.level, "level", int(users.Primary), "1: in the first place; 2: where nobody of level 1 is free")
	c.Flags().BoolVar(&f.take, "take", false, "take the queues in place of giving them")
	return c
}
