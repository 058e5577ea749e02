package learning

import (
	"encoding/csv"
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
	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/classify/learned"
	"frontdesk/pipeline/classify/mind"
	"frontdesk/pipeline/classify/training"
	"frontdesk/workers/store"
)

// trainFlags are the flags of frontdesk train.
type trainFlags struct {
	data, name, unlabelled string
	promise                float64
	seed                   uint64
	suggest                int
	holdout                float64
	curve                  bool
}

// newTrain is frontdesk train.
func newTrain(o *command.Options) *cobra.Command {
	var f trainFlags
	c := &cobra.Command{
		Use:   "train",
		Short: "Train a model on labelled messages, and tell what it reaches",
		Long: `Train a model on labelled messages, and tell what it reaches on messages that it has not seen.

The file is CSV with the columns text and category (subject is optional), or JSON Lines with the same keys. Messages
without a label help where labels are few: --unlabelled names a file of them, in the same forms or a message a line.
With --suggest the messages without a label whose labels would teach most are printed in place of the report, as CSV with an
empty column category to be filled in.

desk in the place of a file takes the desk's own: of labelled messages the tickets whose category a person has set, of those without a
label the newest that customers wrote; both as they are kept, without what is masked or erased. With --holdout the newest
labelled messages are not learned from, and measure the model (those of the desk: a fifth): models promote needs such ones. A file needs a column at (2026-11-30T12:00:00Z) for it.

--curve tells what a quarter and half of the labels reach, and with that whether more of them would help.

The same messages and the same seed give the same model. It is kept under its name in the folder models of the data
directory; nothing leaves this machine.`,
		Example: `  frontdesk train --data labelled.csv --name topay
  frontdesk train --data labelled.csv --unlabelled messages.txt --name topay --promise 0.98
  frontdesk train --data labelled.csv --unlabelled messages.txt --name topay --suggest 50 > to-label.csv
  frontdesk train --data labelled.jsonl --name topay --json > report.json
  frontdesk train --data desk --unlabelled desk --name ours`,
		Args: command.NoArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return train(cmd, o, f) },
	}
	c.Flags().StringVar(&f.data, "data", "", "labelled messages, CSV or JSON Lines; desk: those of the desk")
	c.Flags().StringVar(&f.name, "name", "", "name of the model")
	c.Flags().StringVar(&f.unlabelled, "unlabelled", "", "messages without a label, CSV, JSON Lines or a message a line; desk: those of the desk")
	c.Flags().Float64Var(&f.holdout, "holdout", 0, "share of the newest labelled messages that measure the model and do not teach it")
	c.Flags().BoolVar(&f.curve, "curve", false, "tell what a quarter and half of the labels reach")
	c.Flags().IntVar(&f.suggest, "suggest", 0, "print so many messages whose labels would teach most")
	c.Flags().Float64Var(&f.promise, "promise", training.DefaultPromise, "share of the messages that are named that shall be named right")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "of everything that is drawn by lot")
	return o.JSONFlag(c)
}

// train reads, trains, keeps and reports.
func train(cmd *cobra.Command, o *command.Options, f trainFlags) error {
	s, err := f.checked(o)
	if err != nil {
		return err
	}
	labelled, others, err := f.messages(cmd, o)
	if err != nil {
		return err
	}
	older, newer, timed := newest(labelled, f.holdout)
	if f.holdout > 0 && !timed {
		return command.Usage(errors.New("--holdout keeps the newest messages back, and not all of them have a time in a column at"))
	}
	rules, err := rulesOf(o)
	if err != nil {
		return err
	}
	options := training.Options{Name: f.name, Seed: f.seed, Promise: f.promise, Workers: runtime.GOMAXPROCS(0), Progress: progress(cmd.ErrOrStderr(), o.JSON)}
	ours := ofDesk(rules, older)
	if ours {
		options.Prior = priorOf(rules)
	}
	began := time.Now()
	result, err := training.Train(cmd.Context(), older, others, options)
	if err != nil {
		return err
	}
	result.Parts.Rules, result.Parts.Learned = ours, learnedFrom(older, timed)
	path, size, err := s.write(f.name, result.Parts)
	if err != nil {
		return err
	}
	if f.suggest > 0 {
		return printSuggestions(cmd, result.Parts, others, f.suggest)
	}
	t := trained{Name: f.name, File: path, Bytes: size, Report: result.Report}
	if t.HeldOut, err = heldOut(o, result.Parts, newer); err != nil {
		return err
	}
	if f.curve {
		if t.Curve, err = curve(cmd.Context(), older, others, options, result.Report); err != nil {
			return err
		}
	}
	t.Seconds = time.Since(began).Seconds()
	if o.JSON {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(t)
	}
	return printReport(cmd.OutOrStdout(), t)
}

