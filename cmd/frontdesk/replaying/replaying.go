// Package replaying is the command that decides again what was decided, and tells what would differ.
package replaying

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/channels"
	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/cmd/frontdesk/policy"
	"frontdesk/cmd/frontdesk/terminal"
	"frontdesk/cmd/frontdesk/wiring"
	"frontdesk/configs"
	"frontdesk/workers/decide"
	"frontdesk/workers/replay"
)

// flags say what is decided again, with what, and what is told.
type flags struct {
	all      bool
	from, to string
	inbox    string
	// with is a configuration file to decide with; "" is the one that the database is opened by.
	with string
	// limitDiff bounds what is printed, not what is decided and counted; 0 prints all.
	limitDiff int
	reasons   bool
	text      bool
}

// Command is frontdesk replay. Its use: before an upgrade or a change of rules one sees which messages of the past
// would go elsewhere. It reads beside a running service, and changes nothing there.
func Command(o *command.Options) *cobra.Command {
	f := &flags{}
	c := &cobra.Command{
		Use:   "replay [ID…]",
		Short: "Decide again, and tell what would differ; nothing is changed",
		Long: `Decide messages again, from their sealed originals and from what was known when they were decided, and
tell what would differ. Nothing is written, nothing is sent, nobody else is asked.

With the same program and the same configuration nothing differs. After an upgrade, or with --with and
another configuration, it shows what a change would have done to the messages of the past.

What people did is decided again, too, from what was noted of it: with ids the acts on these messages and on
the tickets that they opened, with --from and --to those of that time. No configuration changes them.

Exit code: 0 when nothing differs, 3 when something does, 1 on a failure, when something cannot be opened,
or when the inbox of a message that was asked for by its id is not configured, 2 on wrong use.`,
		Example: `  frontdesk replay 17 18
  frontdesk replay --from 2026-11-01 --to 2026-11-07 --inbox support
  frontdesk replay --all --with new.yaml --json`,
		RunE: func(cmd *cobra.Command, args []string) error { return run(cmd, o, f, args) },
	}
	c.Flags().BoolVar(&f.all, "all", false, "decide all messages and acts again")
	c.Flags().StringVar(&f.from, "from", "", "those received, and acts done, from this day or moment on")
	c.Flags().StringVar(&f.to, "to", "", "those received, and acts done, until the end of this day, or before this moment")
	c.Flags().StringVar(&f.inbox, "inbox", "", "only those of this inbox")
	c.Flags().StringVar(&f.with, "with", "", "decide with this configuration file; the database stays that of --config")
	c.Flags().IntVar(&f.limitDiff, "limit-diff", 100, "tell at most so many messages and so many acts that differ, 0 for all; all are counted")
	c.Flags().BoolVar(&f.reasons, "reasons", false, "count the same finding for another reason as a difference too")
	c.Flags().BoolVar(&f.text, "show-text", false, "print the redacted text of the messages that differ")
	c.Flags().BoolVar(&o.JSON, "json", false, "print one JSON object: messages, acts and summary")
	return c
}

// run opens the database of --config and the rules of --with: what was known at a decision lies with the decision, so
// no other data is needed.
func run(cmd *cobra.Command, o *command.Options, f *flags, args []string) error {
	var opts replay.Options
	check := func(c configs.Config) (err error) {
		opts, err = f.options(c, args)
		return err
	}
	return o.WithBase(cmd.Context(), check, func(c configs.Config, b *installation.Base) (err error) {
		with := c
		if f.with != "" {
			if with, err = configs.Load(f.with, os.LookupEnv, o.Kinds); err != nil {
				return err
			}
		}
		if err := command.KnownInbox(cmd.Context(), f.inbox, b.Store, c, with); err != nil {
			return err
		}
		var h *decide.Hindsight
		if h, opts.Version, err = Hindsight(cmd.Context(), with, b); err != nil {
			return err
		}
		return f.replay(cmd, b, h, opts, o.JSON)
	})
}

// options checks that the messages are named in one way: ids alone, or a period and an inbox, or --all.
func (f *flags) options(c configs.Config, args []string) (replay.Options, error) {
	out := replay.Options{Inbox: f.inbox, Reasons: f.reasons, Text: f.text}
	for _, a := range args {
		id, err := command.MessageID(a)
		if err != nil {
			return out, err
		}
		out.IDs = append(out.IDs, id)
	}
	filtered := f.from != "" || f.to != "" || f.inbox != ""
	switch {
	case len(args) > 0 && (filtered || f.all):
		return out, command.Usage(errors.New("ids go alone: leave --all, --from, --to and --inbox away"))
	case len(args) == 0 && !filtered && !f.all:
		return out, command.Usage(errors.New("say which messages: ids, --from, --to, --inbox, or --all"))
	}
	var err error
	out.From, out.To, err = command.Period([2]string{"from", f.from}, [2]string{"to", f.to}, c)
	return out, err
}

