package bench

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"frontdesk/cmd/frontdesk/bench/measured"
	"frontdesk/cmd/frontdesk/command"
)

// Command is frontdesk bench. built is the version with the commit that it was built from: figures without it cannot
// be compared. It prints what it has when it is stopped, since a whole run takes a long time.
func Command(version, built string) *cobra.Command {
	o, asJSON := &options{}, false
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure how fast the service is on this machine",
		Long: `Measure how fast the service is on this machine.

The real service runs as a process of its own on a temporary folder; webhooks and mails are sent to
it over loopback, and the providers it answers through are played. Nothing leaves this machine, no
existing data is touched, and nothing is left behind. What is measured and how is in docs/bench.md.

Sections: ` + strings.Join(sectionNames(), ", ") + `.`,
		Example: `  frontdesk bench --quick                     a figure of everything within two minutes
  frontdesk bench --only accept,line          two sections
  frontdesk bench --runs 3 --json > bench.json
  frontdesk bench --servers                   on a PostgreSQL and a Redis started for it
  frontdesk bench --only line --profile profiles`,
		Args: command.NoArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return measure(cmd, o, asJSON, built) },
	}
	c.Flags().StringSliceVar(&o.Only, "only", nil, "sections to measure (default all)")
	c.Flags().BoolVar(&o.Quick, "quick", false, "short runs: a figure of everything within two minutes")
	c.Flags().IntVar(&o.Runs, "runs", 1, "how often everything is measured; the medians count")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	c.Flags().StringVar(&o.Dir, "dir", "", "folder for the temporary databases, on the disk to be measured (default that for temporary files)")
	c.Flags().StringVar(&o.DatabaseURL, "database-url", "", "PostgreSQL to run on, postgres://…; a schema of its own is made in it and dropped (default SQLite)")
	c.Flags().StringVar(&o.RedisURL, "redis-url", "", "Redis to run on, redis://…/N; that database is emptied (default in the process)")
	c.Flags().BoolVar(&o.Servers, "servers", false, "start a PostgreSQL and a Redis of its own and run on them; both must be installed")
	c.Flags().BoolVar(&o.Force, "force", false, "take a database that has tables, or a Redis that has keys, all the same")
	c.Flags().StringVar(&o.Profiles, "profile", "", "folder for profiles of the service: CPU and allocations of each measurement")
	c.Flags().Float64Var(&o.Scale, "scale", 1, "part of the messages that are sent, for tests")
	_ = c.Flags().MarkHidden("scale") // the flag is there
	c.AddCommand(newServe(version))
	return c
}

// measure prints the report after an error, too: a section that failed takes nothing from those before.
func measure(cmd *cobra.Command, o *options, asJSON bool, built string) error {
	if err := o.complete(cmd); err != nil {
		return err
	}
	report, err := measureAll(cmd.Context(), *o)
	if report.Machine.Cores > 0 {
		report.Machine.Version = built
		show := report.Table
		if asJSON {
			show = report.JSON
		}
		if serr := show(cmd.OutOrStdout()); err == nil {
			err = serr
		}
	}
	if err != nil && cmd.Context().Err() != nil {
		return command.Finding(errors.New("stopped; the figures are what there was until then"))
	}
	return err
}

// complete checks what the flags say, makes the folder for profiles and adds what no flag says. What does not go together is
// refused before anything is started.
func (o *options) complete(cmd *cobra.Command) (err error) {
	for _, name := range o.Only {
		if !slices.Contains(sectionNames(), name) {
			return command.Usage(fmt.Errorf("--only takes %s, not %s", strings.Join(sectionNames(), ", "), name))
		}
	}
	if o.Runs < 1 {
		return command.Usage(errors.New("--runs takes a number from 1"))
	}
	if err := o.checkServers(); err != nil {
		return err
	}
	if o.Profiles != "" {
		if err := os.MkdirAll(o.Profiles, 0o755); err != nil {
			return fmt.Errorf("making the folder for profiles: %w", err)
		}
	}
	o.Progress = cmd.ErrOrStderr()
	o.Program, err = itself()
	return err
}

// checkServers refuses what does not go together.
func (o *options) checkServers() error {
	switch {
	case o.Servers && (o.DatabaseURL != "" || o.RedisURL != ""):
		return command.Usage(errors.New("--servers starts its own: leave --database-url and --redis-url away"))
	case (o.DatabaseURL == "") != (o.RedisURL == ""):
		return command.Usage(errors.New("--database-url and --redis-url go together"))
	case o.DatabaseURL != "" && !strings.HasPrefix(o.DatabaseURL, "postgres://") && !strings.HasPrefix(o.DatabaseURL, "postgresql://"):
		return command.Usage(errors.New("--database-url takes postgres://…; SQLite is what is measured without it"))
	}
	return nil
}

// newServe runs the service that the bench measures: the same binary, hidden, so that what is measured is what was
// built. It ends when its standard input does, so that no service stays behind when the bench is killed.
func newServe(version string) *cobra.Command {
	m := measured.Service{Version: version}
	c := &cobra.Command{
		Use: "serve", Short: "Run the service that is measured, for the bench itself", Hidden: true,
		Args: command.NoArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m.Alive, m.Out, m.Errs = os.Stdin, cmd.OutOrStdout(), cmd.ErrOrStderr()
			return m.Serve(cmd.Context())
		},
	}
	c.Flags().StringVar(&m.Config, "config", "", "configuration file (YAML)")
	c.Flags().BoolVar(&m.Hold, "hold", false, "hold tasks back until they are released")
	return c
}

// itself starts this program again, without the environment variables that would change its configuration. Those for
// tests stay: they say where servers are found.
func itself() (func(args ...string) *exec.Cmd, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "FRONTDESK_") || strings.HasPrefix(v, "FRONTDESK_TEST_") {
			env = append(env, v)
		}
	}
	return func(args ...string) *exec.Cmd {
		cmd := exec.Command(path, args...)
		cmd.Env = env
		return cmd
	}, nil
}
