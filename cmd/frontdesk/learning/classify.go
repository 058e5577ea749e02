package learning

import (
	"cmp"
	"context"
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
	"frontdesk/cmd/frontdesk/policy"
	"frontdesk/cmd/frontdesk/terminal"
	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/classify/learned"
	"frontdesk/pipeline/classify/mind"
	"frontdesk/pipeline/normalize"
	"frontdesk/workers/store"
	"frontdesk/workers/store/models"
)

// opinion is what classify says of one text.
type opinion struct {
	Category   string   `json:"category"` // always the best guess
	Confidence float64  `json:"confidence"`
	Unsure     bool     `json:"unsure"`
	Top        []choice `json:"top"` // the three best
	Language   string   `json:"language"`
	outside    bool     // it is none of the desk's business
}

// choice is one category that it may be.
type choice struct {
	Category   string  `json:"category"`
	Confidence float64 `json:"confidence"`
}

const topChoices = 3

// newClassify is frontdesk classify.
func newClassify(o *command.Options) *cobra.Command {
	var name, lines string
	c := &cobra.Command{
		Use:   "classify [TEXT]",
		Short: "Ask a model what a text is about",
		Long: `Ask a model what a text is about. One text prints the words that decided; --lines reads a text a line from a file,
or from standard input for -, and prints one line for each.

A text is taken as it is: understand is the command that takes quotes and signatures off first. The category is always the best guess. It is unsure where its confidence lies below what the model needs to hold the
precision that was promised when it was trained.`,
		Example: `  frontdesk classify "my transfer has not arrived"
  frontdesk classify --model topay --json --lines - < messages.txt`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := shelfOf(o)
			if err != nil {
				return err
			}
			if (lines == "") == (len(args) == 0) {
				return command.Usage(errors.New("a text is needed, or --lines FILE, and not both"))
			}
			a, _, err := s.asked(cmd, o, name)
			if err != nil {
				return err
			}
			if lines == "" {
				return tell(cmd.OutOrStdout(), a, args[0], o.JSON)
			}
			return classifyLines(cmd, a, lines, o.JSON)
		},
	}
	c.Flags().StringVar(&name, "model", defaultName, "name of the model; default is the mind that comes with the program, present the line's model")
	c.Flags().StringVar(&lines, "lines", "", "file with a text a line, or - for standard input")
	return o.JSONFlag(c)
}

// classifyLines says something of each line.
func classifyLines(cmd *cobra.Command, a asker, path string, asJSON bool) error {
	from, done, err := opened(cmd, path)
	if err != nil {
		return err
	}
	defer done()
	out := terminal.Visibly(cmd.OutOrStdout())
	encode := json.NewEncoder(cmd.OutOrStdout())
	return eachLine(from, func(_ int, line string) error {
		said := ask(a, line)
		if asJSON {
			return encode.Encode(said)
		}
		_, err := fmt.Fprintf(out, "%s\t%.2f\t%s\t%s\n", said.Category, said.Confidence, sureness(said), line)
		return err
	})
}

// opened is a file, or standard input for "-", and what closes it.
func opened(cmd *cobra.Command, path string) (from io.Reader, done func(), err error) {
	if path == "-" {
		return cmd.InOrStdin(), func() {}, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("opening the texts: %w", err)
	}
	return file, func() { _ = file.Close() }, nil
}

func sureness(o opinion) string {
	if o.Unsure {
		return "unsure"
	}
	return "sure"
}

// asker is a model, or the default mind, that is asked about texts.
type asker interface {
	judge(in classify.Input) opinion
	why(text, category string) []learned.Reason
}

// present stands in the place of a name for the model that is the line's.
const present = "present"

// asked opens what is asked: a model of the shelf, the line's, or the default mind where no model has its name. learned is from what it has learned.
func (s shelf) asked(cmd *cobra.Command, o *command.Options, name string) (a asker, seen *learned.Learned, err error) {
	there, err := s.list()
	if err != nil {
		return nil, nil, err
	}
	if name == present && !slices.Contains(there, present) {
		err := o.WithStore(cmd.Context(), func(st *store.Store) error {
			a, seen, _, err = presentOf(cmd.Context(), o, st)
			return err
		})
		return a, seen, err
	}
	if name == defaultName && !slices.Contains(there, defaultName) {
		return byDefault()
	}
	m, err := s.model(name)
	if err != nil {
		return nil, nil, err
	}
	a, err = withRules(o, m)
	return a, m.Header().Learned, err
}