// checked looks at the flags before anything is read.
func (f *trainFlags) checked(o *command.Options) (shelf, error) {
	switch {
	case f.data == "":
		return "", command.Usage(errors.New("--data FILE is missing: the labelled messages; --data desk takes the desk's own"))
	case f.suggest < 0 || f.suggest > maxSuggested, f.suggest > 0 && f.unlabelled == "":
		return "", command.Usage(fmt.Errorf("--suggest takes 1 to %d, and needs --unlabelled FILE: the messages to choose from", maxSuggested))
	case f.promise <= 0 || f.promise >= 1:
		return "", command.Usage(fmt.Errorf("--promise %v: a share between 0 and 1, such as 0.96", f.promise))
	case f.holdout < 0 || f.holdout > .5:
		return "", command.Usage(fmt.Errorf("--holdout %v: a share up to 0.5, such as 0.2", f.holdout))
	case f.name == present || f.name == defaultName || f.name == noModel:
		return "", command.Usage(fmt.Errorf("--name %s: that name stands for a model already", f.name))
	}
	s, err := shelfOf(o)
	if err != nil {
		return "", err
	}
	_, err = s.path(f.name)
	return s, err
}

// deskHoldout is what is held out of the desk's labels where nothing else is said.
const deskHoldout = .2

// messages are what is learned from.
func (f *trainFlags) messages(cmd *cobra.Command, o *command.Options) (labelled, others []training.Example, err error) {
	if f.data == fromDesk && !cmd.Flags().Changed("holdout") {
		f.holdout = deskHoldout
	}
	if labelled, err = readMessages(cmd, o, f.data, true); err != nil || f.unlabelled == "" {
		return labelled, nil, err
	}
	others, err = readMessages(cmd, o, f.unlabelled, false)
	return labelled, others, err
}

// readMessages reads a file, or the desk's own messages.
func readMessages(cmd *cobra.Command, o *command.Options, from string, labelled bool) (out []training.Example, err error) {
	if from != fromDesk {
		return readExamples(from, labelled)
	}
	err = o.WithStore(cmd.Context(), func(st *store.Store) error {
		if labelled {
			out, err = newReader(st, cmd.ErrOrStderr(), "reading what people have said of tickets", o.JSON).labels(cmd.Context())
		} else {
			out, err = newReader(st, cmd.ErrOrStderr(), "reading what customers wrote", o.JSON).others(cmd.Context())
		}
		return err
	})
	if err == nil && labelled && len(out) == 0 {
		err = errors.New("nobody has set the category of a ticket yet: agents do so on the ticket's page, and frontdesk corrections lists it")
	}
	return out, err
}

// ofDesk reports whether all labels are categories of the desk: the rules then say something of them.
func ofDesk(rules *classify.Classifier, list []training.Example) bool {
	ours := append(rules.Categories(), mind.Outside)
	return !slices.ContainsFunc(list, func(e training.Example) bool { return !slices.Contains(ours, e.Label) })
}

// priorOf is what the rules say of an example.
func priorOf(rules *classify.Classifier) func(classes []string, e training.Example) []float32 {
	var factors func(classify.Input) []float32
	var of []string
	return func(classes []string, e training.Example) []float32 {
		if factors == nil || !slices.Equal(of, classes) {
			factors, of = mind.Prior(rules, classes), classes
		}
		return factors(inputOf(e))
	}
}

// learnedFrom notes what a model learns from.
func learnedFrom(list []training.Example, timed bool) *learned.Learned {
	var prints []uint32
	var until time.Time
	for _, e := range list {
		prints = append(prints, learned.Print(e.Subject, e.Text))
		if timed && e.At.After(until) {
			until = e.At
		}
	}
	return learned.Seen(prints, until)
}

// heldOut measures a model on messages that it has not learned from; nil where there are none.
func heldOut(o *command.Options, p learned.Parts, list []training.Example) (*figures, error) {
	m, err := learned.New(p)
	if err != nil {
		return nil, err
	}
	list, _, _ = unseen(list, []*learned.Learned{p.Learned})
	if len(list) == 0 {
		return nil, nil
	}
	a, err := withRules(o, m)
	if err != nil {
		return nil, err
	}
	f := measure(a, list, nil)
	return &f, nil
}

