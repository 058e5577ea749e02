// Package understanding measures what the reading of messages reaches: the default mind on messages that nobody tuned on, and models
// that learn from public data sets on this machine, each on a part that they have not seen.
package understanding

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/terminal"
	"frontdesk/pipeline/classify/training"
)

// options are what is measured.
type options struct {
	only          []string
	own, datasets string
	draws         int
	asJSON        bool
}

// bench is one run.
type bench struct {
	options
	ctx  context.Context
	tell func(section string) func(what string, done, all int)
}

// section is one thing that is measured.
type section struct {
	name    string
	measure func(*bench) ([]figure, error)
}

// sections in the order in which they are measured, the quick one first.
func sections() []section {
	return []section{{"default", defaultMind}, {"banking77", banking}, {"clinc150", clinc}, {"few", fewLabels}}
}

func names() (out []string) {
	for _, s := range sections() {
		out = append(out, s.name)
	}
	return out
}

// Command is frontdesk bench understanding.
func Command() *cobra.Command {
	var o options
	c := &cobra.Command{
		Use:   "understanding",
		Short: "Measure what the reading of messages reaches",
		Long: `Measure what the reading of messages reaches, and what it costs.

default asks the default mind about blind.txt of the project's source, whose writer had seen nothing but the categories' descriptions;
the others train on the public sets BANKING77 and CLINC150 (folders banking77 and clinc150 of --datasets), and few with ten labels a category and the rest without.
Each set is split by the digest of its texts, always in the same way; what is measured on is not learned from. Sections other than default take one to three minutes of two cores.`,
		Example: `  frontdesk bench understanding --only default
  frontdesk bench understanding --datasets datasets --json > understanding.json`,
		Args: command.NoArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return run(cmd, o) },
	}
	c.Flags().StringSliceVar(&o.only, "only", names(), "sections to measure: "+strings.Join(names(), ", "))
	c.Flags().StringVar(&o.own, "own", "pipeline/classify/testdata", "folder of the project's own messages, in its source")
	c.Flags().StringVar(&o.datasets, "datasets", "", "folder with banking77/train.csv and clinc150/data_full_train_val.json")
	c.Flags().IntVar(&o.draws, "draws", 1, "how often few draws its labels by lot; the mean counts")
	c.Flags().BoolVar(&o.asJSON, "json", false, "print one JSON array of objects")
	return c
}

// run measures one section after the other, and prints what it has even if a later one fails.
func run(cmd *cobra.Command, o options) error {
	for _, name := range o.only {
		if !slices.Contains(names(), name) {
			return command.Usage(fmt.Errorf("there is no section %q; there are %s", name, strings.Join(names(), ", ")))
		}
		if name != "default" && o.datasets == "" {
			return command.Usage(fmt.Errorf("%s needs --datasets DIR, where the public sets lie; --only default does without", name))
		}
	}
	if o.draws < 1 || o.draws > 10 {
		return command.Usage(errors.New("--draws takes 1 to 10"))
	}
	b := &bench{options: o, ctx: cmd.Context(), tell: func(section string) func(string, int, int) { return progress(cmd.ErrOrStderr(), section, o.asJSON) }}
	all := []figure{}
	var failed error
	for _, s := range sections() {
		if !slices.Contains(o.only, s.name) {
			continue
		}
		figures, err := s.measure(b)
		if err != nil {
			failed = fmt.Errorf("measuring %s: %w", s.name, err)
			break
		}
		all = append(all, figures...)
	}
	if o.asJSON {
		return errors.Join(json.NewEncoder(cmd.OutOrStdout()).Encode(all), failed)
	}
	return errors.Join(table(cmd.OutOrStdout(), all), failed)
}

// progress shows one line for each step of a training.
func progress(to io.Writer, section string, quiet bool) func(what string, done, all int) {
	var lock sync.Mutex
	var line *terminal.Progress
	now := ""
	return func(what string, done, all int) {
		lock.Lock()
		defer lock.Unlock()
		if what != now {
			line, now = terminal.NewProgress(to, section+", "+what, quiet, time.Now()), what
		}
		line.At(int64(done), int64(all), done, time.Now())
		if done == all {
			line.Clear()
		}
	}
}

// table prints figures for people.
func table(to io.Writer, all []figure) error {
	w := tabwriter.NewWriter(to, 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "%d cores\n\nMEASURED\tLEARNED FROM\tWITHOUT A LABEL\tON\tRIGHT\tSUREST 80 %%\tNAMED\tOF THOSE RIGHT\tOUTSIDE\tLEFT ALONE\tIN OR OUT (AUROC)\tMODEL\tLOADED\tA MESSAGE\tTRAINED\n", runtime.GOMAXPROCS(0))
	for _, f := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\n", f.Name, some(f.Learned), some(f.Unlabelled), f.Messages, percent(f.Right), percent(f.Surest), percent(f.Named), percent(f.Precision),
			f.Outside, percent(f.LeftAlone), shown(f.AUROC, "%.3f"), shown(float64(f.Bytes)/(1<<20), "%.1f MiB"), shown(f.LoadMS, "%.0f ms"), shown(f.Micros, "%.0f µs"), shown(f.TrainSeconds, "%.0f s"))
	}
	return w.Flush()
}

func percent(share float64) string { return shown(100*share, "%.1f %%") }

func some(n int) string { return shown(float64(n), "%.0f") }

// shown is a figure; what was not measured is a dash.
func shown(value float64, format string) string {
	if value == 0 {
		return "-"
	}
	return fmt.Sprintf(format, value)
}

// train trains a model as frontdesk train does.
func (b *bench) train(section string, labelled, others []training.Example, seed uint64) (training.Result, float64, error) {
	began := time.Now()
	result, err := training.Train(b.ctx, labelled, others, training.Options{Name: section, Seed: seed, Workers: runtime.GOMAXPROCS(0), Progress: b.tell(section)})
	return result, time.Since(began).Seconds(), err
}
