package learning

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/cmd/frontdesk/terminal"
	"frontdesk/configs"
	"frontdesk/pipeline/classify/learned"
	"frontdesk/pipeline/classify/training"
	"frontdesk/workers/store"
	"frontdesk/workers/store/models"
)

// compared is what models compare prints with --json.
type compared struct {
	Models  [2]string   `json:"models"`
	Figures [2]figures  `json:"figures"`
	Differ  []differing `json:"by_category"` // where they differ
	Learned int         `json:"learned"`     // labelled messages that were left out: one of the two has learned from them
	Unknown []string    `json:"unknown"`     // models of which it is not known whether they have learned from the messages
}

// compare asks two models about the messages from which neither has learned.
func compare(cmd *cobra.Command, o *command.Options, names [2]string, askers [2]asker, seen [2]*learned.Learned, list []training.Example) compared {
	out := compared{Models: names, Unknown: []string{}}
	fresh, known, strange := unseen(list, seen[:])
	out.Learned = known
	for _, i := range strange {
		out.Unknown = append(out.Unknown, names[i])
	}
	for i, a := range askers {
		bar := terminal.NewProgress(cmd.ErrOrStderr(), "asking "+names[i], o.JSON, time.Now())
		out.Figures[i] = measure(a, fresh, func(done int) { bar.At(int64(done), int64(len(fresh)), done, time.Now()) })
		bar.Clear()
	}
	out.Differ = differ(fresh, out.Figures[0], out.Figures[1])
	return out
}

// print prints a comparison for people.
func (c compared) print(to io.Writer) error {
	p := terminal.NewPrinter(to, "MODEL\tMESSAGES\tRIGHT\tNAMED\tOF THOSE RIGHT\tOUTSIDE\tLEFT ALONE", func(i int) string {
		f := c.Figures[i]
		return fmt.Sprintf("%s\t%d\t%.1f %%\t%.1f %%\t%.1f %%\t%d\t%.1f %%", c.Models[i], f.Messages, 100*f.Right, 100*f.Named, 100*f.Precision, f.Outside, 100*f.LeftAlone)
	}, false)
	for i := range c.Models {
		if err := p.Item(i); err != nil {
			return err
		}
	}
	if err := p.End(); err != nil {
		return err
	}
	out := terminal.Visibly(to)
	for _, d := range c.Differ {
		fmt.Fprintf(out, "  %s: of %d right %d and %d\n", d.Category, d.Messages, d.Right[0], d.Right[1])
	}
	if c.Learned > 0 {
		fmt.Fprintf(out, "%d labelled messages were left out: one of the two has learned from them.\n", c.Learned)
	}
	if len(c.Unknown) > 0 {
		fmt.Fprintln(out, c.doubt())
	}
	return nil
}

func (c compared) doubt() string {
	return fmt.Sprintf("Whether %s has learned from these messages is not known: its file does not tell, or the messages have no time. What is measured may flatter it.", strings.Join(c.Unknown, " and "))
}

// newCompare is frontdesk models compare.
func newCompare(o *command.Options) *cobra.Command {
	var data string
	c := &cobra.Command{
		Use:   "compare A B",
		Short: "Measure two models on the same labelled messages",
		Long: `Measure two models on the same labelled messages, from which neither has learned: what a model has learned from stands in its file.

default is the mind that comes with the program, present the line's model. --data takes what train takes: a file, or desk.`,
		Example: "  frontdesk models compare topay present\n  frontdesk models compare first second --data labelled.csv --json",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := shelfOf(o)
			if err != nil {
				return err
			}
			var askers [2]asker
			var seen [2]*learned.Learned
			for i, name := range args {
				if askers[i], seen[i], err = s.asked(cmd, o, name); err != nil {
					return err
				}
			}
			list, err := readMessages(cmd, o, data, true)
			if err != nil {
				return err
			}
			said := compare(cmd, o, [2]string{args[0], args[1]}, askers, seen, list)
			if o.JSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(said)
			}
			return said.print(cmd.OutOrStdout())
		},
	}
	c.Flags().StringVar(&data, "data", fromDesk, "labelled messages, CSV or JSON Lines; desk: those of the desk")
	return o.JSONFlag(c)
}

// newPromote is frontdesk models promote.
func newPromote(o *command.Options) *cobra.Command {
	var data string
	var anyway bool
	c := &cobra.Command{
		Use:   "promote NAME",
		Short: "Make a model the line's, if it is better than the present one",
		Long: fmt.Sprintf(`Make a model the line's, if it is better than the present one on labelled messages from which neither has learned: right more
often, and what it names right as often as promised. %d such messages are needed; train --holdout keeps the newest ones back.
Otherwise it is refused with the figures; --anyway is for who knows better.

Its file goes into the database, so that every process decides by it. A running service takes it at SIGHUP,
another one when it starts.
default stands for the mind that comes with the program.`, least),
		Example: "  frontdesk models promote topay\n  frontdesk models promote topay --data labelled.csv\n  frontdesk models promote default --anyway",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := shelfOf(o)
			if err != nil {
				return err
			}
			a, seen, file, err := s.candidate(cmd, o, args[0])
			if err != nil {
				return err
			}
			list, err := readMessages(cmd, o, data, true)
			if err != nil && !anyway {
				return err
			}
			return o.WithStore(cmd.Context(), func(st *store.Store) error {
				return promote(cmd, o, st, candidate{args[0], a, seen, file, list, anyway})
			})
		},
	}
	c.Flags().StringVar(&data, "data", fromDesk, "labelled messages that measure, CSV or JSON Lines; desk: those of the desk")
	c.Flags().BoolVar(&anyway, "anyway", false, "promote it though it is not better, or cannot be measured")
	return command.Acts(o.JSONFlag(c), "model-promote")
}

