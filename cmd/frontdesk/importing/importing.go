// Package importing is the command that takes mails from files: mbox, Maildir, single mails.
package importing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"frontdesk/channels"
	"frontdesk/channels/email"
	"frontdesk/channels/email/mbox"
	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/cmd/frontdesk/terminal"
	"frontdesk/configs"
	"frontdesk/pipeline/causes"
	"frontdesk/workers"
	"frontdesk/workers/ops/control"
	"frontdesk/workers/receive"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/logbook"
)

// Act is what the desk's log calls it.
const Act = command.ActPrefix + "import"

// flags say what is imported, and how. since and until are as they were typed; rate is mails a second, such as 50/s,
// "" for no bound.
type flags struct {
	inbox        string
	since, until string
	rate         string
	acknowledge  bool
	open         bool
	include      []string
	dryRun       bool
}

// Command is frontdesk import. It records mails as the service would, in its slow lane (Bulk), and leaves the
// decision to the service: so a hundred thousand mails are not felt by live ones. Keys are digests of the mails'
// bytes, which makes it safe to run again.
func Command(o *command.Options) *cobra.Command {
	f := &flags{}
	c := &cobra.Command{
		Use:   "import --inbox NAME PATH…",
		Short: "Take mails from files: mbox, Maildir, .eml, folders of them",
		Long: `Take mails from files into an inbox: mbox, Maildir with its folders, single mails (.eml) and folders of
them. They become closed tickets, as history: with the time at which they were received then, never
acknowledged, with no deadline. With --open the tickets stay open, for what nobody has answered yet. With
--acknowledge they count as new: received now, acknowledged, promised.

What a mail program had thrown away, put among spam, never sent (drafts, templates), taken down of chats, or keeps for
itself is left out and counted: by its marks in the mail (Thunderbird, mutt, Evolution, Gmail's labels), by the flags in
a Maildir name, and by the name of the folder below the one that is named here. --include takes it too.

It is safe to repeat: a mail is recognised by its bytes, in whatever form of file it comes, and one that came
by another way is folded. An interrupted import is simply run again. It may run beside the service, which
decides what is recorded; without one, messages are decided at its next start.

Exit code: 0 when all was read, 1 when some file could not be read or on a failure, 2 on wrong use.`,
		Example: `  frontdesk import --inbox support --dry-run old.mbox
  frontdesk import --inbox support --since 2025-01-01 --rate 50/s ~/Maildir
  frontdesk import --inbox support --open --include spam,deleted ~/Maildir
  frontdesk import --inbox support --acknowledge spool/*.eml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return command.Usage(errors.New("say which files or folders"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return run(cmd, o, f, args) },
	}
	c.Flags().StringVar(&f.inbox, "inbox", "", "inbox that the mails go to")
	c.Flags().StringVar(&f.since, "since", "", "only mails received from this day or moment on")
	c.Flags().StringVar(&f.until, "until", "", "only mails received until the end of this day, or before this moment")
	c.Flags().StringVar(&f.rate, "rate", "", "at most so many mails a second, such as 50/s")
	c.Flags().BoolVar(&f.acknowledge, "acknowledge", false, "they count as new: received now, acknowledged and promised")
	c.Flags().BoolVar(&f.open, "open", false, "the tickets stay open")
	c.Flags().StringSliceVar(&f.include, "include", nil, "take also what was deleted, spam, draft, chat")
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "only count what would be recorded")
	c.Flags().BoolVar(&o.JSON, "json", false, "print the counts as one JSON object")
	return c
}

// importing is one import under way. It is for one goroutine.
type importing struct {
	flags
	// from and to bound when the mails were received then; the zero time is no bound, and to is exclusive.
	from, to time.Time
	boxes    *mbox.Mailboxes
	sink     *receive.Importer
	bar      *terminal.Progress
	// total is the size of all files in bytes, against which the progress is shown.
	total  int64
	now    func() time.Time
	result Result
}

// Result is what an import says at its end. Mails = Recorded + Already + OutsideDates + Unrecorded; Parked is a part
// of Recorded; what was skipped, or is no mail, was not read.
type Result struct {
	Inbox string `json:"inbox"`
	Mails int    `json:"mails"` // that were read
	receive.ImportCounts
	OutsideDates int `json:"outside_dates"`
	Unrecorded   int `json:"unrecorded,omitempty"` // read, and left for the next run by one that was interrupted or failed
	NoMail       int `json:"no_mail"`              // files in folders that look like no mail
	// Skipped counts what was left out, by why: see mbox.Skip.
	Skipped map[mbox.Skip]int `json:"skipped"`
	Failed  []string          `json:"failed"` // paths that could not be read, and why
	DryRun  bool              `json:"dry_run,omitempty"`
}

// run reads the flags against the configuration before the database is opened.
func run(cmd *cobra.Command, o *command.Options, f *flags, paths []string) error {
	im := &importing{flags: *f, now: time.Now, result: Result{Inbox: f.inbox, Failed: []string{}, Skipped: map[mbox.Skip]int{}, DryRun: f.dryRun}}
	var rate float64
	check := func(c configs.Config) (err error) {
		rate, err = im.check(c)
		return err
	}
	return o.WithBase(cmd.Context(), check, func(c configs.Config, b *installation.Base) error {
		if !f.dryRun {
			if err := command.Note(cmd.Context(), b.Store, logbook.Line{Act: Act, Object: f.inbox}); err != nil {
				return err
			}
		}
		return im.all(cmd, c, b, paths, rate, o.JSON)
	})
}

// all reads everything and says what came of it, after an error or an interruption too: what was recorded until then
// is recorded. Only where somebody decides is there a limit on what waits (PostgreSQL, where he may be anywhere;
// SQLite with a service at the socket).
func (im *importing) all(cmd *cobra.Command, c configs.Config, b *installation.Base, paths []string, rate float64, asJSON bool) (err error) {
	im.boxes = &mbox.Mailboxes{Paths: paths, Limit: int64(c.Limits.MaxMessage), Digest: b.Ring.Digest}
	if im.total, err = im.boxes.Size(cmd.Context()); err != nil {
		return err
	}
	logger := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	im.sink = receive.NewImporter(b.Store, im.inbox, receive.NewIntake(receive.IntakeConfig{Store: b.Store, Notifier: workers.NewNotifier(nil, logger), Meter: workers.NewMeter(prometheus.NewRegistry()), Logger: logger}))
	im.sink.Rate, im.sink.DryRun = rate, im.dryRun
	im.sink.Ring = func(ctx context.Context) error { return control.Ring(ctx, c.DataDir) }
	if b.Store.Base.Dialect() == "postgres" || control.Serving(c.DataDir) {
		im.sink.Limit = c.Limits.MaxUndecided // where nobody decides there is nobody to wait for
	}
	im.bar = terminal.NewProgress(cmd.ErrOrStderr(), "imported", asJSON, time.Now())
	err = im.run(cmd.Context())
	im.bar.Clear()
	im.sum()
	if perr := im.result.print(cmd.OutOrStdout(), asJSON); perr != nil {
		return perr
	}
	switch {
	case errors.Is(err, context.Canceled):
		return command.Finding(errors.New("interrupted; run it again to go on"))
	case err != nil:
		return fmt.Errorf("importing: %w; run it again to go on", err)
	case len(im.result.Failed) > 0:
		return command.Finding(fmt.Errorf("%d paths could not be read", len(im.result.Failed)))
	}
	return nil
}

// check looks at what was asked for, and gives the rate in mails a second, 0 for no bound.
func (im *importing) check(c configs.Config) (rate float64, err error) {
	i := slices.IndexFunc(c.Inboxes, func(in configs.Inbox) bool { return in.Name == im.inbox })
	switch {
	case im.inbox == "":
		return 0, command.Usage(errors.New("--inbox is missing: the name of the inbox that the mails go to"))
	case i < 0:
		return 0, command.NoInbox(im.inbox, mailInboxes(c))
	case !c.Kinds.Line()[c.Inboxes[i].Channel].Mail:
		return 0, command.Usage(fmt.Errorf("inbox %q is no mail inbox", im.inbox))
	}
	for _, what := range im.include {
		if !slices.Contains(mbox.Skips, mbox.Skip(what)) || mbox.Skip(what) == mbox.SkipSystem {
			return 0, command.Usage(fmt.Errorf("--include takes deleted, spam, draft and chat, not %q", what))
		}
	}
	if im.open && im.acknowledge {
		return 0, command.Usage(errors.New("--open is for history; with --acknowledge tickets are open anyway"))
	}
	if im.from, im.to, err = command.Period([2]string{"since", im.since}, [2]string{"until", im.until}, c); err != nil {
		return 0, err
	}
	if im.rate != "" {
		rate, err = strconv.ParseFloat(strings.TrimSuffix(im.rate, "/s"), 64)
		if err != nil || rate <= 0 {
			return 0, command.Usage(fmt.Errorf("--rate takes mails a second such as 50/s, not %q", im.rate))
		}
	}
	return rate, nil
}

// run takes each mail in turn. A file that cannot be read is noted, and the next one comes; an error of the database
// ends the import. Cancelled, it gives up the lot that was not full: those mails are counted as Unrecorded.
func (im *importing) run(ctx context.Context) error {
	for mail, err := range im.boxes.Mails(ctx) {
		switch {
		case errors.Is(err, mbox.ErrNoMail):
			im.result.NoMail++
		case err != nil:
			im.result.Failed = append(im.result.Failed, err.Error())
		case mail.Skip != "" && !slices.Contains(im.include, string(mail.Skip)):
			im.result.Skipped[mail.Skip]++
		default:
			im.result.Mails++
			if err := im.mail(ctx, mail); err != nil {
				return err
			}
		}
		im.bar.At(mail.Read, im.total, im.result.Mails, time.Now())
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return im.sink.Flush(ctx)
}

// sum takes over what became of the mails that were read. Those of a lot that was not recorded are told
// as well, so that the columns add up.
func (im *importing) sum() {
	r := &im.result
	r.ImportCounts = im.sink.Counts()
	r.Unrecorded = r.Mails - r.Recorded - r.Already - r.OutsideDates
}

// mail takes one mail, unless it lies outside of the dates. A time in the future counts as now, since a deadline may
// not begin later than it was recorded. With --acknowledge each mail counts as received now.
func (im *importing) mail(ctx context.Context, mail mbox.Stored) error {
	now := im.now()
	at := mail.At
	if at.After(now) {
		at = now
	}
	if !im.from.IsZero() && at.Before(im.from) || !im.to.IsZero() && !at.Before(im.to) {
		im.result.OutsideDates++
		return nil
	}
	if im.acknowledge {
		at = now
	}
	return im.sink.Add(ctx, im.item(mail, at))
}

// keptHead is how much of a mail is kept that is too large to be taken whole, in bytes: enough for its headers and
// the begin of its text, so that a person can see what it was.
const keptHead = 256 << 10

// item is a mail on its way in. What cannot be read is parked, and its bytes are kept: too large (with its head
// only), or nothing but blanks.
func (im *importing) item(mail mbox.Stored, at time.Time) intake.Item {
	d := channels.Delivery{Inbox: im.inbox, Channel: email.Channel, Key: mail.Key, At: at, Raw: mail.Raw}
	switch {
	case mail.Size > int64(len(mail.Raw)):
		d.Raw = mail.Raw[:min(len(mail.Raw), keptHead)]
		d.Cause = causes.TooLarge
		d.Evidence = fmt.Sprintf("the stored mail has %d octets, the limit is %d; its first %d are kept", mail.Size, im.boxes.Limit, len(d.Raw))
	case len(strings.TrimSpace(string(mail.Raw[:min(len(mail.Raw), 4<<10)]))) == 0 && len(mail.Raw) <= 4<<10:
		d.Cause, d.Evidence = causes.Unparsable, "the stored mail is empty"
	}
	return intake.Item{Delivery: d, Imported: !im.acknowledge, KeptOpen: im.open}
}

// skipped says what was left out, and how to take it. What mail programs keep for themselves (SkipSystem) is no mail,
// and has no flag.
func (r Result) skipped() string {
	var counts, flags []string
	for _, why := range mbox.Skips {
		if n := r.Skipped[why]; n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, why))
			if why != mbox.SkipSystem {
				flags = append(flags, string(why))
			}
		}
	}
	out := strings.Join(counts, ", ")
	if len(flags) > 0 {
		out += "; --include " + strings.Join(flags, ",") + " takes these too"
	}
	return out
}

// print says what came of it.
// Each line but the first is there only where it has something to say.
func (r Result) print(w io.Writer, asJSON bool) error {
	if asJSON {
		b, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("encoding: %w", err)
		}
		_, err = fmt.Fprintln(w, string(b))
		return err
	}
	verb := "recorded"
	if r.DryRun {
		verb = "to be recorded"
	}
	fmt.Fprintf(w, "%d mails read: %d %s, %d already here, %d outside the dates\n", r.Mails, r.Recorded, verb, r.Already, r.OutsideDates)
	if r.Unrecorded > 0 {
		fmt.Fprintf(w, "%d of those read were not recorded any more; running it again does that\n", r.Unrecorded)
	}
	if r.Parked > 0 {
		fmt.Fprintf(w, "%d of the recorded cannot be read and are parked\n", r.Parked)
	}
	if len(r.Skipped) > 0 {
		fmt.Fprintf(w, "left out: %s\n", r.skipped())
	}
	if r.NoMail > 0 {
		fmt.Fprintf(w, "%d files look like no mail and were left out; name a file itself to take it all the same\n", r.NoMail)
	}
	for _, f := range r.Failed {
		fmt.Fprintf(w, "not read: %s\n", terminal.Visible(terminal.Line(f, 1000)))
	}
	return nil
}

// mailInboxes are the configured inboxes that take mail.
// They are named where --inbox was wrong.
func mailInboxes(c configs.Config) []string {
	var names []string
	for _, i := range c.Inboxes {
		if c.Kinds.Line()[i.Channel].Mail {
			names = append(names, i.Name)
		}
	}
	return names
}
