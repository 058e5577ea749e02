package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/cmd/frontdesk/service"
	"frontdesk/cmd/frontdesk/terminal"
	"frontdesk/configs"
	"frontdesk/workers/ops/control"
	"frontdesk/workers/ops/entrance"
	"frontdesk/workers/store"
	"frontdesk/workers/store/operators"
)

// loginFlags are those of login.
type loginFlags struct{ name, url string }

// newLogin is frontdesk login. Whoever may read the data directory and the database may sign in: that is what the
// command rests upon. It works by the database alone, so the page may run elsewhere.
func newLogin(o *command.Options) *cobra.Command {
	f := &loginFlags{}
	c := &cobra.Command{
		Use:   "login",
		Short: "Print a link that signs in at the operator's page, once",
		Long: `Print a link that signs a browser in at the operator's page. It is good for ten minutes and for one browser.
The page that it leads to is the one that is served from this data directory; any other desk process on the
same database takes the link as well.`,
		Example: `  frontdesk login
  frontdesk login --name 'Li Wei'                      the name that stands in the journal beside what you do
  frontdesk login --url https://ops.example.com        where a proxy is before the page`,
		Args: command.NoArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.WithBase(cmd.Context(), nil, func(c configs.Config, b *installation.Base) error { return login(cmd, c, b, f) })
		},
	}
	c.Flags().StringVar(&f.name, "name", loginName(), "who signs in, for the journal")
	c.Flags().StringVar(&f.url, "url", "", "address of the page, where it is not reached by that of its listener")
	return command.Acts(c, "login")
}

// loginName is who sits at the terminal; empty for root, which is nobody's name.
func loginName() string {
	if name := os.Getenv("SUDO_USER"); name != "" && name != "root" {
		return name
	}
	if u, err := user.Current(); err == nil && u.Uid != "0" {
		return u.Username
	}
	return ""
}

// login leaves an invitation in the database and prints the link to standard output, so that a script can open it.
// What it says about the link goes to standard error. A link does not hold the token of the page: terminals are
// logged and looked over.
func login(cmd *cobra.Command, c configs.Config, b *installation.Base, f *loginFlags) error {
	page, err := pageAddress(c, f.url)
	if err != nil {
		return err
	}
	now := time.Now()
	secret, err := b.Store.Operators.Invite(cmd.Context(), service.SessionGround(c, b.Store), entrance.Name(f.name), now.Add(service.LinkFor), now)
	if err != nil {
		return err
	}
	fmt.Fprintln(cmd.OutOrStdout(), service.SignInLink(page, secret))
	fmt.Fprintf(cmd.ErrOrStderr(), "Good for one browser and %d minutes.\n", int(service.LinkFor.Minutes()))
	if f.url == "" && !control.Serving(c.DataDir) {
		fmt.Fprintf(cmd.ErrOrStderr(), "Nothing is served from %s at this moment.\n", c.DataDir)
	}
	return nil
}

// pageAddress is where the page is: as it was said, as the running process says, or as it is configured.
func pageAddress(c configs.Config, said string) (string, error) {
	if said != "" {
		u, err := url.Parse(said)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.User != nil {
			return "", command.Usage(fmt.Errorf("--url takes an address such as https://ops.example.com, not %q", said))
		}
		return strings.TrimSuffix(said, "/"), nil
	}
	// The running process knows its real port, where the configuration says 0.
	at := service.Addresses{Ops: c.Listen.Ops}
	if text, err := os.ReadFile(filepath.Join(c.DataDir, "addresses.json")); err == nil {
		if err := json.Unmarshal(text, &at); err != nil {
			return "", fmt.Errorf("reading addresses.json: %w", err)
		}
	}
	if at.Ops == "" {
		return "", errors.New("this process serves no operator's page (listen.ops is empty); run the command with the configuration of one that does, or name its address with --url")
	}
	return "http://" + service.Dialable(at.Ops), nil
}

