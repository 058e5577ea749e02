package learning

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/terminal"
	"frontdesk/workers/store/models"
)

// listedModel is one model of the list.
type listedModel struct {
	Name       string          `json:"name"`
	Categories int             `json:"categories,omitempty"`
	Features   int             `json:"features,omitempty"`
	Promise    float64         `json:"promise,omitempty"`
	Bytes      int64           `json:"bytes,omitempty"`
	Made       time.Time       `json:"made,omitzero"`
	Present    bool            `json:"present"` // it is the line's
	Promoted   time.Time       `json:"promoted,omitzero"`
	Figures    json.RawMessage `json:"figures,omitempty"` // measured when it was promoted

	sum string
}

// mark marks the line's model.
func (m *listedModel) mark(p models.Promotion) {
	if m.sum != p.Sum {
		return
	}
	m.Present, m.Promoted, m.Figures = true, p.At, p.Figures
}

// said are the figures of a promotion in words; empty where there are none.
func (m listedModel) said() string {
	var f figures
	if json.Unmarshal(m.Figures, &f) != nil || f.Messages == 0 {
		return ""
	}
	return fmt.Sprintf("right %.1f %% of %d, named %.1f %%, of those right %.1f %%", 100*f.Right, f.Messages, 100*f.Named, 100*f.Precision)
}

// line is a line of the list for people.
func (m listedModel) line() string {
	of, when := "\t\t\t\t", ""
	if m.Features > 0 {
		of = fmt.Sprintf("%d\t%d\t%.0f %%\t%.1f MiB\t%s", m.Categories, m.Features, 100*m.Promise, float64(m.Bytes)/(1<<20), m.Made.Format(time.DateTime))
	}
	if m.Present {
		when = "the line's"
		if !m.Promoted.IsZero() {
			when += " since " + m.Promoted.Format(time.DateTime)
		}
	}
	return fmt.Sprintf("%s\t%s\t%s\t%s", m.Name, of, when, m.said())
}

// newModels is frontdesk models.
func newModels(o *command.Options) *cobra.Command {
	c := o.JSONFlag(&cobra.Command{
		Use:     "models",
		Short:   "List the models of this installation, and which one is the line's",
		Example: "  frontdesk models\n  frontdesk models --json\n  frontdesk models promote topay",
		Args:    command.NoArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := shelfOf(o)
			if err != nil {
				return err
			}
			list, err := s.all(cmd, o)
			if err != nil {
				return err
			}
			p := terminal.NewPrinter(cmd.OutOrStdout(), "MODEL\tCATEGORIES\tFEATURES\tPROMISE\tSIZE\tMADE\tPRESENT\tMEASURED THEN", listedModel.line, o.JSON)
			for _, m := range list {
				if err := p.Item(m); err != nil {
					return err
				}
			}
			return p.End()
		},
	})
	c.AddCommand(newCompare(o), newPromote(o), newRollback(o))
	return c
}

// all are the models of the shelf, and the line's.
func (s shelf) all(cmd *cobra.Command, o *command.Options) (out []listedModel, err error) {
	there, err := s.list()
	if err != nil {
		return nil, err
	}
	present, err := presentPromotion(cmd, o)
	if err != nil {
		return nil, err
	}
	for _, name := range there {
		m, err := s.listed(name)
		if err != nil {
			return nil, err
		}
		m.mark(present)
		out = append(out, m)
	}
	return withPresent(out, present), nil
}

// listed reads what the list tells of a model.
func (s shelf) listed(name string) (listedModel, error) {
	p, err := s.read(name)
	if err != nil {
		return listedModel{}, err
	}
	path, err := s.path(name)
	if err != nil {
		return listedModel{}, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return listedModel{}, fmt.Errorf("looking at the model: %w", err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		return listedModel{}, fmt.Errorf("reading the model: %w", err)
	}
	return listedModel{Name: name, Categories: len(p.Classes), Features: len(p.Vocabulary), Promise: p.Promise, Bytes: info.Size(), Made: info.ModTime().UTC(), sum: models.Sum(file)}, nil
}
