package faq

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/cmd/frontdesk/policy"
	"frontdesk/cmd/frontdesk/terminal"
	"frontdesk/configs"
	"frontdesk/pipeline/answer/fit"
	"frontdesk/pipeline/classify/training"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/workers/store"
	agents "frontdesk/workers/store/desk"
	"frontdesk/workers/store/view"
	"frontdesk/workers/store/viewer"
)

// Bounds of what is read and shown.
const (
	mostTickets = 5000
	textShown   = 400 // characters of a text
	textGrouped = 2000
	examples    = 3 // messages of a group
)

// suggestFlags: at most so many groups, of the newest closed tickets.
type suggestFlags struct{ groups, tickets int }

// newSuggest is frontdesk faq suggest.
func newSuggest(o *command.Options) *cobra.Command {
	f := &suggestFlags{}
	c := &cobra.Command{
		Use:   "suggest",
		Short: "Show what customers ask often and no ready answer fits",
		Long: fmt.Sprintf(`Group the first messages of the newest closed tickets that no ready answer fits, and show the largest groups: how many
tickets each has, messages that are typical of it, and the most typical answer that agents gave. All texts are masked, as
they are stored. Write an entry of categories[].faq for a group, with the messages as variants.

It reads at most %d tickets, beside a running service.`, mostTickets),
		Example: "  frontdesk faq suggest\n  frontdesk faq suggest --groups 20 --tickets 5000 --json",
		Args:    command.NoArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.groups < 1 || f.tickets < 1 || f.tickets > mostTickets {
				return command.Usage(fmt.Errorf("--groups takes 1 or more, --tickets 1 to %d", mostTickets))
			}
			return o.WithBase(cmd.Context(), nil, func(c configs.Config, b *installation.Base) error {
				book, err := policy.Answers(c)
				if err != nil {
					return err
				}
				solved, err := read(cmd.Context(), b.Store, f.tickets)
				if err != nil {
					return err
				}
				return show(cmd.OutOrStdout(), group(solved, book, f.groups), len(solved), o.JSON)
			})
		},
	}
	c.Flags().IntVar(&f.groups, "groups", 10, "at most so many groups")
	c.Flags().IntVar(&f.tickets, "tickets", 2000, "at most so many closed tickets, the newest")
	return o.JSONFlag(c)
}

// solvedTicket is a closed ticket with what opened it and what agents answered first, both masked.
type solvedTicket struct {
	number, category, subject, asked, answered string
}

// read reads closed tickets, the newest first. It reads what an auditor may.
func read(ctx context.Context, s *store.Store, most int) (out []solvedTicket, err error) {
	auditor := viewer.Viewer{Grants: []viewer.Grant{{Role: viewer.Auditor, Queue: viewer.Every}}}
	for page := (view.Page{State: "closed", Limit: 200}); len(out) < most; {
		tickets, err := s.View.Tickets(ctx, page)
		if err != nil {
			return nil, err
		}
		for _, k := range tickets {
			page.Before = k.ID
			lines, _, err := s.Desk.Timeline(ctx, auditor, k.ID, agents.Mark{}, 200)
			if err != nil {
				return nil, fmt.Errorf("reading ticket %s: %w", k.Number, err)
			}
			if one := solvedOf(k, lines); one.asked != "" && len(out) < most {
				out = append(out, one)
			}
		}
		if len(tickets) < page.Limit {
			break
		}
	}
	return out, nil
}

// solvedOf takes the first message and the first answer of a ticket's lines, which come the newest first.
func solvedOf(k view.Ticket, lines []agents.Line) solvedTicket {
	out := solvedTicket{number: k.Number, category: k.Category}
	for _, l := range lines {
		switch {
		case l.Message != nil && l.Message.Side == 0 && !l.Message.Erased:
			out.subject, out.asked = l.Message.Subject, begin(l.Message.Visible, textGrouped)
		case l.Reply != nil && l.Reply.Kind == replies.Answer && l.Reply.Text != "":
			out.answered = begin(l.Reply.Text, textShown)
		}
	}
	return out
}

// begin is the beginning of a text, of so many characters.
func begin(text string, most int) string {
	letters := []rune(strings.TrimSpace(text))
	if len(letters) <= most {
		return string(letters)
	}
	return string(letters[:most-1]) + "…"
}

// Group are tickets about one thing.
type Group struct {
	Tickets  int      `json:"tickets"`
	Category string   `json:"category"` // of most of them
	Examples []string `json:"examples"` // the most typical messages
	Answer   string   `json:"answer"`   // the answer of the most typical ticket that has one
	Numbers  []string `json:"numbers"`  // of the tickets, the most typical first
}

// group puts together what no ready answer fits.
func group(solved []solvedTicket, book *fit.Book, most int) []Group {
	open := slices.DeleteFunc(slices.Clone(solved), func(k solvedTicket) bool {
		return len(book.Find(fit.Asked{Subject: k.subject, Text: k.asked, Chances: []fit.Chance{{Category: k.category, Share: 0.95}}}, 1)) > 0
	})
	texts := make([]training.Example, len(open))
	for i, k := range open {
		texts[i] = training.Example{Subject: k.subject, Text: k.asked}
	}
	out := []Group{}
	for _, members := range training.Groups(texts, 1) {
		if len(out) == most {
			break
		}
		g := Group{Tickets: len(members), Examples: []string{}}
		categories := map[string]int{}
		for _, i := range members {
			k := open[i]
			g.Numbers = append(g.Numbers, k.number)
			categories[k.category]++
			if shown := begin(k.asked, textShown); len(g.Examples) < examples && !slices.Contains(g.Examples, shown) {
				g.Examples = append(g.Examples, shown)
			}
			g.Answer = cmp.Or(g.Answer, k.answered)
		}
		for _, i := range members { // of as many the most typical one's
			if key := open[i].category; g.Category == "" || categories[key] > categories[g.Category] {
				g.Category = key
			}
		}
		out = append(out, g)
	}
	return out
}

// show prints the groups, or a JSON array.
func show(w io.Writer, groups []Group, tickets int, asJSON bool) error {
	if asJSON {
		encode := json.NewEncoder(w)
		encode.SetIndent("", "  ")
		encode.SetEscapeHTML(false)
		return encode.Encode(groups)
	}
	out := terminal.Visibly(w)
	if len(groups) == 0 {
		_, err := fmt.Fprintf(out, "Of %s none asks what another asks and no ready answer fits.\n", count(tickets, "closed ticket", "closed tickets"))
		return err
	}
	for i, g := range groups {
		if _, err := fmt.Fprintf(out, "%d. %s, mostly %s: %s\n", i+1, count(g.Tickets, "ticket", "tickets"), g.Category, strings.Join(g.Numbers[:min(5, len(g.Numbers))], ", ")); err != nil {
			return err
		}
		for _, e := range g.Examples {
			if _, err := fmt.Fprintf(out, "  asked\n%s\n", indented(e)); err != nil {
				return err
			}
		}
		if g.Answer != "" {
			if _, err := fmt.Fprintf(out, "  answered\n%s\n", indented(g.Answer)); err != nil {
				return err
			}
		}
	}
	return nil
}