// byDefault is the default mind. It has learned from the project's own examples, and from nothing of any desk.
func byDefault() (asker, *learned.Learned, error) {
	m, err := mind.Default()
	return standard{m}, learned.Seen(nil, time.Time{}), err
}

// withRules is a model as it is asked: with the rules of the installation where its thresholds were found with them.
func withRules(o *command.Options, m *learned.Model) (asker, error) {
	if !m.Header().Rules {
		return own{m}, nil
	}
	rules, err := rulesOf(o)
	if err != nil {
		return nil, err
	}
	return standard{mind.New(rules, m)}, nil
}

// rulesOf are the rules of the installation.
func rulesOf(o *command.Options) (*classify.Classifier, error) {
	c, err := o.Load()
	if err != nil {
		return nil, err
	}
	return policy.Rules(c)
}

// presentOf is the line's model.
func presentOf(ctx context.Context, o *command.Options, st *store.Store) (asker, *learned.Learned, models.Promotion, error) {
	m, p, err := st.Models.Load(ctx)
	if err != nil {
		return nil, nil, p, err
	}
	if m == nil {
		a, seen, err := byDefault()
		return a, seen, p, err
	}
	a, err := withRules(o, m)
	return a, m.Header().Learned, p, err
}

// defaultName is that of the mind that comes with the program.
const defaultName = models.Default

// standard is the default mind.
type standard struct{ mind *mind.Mind }

func (s standard) judge(in classify.Input) opinion { return opinionOf(s.mind.Judge(in)) }

func (s standard) why(text, category string) []learned.Reason {
	return s.mind.Why(classify.Input{Text: text}, category)
}

// opinionOf is what the mind says, as it is printed.
func opinionOf(o mind.Opinion) opinion {
	out := opinion{Category: o.Category, Confidence: float64(o.Confidence), Unsure: o.Unsure, outside: o.Outside}
	for _, c := range o.Top {
		out.Top = append(out.Top, choice{c.Category, float64(c.Share)})
	}
	return out
}

// own is a model of the installation's.
type own struct{ model *learned.Model }

func (m own) why(text, category string) []learned.Reason { return m.model.Why("", text, category) }

func (m own) judge(in classify.Input) opinion {
	h := m.model.Header()
	shares, _ := m.model.Shares(nil, in.Subject, in.Text, nil)
	order := make([]int, len(shares))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(shares[b], shares[a]) })
	best := order[0]
	out := opinion{Category: h.Classes[best], Confidence: float64(shares[best]), Unsure: shares[best] < h.Thresholds[best]}
	for _, c := range order[:min(topChoices, len(order))] {
		out.Top = append(out.Top, choice{h.Classes[c], float64(shares[c])})
	}
	return out
}

// ask asks about one text.
func ask(a asker, text string) opinion {
	language := normalize.Speaks("", normalize.Core(text), text, false).Language
	out := a.judge(classify.Input{Text: text, Language: language})
	out.Language = language
	return out
}

// tell says for people what one text is, and why.
func tell(to io.Writer, a asker, text string, asJSON bool) error {
	said := ask(a, text)
	if asJSON {
		return json.NewEncoder(to).Encode(said)
	}
	out := terminal.Visibly(to)
	fmt.Fprintf(out, "%s, %.0f %% (%s)\n", said.Category, 100*said.Confidence, sureness(said))
	for _, c := range said.Top[1:] {
		fmt.Fprintf(out, "  perhaps %s, %.0f %%\n", c.Category, 100*c.Confidence)
	}
	var words []string
	for _, w := range a.why(text, said.Category) {
		words = append(words, fmt.Sprintf("%s %+.2f", w.Text, w.Weight))
	}
	if len(words) > 0 {
		fmt.Fprintln(out, "because of "+strings.Join(words, ", "))
	}
	return nil
}
