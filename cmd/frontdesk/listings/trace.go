package listings

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/terminal"
	"frontdesk/pipeline/thread"
	"frontdesk/workers/store"
	"frontdesk/workers/store/backlog"
	"frontdesk/workers/store/view"
)

// storeAct is something that a person does to a message: one transaction, with an entry in the journal under who.
// store.ErrNotFound says that there is no such message, or that it is in no state for it.
type storeAct func(s *store.Store, ctx context.Context, id int64, now time.Time, who string) error

// exactIDs checks the number of ids; n < 0 means one or more.
func exactIDs(n int) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 || n > 0 && len(args) != n {
			return command.Usage(errors.New("the id of a message is missing"))
		}
		return nil
	}
}

// newTrace is frontdesk trace: what support asks first when a customer says that nobody has answered.
func newTrace(o *command.Options) *cobra.Command {
	return o.JSONFlag(&cobra.Command{
		Use:   "trace ID|T-NUMBER",
		Short: "Tell the whole story of one message, or of each of a ticket",
		Long: `Tell the whole story of one message: how it came, what each stage of the line found and why, the ticket,
its promises, and each effect with its attempts. At the end stands the whole text: what was written, and what was
cut off it as a signature or as quoted. A ticket's number tells the stories of its messages, in the order in which they were recorded.`,
		Example: "  frontdesk trace 17\n  frontdesk trace '#17' --json\n  frontdesk trace T-3",
		Args:    exactIDs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return showTrace(cmd, o, args[0]) },
	})
}

// showTrace prints the stories. --json is an array in any case, of one story for a message.
func showTrace(cmd *cobra.Command, o *command.Options, arg string) error {
	ids, err := tracedIDs(arg)
	if err != nil {
		return err
	}
	return o.WithStore(cmd.Context(), func(s *store.Store) error {
		stories, err := storiesOf(cmd.Context(), s, ids)
		if err != nil {
			return err
		}
		if o.JSON {
			b, err := json.MarshalIndent(stories, "", "  ")
			if err != nil {
				return fmt.Errorf("encoding: %w", err)
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), string(b))
			return err
		}
		for i, story := range stories {
			if i > 0 {
				fmt.Fprint(cmd.OutOrStdout(), "\n")
			}
			tell(terminal.Visibly(cmd.OutOrStdout()), story)
		}
		return nil
	})
}

// traced is what trace was asked for: a message, or all of a ticket.
type traced struct{ message, ticket int64 }

func tracedIDs(arg string) (t traced, err error) {
	if strings.HasPrefix(strings.ToUpper(arg), "T-") {
		t.ticket, err = ticketID(arg)
	} else {
		t.message, err = command.MessageID(arg)
	}
	return t, err
}

// storiesOf finds the stories. A ticket's messages are asked for a page at a time. A story is several queries and
// opens the sealed decision, so a ticket of hundreds of messages takes a second or two; all of it is kept in memory,
// because the oldest comes first.
func storiesOf(ctx context.Context, s *store.Store, t traced) ([]view.Story, error) {
	if t.ticket == 0 {
		story, err := storyOf(ctx, s, t.message)
		return []view.Story{story}, err
	}
	var stories []view.Story
	for page := (view.Page{Ticket: t.ticket, Limit: 100}); ; {
		messages, err := s.View.Messages(ctx, page)
		if err != nil {
			return nil, err
		}
		for _, m := range messages {
			story, err := storyOf(ctx, s, m.ID)
			if err != nil {
				return nil, err
			}
			stories = append(stories, story)
			page.Before = m.ID
		}
		if len(messages) < page.Limit {
			break
		}
	}
	if len(stories) == 0 {
		return nil, command.Finding(fmt.Errorf("there is no ticket %s; 'frontdesk tickets' lists them", thread.TicketNumber(t.ticket)))
	}
	slices.Reverse(stories) // pages run from the newest to the oldest
	return stories, nil
}

// storyOf reads one story; a message that there is not is a finding with its number.
func storyOf(ctx context.Context, s *store.Store, id int64) (view.Story, error) {
	story, err := s.View.Trace(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return story, command.Finding(fmt.Errorf("there is no message %d", id))
	}
	return story, err
}

