// Package calendars is the command by which an operator looks at the days of a calendar, and imports public holidays.
package calendars

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/policy"
	"frontdesk/cmd/frontdesk/terminal"
	"frontdesk/configs/holidays"
	"frontdesk/configs/rules"
)

// Command is frontdesk calendar. It needs the configuration file and no database: a service reads the days when it starts.
func Command(o *command.Options) *cobra.Command {
	c := &cobra.Command{
		Use:     "calendar",
		Short:   "Look at public holidays and make-up workdays, and import them",
		Example: "  frontdesk calendar days mainland\n  frontdesk calendar import holidays.ics --calendar mainland --preview",
		Args:    command.NoArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(newDays(o), newImport(o))
	return c
}

// calendarOf is a calendar of the configuration. Where there is one alone it need not be named.
func calendarOf(o *command.Options, name string) (string, rules.Calendar, error) {
	c, err := o.Load()
	if err != nil {
		return "", rules.Calendar{}, err
	}
	names := slices.Sorted(maps.Keys(c.Calendars))
	if name == "" && len(names) == 1 {
		name = names[0]
	}
	k, ok := c.Calendars[name]
	if !ok {
		return "", k, command.Usage(fmt.Errorf("name one of the calendars: %s", strings.Join(names, ", ")))
	}
	return name, k, nil
}

// newDays lists the public days of a calendar, with their source.
func newDays(o *command.Options) *cobra.Command {
	c := &cobra.Command{
		Use:     "days [CALENDAR]",
		Short:   "List a calendar's public holidays and make-up workdays, by year with their source",
		Example: "  frontdesk calendar days mainland\n  frontdesk calendar days mainland --json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, k, err := calendarOf(o, strings.Join(args, ""))
			if err != nil {
				return err
			}
			days, err := policy.Days(k)
			if err != nil {
				return err
			}
			if o.JSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(days)
			}
			_, err = io.WriteString(cmd.OutOrStdout(), readable(days.Text()))
			return err
		},
	}
	return o.JSONFlag(c)
}

// readable makes the lines of a file that somebody else wrote fit for a terminal.
func readable(text string) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, l := range lines {
		lines[i] = terminal.Visible(l)
	}
	return strings.Join(lines, "\n") + "\n"
}

func newImport(o *command.Options) *cobra.Command {
	var calendar string
	var preview bool
	c := &cobra.Command{
		Use:   "import FILE.ics",
		Short: "Import public holidays and make-up workdays from an iCal file",
		Long: `Import public holidays and make-up workdays from an iCal file (RFC 5545) into the file that the calendar names as days_file.
First it is printed what changes, day by day; with --preview nothing is written. Each year of the file takes the place of the
same year in days_file and in public_holidays; other years stay. Events with a time of day, events that recur, and observances
that close nothing are left out and counted. A service reads the days when it starts.`,
		Example: `  frontdesk calendar import holidays.ics --calendar mainland --preview
  frontdesk calendar import holidays.ics --calendar mainland && systemctl restart frontdesk`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name, k, err := calendarOf(o, calendar)
			if err != nil {
				return err
			}
			return importFile(cmd.OutOrStdout(), name, k, args[0], preview, time.Now())
		},
	}
	c.Flags().StringVar(&calendar, "calendar", "", "calendar of the configuration; needed where there are several")
	c.Flags().BoolVar(&preview, "preview", false, "print what would change, and write nothing")
	return c
}

// maxFile is how much of an iCal file is read.
const maxFile = 5 << 20

// importFile prints what a file changes in a calendar, and writes it.
func importFile(to io.Writer, name string, k rules.Calendar, path string, preview bool, now time.Time) error {
	if k.DaysFile == "" && !preview {
		return command.Usage(fmt.Errorf("calendar %s names no file to write to: add days_file: %s-days.txt to it", name, name))
	}
	got, err := read(path)
	if err != nil {
		return err
	}
	for i := range got.Set {
		got.Set[i].Source = holidays.Clip(fmt.Sprintf("%s, %s, imported %s", filepath.Base(path), got.Product, now.Format(time.DateOnly)))
	}
	before, err := policy.Days(k)
	if err != nil {
		return err
	}
	after := before.With(got.Set)
	tell(to, got, after.Changes(before))
	if preview {
		return nil
	}
	return write(to, k, got.Set)
}

// read reads an iCal file. One without a day is a mistake of whoever chose it.
func read(path string) (holidays.Imported, error) {
	f, err := os.Open(path)
	if err != nil {
		return holidays.Imported{}, fmt.Errorf("opening the calendar: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return holidays.Imported{}, fmt.Errorf("reading the calendar: %w", err)
	}
	got, err := holidays.FromICal(string(text))
	switch {
	case err != nil:
		return got, command.Finding(fmt.Errorf("reading the calendar: %w", err))
	case len(got.Set) == 0:
		return got, command.Finding(fmt.Errorf("there is no whole day in it (%d events recur, %d have a time, %d others)", got.Recurring, got.Timed, got.Others))
	}
	return got, nil
}

// tell prints what changes, and what was left out.
func tell(to io.Writer, got holidays.Imported, changes []holidays.Change) {
	for _, c := range changes {
		name := ""
		if c.After != nil {
			name = c.After.Name
		} else if c.Before != nil {
			name = c.Before.Name
		}
		fmt.Fprintf(to, "%s %s  %-8s → %-8s  %s\n", c.Date, c.Date.In(time.UTC).Format("Mon"), words(c.Before), words(c.After), terminal.Visible(name))
	}
	for _, y := range got.Set {
		fmt.Fprintf(to, "%d: %d days\n", y.Year, len(y.Days))
	}
	if len(changes) == 0 {
		fmt.Fprintln(to, "nothing changes")
	}
	if got.Recurring+got.Timed+got.Others > 0 {
		fmt.Fprintf(to, "left out: %d events that recur, %d with a time of day, %d others\n", got.Recurring, got.Timed, got.Others)
	}
}

// words is what a day is: as its weekday, closed or worked.
func words(d *holidays.Day) string {
	switch {
	case d == nil:
		return "as usual"
	case d.Works:
		return "worked"
	}
	return "closed"
}

// write puts the years into the calendar's file, whole or not at all.
func write(to io.Writer, k rules.Calendar, more holidays.Set) error {
	own, err := policy.Days(rules.Calendar{DaysFile: k.DaysFile})
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(k.DaysFile), ".days-")
	if err != nil {
		return fmt.Errorf("writing days_file: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString("# Written by \"frontdesk calendar import\". A block for each year: where it is from, then its days; off is closed, work is worked.\n\n" + own.With(more).Text())
	if err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing days_file: %w", err)
	}
	if err := os.Rename(f.Name(), k.DaysFile); err != nil {
		return fmt.Errorf("writing days_file: %w", err)
	}
	fmt.Fprintf(to, "written to %s; a service reads it when it starts\n", k.DaysFile)
	return nil
}
