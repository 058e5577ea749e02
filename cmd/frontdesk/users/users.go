// Package users is the command by which an operator says who works at the desk, and lets in the first one.
package users

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/cmd/frontdesk/service"
	"frontdesk/cmd/frontdesk/terminal"
	"frontdesk/configs"
	"frontdesk/workers/desk/signin"
	"frontdesk/workers/ops/control"
	"frontdesk/workers/store"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
)

// linkFor is how long a link waits in which a person chooses a password: over a night, since it goes to him by mail or chat.
const linkFor = 24 * time.Hour

// Command is frontdesk user, with its list as the default. Whoever may read the data directory and the database may say who works at the
// desk: that is what the command rests upon. It works by the database alone, beside a service that may be running.
func Command(o *command.Options) *cobra.Command {
	list := newList(o)
	c := &cobra.Command{
		Use:   "user",
		Short: "Say who works at the desk, and what they may",
		Long: `Say who works at the desk, and what they may. The first user is made here; an administrator of the desk
has its pages for all others. Each change takes effect at once, at every process, and stands in the journal
and in the desk's log.

A new user is given a link, good once and for 24 hours, where the person chooses the password. Nobody else
ever knows it. 'frontdesk user link' makes another one, for who has forgotten it.`,
		Example: `  frontdesk user add li.na --name 'Li Na' --role administrator
  frontdesk user add tom --name Tom --role agent --queue refunds,cards --language en
  frontdesk user list
  frontdesk user disable tom`,
		Args: command.NoArguments,
		RunE: list.RunE,
	}
	c.Flags().AddFlagSet(list.Flags())
	c.AddCommand(list, command.Acts(newAdd(o), "user-add"), command.Acts(newLink(o), "user-link"),
		command.Acts(newState(o, "disable", "Let a user in no longer, at once", users.Disabled), "user-disable"),
		command.Acts(newState(o, "enable", "Let a user in again", users.Active), "user-enable"),
		command.Acts(newGrant(o), "user-grant"), command.Acts(newMember(o), "user-member"), command.Acts(newSkill(o), "user-skill"),
		command.Acts(newLimit(o), "user-limit"), command.Acts(newFactor(o), "user-factor", "remove"))
	return c
}

// one is the argument of commands about one user.
func one(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return command.Usage(errors.New("name one user by the login; 'frontdesk user list' lists them"))
	}
	return nil
}

// with runs a command upon one user.
func with(o *command.Options, check func(configs.Config) error, do func(*cobra.Command, configs.Config, *installation.Base, users.User) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		return o.WithBase(cmd.Context(), check, func(c configs.Config, b *installation.Base) error {
			u, err := b.Store.Users.Find(cmd.Context(), args[0])
			if errors.Is(err, store.ErrNotFound) {
				return command.Finding(fmt.Errorf("there is no user %q; 'frontdesk user list' lists them", args[0]))
			}
			if err != nil {
				return err
			}
			return do(cmd, c, b, u)
		})
	}
}

// listed is a user with what the list says of him.
type listed struct {
	users.User
	Roles  []viewer.Grant `json:"roles"`
	Queues []users.Member `json:"queues"`
}

func newList(o *command.Options) *cobra.Command {
	return o.JSONFlag(&cobra.Command{
		Use: "list", Short: "List who works at the desk", Example: "  frontdesk user list\n  frontdesk user list --json",
		Args: command.NoArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.WithStore(cmd.Context(), func(s *store.Store) error { return list(cmd, s, o.JSON) })
		},
	})
}

func list(cmd *cobra.Command, s *store.Store, asJSON bool) error {
	all, err := s.Users.List(cmd.Context())
	if err != nil {
		return err
	}
	out := terminal.NewPrinter(cmd.OutOrStdout(), "LOGIN\tNAME\tSTATE\tROLES\tQUEUES\tPASSWORD\tSINCE", func(l listed) string {
		return terminal.Columns(l.Login, terminal.Line(l.Name, 40), stateOf(l.User), terminal.OrDash(roles(l.Roles)), terminal.OrDash(queues(l.Queues)), map[bool]string{true: "yes", false: "not yet"}[l.Password], terminal.When(l.CreatedAt))
	}, asJSON)
	for _, u := range all {
		l := listed{User: u}
		if l.Roles, err = s.Users.Grants(cmd.Context(), u.ID); err != nil {
			return err
		}
		if l.Queues, err = s.Users.Queues(cmd.Context(), u.ID); err != nil {
			return err
		}
		if err := out.Item(l); err != nil {
			return err
		}
	}
	return out.End()
}

