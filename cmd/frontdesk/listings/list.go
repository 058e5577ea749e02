// Package listings is the commands that list what the desk keeps, and those that act on rows of a listing: parked messages, exceptions,
// withheld acknowledgements.
package listings

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/cmd/frontdesk/terminal"
	"frontdesk/configs"
	"frontdesk/pipeline/thread"
	"frontdesk/workers/store"
	"frontdesk/workers/store/decided"
	"frontdesk/workers/store/find"
	"frontdesk/workers/store/view"
)

// Commands are all of them, in the order in which --help shows them. They read beside a running service; those that
// act ring it afterwards.
func Commands(o *command.Options) []*cobra.Command {
	return []*cobra.Command{newInboxes(o), newMessages(o), newTickets(o), newOutbox(o), newPromises(o), newCorrections(o), newParked(o), newExceptions(o), newTrace(o)}
}

// listFlags narrow a listing. ticket is as it was typed (12, T-12); limit 0 means all.
type listFlags struct {
	state  string
	inbox  string
	ticket string
	limit  int
}

// add makes the flags. state is the list of states that --state takes, with commas, or "" for a listing that has
// none.
// Every listing has --limit; --inbox and --ticket stand where a query can narrow by them along an index.
func (f *listFlags) add(c *cobra.Command, state string) {
	if state != "" {
		c.Flags().StringVar(&f.state, "state", "", "only those in this state: "+state)
	}
	c.Flags().IntVar(&f.limit, "limit", 0, "at most so many, the newest (default: all)")
}

// page is the first page of what was asked for. Limit is the size of a page, not --limit: 1000 rows are some
// megabytes at most, and a query of that size ends in milliseconds by the index that the listing runs along.
func (f *listFlags) page(states string) (view.Page, error) {
	p := view.Page{State: f.state, Inbox: f.inbox, Limit: 1000}
	if f.state != "" && !slices.Contains(strings.Split(states, ", "), f.state) {
		return p, command.Usage(fmt.Errorf("--state takes %s, not %q", states, f.state))
	}
	if f.limit < 0 {
		return p, command.Usage(fmt.Errorf("--limit takes 0 or more, not %d", f.limit))
	}
	if f.ticket != "" {
		id, err := ticketID(f.ticket)
		if err != nil {
			return p, err
		}
		p.Ticket = id
	}
	return p, nil
}

// ticketID reads a ticket as people write it: 12 or T-12.
func ticketID(s string) (int64, error) {
	id, err := strconv.ParseInt(strings.TrimPrefix(strings.ToUpper(s), "T-"), 10, 64)
	if err != nil || id <= 0 {
		return 0, command.Usage(fmt.Errorf("%q is no ticket number; write 12 or T-12", s))
	}
	return id, nil
}

// listing is one kind of thing that can be listed: its command, its query, its columns. A new listing is one value of
// this type.
type listing[T any] struct {
	use, short, long, example string
	// states are what --state takes, separated by ", "; "" for none.
	states            string
	byInbox, byTicket bool
	// fetch reads a page: at most Page.Limit rows, the newest first, all of them below Page.Before where that is not
	// 0.
	fetch func(*store.Store, context.Context, view.Page) ([]T, error)
	// id is what the next page begins below; nil for a listing that is short enough to be one page.
	id func(T) int64
	// head and row are cells between tabs. row gets strangers' texts: terminal.Printer makes them harmless.
	head string
	row  func(T) string
}

// fromView is a listing of what people look at: a method of view.Store, which reads on sessions of its own, so that a
// long listing takes none from the workers.
func fromView[T any](list func(*view.Store, context.Context, view.Page) ([]T, error)) func(*store.Store, context.Context, view.Page) ([]T, error) {
	return func(s *store.Store, ctx context.Context, p view.Page) ([]T, error) { return list(s.View, ctx, p) }
}

// command makes the listing's command. An inbox that nobody knows is refused, since its empty list would look like an
// answer.
func (l listing[T]) command(o *command.Options) *cobra.Command {
	f := &listFlags{}
	c := &cobra.Command{Use: l.use, Short: l.short, Long: l.long, Example: l.example, Args: command.NoArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := f.page(l.states)
			if err != nil {
				return err
			}
			return o.WithBase(cmd.Context(), nil, func(c configs.Config, b *installation.Base) error {
				if err := command.KnownInbox(cmd.Context(), f.inbox, b.Store, c); err != nil {
					return err
				}
				return l.print(cmd.Context(), cmd.OutOrStdout(), b.Store, p, f.limit, o.JSON)
			})
		}}
	f.add(c, l.states)
	if l.byInbox {
		c.Flags().StringVar(&f.inbox, "inbox", "", "only those of this inbox")
	}
	if l.byTicket {
		c.Flags().StringVar(&f.ticket, "ticket", "", "only those of this ticket")
	}
	return o.JSONFlag(c)
}

