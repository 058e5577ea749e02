package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"frontdesk/cmd/frontdesk/check"
	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/demo"
	"frontdesk/cmd/frontdesk/service"
	"frontdesk/configs"
)

// serveFlags override the configuration. An empty --smtp or --http means no such listener, so it counts whether a
// flag was given.
type serveFlags struct {
	http, ops, desk, smtp string
	roles                 []string
	demo, migrate         bool
	logFormat             string
	logLevel              string
}

// newServe is frontdesk serve.
func newServe(o *command.Options) *cobra.Command {
	f := &serveFlags{}
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the service",
		Long: `Run the service: take messages in, decide them, open tickets, acknowledge.

Without --config everything is embedded: a database, a task queue and a mail sink in one folder,
an SMTP listener on 127.0.0.1:2525, the public HTTP listener on 127.0.0.1:8080, the operator's
page on 127.0.0.1:8081 and the desk on 127.0.0.1:8082. When it is ready it prints one line

  ready http=… ops=… smtp=…          (and lmtp=… and desk=… where it listens there)

and writes the same to addresses.json in the data directory. The operator's page always needs a secret: a first
start makes one and shows it as a link on standard error, 'frontdesk login' makes further links. SIGTERM or Ctrl-C stops it: whatever
is under way is finished or handed back. SIGHUP reads the configuration anew: how inboxes and relays are connected
(passwords, tokens, hosts, certificates), the promoted model and log.level take effect at once, and a line of the log names the settings that wait
for a restart; a file that cannot be used changes nothing.`,
		Example: `  frontdesk serve --demo                                  with simulated customers
  frontdesk serve --data-dir /var/lib/frontdesk           the embedded default
  frontdesk serve --http :0 --ops 127.0.0.1:0 --desk 127.0.0.1:0 --smtp ''   free ports, no SMTP
  frontdesk serve --config frontdesk.yaml --roles intake,desk`,
		Args: command.NoArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return serve(cmd.Context(), cmd, o, f) },
	}
	c.Flags().StringVar(&f.http, "http", "", "address of the public listener: webhooks, forms, API (port 0: a free one)")
	c.Flags().StringVar(&f.ops, "ops", "", "address of the operator's listener: page, sink, queues, metrics")
	c.Flags().StringVar(&f.desk, "desk", "", "address of the desk's listener, at which agents sign in")
	c.Flags().StringVar(&f.smtp, "smtp", "", "address of the SMTP listener")
	c.Flags().StringSliceVar(&f.roles, "roles", nil, "what this process does: intake, work, desk (default all)")
	c.Flags().BoolVar(&f.migrate, "migrate", true, "bring the database schema up to date first; =false refuses a database that lacks something")
	c.Flags().BoolVar(&f.demo, "demo", false, "let simulated customers write through the real doors")
	c.Flags().StringVar(&f.logFormat, "log-format", "", "text or json")
	c.Flags().StringVar(&f.logLevel, "log-level", "", "debug, info, warn or error")
	return c
}

// serve goes from what may fail cheaply to what holds something: file, flags, what a start would refuse, schema; only
// then the service. The reloader listens before the service is made, so that a SIGHUP during a long start does not
// kill the process.
func serve(ctx context.Context, cmd *cobra.Command, o *command.Options, f *serveFlags) error {
	c, err := o.Load()
	if err != nil {
		return err
	}
	if err := f.apply(cmd, &c); err != nil {
		return err
	}
	if f.demo && !cmd.Flags().Changed("log-level") {
		c.Log.Level = "warn" // its terminal belongs to the customers
	}
	var level slog.LevelVar
	logger := service.NewLogger(c.Log, &level, cmd.ErrOrStderr())
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	reloads := service.NewReloader(rereading(cmd, o, f), c, &level, logger)
	defer reloads.Close()
	// The demonstration runs on the embedded default alone; what follows is for configurations of people.
	if f.demo {
		go reloads.Run(ctx, nil, nil)
		err := demo.Serve(ctx, c, service.Options{Logger: logger, Out: cmd.OutOrStdout(), Version: version})
		if errors.Is(err, demo.ErrConfigured) {
			return command.Usage(err)
		}
		return err
	}
	if err := check.Refused(o.Config, c); err != nil {
		return err
	}
	// What is weak is logged and not refused: see warn.
	warn(o, c, logger)
	if !f.migrate {
		if err := refuseOlder(ctx, c); err != nil {
			return err
		}
	}
	a, err := service.New(ctx, c, service.Options{Logger: logger, Version: version, Out: cmd.OutOrStdout(), Notes: cmd.ErrOrStderr(), Reload: reloads})
	if err != nil {
		return err
	}
	return a.Run(ctx)
}

// warn logs what check would find weak. A start does not fail upon it: an estimate may be wrong, and modes of files may be
// what the place where it runs gives; what is surely no secret is an error of the configuration.
func warn(o *command.Options, c configs.Config, logger *slog.Logger) {
	weak, err := o.Review(c)
	if err != nil {
		logger.Warn("looking for weak places in the configuration failed", "error", err)
	}
	for _, p := range weak {
		logger.Warn("weak place in the configuration", "file", p.File, "line", p.Line, "path", p.Path, "found", p.Text, "accepted", p.Fix)
	}
}

// apply puts the flags over the file, and checks what they say as strictly as the file is. It is called again at each
// SIGHUP.
func (f *serveFlags) apply(cmd *cobra.Command, c *configs.Config) error {
	set := cmd.Flags().Changed
	for _, flag := range []struct {
		name string
		from string
		to   *string
	}{{"http", f.http, &c.Listen.HTTP}, {"ops", f.ops, &c.Listen.Ops}, {"desk", f.desk, &c.Listen.Desk}, {"smtp", f.smtp, &c.Listen.SMTP},
		{"log-format", f.logFormat, &c.Log.Format}, {"log-level", f.logLevel, &c.Log.Level}} {
		if set(flag.name) {
			*flag.to = flag.from
		}
	}
	if err := c.Listen.Validate(); err != nil {
		return command.Usage(err)
	}
	if !slices.Contains([]string{"text", "json"}, c.Log.Format) {
		return command.Usage(fmt.Errorf("--log-format takes text or json, not %q", c.Log.Format))
	}
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, c.Log.Level) {
		return command.Usage(fmt.Errorf("--log-level takes debug, info, warn or error, not %q", c.Log.Level))
	}
	// Roles change what a process opens and needs; the rest of them is checked by the service itself.
	if set("roles") {
		for _, r := range f.roles {
			if !slices.Contains([]string{configs.RoleIntake, configs.RoleWork, configs.RoleDesk}, r) {
				return command.Usage(errors.New("--roles takes intake, work and desk, not " + strings.TrimSpace(r)))
			}
		}
		c.Roles = f.roles
	}
	return nil
}

// rereading reads what serve reads, with its flags and with the same refusals: a reload takes over nothing that a
// start would not.
func rereading(cmd *cobra.Command, o *command.Options, f *serveFlags) func() (configs.Config, error) {
	return func() (configs.Config, error) {
		c, err := o.Load()
		if err != nil {
			return c, err
		}
		if err := f.apply(cmd, &c); err != nil {
			return c, err
		}
		return c, check.Refused(o.Config, c)
	}
}
