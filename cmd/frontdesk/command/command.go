// Package command is what the commands of the program share: the flags of all of them, the configuration and the database that
// these name, and the exit codes.
package command

import (
	"cmp"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"frontdesk/channels/descriptor"
	"frontdesk/configs"
	"frontdesk/workers/store/logbook"
)

// Options are the flags that every command has. One value is shared by all commands of a run; it is filled when the
// flags are read.
type Options struct {
	Kinds descriptor.Kinds // that the program has
	// Config is the path of the file, from --config or FRONTDESK_CONFIG; "" means the embedded default.
	Config     string
	ConfigFlag bool // Config was named by the flag, not by its variable
	// DataDir is the folder of the embedded default (--data-dir); "" leaves it to the variable, then to
	// frontdesk-data.
	DataDir string
	JSON    bool

	note *logbook.Line // what is entered into the desk's log before the command does it; nil: it only looks
}

// dataDirVariable names the data directory like every other FRONTDESK_… variable: over the file, and
// below the flag.
const dataDirVariable = "FRONTDESK_DATA_DIR"

// Load reads the configuration that the flags name: a file, or the embedded default in a folder. The result is
// checked and has its defaults; an error of type configs.Problems names lines. It may be called again, as a reload
// does.
func (o *Options) Load() (configs.Config, error) {
	if o.Config == "" {
		dir := cmp.Or(o.DataDir, os.Getenv(dataDirVariable), "frontdesk-data")
		return configs.LoadDefault(dir, func(name string) (string, bool) {
			if name == dataDirVariable {
				return dir, true
			}
			return os.LookupEnv(name)
		}, o.Kinds)
	}
	if o.DataDir != "" {
		file := "FRONTDESK_CONFIG"
		if o.ConfigFlag {
			file = "--config"
		}
		return configs.Config{}, Usage(fmt.Errorf("%s and --data-dir exclude each other: data_dir stands in the file, and the variable %s wins over it", file, dataDirVariable))
	}
	return configs.Load(o.Config, os.LookupEnv, o.Kinds)
}

// Review looks over what Load reads for what is legal and yet weak.
// What it finds counts for check only; a start logs it. The error says that a file could not be read.
func (o *Options) Review(c configs.Config) (configs.Problems, error) {
	if o.Config == "" {
		return configs.ReviewDefault(c.DataDir, os.LookupEnv, o.Kinds), nil
	}
	return configs.Review(o.Config, os.LookupEnv, o.Kinds)
}

// JSONFlag adds --json to a command that lists something.
func (o *Options) JSONFlag(c *cobra.Command) *cobra.Command {
	c.Flags().BoolVar(&o.JSON, "json", false, "print one JSON array of objects")
	return c
}

// NoArguments refuses words that belong to nothing.
func NoArguments(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case cmd.HasAvailableSubCommands():
		return Usage(fmt.Errorf("%s has no command %q", cmd.CommandPath(), args[0]))
	default:
		return Usage(fmt.Errorf("%s takes flags only, and %q is none", cmd.CommandPath(), args[0]))
	}
}

// MessageID reads a message as people write it and as the pages show it: 44 or #44.
func MessageID(s string) (int64, error) {
	id, err := strconv.ParseInt(strings.TrimPrefix(s, "#"), 10, 64)
	if err != nil || id <= 0 {
		return 0, Usage(fmt.Errorf("%q is no message id; 'frontdesk messages' lists them", s))
	}
	return id, nil
}

// Operator is who acts, for the journal: the user of the process. Under sudo that is root.
func Operator() string {
	u, err := user.Current()
	if err != nil {
		return "command line"
	}
	return u.Username
}
