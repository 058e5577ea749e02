package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"frontdesk/cmd/frontdesk/command"
)

// version is the release; it stands in CHANGELOG.md too, and in every log of a start. Semantic versions: 0.x may
// change the configuration.
const version = "0.1.0"

func newVersion(*command.Options) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  frontdesk version",
		Args:    command.NoArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "frontdesk %s\n", versionLine())
			return err
		},
	}
}

// versionLine is what version and --version print: the release, its commit, what built it and for which machine.
func versionLine() string {
	return fmt.Sprintf("%s%s %s %s/%s", version, revision(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// revision is the commit that the binary was built from, twelve digits behind a hyphen; "" where the build knows none
// (go run, a source archive).
func revision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "-" + s.Value[:12]
		}
	}
	return ""
}
