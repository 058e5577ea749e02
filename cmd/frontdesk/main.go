// Command frontdesk is the whole of Frontdesk: the service, and the commands that look after it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // business calendars must count on machines without zone files

	"github.com/spf13/cobra"

	"frontdesk/channels/descriptor"
	"frontdesk/channels/kinds"
	"frontdesk/cmd/frontdesk/audit"
	"frontdesk/cmd/frontdesk/bench"
	"frontdesk/cmd/frontdesk/bench/understanding"
	"frontdesk/cmd/frontdesk/calendars"
	"frontdesk/cmd/frontdesk/check"
	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/erase"
	"frontdesk/cmd/frontdesk/faq"
	"frontdesk/cmd/frontdesk/importing"
	"frontdesk/cmd/frontdesk/learning"
	"frontdesk/cmd/frontdesk/listings"
	"frontdesk/cmd/frontdesk/replaying"
	"frontdesk/cmd/frontdesk/terminal"
	"frontdesk/cmd/frontdesk/users"
	"frontdesk/configs"
	"frontdesk/workers/engine"
)

// main ends upon SIGINT or SIGTERM: the context ends, and the service stops in order. A second signal changes
// nothing; limits.shutdown bounds how long the stop takes.
func main() {
	engine.LogTo(slog.Default()) // its own words say nothing that the lines about its errors do not say
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the program with the channels that it has.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	return runWith(ctx, kinds.All(), args, out, errs)
}

// runWith is run with everything it touches as parameters, so that tests run the whole program in their own process,
// with channels of theirs. It is the one place where an error becomes words and an exit code: a command returns its
// error and prints none.
func runWith(ctx context.Context, k descriptor.Kinds, args []string, out, errs io.Writer) int {
	root := newRoot(k)
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errs)
	err := root.ExecuteContext(ctx)
	say := terminal.Visibly(errs) // names of files and answers of other servers stand in errors
	var exit command.Exit
	var problems configs.Problems
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit) && exit.Code != command.ExitUsage:
		if exit.Err != nil {
			fmt.Fprintln(say, "frontdesk:", exit.Err)
		}
		return exit.Code
	case exit.Code == 0 && errors.As(err, &problems):
		fmt.Fprintln(say, problems.Error())
		return command.ExitFinding
	// Before a command's own code runs cobra reads the flags; all that it complains of is wrong use.
	case exit.Code != 0, !started(root):
		fmt.Fprintf(say, "frontdesk: %v\nRun 'frontdesk --help' for the commands, 'frontdesk COMMAND --help' for examples.\n", err)
		return command.ExitUsage
	default:
		fmt.Fprintln(say, "frontdesk:", err)
		return command.ExitFinding
	}
}

// started reports whether a command's own code has run; before that, every error is one of use.
func started(root *cobra.Command) bool { return root.Annotations["started"] == "yes" }

// newRoot joins all commands. A new command takes a line in AddCommand; the manual pages and --help follow by
// themselves. Errors are printed by runWith, so cobra is told to be silent.
func newRoot(k descriptor.Kinds) *cobra.Command {
	o := &command.Options{Kinds: k}
	root := &cobra.Command{
		Use:   "frontdesk",
		Short: "Take in every message, open its ticket, keep the promise",
		Long: `Frontdesk takes in every message that customers send, by mail, SMS, Telegram, form or API,
makes each one a ticket or a part of one, and acknowledges it within the promised time.

Without a configuration file it runs on an embedded database in a folder of its own.`,
		Example: `  frontdesk serve --demo
  frontdesk serve --config /etc/frontdesk/frontdesk.yaml
  frontdesk tickets --json`,
		Version:       versionLine(),
		SilenceErrors: true, SilenceUsage: true,
		Annotations: map[string]string{},
	}
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	root.PersistentFlags().StringVar(&o.Config, "config", os.Getenv("FRONTDESK_CONFIG"), "configuration file (YAML)")
	root.PersistentFlags().StringVar(&o.DataDir, "data-dir", "", `folder of the embedded default (default "frontdesk-data")`)
	root.PersistentPreRun = func(c *cobra.Command, args []string) {
		root.Annotations["started"] = "yes"
		o.Begin(c, args)
		o.ConfigFlag = c.Flags().Changed("config")
	}
	root.AddCommand(newServe(o), check.Command(o), newMigrate(o), newKeys(o), audit.Command(o), replaying.Command(o), importing.Command(o), erase.Command(o),
		newLogin(o), newSessions(o), users.Command(o), calendars.Command(o), newTemplates(o), benches(), newMan(o), newVersion(o))
	root.AddCommand(listings.Commands(o)...)
	root.AddCommand(faq.Command(o))
	root.AddCommand(learning.Commands(o)...)
	return root
}

// benches is the bench of the service, and below it that of what it understands.
func benches() *cobra.Command {
	c := bench.Command(version, version+revision())
	c.AddCommand(understanding.Command())
	return c
}