// print reads page after page and writes each as it comes, so that a long list needs little memory. The pages are no
// snapshot: a row that comes meanwhile is newer than all and not shown, and none is shown twice, since each page
// begins below the last one's end.
func (l listing[T]) print(ctx context.Context, w io.Writer, s *store.Store, p view.Page, limit int, asJSON bool) error {
	out := terminal.NewPrinter[T](w, l.head, l.row, asJSON)
	for n := 0; ; {
		page, err := l.fetch(s, ctx, p)
		if err != nil {
			return err
		}
		for _, item := range page {
			if limit > 0 && n == limit {
				return out.End()
			}
			if err := out.Item(item); err != nil {
				return err
			}
			n++
		}
		if l.id == nil || len(page) < p.Limit {
			return out.End()
		}
		p.Before = l.id(page[len(page)-1])
	}
}

// newInboxes is the one listing without pages: a desk has some dozens of inboxes.
func newInboxes(o *command.Options) *cobra.Command {
	return listing[view.Inbox]{
		use: "inboxes", short: "List the inboxes: state, last contact, lag",
		example: "  frontdesk inboxes\n  frontdesk inboxes --json",
		fetch: func(s *store.Store, ctx context.Context, _ view.Page) ([]view.Inbox, error) {
			return s.View.Inboxes(ctx)
		},
		head: "NAME\tCHANNEL\tADDRESS\tSTATE\tLAST CONTACT\tLAG\tERROR",
		row: func(i view.Inbox) string {
			return terminal.Columns(i.Name, i.Channel, terminal.OrDash(i.Address), i.State, terminal.When(i.LastContactAt), time.Duration(i.LagSeconds)*time.Second, terminal.Line(i.LastError, 60))
		},
	}.command(o)
}

// newMessages shows the subject, or the begin of the text where there is none (SMS, chats): both are redacted.
func newMessages(o *command.Options) *cobra.Command {
	return listing[view.Message]{
		use: "messages", short: "List the messages, newest first",
		example: "  frontdesk messages --limit 20\n  frontdesk messages --state parked --json\n  frontdesk messages --ticket T-12",
		states:  "recorded, awaiting, ticketed, appended, duplicate, suppressed, parked, dismissed", byInbox: true, byTicket: true,
		fetch: fromView((*view.Store).Messages), id: func(m view.Message) int64 { return m.ID },
		head: "ID\tRECEIVED\tINBOX\tSTATE\tCAUSE\tTICKET\tCATEGORY\tLANG\tSUBJECT OR TEXT",
		row: func(m view.Message) string {
			words := m.Subject
			if words == "" {
				words = m.Text
			}
			return terminal.Columns(m.ID, terminal.When(m.ReceivedAt), m.Inbox, m.State, terminal.OrDash(m.Cause), numberOr(m.Ticket), terminal.OrDash(m.Category), terminal.OrDash(m.Lang), terminal.Line(words, 50))
		},
	}.command(o)
}

// numberOr is a ticket's number, or a dash for none.
func numberOr(ticket int64) string {
	if ticket == 0 {
		return "-"
	}
	return thread.TicketNumber(ticket)
}

// newTickets lists and searches with the same columns. --search is read by the reader of the operator's page, so that
// both find the same.
func newTickets(o *command.Options) *cobra.Command {
	var typed string
	c := listing[view.Ticket]{
		use: "tickets", short: "List the tickets, newest first, or look for some",
		long: `List the tickets, newest first. --search lists those that fit: by number (T-12, 12, or #44 for the ticket of a message), address
or its beginning, telephone number in any spelling, name, and words of subject and text; of several words all.`,
		example: "  frontdesk tickets\n  frontdesk tickets --state open --json\n  frontdesk tickets --search 'refund TP0012'\n  frontdesk tickets --search 13912345678",
		states:  "open, closed", byInbox: true,
		fetch: func(s *store.Store, ctx context.Context, p view.Page) ([]view.Ticket, error) {
			if typed == "" {
				return s.View.Tickets(ctx, p)
			}
			return searchTickets(ctx, s, typed, p)
		}, id: func(t view.Ticket) int64 { return t.ID },
		head: "NUMBER\tOPENED\tSTATUS\tPRIORITY\tQUEUE\tCATEGORY\tCHANNELS\tMESSAGES\tSUBJECT",
		row: func(t view.Ticket) string {
			return terminal.Columns(t.Number, terminal.When(t.OpenedAt), t.Status, t.Priority, t.Queue, t.Category, strings.Join(t.Channels, "+"), t.MessageCount, terminal.Line(t.Subject, 50))
		},
	}.command(o)
	c.Flags().StringVar(&typed, "search", "", "only those that fit these words, this number or this address")
	return c
}

