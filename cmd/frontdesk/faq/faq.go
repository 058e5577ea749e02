// Package faq are the commands about the desk's ready answers: which there are, and which are missing.
package faq

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/policy"
	"frontdesk/cmd/frontdesk/terminal"
	"frontdesk/configs"
	"frontdesk/pipeline/answer/fit"
)

// Command is frontdesk faq.
func Command(o *command.Options) *cobra.Command {
	c := &cobra.Command{Use: "faq", Short: "Look at the desk's ready answers, and for those that are missing", Example: "  frontdesk faq list\n  frontdesk faq suggest",
		Args: command.NoArguments, RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	c.AddCommand(newList(o), newSuggest(o))
	return c
}

// Entry is one question as frontdesk faq list shows it.
type Entry struct {
	Key       string            `json:"key"`
	Category  string            `json:"category"`
	Questions map[string]string `json:"questions"` // by language
	Variants  int               `json:"variants"`
	MatchedBy string            `json:"matched_by"` // model, variants or words
}

// newList needs the configuration alone.
func newList(o *command.Options) *cobra.Command {
	c := &cobra.Command{
		Use:   "list",
		Short: "List the questions whose answers customers get, and how each is matched",
		Long: `List the questions whose answers customers get: those of the configuration, and the built-in ones of the
categories that acknowledgements.reviewed_answers names. Built-in ones are matched by a model that comes with the
program (model), others by a model of their variants (variants), or, where they have none, by their words (words).`,
		Example: "  frontdesk faq list\n  frontdesk faq list --json",
		Args:    command.NoArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := o.Load()
			if err != nil {
				return err
			}
			out := terminal.NewPrinter(cmd.OutOrStdout(), terminal.Columns("KEY", "MATCHED BY", "VARIANTS", "QUESTION"), func(e Entry) string {
				return terminal.Columns(e.Key, e.MatchedBy, e.Variants, terminal.Line(question(e.Questions, c.Desk.Languages), 60))
			}, o.JSON)
			for _, e := range list(c) {
				if err := out.Item(e); err != nil {
					return err
				}
			}
			return out.End()
		},
	}
	return o.JSONFlag(c)
}

// list are all questions in the order of their categories.
func list(c configs.Config) []Entry {
	out := []Entry{}
	for _, e := range policy.Entries(c) {
		entry := Entry{Key: e.Key, Category: e.Category, Questions: map[string]string{}, Variants: len(e.Variants), MatchedBy: matcher(e)}
		for tag, text := range e.Texts {
			entry.Questions[tag] = text.Question
		}
		out = append(out, entry)
	}
	return out
}

// matcher says by what an entry is found.
func matcher(e fit.Entry) string {
	switch {
	case e.BuiltIn:
		return "model"
	case len(e.Variants) > 0:
		return "variants"
	}
	return "words"
}

// question is the question in the first of the languages that it has, else in any.
func question(by map[string]string, languages []string) string {
	for _, tag := range languages {
		if by[tag] != "" {
			return by[tag]
		}
	}
	for _, tag := range slices.Sorted(maps.Keys(by)) {
		return by[tag]
	}
	return ""
}

// indented is a text of several lines below its heading.
func indented(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ")
}

// count writes a number with its noun.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
