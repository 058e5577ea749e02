package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/user"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/pipeline"
	"frontdesk/workers/ops"
	"frontdesk/workers/store"
)

func newParked(o *options) *cobra.Command {
	list := listing[store.ParkedMessage]{
		use: "list", short: "List what waits for a person, with its cause",
		example: "  frontdesk parked list\n  frontdesk parked list --state automated --json",
		states:  strings.Join(pipeline.Causes(), ", "), byInbox: true,
		fetch: (*store.Store).Parked, id: func(m store.ParkedMessage) int64 { return m.ID },
		head: "ID\tRECEIVED\tINBOX\tCAUSE\tEVIDENCE",
		row: func(m store.ParkedMessage) string {
			return columns(m.ID, when(m.ReceivedAt), m.Inbox, m.Cause, line(m.Evidence, 80))
		},
	}.command(o)
	c := &cobra.Command{
		Use:   "parked",
		Short: "Look at the parked messages, release or dismiss them",
		Long: `Parked messages were set aside for a person, each with a cause. They never expire, and their originals
with them. A released message is decided again, as one that a person has looked at; a dismissed one
needs no ticket.`,
		Example: "  frontdesk parked list\n  frontdesk parked show 17\n  frontdesk parked release 17 18\n  frontdesk parked dismiss 19",
		Args:    noArguments,
		RunE:    list.RunE,
	}
	c.Flags().AddFlagSet(list.Flags())
	c.AddCommand(list, newParkedShow(o), newParkedAct(o, "release", "Let parked messages through: they are decided again", (*store.Store).Release),
		newParkedAct(o, "dismiss", "Drop parked messages: they need no ticket", (*store.Store).Dismiss))
	return c
}

func newParkedShow(o *options) *cobra.Command {
	return o.jsonFlag(&cobra.Command{
		Use: "show ID", Short: "Show one parked message and why it is parked", Example: "  frontdesk parked show 17\n  frontdesk parked show 17 --json",
		Args: exactIDs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return showTrace(cmd, o, args[0]) },
	})
}

// newParkedAct makes a command that does something to parked messages, and rings the service.
func newParkedAct(o *options, use, short string, act storeAct) *cobra.Command {
	return o.jsonFlag(&cobra.Command{
		Use: use + " ID…", Short: short, Example: "  frontdesk parked " + use + " 17 18", Args: exactIDs(-1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var ids []int64
			for _, a := range args {
				id, err := messageID(a)
				if err != nil {
					return err
				}
				ids = append(ids, id)
			}
			return actAll(cmd, o, use, ids, act)
		},
	})
}

// acted is the result for one message.
type acted struct {
	ID    int64  `json:"id"`
	Done  bool   `json:"done"`
	Error string `json:"error,omitempty"`
}

func actAll(cmd *cobra.Command, o *options, word string, ids []int64, act storeAct) error {
	c, err := o.load()
	if err != nil {
		return err
	}
	var failed int
	results := make([]acted, 0, len(ids))
	err = withStore(cmd.Context(), o, func(s *store.Store) error {
		for _, id := range ids {
			r := acted{ID: id, Done: true}
			if err := act(s, cmd.Context(), id, time.Now(), operator()); err != nil {
				r.Done, r.Error = false, err.Error()
				if errors.Is(err, store.ErrNotFound) {
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
	if err := ops.Ring(cmd.Context(), c.DataDir); err != nil {
		return err
	}
	printActed(cmd, o, word, results)
	if failed > 0 {
		return finding{fmt.Errorf("%d of %d could not be done", failed, len(ids))}
	}
	return nil
}

func printActed(cmd *cobra.Command, o *options, word string, results []acted) {
	if o.json {
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

// notParked tells a message that is not parked from one that there is not.
func notParked(ctx context.Context, s *store.Store, id int64) (string, error) {
	found, err := s.Decided(ctx, []int64{id})
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "there is no such message", nil
	}
	return "it is not parked", nil
}

// trimmed makes "released" of "release" and "dismissed" of "dismiss".
func trimmed(word string) string {
	if word == "dismiss" {
		return "dismisse"
	}
	return word
}

// operator is who acts, for the journal.
func operator() string {
	u, err := user.Current()
	if err != nil {
		return "command line"
	}
	return u.Username
}
