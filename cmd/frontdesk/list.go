package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/configs"
	"frontdesk/pipeline/thread"
	"frontdesk/workers/store"
)

// listFlags narrow a listing.
type listFlags struct {
	state  string
	inbox  string
	ticket string
	limit  int
}

func (f *listFlags) add(c *cobra.Command, state string) {
	if state != "" {
		c.Flags().StringVar(&f.state, "state", "", "only those in this state: "+state)
	}
	c.Flags().IntVar(&f.limit, "limit", 0, "at most so many, the newest (default: all)")
}

func (f *listFlags) page(states string) (store.Page, error) {
	p := store.Page{State: f.state, Inbox: f.inbox, Limit: 1000}
	if f.state != "" && !slices.Contains(strings.Split(states, ", "), f.state) {
		return p, usageError{fmt.Errorf("--state takes %s, not %q", states, f.state)}
	}
	if f.limit < 0 {
		return p, usageError{fmt.Errorf("--limit takes 0 or more, not %d", f.limit)}
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
		return 0, usageError{fmt.Errorf("%q is no ticket number; write 12 or T-12", s)}
	}
	return id, nil
}

// messageID reads a message as people write it and as the pages show it: 44 or #44.
func messageID(s string) (int64, error) {
	id, err := strconv.ParseInt(strings.TrimPrefix(s, "#"), 10, 64)
	if err != nil || id <= 0 {
		return 0, usageError{fmt.Errorf("%q is no message id; 'frontdesk messages' lists them", s)}
	}
	return id, nil
}

// listing is one kind of thing that can be listed.
type listing[T any] struct {
	use, short, long, example string
	states                    string
	byInbox, byTicket         bool
	fetch                     func(*store.Store, context.Context, store.Page) ([]T, error)
	id                        func(T) int64
	head                      string
	row                       func(T) string
}

// command makes the listing's command.
func (l listing[T]) command(o *options) *cobra.Command {
	f := &listFlags{}
	c := &cobra.Command{Use: l.use, Short: l.short, Long: l.long, Example: l.example, Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := f.page(l.states)
			if err != nil {
				return err
			}
			return withBase(cmd.Context(), o, nil, func(c configs.Config, b *installation.Base) error {
				if err := knownInbox(cmd.Context(), f.inbox, b.Store, c); err != nil {
					return err
				}
				return l.print(cmd.Context(), cmd.OutOrStdout(), b.Store, p, f.limit, o.json)
			})
		}}
	f.add(c, l.states)
	if l.byInbox {
		c.Flags().StringVar(&f.inbox, "inbox", "", "only those of this inbox")
	}
	if l.byTicket {
		c.Flags().StringVar(&f.ticket, "ticket", "", "only those of this ticket")
	}
	return o.jsonFlag(c)
}

// print reads page after page and writes each as it comes, so that a long list needs little memory.
func (l listing[T]) print(ctx context.Context, w io.Writer, s *store.Store, p store.Page, limit int, asJSON bool) error {
	out := newPrinter[T](w, l.head, l.row, asJSON)
	for n := 0; ; {
		page, err := l.fetch(s, ctx, p)
		if err != nil {
			return err
		}
		for _, item := range page {
			if limit > 0 && n == limit {
				return out.end()
			}
			if err := out.item(item); err != nil {
				return err
			}
			n++
		}
		if l.id == nil || len(page) < p.Limit {
			return out.end()
		}
		p.Before = l.id(page[len(page)-1])
	}
}

// printer writes items as one JSON array or as a table.
type printer[T any] struct {
	json  bool
	to    io.Writer
	table *tabwriter.Writer
	row   func(T) string
	n     int
}

func newPrinter[T any](w io.Writer, head string, row func(T) string, asJSON bool) *printer[T] {
	p := &printer[T]{json: asJSON, to: w, row: row}
	if !asJSON {
		p.table = tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
		fmt.Fprintln(p.table, head)
	}
	return p
}