// candidate is a model that may become the line's, with the messages that measure it.
type candidate struct {
	name   string
	asker  asker
	seen   *learned.Learned
	file   []byte
	list   []training.Example
	anyway bool
}

// candidate reads a model that may become the line's. The error says why it never may.
func (s shelf) candidate(cmd *cobra.Command, o *command.Options, name string) (asker, *learned.Learned, []byte, error) {
	if name == noModel {
		return nil, nil, nil, command.Usage(errors.New("none stands for the rules alone, which classify.model: none lets decide; it is no model"))
	}
	a, seen, err := s.asked(cmd, o, name)
	if err != nil || name == defaultName {
		return a, seen, nil, err
	}
	path, err := s.path(name)
	if err != nil {
		return nil, nil, nil, err
	}
	file, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("reading the model: %w", err)
	}
	p, err := learned.Read(bytes.NewReader(file))
	if err != nil {
		return nil, nil, nil, err
	}
	rules, err := rulesOf(o)
	if err != nil {
		return nil, nil, nil, err
	}
	for _, class := range p.Classes {
		if !ofDesk(rules, []training.Example{{Label: class}}) {
			return nil, nil, nil, command.Usage(fmt.Errorf("%s names the category %q, which the desk does not have", name, class))
		}
	}
	return a, seen, file, nil
}

// promote measures and promotes.
func promote(cmd *cobra.Command, o *command.Options, st *store.Store, c candidate) error {
	now, seen, was, err := presentOf(cmd.Context(), o, st)
	if err != nil {
		return err
	}
	said := compare(cmd, o, [2]string{c.name, cmp.Or(was.Name, defaultName)}, [2]asker{c.asker, now}, [2]*learned.Learned{c.seen, seen}, c.list)
	refused := said.Figures[0].beats(said.Figures[1], promiseOf(c.file))
	if refused == "" && len(said.Unknown) > 0 {
		refused = said.doubt()
	}
	if !o.JSON {
		if err := said.print(cmd.OutOrStdout()); err != nil {
			return err
		}
	}
	if refused != "" && !c.anyway {
		return fmt.Errorf("%s is not promoted: %s. right %.1f %% of %d, named %.1f %%, of those right %.1f %%; the present one: right %.1f %%, named %.1f %%, of those right %.1f %% (--anyway promotes it all the same)", c.name, strings.TrimSuffix(refused, "."),
			100*said.Figures[0].Right, said.Figures[0].Messages, 100*said.Figures[0].Named, 100*said.Figures[0].Precision, 100*said.Figures[1].Right, 100*said.Figures[1].Named, 100*said.Figures[1].Precision)
	}
	measured, err := json.Marshal(said.Figures[0])
	if err != nil {
		return err
	}
	p, err := st.Models.Promote(cmd.Context(), c.name, c.file, measured, was.N, time.Now())
	if errors.Is(err, store.ErrConflict) {
		return errors.New("another model was promoted meanwhile: measure again")
	}
	if err != nil {
		return err
	}
	return printPromotion(cmd.OutOrStdout(), p, o.JSON)
}

// promiseOf is the precision that the thresholds of a file hold.
func promiseOf(file []byte) float64 {
	p, err := learned.Read(bytes.NewReader(file))
	if err != nil {
		return training.DefaultPromise
	}
	return p.Promise
}

// printPromotion says what the line's model is now.
func printPromotion(to io.Writer, p models.Promotion, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(to).Encode(p)
	}
	_, err := fmt.Fprintf(terminal.Visibly(to), "%s is the line's model (promotion %d).\n", p.Name, p.N)
	return err
}

// newRollback is frontdesk models rollback.
func newRollback(o *command.Options) *cobra.Command {
	return command.Acts(o.JSONFlag(&cobra.Command{
		Use:     "rollback",
		Short:   "Go back to the model that was the line's before",
		Example: "  frontdesk models rollback",
		Args:    command.NoArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.WithStore(cmd.Context(), func(st *store.Store) error {
				p, err := st.Models.Rollback(cmd.Context(), time.Now())
				if errors.Is(err, models.ErrFirst) || errors.Is(err, models.ErrGone) {
					return command.Usage(err)
				}
				if err != nil {
					return err
				}
				return printPromotion(cmd.OutOrStdout(), p, o.JSON)
			})
		},
	}), "model-rollback")
}

// presentPromotion is the promotion that counts; where there is no database yet, that of the mind that comes with the program.
func presentPromotion(cmd *cobra.Command, o *command.Options) (p models.Promotion, err error) {
	p.Name = defaultName
	err = o.WithBase(cmd.Context(), nil, func(_ configs.Config, b *installation.Base) error {
		p, err = b.Store.Models.Present(cmd.Context())
		return err
	})
	if _, none := errors.AsType[*installation.NoDatabaseError](err); none {
		return p, nil
	}
	return p, err
}

// withPresent puts the line's model into a list where it is not among them: it was made elsewhere, is gone, or comes with the program.
func withPresent(list []listedModel, p models.Promotion) []listedModel {
	if slices.ContainsFunc(list, func(m listedModel) bool { return m.Present }) {
		return list
	}
	m := listedModel{Name: p.Name, sum: p.Sum}
	m.mark(p)
	return append(list, m)
}
