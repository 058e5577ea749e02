// Command frontdesk is the whole of Frontdesk: the service, and the commands that look after it.
package main

import (
	"cmp"
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

	"frontdesk/channels"
	"frontdesk/channels/kinds"
	"frontdesk/configs"
	"frontdesk/workers/engine"
)

// Exit codes.
const (
	exitFinding = 1 // the command worked and found something wrong, or failed
	exitUsage   = 2 // wrong use
	exitDiffer  = 3 // replay: some messages would be decided differently
	exitUnasked = 4 // audit: the sums hold, but a provider could not be asked
)

// finding ends a command with exit code 1 after it has said itself what it found.
type finding struct{ error }

// differing ends replay with exit code 3 after it has said what differs.
type differing struct{}

func (differing) Error() string { return "some messages would be decided differently" }

// usageError ends a command with exit code 2.
type usageError struct{ error }

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

// runWith is run with everything it touches as parameters.
func runWith(ctx context.Context, k channels.Kinds, args []string, out, errs io.Writer) int {
	root := newRoot(k)
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errs)
	err := root.ExecuteContext(ctx)
	say := visibly{errs} // names of files and answers of other servers stand in errors
	var found finding
	var unheard unasked
	var usage usageError
	var problems configs.Problems
	switch {
	case err == nil:
		return 0
	case errors.Is(err, differing{}):
		return exitDiffer
	case errors.As(err, &unheard):
		fmt.Fprintln(say, "frontdesk:", err)
		return exitUnasked
	case errors.As(err, &found):
		if found.error != nil {
			fmt.Fprintln(say, "frontdesk:", found.error)
		}
		return exitFinding
	case errors.As(err, &problems):
		fmt.Fprintln(say, problems.Error())
		return exitFinding
	case errors.As(err, &usage), !started(root):
		fmt.Fprintf(say, "frontdesk: %v\nRun 'frontdesk --help' for the commands, 'frontdesk COMMAND --help' for examples.\n", err)
		return exitUsage
	default:
		fmt.Fprintln(say, "frontdesk:", err)
		return exitFinding
	}
}

// started reports whether a command's own code has run; before that, every error is one of use.
func started(root *cobra.Command) bool { return root.Annotations["started"] == "yes" }

// options are the flags that every command has.
type options struct {
	kinds      channels.Kinds // that the program has
	config     string
	configFlag bool // config was named by the flag, not by its variable
	dataDir    string
	json       bool
}

func newRoot(k channels.Kinds) *cobra.Command {
	o := &options{kinds: k}
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
	root.PersistentFlags().StringVar(&o.config, "config", os.Getenv("FRONTDESK_CONFIG"), "configuration file (YAML)")
	root.PersistentFlags().StringVar(&o.dataDir, "data-dir", "", `folder of the embedded default (default "frontdesk-data")`)
	root.PersistentPreRun = func(c *cobra.Command, _ []string) {
		root.Annotations["started"] = "yes"
		o.configFlag = c.Flags().Changed("config")
	}
	root.AddCommand(newServe(o), newCheck(o), newMigrate(o), newKeys(o), newInboxes(o), newMessages(o), newTickets(o), newOutbox(o),
		newPromises(o), newParked(o), newExceptions(o), newTrace(o), newAudit(o), newReplay(o), newImport(o), newErase(o), newLogin(o), newSessions(o), newTemplates(o), newBench(), newMan(o), newVersion(o))
	return root
}

// dataDirVariable names the data directory like every other FRONTDESK_… variable: over the file, and
// below the flag.
const dataDirVariable = "FRONTDESK_DATA_DIR"

// load reads the configuration that the flags name: a file, or the embedded default in a folder.
func (o *options) load() (configs.Config, error) {
	if o.config == "" {
		dir := cmp.Or(o.dataDir, os.Getenv(dataDirVariable), "frontdesk-data")
		return configs.LoadDefault(dir, func(name string) (string, bool) {
			if name == dataDirVariable {
				return dir, true
			}
			return os.LookupEnv(name)
		}, o.kinds)
	}
	if o.dataDir != "" {
		file := "FRONTDESK_CONFIG"
		if o.configFlag {
			file = "--config"
		}
		return configs.Config{}, usageError{fmt.Errorf("%s and --data-dir exclude each other: data_dir stands in the file, and the variable %s wins over it", file, dataDirVariable)}
	}
	return configs.Load(o.config, os.LookupEnv, o.kinds)
}

// review looks over what load reads for what is legal and yet weak.
func (o *options) review(c configs.Config) (configs.Problems, error) {
	if o.config == "" {
		return configs.ReviewDefault(c.DataDir, os.LookupEnv, o.kinds), nil
	}
	return configs.Review(o.config, os.LookupEnv, o.kinds)
}

// jsonFlag adds --json to a command that lists something.
func (o *options) jsonFlag(c *cobra.Command) *cobra.Command {
	c.Flags().BoolVar(&o.json, "json", false, "print one JSON array of objects")
	return c
}
