package learning

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/cmd/frontdesk/policy"
	"frontdesk/configs/rules"
	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/classify/learned"
	"frontdesk/pipeline/classify/mind"
	"frontdesk/workers/store"
	"frontdesk/workers/store/models"
)

// asker is a model, the default mind, or the rules, that is asked about texts.
type asker interface {
	judge(in classify.Input) opinion
	// why tells what speaks for a category, as it is printed.
	why(text, category string) []string
}

// named is who is asked, with the name under which it answers.
type named struct {
	asker
	name string
}

// Words that stand in the place of a model's name.
const (
	present     = "present"      // the line's model
	defaultName = models.Default // the mind that comes with the program
	noModel     = rules.NoModel  // rules alone
)

// modelFlag adds --model to a command that asks one.
func modelFlag(c *cobra.Command, name *string) {
	c.Flags().StringVar(name, "model", "", "name of the model; default is the mind that comes with the program, none the rules alone, present the line's model (nothing: what decides in this installation)")
}

// answering is who is asked where --model says name. Nothing said is what decides in the installation: the rules alone where its configuration
// says so, else the promoted model, and where there is no database yet, the mind that comes with the program.
func (s shelf) answering(cmd *cobra.Command, o *command.Options, name string) (named, error) {
	if name != "" {
		a, _, err := s.asked(cmd, o, name)
		return named{a, name}, err
	}
	c, err := o.Load()
	if err != nil {
		return named{}, err
	}
	if c.Classify.Model == rules.NoModel {
		a, err := byRules(o)
		return named{a, noModel}, err
	}
	out := named{name: defaultName}
	err = o.WithStore(cmd.Context(), func(st *store.Store) error {
		a, _, p, err := presentOf(cmd.Context(), o, st)
		out = named{a, cmp.Or(p.Name, defaultName)}
		return err
	})
	if _, none := errors.AsType[*installation.NoDatabaseError](err); none {
		out.asker, _, err = byDefault(o)
		return out, err
	}
	if err != nil {
		return out, fmt.Errorf("looking for the promoted model (--model default asks the one that comes with the program): %w", err)
	}
	return out, nil
}

// asked opens what is asked: what a word stands for, or a model of the shelf. learned is from what it has learned.
func (s shelf) asked(cmd *cobra.Command, o *command.Options, name string) (a asker, seen *learned.Learned, err error) {
	switch name {
	case defaultName:
		return byDefault(o)
	case noModel:
		a, err = byRules(o)
		return a, learned.Seen(nil, time.Time{}), err
	}
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
	m, err := s.model(name)
	if err != nil {
		return nil, nil, err
	}
	a, err = withRules(o, m)
	return a, m.Header().Learned, err
}

// byDefault is the default mind with the installation's rules. It has learned from the project's own examples, and from nothing of any desk.
func byDefault(o *command.Options) (asker, *learned.Learned, error) {
	rules, err := rulesOf(o)
	if err != nil {
		return nil, nil, err
	}
	m, err := mind.DefaultModel()
	if err != nil {
		return nil, nil, err
	}
	return standard{mind.New(rules, m)}, learned.Seen(nil, time.Time{}), nil
}

// byRules are the rules alone.
func byRules(o *command.Options) (asker, error) {
	rules, err := rulesOf(o)
	return ruled{rules}, err
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
		a, seen, err := byDefault(o)
		return a, seen, p, err
	}
	a, err := withRules(o, m)
	return a, m.Header().Learned, p, err
}

// standard is the default mind.
type standard struct{ mind *mind.Mind }

func (s standard) judge(in classify.Input) opinion { return opinionOf(s.mind.Classify(in)) }

func (s standard) why(text, category string) []string {
	return inWords(s.mind.Why(classify.Input{Text: text}, category))
}

// inWords are the words of a text with what they are worth.
func inWords(list []learned.Reason) (out []string) {
	for _, w := range list {
		out = append(out, fmt.Sprintf("%s %+.2f", w.Text, w.Weight))
	}
	return out
}

// ruled are the rules alone. They weigh the category that they find, and no other one beside it; they are never unsure.
type ruled struct{ rules *classify.Classifier }

func (r ruled) judge(in classify.Input) opinion { return opinionOf(r.rules.Classify(in)) }

func (r ruled) why(text, _ string) []string {
	return r.rules.Classify(classify.Input{Text: text}).Reasons
}

// opinionOf is a finding as it is printed.
func opinionOf(f classify.Finding) opinion {
	out := opinion{Category: f.Category, Confidence: f.Confidence, Unsure: f.Unsure, outside: f.Outside}
	for _, t := range f.Top {
		if t.Category != "" {
			out.Top = append(out.Top, choice{t.Category, t.Score})
		}
	}
	if len(out.Top) == 0 {
		out.Top = []choice{{f.Category, f.Confidence}}
	}
	return out
}

// own is a model of the installation's.
type own struct{ model *learned.Model }

func (m own) why(text, category string) []string { return inWords(m.model.Why("", text, category)) }

func (m own) judge(in classify.Input) opinion {
	h := m.model.Header()
	shares, _ := m.model.Shares(nil, in.Subject, in.Text, nil)
	order := make([]int, len(shares))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(shares[b], shares[a]) })
	best := order[0]
	out := opinion{Category: h.Classes[best], Confidence: float64(shares[best]), Unsure: shares[best] < h.Thresholds[best], outside: h.Classes[best] == mind.Outside}
	for _, c := range order[:min(topChoices, len(order))] {
		out.Top = append(out.Top, choice{h.Classes[c], float64(shares[c])})
	}
	return out
}
