package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"frontdesk/cmd/frontdesk/command"
)

// newMan is frontdesk man. Packages call it at build time: pages are made of what --help says, so that they cannot
// lag behind it.
func newMan(*command.Options) *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "man",
		Short: "Write the manual pages",
		Long: `Write a manual page for frontdesk and one for each command into a folder, from what --help says. With SOURCE_DATE_EPOCH
set the pages bear that day, else that of the program's source.`,
		Example: `  frontdesk man --dir /usr/local/share/man/man1
  man frontdesk-serve`,
		Args: command.NoArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if dir == "" {
				return command.Usage(errors.New("--dir says where the pages go"))
			}
			return writeManuals(cmd.Root(), dir, manualDay(time.Now()))
		},
	}
	c.Flags().StringVar(&dir, "dir", "", "folder for the pages; it is made if need be")
	return c
}

// manualDay is the day that the pages bear: SOURCE_DATE_EPOCH, else the day of the source, else today. A rebuild of
// the same source gives the same bytes.
func manualDay(now time.Time) string {
	if seconds, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64); err == nil {
		return time.Unix(seconds, 0).UTC().Format(time.DateOnly)
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.time" && len(s.Value) >= len(time.DateOnly) {
				return s.Value[:len(time.DateOnly)]
			}
		}
	}
	return now.UTC().Format(time.DateOnly)
}

// writeManuals writes a page for a command and for all below it.
func writeManuals(root *cobra.Command, dir, day string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // everybody may read manuals
		return fmt.Errorf("making the folder of the manual pages: %w", err)
	}
	for _, c := range manualCommands(root) {
		path := filepath.Join(dir, manualName(c)+".1")
		if err := os.WriteFile(path, []byte(manual(c, day)), 0o644); err != nil { //nolint:gosec // everybody may read manuals
			return fmt.Errorf("writing a manual page: %w", err)
		}
	}
	return nil
}

// manualCommands are a command and all below it that people see.
func manualCommands(c *cobra.Command) []*cobra.Command {
	out := []*cobra.Command{c}
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			out = append(out, manualCommands(sub)...)
		}
	}
	return out
}

func manualName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// manual is the page of one command, in the macros of man(7).
func manual(c *cobra.Command, day string) string {
	// cobra adds --help when it runs the command; a page must have it without.
	c.InitDefaultHelpFlag()
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %s 1 \"%s\" %s %s\n", quoted(strings.ToUpper(manualName(c))), day, quoted("Frontdesk "+version), quoted("Frontdesk"))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(manualName(c)), roff(c.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n.B %s\n", quoted(c.UseLine()))
	b.WriteString(".SH DESCRIPTION\n" + paragraphs(cmp.Or(c.Long, c.Short)))
	manualFlags(&b, "OPTIONS", c.NonInheritedFlags())
	manualFlags(&b, "OPTIONS OF EVERY COMMAND", c.InheritedFlags())
	if c.Example != "" {
		b.WriteString(".SH EXAMPLES\n" + verbatim(strings.Split(strings.TrimRight(c.Example, "\n"), "\n")))
	}
	manualStatus(&b, c)
	manualRelated(&b, c)
	return b.String()
}

// manualFlags lists the flags under a heading. Defaults that say nothing (false, 0, empty) are left out.
func manualFlags(b *strings.Builder, title string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	b.WriteString(".SH " + title + "\n")
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		name, usage := pflag.UnquoteUsage(f)
		line := "\\fB\\-\\-" + roff(f.Name) + "\\fR"
		if f.Shorthand != "" {
			line = "\\fB\\-" + f.Shorthand + "\\fR, " + line
		}
		if name != "" {
			line += " \\fI" + roff(name) + "\\fR"
		}
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "[]" && f.DefValue != "0" && f.DefValue != "0s" && !strings.Contains(usage, "(default") {
			usage += " (default " + f.DefValue + ")"
		}
		fmt.Fprintf(b, ".TP\n%s\n%s\n", line, roff(usage))
	})
}

// manualStatus tells the exit codes and variables, on the page of the whole. A new code or variable takes a line
// here.
func manualStatus(b *strings.Builder, c *cobra.Command) {
	if c.HasParent() {
		return
	}
	b.WriteString(".SH EXIT STATUS\n.TP\n0\nthe command did what it should\n.TP\n1\nit found something wrong, or failed\n.TP\n2\nwrong use\n.TP\n3\n" +
		"replay: some messages would be decided differently\n.TP\n4\naudit: the sums hold, but a provider could not be asked\n" +
		".SH ENVIRONMENT\n.TP\n\\fBFRONTDESK_CONFIG\\fR\nthe configuration file, in place of \\-\\-config\n.TP\n\\fBFRONTDESK_DATA_DIR\\fR\nthe data directory\n" +
		".TP\n\\fBFRONTDESK_\\fR\\fISETTING\\fR\na value of the configuration: FRONTDESK_LISTEN_OPS is listen.ops\n")
}

// manualRelated names the page above and those below; a leaf names the page above alone.
func manualRelated(b *strings.Builder, c *cobra.Command) {
	var names []string
	if c.HasParent() {
		names = append(names, manualName(c.Parent()))
	}
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, manualName(sub))
		}
	}
	if len(names) == 0 {
		return
	}
	b.WriteString(".SH SEE ALSO\n")
	for i, name := range names {
		end := ","
		if i == len(names)-1 {
			end = ""
		}
		fmt.Fprintf(b, ".BR %s (1)%s\n", roff(name), end)
	}
}

// paragraphs sets a text of --help: what is indented stays as it is, an empty line begins a paragraph, and all else
// is filled by the typesetter.
func paragraphs(text string) string {
	var b strings.Builder
	var fixed []string
	flush := func() {
		if len(fixed) > 0 && b.Len() > 0 {
			b.WriteString(".PP\n")
		}
		b.WriteString(verbatim(fixed))
		fixed = nil
	}
	broken := false
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		switch {
		case strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t"):
			fixed = append(fixed, line)
		case strings.TrimSpace(line) == "":
			broken = b.Len() > 0
		default:
			flush()
			if broken {
				b.WriteString(".PP\n")
			}
			broken = false
			b.WriteString(roff(line) + "\n")
		}
	}
	flush()
	return b.String()
}

// verbatim keeps lines as they are.
func verbatim(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(".nf\n")
	for _, line := range lines {
		b.WriteString(cmp.Or(roff(line), "\\&") + "\n")
	}
	b.WriteString(".fi\n")
	return b.String()
}

// roff is a text in which nothing is a command of the typesetter: a backslash, a point or an apostrophe at the begin
// of a line. A hyphen is written as a minus, so that a flag can be copied from the page.
func roff(text string) string {
	text = strings.NewReplacer("\\", "\\e", "-", "\\-", "\n", " ").Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		return "\\&" + text
	}
	return text
}

// quoted is an argument of a macro.
func quoted(text string) string { return `"` + strings.ReplaceAll(roff(text), `"`, `\(dq`) + `"` }
