package listings

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/terminal"
	"frontdesk/pipeline/causes"
	"frontdesk/workers/ops/control"
	"frontdesk/workers/store"
	"frontdesk/workers/store/acts"
	"frontdesk/workers/store/view"
)

// newParked is frontdesk parked, with its list as the default. --state takes causes here, since all of them are in
// the state parked.
func newParked(o *command.Options) *cobra.Command {
	list := listing[view.ParkedMessage]{
		use: "list", short: "List what waits for a person, with its cause",
		example: "  frontdesk parked list\n  frontdesk parked list --state automated --json",
		states:  strings.Join(causes.Parking(), ", "), byInbox: true,
		fetch: fromView((*view.Store).Parked), id: func(m view.ParkedMessage) int64 { return m.ID },
		head: "ID\tRECEIVED\tINBOX\tCAUSE\tEVIDENCE",
		row: func(m view.ParkedMessage) string {
			return terminal.Columns(m.ID, terminal.When(m.ReceivedAt), m.Inbox, m.Cause, terminal.Line(m.Evidence, 80))
		},
	}.command(o)
	c := &cobra.Command{
		Use:   "parked",
		Short: "Look at the parked messages, release or dismiss them",
		Long: `Parked messages were set aside for a person, each with a cause. They never expire, and their originals
with them. A released message is decided again, as one that a person has looked at; a dismissed one
needs no ticket. What was taken for a machine's and is released makes an exception: see 'frontdesk exceptions'.`,
		Example: "  frontdesk parked list\n  frontdesk parked show 17\n  frontdesk parked release 17 18\n  frontdesk parked dismiss 19",
		Args:    command.NoArguments,
		RunE:    list.RunE,
	}
	c.Flags().AddFlagSet(list.Flags())
	c.AddCommand(list, newParkedShow(o), newParkedRelease(o), newParkedAct(o, "dismiss", "Drop parked messages: they need no ticket", func(s *store.Store, ctx context.Context, id int64, now time.Time, who string) error {
		return s.Acts.Dismiss(ctx, id, now, who)
	}))
	return c
}

// newParkedShow is trace under the name that somebody looks for beside release.
func newParkedShow(o *command.Options) *cobra.Command {
	return o.JSONFlag(&cobra.Command{
		Use: "show ID", Short: "Show one parked message and why it is parked", Example: "  frontdesk parked show 17\n  frontdesk parked show 17 --json",
		Args: exactIDs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return showTrace(cmd, o, args[0]) },
	})
}

// newParkedRelease lets messages out, and says what the desk learns from it: an exception for the sender, for the
// subject, or for nobody. The flag is read in PreRunE, before anything is touched. LearnSender is what the pages do
// too, so it goes by the same method.
func newParkedRelease(o *command.Options) *cobra.Command {
	learn := string(acts.LearnSender)
	c := newParkedAct(o, "release", "Let parked messages through: they are decided again", func(s *store.Store, ctx context.Context, id int64, now time.Time, who string) error {
		if acts.Learn(learn) == acts.LearnSender { // or by its subject, where it has no sender
			return s.Acts.Release(ctx, id, now, who)
		}
		return s.Acts.ReleaseLearning(ctx, id, acts.Learn(learn), now, who)
	})
	c.PreRunE = func(*cobra.Command, []string) error {
		switch acts.Learn(learn) {
		case acts.LearnSender, acts.LearnSubject, acts.LearnNothing:
			return nil
		}
		return command.Usage(fmt.Errorf("--learn takes sender, subject or none, not %q", learn))
	}
	c.Flags().StringVar(&learn, "learn", learn, "what is let in from now on, where it was parked as a machine's: sender, subject or none")
	return c
}

// newExceptions is frontdesk exceptions. The database keeps keyed digests of senders and subjects alone; the readable
// value is the one that the message it was learned from shows, and is a dash once that was erased.
func newExceptions(o *command.Options) *cobra.Command {
	list := listing[view.Exception]{
		use: "list", short: "List the senders and subjects that releases have let in", example: "  frontdesk exceptions list --json",
		states: "sender, subject", byInbox: true,
		fetch: fromView((*view.Store).Exceptions), id: func(e view.Exception) int64 { return e.ID },
		head: "ID\tKIND\tVALUE\tCAUSE\tINBOX\tMESSAGE\tMADE\tBY",
		row: func(e view.Exception) string {
			return terminal.Columns(e.ID, e.Kind, terminal.OrDash(terminal.Line(e.Value, 60)), e.Cause, e.Inbox, e.Message, terminal.When(e.MadeAt), terminal.OrDash(e.MadeBy))
		},
	}.command(o)
	c := &cobra.Command{
		Use:   "exceptions",
		Short: "List whom released messages have let in, and take that back",
		Long: `Releasing a message that was taken for a machine's (automated, backscatter, server-notice) lets its sender in
from now on, or whatever has its subject. What comes then opens a ticket; it is not acknowledged where something
else speaks against it.`,
		Example: "  frontdesk exceptions\n  frontdesk exceptions remove 12",
		Args:    command.NoArguments,
		RunE:    list.RunE,
	}
	c.Flags().AddFlagSet(list.Flags())
	c.AddCommand(list, command.Acts(o.JSONFlag(&cobra.Command{
		Use: "remove ID…", Short: "Take exceptions back", Example: "  frontdesk exceptions remove 12 13", Args: exactIDs(-1),
		RunE: func(cmd *cobra.Command, args []string) error { return removeExceptions(cmd, o, args) },
	}), "exceptions-remove"))
	return c
}

