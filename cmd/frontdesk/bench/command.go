package bench

import (
	"context"
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

// flags are what the bench is told. scale is for tests alone: a small part of everything, to see that it runs.
type flags struct {
	only     []string
	quick    bool
	runs     int
	json     bool
	dir      string
	profiles string
	scale    float64
	database string
	redis    string
	servers  bool
	force    bool
}

// Command is frontdesk bench. built is the version with the commit that it was built from: figures without it cannot
// be compared. It prints what it has when it is stopped, since a whole run takes a long time.
func Command(version, built string) *cobra.Command {
	f := &flags{}
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
		RunE: func(cmd *cobra.Command, _ []string) error { return measure(cmd.Context(), cmd, f, built) },
	}
	c.Flags().StringSliceVar(&f.only, "only", nil, "sections to measure (default all)")
	c.Flags().BoolVar(&f.quick, "quick", false, "short runs: a figure of everything within two minutes")
	c.Flags().IntVar(&f.runs, "runs", 1, "how often everything is measured; the medians count")
	c.Flags().BoolVar(&f.json, "json", false, "print one JSON object")
	c.Flags().StringVar(&f.dir, "dir", "", "folder for the temporary databases, on the disk to be measured (default that for temporary files)")
	c.Flags().StringVar(&f.database, "database-url", "", "PostgreSQL to run on, postgres://…; a schema of its own is made in it and dropped (default SQLite)")
	c.Flags().StringVar(&f.redis, "redis-url", "", "Redis to run on, redis://…/N; that database is emptied (default in the process)")
	c.Flags().BoolVar(&f.servers, "servers", false, "start a PostgreSQL and a Redis of its own and run on them; both must be installed")
	c.Flags().BoolVar(&f.force, "force", false, "take a database that has tables, or a Redis that has keys, all the same")
	c.Flags().StringVar(&f.profiles, "profile", "", "folder for profiles of the service: CPU and allocations of each measurement")
	c.Flags().Float64Var(&f.scale, "scale", 1, "part of the messages that are sent, for tests")
	_ = c.Flags().MarkHidden("scale") // the flag is there
	c.AddCommand(newServe(version))
	return c
}

// measure prints the report after an error, too: a section that failed takes nothing from those before.
func measure(ctx context.Context, cmd *cobra.Command, f *flags, built string) (err error) {
	o, err := f.options(cmd)
	if err != nil {
		return err
	}
	report, err := measureAll(ctx, o)
	if report.Machine.Cores > 0 {
		report.Machine.Version = built
		show := report.Table
		if f.json {
			show = report.JSON
		}
		if serr := show(cmd.OutOrStdout()); err == nil {
			err = serr
		}
	}
	if err != nil && ctx.Err() != nil {
		return command.Finding(errors.New("stopped; the figures are what there was until then"))
	}
	return err
}

// options reads the flags, and makes the folder for profiles. What does not go together is refused before anything is
// started.
func (f *flags) options(cmd *cobra.Command) (options, error) {
	for _, name := range f.only {
		if !slices.Contains(sectionNames(), name) {
			return options{}, command.Usage(fmt.Errorf("--only takes %s, not %s", strings.Join(sectionNames(), ", "), name))
		}
	}
	if f.runs < 1 {
		return options{}, command.Usage(errors.New("--runs takes a number from 1"))
	}
	if err := f.checkServers(); err != nil {
		return options{}, err
	}
	if f.profiles != "" {
		if err := os.MkdirAll(f.profiles, 0o755); err != nil {
			return options{}, fmt.Errorf("making the folder for profiles: %w", err)
		}
	}
	program, err := itself()
	if err != nil {
		return options{}, err
	}
	return options{Only: f.only, Quick: f.quick, Runs: f.runs, Scale: f.scale, Dir: f.dir, Profiles: f.profiles,
		Servers: f.servers, DatabaseURL: f.database, RedisURL: f.redis, Force: f.force, Program: program, Progress: cmd.ErrOrStderr()}, nil
}

// checkServers refuses what does not go together.
func (f *flags) checkServers() error {
	switch {
	case f.servers && (f.database != "" || f.redis != ""):
		return command.Usage(errors.New("--servers starts its own: leave --database-url and --redis-url away"))
	case (f.database == "") != (f.redis == ""):
		return command.Usage(errors.New("--database-url and --redis-url go together"))
	case f.database != "" && !strings.HasPrefix(f.database, "postgres://") && !strings.HasPrefix(f.database, "postgresql://"):
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