// Hindsight joins decoders and settings of a configuration: everything that decides, nothing that acts.
// The string is the digest of the configuration, by which replay tells what was decided with another one.
func Hindsight(ctx context.Context, c configs.Config, b *installation.Base) (*decide.Hindsight, string, error) {
	logger := slog.New(slog.DiscardHandler)
	decoders, err := decodersOf(c, b, logger)
	if err != nil {
		return nil, "", err
	}
	s, _, err := policy.Present(ctx, c, b.Ring, b.Store.Models)
	if err != nil {
		return nil, "", err
	}
	return decide.NewHindsight(decoders, s, logger), s.Version, nil
}

// decodersOf are the inboxes' decoders. They live on after Close: Decoding makes nothing that connects.
func decodersOf(c configs.Config, b *installation.Base, logger *slog.Logger) (map[string]channels.Decoder, error) {
	w, err := wiring.All(wiring.Needs{Config: c, Digest: b.Ring.Digest, Token: b.Ring.Token, Logger: logger, Decoding: true})
	if err != nil {
		return nil, err
	}
	w.Close()
	return w.Decoders, nil
}

// replay decides again and tells. An original that is missing or cannot be opened weighs more than a difference: exit
// code 1, since the books do not hold there; 3 says that everything could be read and something differs.
func (f *flags) replay(cmd *cobra.Command, b *installation.Base, h *decide.Hindsight, opts replay.Options, asJSON bool) error {
	bar := terminal.NewProgress(cmd.ErrOrStderr(), "replayed", asJSON, time.Now())
	out := &report{w: cmd.OutOrStdout(), json: asJSON, limit: f.limitDiff, before: bar.Clear}
	opts.Progress = func(id, last int64, done int) { bar.At(id, last, done, time.Now()) }
	out.begin(`{"messages": [`)
	sum, err := replay.Run(cmd.Context(), b.Store, h, opts, out.verdict)
	bar.Clear()
	var acts replay.Tally
	if err == nil {
		out.begin("],\n \"acts\": [")
		acts, err = replay.Acts(cmd.Context(), b.Store, opts, out.act)
	}
	if err != nil {
		if errors.Is(err, context.Canceled) {
			return command.Finding(errors.New("interrupted"))
		}
		return err
	}
	if err := out.end(sum, acts); err != nil {
		return err
	}
	// What is missing comes before what is unreadable: it is the greater loss.
	missing, unreadable := sum.ByReason[replay.SkippedMissing], sum.ByReason[replay.SkippedUnreadable]
	switch {
	case missing > 0:
		return command.Finding(fmt.Errorf("%d originals are missing before their time, %d or their decisions cannot be opened: restore them from a backup of the database or of blobs.dir", missing, unreadable))
	case unreadable > 0:
		return command.Finding(fmt.Errorf("%d originals or decisions cannot be opened: are these the keys that they were sealed under?", unreadable))
	case acts.ByReason[replay.SkippedBroken] > 0:
		return command.Finding(fmt.Errorf("what was noted of %d acts cannot be read: restore the table entries from a backup of the database", acts.ByReason[replay.SkippedBroken]))
	case len(opts.IDs) > 0 && sum.ByReason[replay.SkippedInbox] > 0:
		return command.Finding(fmt.Errorf("%d of the messages asked for could not be replayed: this configuration does not have their inbox", sum.ByReason[replay.SkippedInbox]))
	case sum.Differ+acts.Differ > 0:
		return command.Exit{Code: command.ExitDiffer}
	}
	return nil
}

// report prints verdicts as they come, so that memory does not grow with what differs: those on messages, then those on acts.
type report struct {
	w       io.Writer
	json    bool
	limit   int
	opening string // how the list begins in JSON, until something is told
	told    int    // of this list
	hidden  int    // likewise
	before  func() // called before something is written
}

// begin begins a list, which in JSON begins with that.
func (r *report) begin(opening string) {
	r.more()
	r.opening += opening
	r.told, r.hidden = 0, 0
}