func (p *printer[T]) item(v T) error {
	p.n++
	if !p.json {
		_, err := fmt.Fprintln(p.table, visible(p.row(v)))
		return err
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encoding: %w", err)
	}
	before := ",\n "
	if p.n == 1 {
		before = "["
	}
	_, err = fmt.Fprintf(p.to, "%s%s", before, b)
	return err
}

func (p *printer[T]) end() error {
	if !p.json {
		return p.table.Flush()
	}
	closing := "]\n"
	if p.n == 0 {
		closing = "[]\n"
	}
	_, err := io.WriteString(p.to, closing)
	return err
}

// noArguments refuses words that belong to nothing.
func noArguments(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case cmd.HasAvailableSubCommands():
		return usageError{fmt.Errorf("%s has no command %q", cmd.CommandPath(), args[0])}
	default:
		return usageError{fmt.Errorf("%s takes flags only, and %q is none", cmd.CommandPath(), args[0])}
	}
}

// withStore runs a command on the database, beside a service that may be running.
func withStore(ctx context.Context, o *options, f func(*store.Store) error) error {
	return withBase(ctx, o, nil, func(_ configs.Config, b *installation.Base) error { return f(b.Store) })
}

// when is a time in the zone of the shell, with its name.
func when(s store.Stamp) string {
	if s.IsZero() {
		return "-"
	}
	return s.Local().Format(time.DateTime + " MST")
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// line folds a text into one line of a table.
func line(s string, runes int) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > runes {
		return string(r[:runes-1]) + "…"
	}
	return orDash(s)
}

func columns(values ...any) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprint(v)
	}
	return strings.Join(words, "\t")
}

func newInboxes(o *options) *cobra.Command {
	return listing[store.Inbox]{
		use: "inboxes", short: "List the inboxes: state, last contact, lag",
		example: "  frontdesk inboxes\n  frontdesk inboxes --json",
		fetch: func(s *store.Store, ctx context.Context, _ store.Page) ([]store.Inbox, error) {
			return s.Inboxes(ctx)
		},
		head: "NAME\tCHANNEL\tADDRESS\tSTATE\tLAST CONTACT\tLAG\tERROR",
		row: func(i store.Inbox) string {
			return columns(i.Name, i.Channel, orDash(i.Address), i.State, when(i.LastContactAt), time.Duration(i.LagSeconds)*time.Second, line(i.LastError, 60))
		},
	}.command(o)
}

func newMessages(o *options) *cobra.Command {
	return listing[store.Message]{
		use: "messages", short: "List the messages, newest first",
		example: "  frontdesk messages --limit 20\n  frontdesk messages --state parked --json\n  frontdesk messages --ticket T-12",
		states:  "recorded, awaiting, ticketed, appended, duplicate, suppressed, parked, dismissed", byInbox: true, byTicket: true,
		fetch: (*store.Store).Messages, id: func(m store.Message) int64 { return m.ID },
		head: "ID\tRECEIVED\tINBOX\tSTATE\tCAUSE\tTICKET\tCATEGORY\tLANG\tSUBJECT OR TEXT",
		row: func(m store.Message) string {
			words := m.Subject
			if words == "" {
				words = m.Text
			}
			return columns(m.ID, when(m.ReceivedAt), m.Inbox, m.State, orDash(m.Cause), numberOr(m.Ticket), orDash(m.Category), orDash(m.Lang), line(words, 50))
		},
	}.command(o)
}

func numberOr(ticket int64) string {
	if ticket == 0 {
		return "-"
	}
	return thread.TicketNumber(ticket)
}