// removeExceptions takes each exception back in a transaction of its own. One that is not there is told, and the
// others are removed all the same; it is safe to run the command again. The service need not be rung: the next
// decision reads the table.
func removeExceptions(cmd *cobra.Command, o *command.Options, args []string) error {
	var results []acted
	var ids []int64
	for _, a := range args {
		id, err := strconv.ParseInt(a, 10, 64)
		if err != nil || id <= 0 {
			return command.Usage(fmt.Errorf("%q is no exception's id; 'frontdesk exceptions' lists them", a))
		}
		ids = append(ids, id)
	}
	failed := 0
	err := o.WithStore(cmd.Context(), func(s *store.Store) error {
		for _, id := range ids {
			r := acted{ID: id, Done: true}
			if err := s.Acts.RemoveException(cmd.Context(), id, time.Now(), command.Operator()); errors.Is(err, store.ErrNotFound) {
				r.Done, r.Error = false, "there is no such exception"
				failed++
			} else if err != nil {
				return err
			}
			results = append(results, r)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := printRemoved(cmd, o, results); err != nil {
		return err
	}
	if failed > 0 {
		return command.Finding(fmt.Errorf("%d of %d could not be done", failed, len(args)))
	}
	return nil
}

// printRemoved prints what was done to standard output and what was not to standard error, as printActed does.
func printRemoved(cmd *cobra.Command, o *command.Options, results []acted) error {
	if o.JSON {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(results)
	}
	for _, r := range results {
		if r.Done {
			fmt.Fprintf(cmd.OutOrStdout(), "exception %d: removed\n", r.ID)
			continue
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "exception %d: %s\n", r.ID, r.Error)
	}
	return nil
}

// newParkedAct makes a command that does something to parked messages, and rings the service. use is the verb, as it
// is typed and as printActed says it. An id may be written 17 or #17, as pages show it.
func newParkedAct(o *command.Options, use, short string, act storeAct) *cobra.Command {
	return command.Acts(o.JSONFlag(&cobra.Command{
		Use: use + " ID…", Short: short, Example: "  frontdesk parked " + use + " 17 18", Args: exactIDs(-1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var ids []int64
			for _, a := range args {
				id, err := command.MessageID(a)
				if err != nil {
					return err
				}
				ids = append(ids, id)
			}
			return actAll(cmd, o, use, ids, act)
		},
	}), "parked-"+use)
}

// acted is the result for one message, or one exception. Error is a sentence for people, "" where it was done.
type acted struct {
	ID    int64  `json:"id"`
	Done  bool   `json:"done"`
	Error string `json:"error,omitempty"`
}

// actAll acts on each message in a transaction of its own, rings the service once, prints, and ends with exit code 1
// when one could not be done. If it is interrupted, those before are done; running it again tells them as "not
// parked".
func actAll(cmd *cobra.Command, o *command.Options, word string, ids []int64, act storeAct) error {
	c, err := o.Load()
	if err != nil {
		return err
	}
	var failed int
	results := make([]acted, 0, len(ids))
	err = o.WithStore(cmd.Context(), func(s *store.Store) error {
		for _, id := range ids {
			r := acted{ID: id, Done: true}
			if err := act(s, cmd.Context(), id, time.Now(), command.Operator()); err != nil {
				r.Done, r.Error = false, err.Error()
				if errors.Is(err, store.ErrNotFound) {
					// The store says "not found" for both; a person wants to know which.
					if r.Error, err = notParked(cmd.Context(), s, id); err != nil {
						return err
					}
				}
				failed++
			}
			results = append(results, r)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := control.Ring(cmd.Context(), c.DataDir); err != nil {
		return err
	}
	printActed(cmd, o, word, results)
	if failed > 0 {
		return command.Finding(fmt.Errorf("%d of %d could not be done", failed, len(ids)))
	}
	return nil
}

// printActed prints what was done to standard output and what was not to standard error, so that a pipe gets
// successes alone. --json has both.
func printActed(cmd *cobra.Command, o *command.Options, word string, results []acted) {
	if o.JSON {
		b, err := json.Marshal(results)
		if err == nil {
			fmt.Fprintln(cmd.OutOrStdout(), string(b))
		}
		return
	}
	for _, r := range results {
		if r.Done {
			fmt.Fprintf(cmd.OutOrStdout(), "message %d: %sd\n", r.ID, trimmed(word))
			continue
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "message %d: %s\n", r.ID, r.Error)
	}
}

// notParked tells a message that is not parked from one that there is not. It is asked after the act has failed, in
// no transaction with it.
func notParked(ctx context.Context, s *store.Store, id int64) (string, error) {
	found, err := s.Decided.Decided(ctx, []int64{id})
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "there is no such message", nil
	}
	return "it is not parked", nil
}

// trimmed is the stem to which printActed adds a d: release, dismisse.
func trimmed(word string) string {
	if word == "dismiss" {
		return "dismisse"
	}
	return word
}