// maxSuggested is how many messages are suggested at most: nobody labels more in one go.
const maxSuggested = 2000

// printSuggestions prints what to label next, ready to be filled in and given to --data.
func printSuggestions(cmd *cobra.Command, p learned.Parts, others []training.Example, most int) error {
	m, err := learned.New(p)
	if err != nil {
		return err
	}
	w := csv.NewWriter(cmd.OutOrStdout())
	_ = w.Write([]string{"category", "text", "subject", "guess", "or", "margin"})
	for _, s := range training.Suggest(m, others, most) {
		_ = w.Write([]string{"", plain(s.Text), plain(s.Subject), s.Guess, s.Second, fmt.Sprintf("%.3f", s.Margin)})
	}
	w.Flush()
	return w.Error()
}

// plain is a text that no spreadsheet takes for a formula: customers wrote it. A mark before it teaches a model nothing.
func plain(text string) string {
	if strings.ContainsAny(text[:min(1, len(text))], "=+-@\t\r") {
		return "'" + text
	}
	return text
}

// trained is what --json prints.
type trained struct {
	Name    string          `json:"name"`
	File    string          `json:"file"`
	Bytes   int64           `json:"bytes"`
	Seconds float64         `json:"seconds"`
	Report  training.Report `json:"report"`
	HeldOut *figures        `json:"held_out,omitempty"` // on the newest messages, which did not teach it
	Curve   []step          `json:"curve,omitempty"`
}

// progress shows one line for each step.
func progress(to io.Writer, quiet bool) func(what string, done, all int) {
	var lock sync.Mutex
	var line *terminal.Progress
	now := ""
	return func(what string, done, all int) {
		lock.Lock()
		defer lock.Unlock()
		if what != now {
			if line != nil {
				line.Clear()
			}
			line, now = terminal.NewProgress(to, what, quiet, time.Now()), what
		}
		line.At(int64(done), int64(all), done, time.Now())
		if done == all {
			line.Clear()
		}
	}
}

// printReport prints what was reached, for people.
func printReport(to io.Writer, t trained) error {
	p := t.Report
	w := tabwriter.NewWriter(terminal.Visibly(to), 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "%d labelled messages of %d categories", p.Rows, p.Classes)
	if p.Unlabelled > 0 {
		fmt.Fprintf(w, ", %d without a label", p.Unlabelled)
	}
	fmt.Fprintf(w, "\nMeasured on %d labelled messages that the model had not seen:\n\n", p.Checked)
	fmt.Fprintf(w, "  best guess right\t%.1f %%\n  right one among three\t%.1f %%\n  mean F1 of the categories\t%.1f %%\n", 100*p.Accuracy, 100*p.Third, 100*p.MacroF1)
	fmt.Fprintf(w, "  named at all\t%.1f %%\n  of those right\t%.1f %%\t(promised %.1f)\n  confidence is off by\t%.1f points\n\n", 100*p.Coverage, 100*p.Precision, 100*p.Promise, 100*p.Error)
	fmt.Fprintln(w, "  category\tmessages\tprecision\trecall\tnamed from")
	for _, c := range p.ByClass {
		fmt.Fprintf(w, "  %s\t%d\t%.0f %%\t%.0f %%\t%.2f\n", c.Name, c.Count, 100*c.Precision, 100*c.Recall, c.Threshold)
	}
	if len(p.Confusion) > 0 {
		fmt.Fprintln(w, "\n  most often taken for another:")
	}
	for _, c := range p.Confusion[:min(len(p.Confusion), 8)] {
		fmt.Fprintf(w, "  %s\tfor %s\t%d\n", c.Truth, c.Guess, c.Count)
	}
	if h := t.HeldOut; h != nil {
		fmt.Fprintf(w, "\nOn the newest %d labelled messages, which did not teach it: right %.1f %%, named %.1f %%, of those right %.1f %%\n", h.Messages+h.Outside, 100*h.Right, 100*h.Named, 100*h.Precision)
	}
	printCurve(w, t.Curve)
	fmt.Fprintf(w, "\n%s (%.1f MiB) in %.0f s\n", t.File, float64(t.Bytes)/(1<<20), t.Seconds)
	return w.Flush()
}