func stateOf(u users.User) string {
	if u.Demo {
		return string(u.State) + " (demo)"
	}
	return string(u.State)
}

// roles are written as "agent of cards, administrator".
func roles(grants []viewer.Grant) string {
	var out []string
	for _, g := range grants {
		if g.Queue == viewer.Every {
			out = append(out, string(g.Role))
			continue
		}
		out = append(out, string(g.Role)+" of "+g.Queue)
	}
	return strings.Join(out, ", ")
}

// queues are written as "cards, refunds (2)".
func queues(members []users.Member) string {
	var out []string
	for _, m := range members {
		if m.Level == users.Secondary {
			out = append(out, m.Queue+" (2)")
			continue
		}
		out = append(out, m.Queue)
	}
	return strings.Join(out, ", ")
}

// newState is frontdesk user disable and enable.
func newState(o *command.Options, use, short string, state users.State) *cobra.Command {
	return &cobra.Command{
		Use: use + " LOGIN", Short: short, Example: "  frontdesk user " + use + " tom", Args: one,
		RunE: with(o, nil, func(cmd *cobra.Command, _ configs.Config, b *installation.Base, u users.User) error {
			if err := b.Store.Users.SetState(cmd.Context(), u.ID, state, time.Now(), command.Operator()); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s %sd\n", u.Login, use)
			return nil
		}),
	}
}

// newLink is frontdesk user link.
func newLink(o *command.Options) *cobra.Command {
	address := ""
	c := &cobra.Command{
		Use: "link LOGIN", Short: "Print a link by which a user chooses a new password, once",
		Long: `Print a link by which a user chooses a new password. It is good once, for 24 hours; the password before counts
until it is used, and then ends everywhere. Links that were made for him before open nothing any more.`,
		Example: "  frontdesk user link tom\n  frontdesk user link tom --url https://desk.example.com", Args: one,
		RunE: with(o, nil, func(cmd *cobra.Command, c configs.Config, b *installation.Base, u users.User) error {
			return printLink(cmd, c, b, u, address)
		}),
	}
	addressFlag(c, &address)
	return c
}

func addressFlag(c *cobra.Command, to *string) {
	c.Flags().StringVar(to, "url", "", "address of the desk, where it is reached neither by listen.desk_names nor by that of its listener")
}

// printLink prints the link to standard output, so that a script can send it; what is to be known about it goes to standard error.
func printLink(cmd *cobra.Command, c configs.Config, b *installation.Base, u users.User, said string) error {
	at, err := address(c, said)
	if err != nil {
		return err
	}
	now := time.Now()
	secret, err := b.Store.Signins.Invite(cmd.Context(), u.ID, now.Add(linkFor), now, command.Operator())
	if errors.Is(err, store.ErrNotFound) {
		return command.Finding(fmt.Errorf("%s is disabled; 'frontdesk user enable %s' comes first", u.Login, u.Login))
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(cmd.OutOrStdout(), at+signin.WelcomePath(secret))
	fmt.Fprintf(cmd.ErrOrStderr(), "Good once, for %d hours: give it to %s alone.\n", int(linkFor.Hours()), terminal.Line(u.Name, 40))
	if said == "" && len(c.Listen.DeskNames) == 0 && !control.Serving(c.DataDir) {
		fmt.Fprintf(cmd.ErrOrStderr(), "Nothing is served from %s at this moment.\n", c.DataDir)
	}
	return nil
}

// address is where the desk is: as it was said, as the running process says, or as it is configured.
func address(c configs.Config, said string) (string, error) {
	if said != "" {
		u, err := url.Parse(said)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.User != nil {
			return "", command.Usage(fmt.Errorf("--url takes an address such as https://desk.example.com, not %q", said))
		}
		return strings.TrimSuffix(said, "/"), nil
	}
	// The running process knows its real port, where the configuration says 0.
	at := service.Addresses{Desk: c.Listen.Desk}
	if text, err := os.ReadFile(filepath.Join(c.DataDir, "addresses.json")); err == nil {
		if err := json.Unmarshal(text, &at); err != nil {
			return "", fmt.Errorf("reading addresses.json: %w", err)
		}
	}
	if found := service.DeskAddress(c, at.Desk); found != "" {
		return found, nil
	}
	return "", errors.New("there is no desk here (listen.desk is empty); run the command with the configuration of a process that serves it, or name its address with --url")
}