// newSessions is frontdesk sessions, with its list as the default.
func newSessions(o *command.Options) *cobra.Command {
	list := o.JSONFlag(&cobra.Command{
		Use: "list", Short: "List who is signed in at the operator's page", Example: "  frontdesk sessions list\n  frontdesk sessions list --json",
		Args: command.NoArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.WithBase(cmd.Context(), nil, func(c configs.Config, b *installation.Base) error { return listSessions(cmd, c, b, o.JSON) })
		},
	})
	c := &cobra.Command{
		Use:   "sessions",
		Short: "List who is signed in at the operator's page, and end sessions",
		Long: `A session at the operator's page ends when it was not used for 12 hours, after 7 days, when its browser signs out,
and when it is revoked. All of them end when the token changes: listen.ops_token, or the file ops.token in the
data directory, which is made anew at the next start when it is removed.`,
		Example: "  frontdesk sessions list\n  frontdesk sessions revoke 5f0c2d9a1b7e4c38\n  frontdesk sessions revoke --all",
		Args:    command.NoArguments,
		RunE:    list.RunE,
	}
	c.Flags().AddFlagSet(list.Flags())
	c.AddCommand(list, command.Acts(newSessionsRevoke(o), "sessions-revoke"))
	return c
}

// listSessions lists the sessions that count under the configured token; those that an earlier one has opened have
// ended already.
func listSessions(cmd *cobra.Command, c configs.Config, b *installation.Base, asJSON bool) error {
	rows, err := b.Store.Operators.SessionsOf(cmd.Context(), service.SessionGround(c, b.Store), time.Now())
	if err != nil {
		return err
	}
	out := terminal.NewPrinter(cmd.OutOrStdout(), "ID\tNAME\tDEVICE\tADDRESS\tSIGNED IN\tLAST USED\tENDS", func(s operators.Session) string {
		return terminal.Columns(s.ID, terminal.Line(s.Name, 40), terminal.OrDash(s.Device), terminal.OrDash(s.Address), terminal.When(s.OpenedAt), terminal.When(s.SeenAt), terminal.When(s.EndsAt))
	}, asJSON)
	for _, s := range rows {
		if err := out.Item(s); err != nil {
			return err
		}
	}
	return out.End()
}

// newSessionsRevoke ends sessions. Every process looks a session up in the database at each request, so it counts at
// once everywhere.
func newSessionsRevoke(o *command.Options) *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use: "revoke ID…", Short: "End sessions at once, in every process", Example: "  frontdesk sessions revoke 5f0c2d9a1b7e4c38\n  frontdesk sessions revoke --all",
		Args: func(_ *cobra.Command, args []string) error {
			// Neither would end nothing and say that it worked; both would leave open what was meant.
			if all == (len(args) > 0) {
				return command.Usage(errors.New("name the sessions ('frontdesk sessions list' has their ids), or give --all"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.WithBase(cmd.Context(), nil, func(c configs.Config, b *installation.Base) error {
				if all {
					n, err := b.Store.Operators.EndSessions(cmd.Context(), service.SessionGround(c, b.Store), "")
					if err == nil {
						fmt.Fprintf(cmd.OutOrStdout(), "%d ended\n", n)
					}
					return err
				}
				return revoke(cmd.Context(), cmd, b, args)
			})
		},
	}
	c.Flags().BoolVar(&all, "all", false, "end all of them, and the links that wait to be used")
	return c
}

// revoke ends each session by itself. An id that is not there is told, and exit code 1 at the end; the others are
// ended all the same.
func revoke(ctx context.Context, cmd *cobra.Command, b *installation.Base, ids []string) error {
	missing := 0
	for _, id := range ids {
		err := b.Store.Operators.EndSession(ctx, id)
		switch {
		case errors.Is(err, store.ErrNotFound):
			fmt.Fprintf(cmd.ErrOrStderr(), "%s: there is no such session\n", terminal.Line(id, 40))
			missing++
		case err != nil:
			return err
		default:
			fmt.Fprintf(cmd.OutOrStdout(), "%s ended\n", id)
		}
	}
	if missing > 0 {
		return command.Finding(nil)
	}
	return nil
}