func newTickets(o *options) *cobra.Command {
	var typed string
	c := listing[store.Ticket]{
		use: "tickets", short: "List the tickets, newest first, or look for some",
		long: `List the tickets, newest first. --search lists those that fit: by number (T-12, 12, or #44 for the ticket of a message), address
or its beginning, telephone number in any spelling, name, and words of subject and text; of several words all.`,
		example: "  frontdesk tickets\n  frontdesk tickets --state open --json\n  frontdesk tickets --search 'refund TP0012'\n  frontdesk tickets --search 13912345678",
		states:  "open, closed", byInbox: true,
		fetch: func(s *store.Store, ctx context.Context, p store.Page) ([]store.Ticket, error) {
			if typed == "" {
				return s.Tickets(ctx, p)
			}
			return searchTickets(ctx, s, typed, p)
		}, id: func(t store.Ticket) int64 { return t.ID },
		head: "NUMBER\tOPENED\tSTATUS\tPRIORITY\tQUEUE\tCATEGORY\tCHANNELS\tMESSAGES\tSUBJECT",
		row: func(t store.Ticket) string {
			return columns(t.Number, when(t.OpenedAt), t.Status, t.Priority, t.Queue, t.Category, strings.Join(t.Channels, "+"), t.MessageCount, line(t.Subject, 50))
		},
	}.command(o)
	c.Flags().StringVar(&typed, "search", "", "only those that fit these words, this number or this address")
	return c
}

// searchTickets reads a page of the tickets that fit. What is called by its number comes first.
func searchTickets(ctx context.Context, s *store.Store, typed string, p store.Page) (out []store.Ticket, err error) {
	k := store.Seek{Query: s.Reader().Read(typed), State: p.State, Inbox: p.Inbox, Before: p.Before, Limit: p.Limit, Bare: true}
	if k.Query.None() {
		return nil, usageError{fmt.Errorf("--search takes words, a number or an address, and %q has none", typed)}
	}
	for {
		f, err := s.Search(ctx, k)
		if err != nil {
			return nil, err
		}
		for _, id := range []int64{f.Ticket, f.Of} {
			if id == 0 || slices.ContainsFunc(out, func(t store.Ticket) bool { return t.ID == id }) {
				continue
			}
			rows, err := s.Tickets(ctx, store.Page{ID: id, State: p.State, Inbox: p.Inbox})
			if err != nil {
				return nil, err
			}
			out = append(out, rows...)
		}
		for _, t := range f.Tickets {
			if !slices.ContainsFunc(out[:min(2, len(out))], func(o store.Ticket) bool { return o.ID == t.ID }) {
				out = append(out, t)
			}
		}
		if k.Before = f.Before; k.Before == 0 || len(out) >= p.Limit {
			return out, nil
		}
	}
}

func newOutbox(o *options) *cobra.Command {
	c := listing[store.OutboxRow]{
		use: "outbox", short: "List what was and what is to be sent, and what was withheld and why",
		example: "  frontdesk outbox --state withheld\n  frontdesk outbox --ticket T-12 --json",
		states:  "due, sending, sent, delivered, failed, fallback, withheld", byInbox: true, byTicket: true,
		fetch: (*store.Store).Outbox, id: func(r store.OutboxRow) int64 { return r.ID },
		head: "ID\tKIND\tTICKET\tCHANNEL\tTO\tSTATE\tCAUSE\tATTEMPTS\tDUE\tNEXT TRY\tSENT",
		row: func(r store.OutboxRow) string {
			return columns(r.ID, r.Kind, numberOr(r.Ticket), r.Channel, line(r.To, 40), r.State, orDash(r.Cause), r.Attempts, when(r.DueAt), when(r.NextAt), when(r.SentAt))
		},
	}.command(o)
	c.AddCommand(newOutboxRelease(o))
	return c
}

func newPromises(o *options) *cobra.Command {
	return listing[store.Promise]{
		use: "promises", short: "List what was promised, and whether it was kept",
		example: "  frontdesk promises --state broken\n  frontdesk promises --ticket T-12 --json",
		states:  "due, warned, kept, broken, void", byTicket: true,
		fetch: (*store.Store).Promises, id: func(p store.Promise) int64 { return p.Ticket },
		head: "TICKET\tKIND\tDUE\tSTATE\tCAUSE\tSETTLED",
		row: func(p store.Promise) string {
			return columns(thread.TicketNumber(p.Ticket), p.Kind, when(p.DueAt), p.State, orDash(p.Cause), when(p.SettledAt))
		},
	}.command(o)
}

var errNoID = errors.New("the id of a message is missing")
