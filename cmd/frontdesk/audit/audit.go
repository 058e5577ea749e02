// Package audit is the command that makes the books: where every message is, and what became of every acknowledgement and promise.
package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/channels"
	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/cmd/frontdesk/policy"
	"frontdesk/cmd/frontdesk/terminal"
	"frontdesk/cmd/frontdesk/wiring"
	"frontdesk/configs"
	"frontdesk/workers/receive"
	"frontdesk/workers/store/auditing"
)

// flags say what is audited. from and to are as they were typed: days in the desk's time zone, or moments (RFC 3339);
// "" is no bound. The defaults are those of the whole proof. What is left out with a flag makes it cheaper, and
// proves less.
type flags struct {
	from, to string
	grace    time.Duration
	// providers asks mail servers and provider APIs too. They take minutes, and need the network.
	providers bool
	// quick leaves out the queries over whole tables, whose cost grows with the database and not with the period.
	quick bool
	// sealed opens every sealed row and blob of the period. It is what costs most, and finds keys that were lost.
	sealed bool
}

// Command is frontdesk audit. It changes nothing, so that a cron job may run it beside the service; the service makes
// the same books by itself each hour (sweep.Audit). What differs here: it asks the providers, and opens everything
// that is sealed.
func Command(o *command.Options) *cobra.Command {
	f := &flags{}
	c := &cobra.Command{
		Use:   "audit",
		Short: "Prove that nothing was lost, nothing done twice, and every promise accounted for",
		Long: `Make the books: where every recorded message is, what became of every acknowledgement and every promise,
and whether mail servers and providers hold a message that is not recorded here. It only reads, and works
beside a running service.

Where a sum does not hold, the message, ticket or effect is named. A broken promise is listed, and is no
error of the books; nor is a message that has waited for its decision for long.

Exit code: 0 when every sum holds, 1 when one does not, 4 when the sums hold but a provider could not be
asked, 2 on wrong use.`,
		Example: `  frontdesk audit
  frontdesk audit --from 2026-11-01 --to 2026-11-07 --json
  frontdesk audit --providers=false --grace 5m`,
		Args: command.NoArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return run(cmd, o, f) },
	}
	c.Flags().StringVar(&f.from, "from", "", "what was recorded from this day or moment on (default the beginning)")
	c.Flags().StringVar(&f.to, "to", "", "what was recorded until the end of this day, or before this moment (default now)")
	c.Flags().DurationVar(&f.grace, "grace", 15*time.Minute, "how late something may be before it counts as missed")
	c.Flags().BoolVar(&f.providers, "providers", true, "ask mail servers and providers what they hold")
	c.Flags().BoolVar(&f.sealed, "sealed", true, "open everything that is sealed; =false tries samples of the originals only")
	c.Flags().BoolVar(&f.quick, "quick", false, "leave out what is counted over whole tables: counters, and rows that belong to nothing")
	c.Flags().BoolVar(&o.JSON, "json", false, "print one JSON object")
	return c
}

// audited is the whole result, as --json prints it. Scripts read it: a field keeps its name, and a list that is empty
// is [], not null.
type audited struct {
	auditing.Books
	// Clean says that no rule found an error. Warnings (auditing.RuleBacklog) and broken promises do not count.
	Clean bool `json:"clean"`
	// Providers are the inboxes that were asked, one row each; empty with --providers=false.
	Providers []receive.Asked `json:"providers"`
}

// run reads the flags before it opens the database, so that wrong use is told where there is no database, too.
func run(cmd *cobra.Command, o *command.Options, f *flags) error {
	var opts auditing.AuditOptions
	check := func(c configs.Config) (err error) {
		opts, err = f.options(c)
		return err
	}
	return o.WithBase(cmd.Context(), check, func(c configs.Config, b *installation.Base) error { return f.audit(cmd, c, b, opts, o.JSON) })
}