// tell writes a story for people: how it came, what each stage found, ticket, promises, effects with their attempts,
// acts of people, and the text last, since it is the longest.
func tell(w io.Writer, st view.Story) {
	// Columns are aligned by hand: a story is no table, and its texts are longer than any column.
	m := st.Message
	fmt.Fprintf(w, "message %d: %s%s\n", m.ID, m.State, terminal.Colon(m.Cause))
	fmt.Fprintf(w, "  inbox     %s (%s), key %s\n", m.Inbox, m.Channel, m.Key)
	fmt.Fprintf(w, "  received  %s, recorded %s, decided %s; original %s\n", terminal.When(m.ReceivedAt), terminal.When(m.RecordedAt), terminal.When(st.DecidedAt), st.OriginalIs)
	fmt.Fprintf(w, "  from      %s%s\n  subject   %s\n", terminal.OrDash(m.From), proof(m), terminal.Line(m.Subject, 100))
	if st.Evidence != "" {
		fmt.Fprintf(w, "  evidence  %s\n", st.Evidence)
	}
	if st.DuplicateOf != 0 {
		fmt.Fprintf(w, "  copy of   message %d\n", st.DuplicateOf)
	}
	for _, a := range st.Attachments {
		fmt.Fprintf(w, "  file      %s (%s, %d bytes)%s\n", terminal.OrDash(a.Name), a.MediaType, a.Size, because(a.Note))
	}
	if len(st.Trace) > 0 {
		fmt.Fprintf(w, "\nthe line (configuration %s)\n", terminal.OrDash(st.Config))
	}
	for _, l := range st.Trace {
		fmt.Fprintf(w, "  %-12s %s%s\n", l.Stage, l.Found, because(l.Why))
	}
	tellOpinions(w, st.Opinions)
	tellTicket(w, st)
	for _, a := range st.Acts {
		fmt.Fprintf(w, "\n%s: %s by %s\n", terminal.When(a.At), a.Act, a.Who)
	}
	if strings.TrimSpace(m.Text) != "" {
		fmt.Fprintf(w, "\ntext\n%s\n", terminal.Indent(m.Text))
	}
	if strings.TrimSpace(st.Quoted) != "" {
		fmt.Fprintf(w, "\ncut off: signature and quoted text\n%s\n", terminal.Indent(strings.TrimSpace(st.Quoted)))
	}
}

// tellOpinions writes what scanners said of the message and of files that were fetched for it, with how long each
// took to answer.
func tellOpinions(w io.Writer, opinions []backlog.Opinion) {
	if len(opinions) > 0 {
		fmt.Fprintln(w, "\nscanners")
	}
	for _, o := range opinions {
		words := o.Words()
		if o.Part != "" {
			words += ", of the file " + terminal.Line(o.Part, 60)
		}
		if o.Late {
			words += "; too late to change anything"
		}
		fmt.Fprintf(w, "  %s, asked %s, after %s\n", words, terminal.When(o.AskedAt), o.AnswerAt.Sub(o.AskedAt.Time).Round(time.Millisecond))
		if len(o.Symbols) > 0 {
			fmt.Fprintf(w, "    %s\n", strings.Join(o.Symbols, " "))
		}
	}
}

// tellTicket writes the ticket with its promises and effects; a message that has none may have effects all the same,
// such as a mark.
func tellTicket(w io.Writer, st view.Story) {
	if t := st.Ticket; t != nil {
		fmt.Fprintf(w, "\nticket %s: %s, %s, %s, queue %s, %d messages by %s\n", t.Number, t.Status, t.Category, t.Priority, t.Queue, t.MessageCount, strings.Join(t.Channels, ", "))
	}
	for _, p := range st.Promises {
		fmt.Fprintf(w, "  promise   %-16s due %s, %s%s\n", p.Kind, terminal.When(p.DueAt), p.State, terminal.Colon(p.Cause))
	}
	for _, e := range st.Effects {
		fmt.Fprintf(w, "  effect    %-16s by %s to %s: %s%s\n", e.Kind, terminal.OrDash(e.Channel), terminal.OrDash(e.To), e.State, terminal.Colon(e.Cause))
		for _, t := range e.Tries {
			fmt.Fprintf(w, "    attempt %d  %s  %s\n", t.N, terminal.When(t.At), strings.Join(slices.DeleteFunc([]string{t.Outcome, t.Code, t.Detail}, func(s string) bool { return s == "" }), ", "))
		}
	}
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return "  (" + why + ")"
}

// proof says of a decided message whether its sender is proven.
func proof(m view.Message) string {
	switch {
	case m.From == "":
		return ""
	case m.Proven:
		return " (proven)"
	}
	return " (unproven: what somebody typed)"
}