// more says how many of the list were not told.
func (r *report) more() {
	if r.hidden > 0 && !r.json {
		r.before()
		fmt.Fprintf(r.w, "… and %d more (--limit-diff)\n", r.hidden)
	}
}

// verdict prints one message that differs, or that could not be read though it should; others are passed over.
func (r *report) verdict(v replay.Verdict) error {
	return r.tell(v, len(v.Differences) > 0 || v.Faulty(), func(w io.Writer) {
		fmt.Fprintf(w, "message %d  %s, received %s\n", v.ID, v.Inbox, terminal.When(v.ReceivedAt))
		if v.Faulty() {
			fmt.Fprintf(w, "  %s%s\n", v.Skipped, terminal.Colon(v.Missing))
		}
		differences(w, v.Differences)
		if strings.TrimSpace(v.Text) != "" {
			fmt.Fprintln(w, terminal.Indent(v.Text))
		}
	})
}

// act prints one act of a person likewise.
func (r *report) act(v replay.ActVerdict) error {
	return r.tell(v, len(v.Differences) > 0 || v.Faulty(), func(w io.Writer) {
		fmt.Fprintf(w, "act %d  %s", v.ID, v.Act)
		if v.Message != 0 {
			fmt.Fprintf(w, ", message %d", v.Message)
		}
		if v.Ticket != 0 {
			fmt.Fprintf(w, ", ticket %d", v.Ticket)
		}
		fmt.Fprintf(w, ", done %s\n", terminal.When(v.At))
		if v.Faulty() {
			fmt.Fprintf(w, "  %s\n", v.Skipped)
		}
		differences(w, v.Differences)
	})
}

// tell prints one of a list, in JSON or in words, if it differs and the list may have one more.
func (r *report) tell(v any, differs bool, words func(io.Writer)) error {
	switch {
	case !differs:
		return nil
	case r.limit > 0 && r.told == r.limit:
		r.hidden++
		return nil
	}
	r.told++
	if r.json {
		return r.item(v)
	}
	r.before()
	words(terminal.Visibly(r.w))
	return nil
}

func differences(w io.Writer, list []replay.Difference) {
	for _, d := range list {
		fmt.Fprintf(w, "  %-12s %s: %s → %s\n", d.Stage, d.Field, orNothing(d.Then), orNothing(d.Now))
	}
}

func orNothing(s string) string {
	if s == "" {
		return "(nothing)"
	}
	return s
}

// item prints one of a list in JSON.
func (r *report) item(v any) error {
	before := ","
	if r.told == 1 {
		before, r.opening = r.opening, ""
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encoding: %w", err)
	}
	_, err = fmt.Fprintf(r.w, "%s\n %s", before, b)
	return err
}

// end closes what verdict has begun, and prints the sums. With --json it is one object, also when nothing differed.
func (r *report) end(sum replay.Summary, acts replay.Tally) error {
	if r.json {
		b, err := json.Marshal(struct {
			replay.Summary
			Acts replay.Tally `json:"acts"`
		}{sum, acts})
		if err != nil {
			return fmt.Errorf("encoding: %w", err)
		}
		_, err = fmt.Fprintf(r.w, "%s],\n \"summary\": %s}\n", r.opening, b)
		return err
	}
	r.more()
	fmt.Fprintf(r.w, "%d replayed: %d the same, %d differ%s\n", sum.Replayed, sum.Same, sum.Differ, tallied(sum.ByField))
	if sum.Skipped > 0 {
		fmt.Fprintf(r.w, "%d could not be replayed%s\n", sum.Skipped, tallied(sum.ByReason))
	}
	if sum.OtherConfig > 0 {
		fmt.Fprintf(r.w, "%d of the replayed were decided with another configuration than this one\n", sum.OtherConfig)
	}
	if acts.Replayed > 0 {
		fmt.Fprintf(r.w, "%d acts of people replayed: %d the same, %d differ%s\n", acts.Replayed, acts.Same, acts.Differ, tallied(acts.ByField))
	}
	if acts.Skipped > 0 {
		fmt.Fprintf(r.w, "%d acts of people could not be replayed%s\n", acts.Skipped, tallied(acts.ByReason))
	}
	return nil
}

// tallied writes counts as " (queue 12, state 3)", the greatest first, ties by name, so that two runs print the same.
func tallied(counts map[string]int) string {
	if len(counts) == 0 {
		return ""
	}
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(a, b)
	})
	for i, n := range names {
		names[i] = fmt.Sprintf("%s %d", n, counts[n])
	}
	return " (" + strings.Join(names, ", ") + ")"
}