// searchTickets reads a page of the tickets that fit. What is called by its number comes first: f.Ticket is that
// ticket (T-12), f.Of the one of a message (#44). Search may end before its page is full, because it looks through a
// bounded number of entries at a time; so it is asked on until the page is full or f.Before says that there are no
// more.
func searchTickets(ctx context.Context, s *store.Store, typed string, p view.Page) (out []view.Ticket, err error) {
	k := find.Seek{Query: s.Find.Reader().Read(typed), State: p.State, Inbox: p.Inbox, Before: p.Before, Limit: p.Limit, Bare: true}
	if k.Query.None() {
		return nil, command.Usage(fmt.Errorf("--search takes words, a number or an address, and %q has none", typed))
	}
	for {
		f, err := s.Find.Search(ctx, k)
		if err != nil {
			return nil, err
		}
		for _, id := range []int64{f.Ticket, f.Of} {
			if id == 0 || slices.ContainsFunc(out, func(t view.Ticket) bool { return t.ID == id }) {
				continue
			}
			rows, err := s.View.Tickets(ctx, view.Page{ID: id, State: p.State, Inbox: p.Inbox})
			if err != nil {
				return nil, err
			}
			out = append(out, rows...)
		}
		for _, t := range f.Tickets {
			if !slices.ContainsFunc(out[:min(2, len(out))], func(o view.Ticket) bool { return o.ID == t.ID }) {
				out = append(out, t)
			}
		}
		if k.Before = f.Before; k.Before == 0 || len(out) >= p.Limit {
			return out, nil
		}
	}
}

// newOutbox lists rows of every kind (acknowledgements, digests, marks, media, notices), with release as a command
// below it.
func newOutbox(o *command.Options) *cobra.Command {
	c := listing[view.OutboxRow]{
		use: "outbox", short: "List what was and what is to be sent, and what was withheld and why",
		example: "  frontdesk outbox --state withheld\n  frontdesk outbox --ticket T-12 --json",
		states:  "due, sending, sent, delivered, failed, fallback, withheld", byInbox: true, byTicket: true,
		fetch: fromView((*view.Store).Outbox), id: func(r view.OutboxRow) int64 { return r.ID },
		head: "ID\tKIND\tTICKET\tCHANNEL\tTO\tSTATE\tCAUSE\tATTEMPTS\tDUE\tNEXT TRY\tSENT",
		row: func(r view.OutboxRow) string {
			return terminal.Columns(r.ID, r.Kind, numberOr(r.Ticket), r.Channel, terminal.Line(r.To, 40), r.State, terminal.OrDash(r.Cause), r.Attempts, terminal.When(r.DueAt), terminal.When(r.NextAt), terminal.When(r.SentAt))
		},
	}.command(o)
	c.AddCommand(newOutboxRelease(o), newOutboxRedeliver(o))
	return c
}

// newCorrections lists what agents have said of where tickets belong, with the words by which that was decided.
func newCorrections(o *command.Options) *cobra.Command {
	return listing[decided.Correction]{
		use: "corrections", short: "List where agents say that tickets belong, as examples to learn from",
		long: `What agents corrected at the desk: each with the queue and category that were decided, those that are right, and the message, as it is kept (masked;
empty where it is erased). With --json it is data for training and for rules of your own.`,
		example: "  frontdesk corrections --limit 20\n  frontdesk corrections --json",
		fetch: func(s *store.Store, ctx context.Context, p view.Page) ([]decided.Correction, error) {
			return s.Decided.Corrections(ctx, p.Before, p.Limit)
		},
		id: func(c decided.Correction) int64 { return c.ID }, head: "TICKET\tAT\tWHO\tQUEUE\tCATEGORY\tSUBJECT",
		row: func(c decided.Correction) string {
			return terminal.Columns(thread.TicketNumber(c.Ticket), terminal.When(c.At), c.Who, c.Queue[0]+" → "+c.Queue[1], c.Category[0]+" → "+c.Category[1], terminal.Line(c.Subject, 60))
		},
	}.command(o)
}

// newPromises pages by ticket: a promise has no id of its own that people see, and one ticket's stand together.
func newPromises(o *command.Options) *cobra.Command {
	return listing[view.Promise]{
		use: "promises", short: "List what was promised, and whether it was kept",
		example: "  frontdesk promises --state broken\n  frontdesk promises --ticket T-12 --json",
		states:  "due, warned, kept, broken, void", byTicket: true,
		fetch: fromView((*view.Store).Promises), id: func(p view.Promise) int64 { return p.Ticket },
		head: "TICKET\tKIND\tDUE\tSTATE\tCAUSE\tSETTLED",
		row: func(p view.Promise) string {
			return terminal.Columns(thread.TicketNumber(p.Ticket), p.Kind, terminal.When(p.DueAt), p.State, terminal.OrDash(p.Cause), terminal.When(p.SettledAt))
		},
	}.command(o)
}
