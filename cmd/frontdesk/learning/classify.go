package learning

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/terminal"
	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/normalize"
)

// opinion is what classify says of one text.
type opinion struct {
	Category   string   `json:"category"` // always the best guess
	Confidence float64  `json:"confidence"`
	Unsure     bool     `json:"unsure"`
	Top        []choice `json:"top"` // the three best
	Language   string   `json:"language"`
	Model      string   `json:"model"` // which one answered
	outside    bool     // it looks like none of the desk's business
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
precision that was promised when it was trained.

Without --model the one is asked that decides in this installation: the promoted one, where its database is there, else the one that comes with the program.
Which one answered stands in "model", or is printed on standard error.`,
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
			a, err := s.answering(cmd, o, name)
			if err != nil {
				return err
			}
			if !o.JSON {
				fmt.Fprintf(terminal.Visibly(cmd.ErrOrStderr()), "model: %s\n", a.name)
			}
			if lines == "" {
				return tell(cmd.OutOrStdout(), a, args[0], o.JSON)
			}
			return classifyLines(cmd, a, lines, o.JSON)
		},
	}
	modelFlag(c, &name)
	c.Flags().StringVar(&lines, "lines", "", "file with a text a line, or - for standard input")
	return o.JSONFlag(c)
}

// classifyLines says something of each line.
func classifyLines(cmd *cobra.Command, a named, path string, asJSON bool) error {
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

// ask asks about one text.
func ask(a named, text string) opinion {
	language := normalize.Speaks("", normalize.Core(text), text, false).Language
	out := a.judge(classify.Input{Text: text, Language: language})
	out.Language, out.Model = language, a.name
	return out
}

// tell says for people what one text is, and why.
func tell(to io.Writer, a named, text string, asJSON bool) error {
	said := ask(a, text)
	if asJSON {
		return json.NewEncoder(to).Encode(said)
	}
	out := terminal.Visibly(to)
	fmt.Fprintf(out, "%s, %.0f %% (%s)\n", said.Category, 100*said.Confidence, sureness(said))
	for _, c := range said.Top[1:] {
		fmt.Fprintf(out, "  perhaps %s, %.0f %%\n", c.Category, 100*c.Confidence)
	}
	if words := a.why(text, said.Category); len(words) > 0 {
		fmt.Fprintln(out, "because of "+strings.Join(words, ", "))
	}
	return nil
}