// audit makes the books, asks the providers, prints, and turns what was found into the exit code. The providers come
// last: findings of theirs go into the same books, and a provider that does not answer takes nothing from what the
// database told.
func (f *flags) audit(cmd *cobra.Command, c configs.Config, b *installation.Base, opts auditing.AuditOptions, asJSON bool) error {
	if s, err := policy.Settings(c, b.Ring); err == nil { // a faulty policy is 'frontdesk check's to tell
		opts.Promised = policy.PromisedBy(s)
	}
	bar := terminal.NewProgress(cmd.ErrOrStderr(), "auditing", asJSON, time.Now())
	opts.Progress = func(done, total int64) { bar.At(done, total, int(done), time.Now()) }
	result := audited{Providers: []receive.Asked{}}
	var err error
	result.Books, err = b.Store.Auditing.Audit(cmd.Context(), opts, time.Now())
	bar.Clear()
	if err != nil {
		return err
	}
	if f.providers {
		if result.Providers, err = askProviders(cmd.Context(), c, b, opts.From, &result.Books); err != nil {
			return err
		}
	}
	result.Clean = result.Books.Clean()
	if err := result.print(cmd.OutOrStdout(), asJSON); err != nil {
		return err
	}
	return result.verdict()
}

// options reads the flags. c is asked for its time zone only, in which days are meant.
func (f *flags) options(c configs.Config) (out auditing.AuditOptions, err error) {
	if f.grace <= 0 {
		return out, command.Usage(errors.New("--grace takes a time such as 15m"))
	}
	out.Grace, out.Hasty, out.Sealed = f.grace, f.quick, f.sealed
	out.From, out.To, err = command.Period([2]string{"from", f.from}, [2]string{"to", f.to}, c)
	return out, err
}

// verdict is the exit code: findings before a provider that could not be asked, since a script that sees 4 may simply
// try again.
func (a audited) verdict() error {
	if n := a.Errors(); n > 0 {
		return command.Finding(fmt.Errorf("the books do not hold; findings: %d", n))
	}
	for _, p := range a.Providers {
		if p.Err != "" {
			return command.Exit{Code: command.ExitUnasked, Err: errors.New("the sums hold, but not every provider could be asked")}
		}
	}
	return nil
}

// askWithin bounds the asking of all providers together. A mailbox of some hundred thousand mails is listed within
// it; one that hangs must not hold a cron job until the next one comes.
const askWithin = 10 * time.Minute

// askProviders asks those that the configuration names. Nothing is fetched and nothing is changed: Asking leaves the
// mail sink to the service, bookmarks are lent (see receive.AuditSources), and the connectors' log is thrown away,
// since what fails stands in the result. from is the begin of the period, the zero time for everything; findings are
// added to books.
func askProviders(ctx context.Context, c configs.Config, b *installation.Base, from time.Time, books *auditing.Books) ([]receive.Asked, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	w, err := wiring.All(wiring.Needs{Config: c, Store: b.Store, Digest: b.Ring.Digest, Token: b.Ring.Token, Logger: slog.New(slog.DiscardHandler), Asking: true})
	if err != nil {
		return nil, err
	}
	defer func() {
		for _, src := range w.Sources {
			src.Fetcher.Close() // it was only asked
		}
		w.Close()
	}()
	return receive.AuditSources(ctx, b.Store, sources(w), from, time.Now(), books), nil
}

// sources are the inboxes whose provider can list what it holds, in the order of the configuration.
func sources(w *wiring.Wiring) []receive.AuditSource {
	var out []receive.AuditSource
	for _, src := range w.Sources {
		if r, ok := src.Fetcher.(channels.Reconciler); ok {
			out = append(out, receive.AuditSource{Inbox: src.Inbox, Stream: src.Stream, Reconciler: r})
		}
	}
	for _, inbox := range slices.Sorted(maps.Keys(w.Catchups)) {
		out = append(out, receive.AuditSource{Inbox: inbox, Reconciler: w.Catchups[inbox]})
	}
	return out
}
