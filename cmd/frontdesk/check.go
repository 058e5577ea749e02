package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/configs"
	"frontdesk/workers/engine"
	"frontdesk/workers/store"
)

func newCheck(o *options) *cobra.Command {
	var offline bool
	c := &cobra.Command{
		Use:   "check",
		Short: "Check the configuration, then prove each connection",
		Long: `Check the configuration file: every problem is reported with its line. Read the texts and the master keys
that it names, as a start would. Report secrets that can be guessed, files that others may read or change, and
connections to other hosts without TLS, and what would be accepted instead. Then prove each connection: database, Redis, IMAP login, SMTP relay, provider
tokens, scanners. Nothing is changed and nothing is sent.
Lines that begin with "note" say what works less well than it could. Exit code 1 says that something was found.`,
		Example: `  frontdesk check --config frontdesk.yaml
  frontdesk check --config frontdesk.yaml --offline    only the file, and the files it names`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return check(cmd, o, offline)
		},
	}
	c.Flags().BoolVar(&offline, "offline", false, "check the file and the files it names, connect to nothing")
	return c
}

func check(cmd *cobra.Command, o *options, offline bool) error {
	c, err := o.load()
	problems, readable := errors.AsType[configs.Problems](err)
	if err != nil && !readable {
		return err
	}
	weak, unread := o.review(c)
	switch {
	case unread != nil:
		return unread
	case err != nil:
		return problems.With(weak)
	}
	for _, p := range weak {
		fmt.Fprintf(cmd.OutOrStdout(), "WEAK    %s\n", p)
	}
	if err := errors.Join(o.refused(c), checkKeys(c)); err != nil {
		return err
	}
	if len(weak) == 0 {
		fmt.Fprintln(cmd.OutOrStdout(), "ok      configuration")
	}
	if warning := tooMuchKnown(c); warning != "" {
		fmt.Fprintln(cmd.OutOrStdout(), "WARNING keys: "+warning)
	}
	for _, note := range slices.Concat(unprovenNotes(c), formatNotes(c), mailboxNotes(c), answersNotes(c)) {
		fmt.Fprintln(cmd.OutOrStdout(), "note    "+note)
	}
	if !offline {
		err = checkAll(cmd.Context(), c, cmd.OutOrStdout())
	}
	if len(weak) > 0 {
		return errors.Join(err, finding{fmt.Errorf("%d places are weak; each line says what would be accepted", len(weak))})
	}
	return err
}

// formatNotes says what it costs that no form of order numbers is declared.
func formatNotes(c configs.Config) []string {
	if len(c.Redaction.OrderFormats) > 0 {
		return nil
	}
	return []string{`redaction.order_formats is empty: of order numbers of 16 to 19 digits, up to 12 of 100 look like a card number by chance and are masked. ` +
		`If yours have 12 digits or more and do not begin with their day (20261122…), write their form, such as ['TX\d{16}']`}
}

// checked is one line of the report.
type checked struct {
	what, found string
	warning     string // what works less well than it could
	err         error
}

// checkWithin bounds each single connection.
const checkWithin = 30 * time.Second

func checkAll(ctx context.Context, c configs.Config, to io.Writer) error {
	out := visibly{to} // other servers say something about themselves
	var bad int
	report := func(r checked) {
		if r.err != nil {
			bad++
			fmt.Fprintf(out, "FAILED  %s: %v\n", r.what, r.err)
			return
		}
		fmt.Fprintf(out, "ok      %s: %s\n", r.what, r.found)
		if r.warning != "" {
			fmt.Fprintf(out, "WARNING %s: %s\n", r.what, r.warning)
		}
	}
	for _, r := range checkCertificates(c, time.Now()) {
		report(r)
	}
	report(checkDatabase(ctx, c))
	report(checkRedis(ctx, c))
	w, err := wire(dryNeeds(c))
	if err != nil {
		report(checked{what: "inboxes", err: err})
	} else {
		defer w.close()
		for _, p := range w.probes {
			within, cancel := context.WithTimeout(ctx, checkWithin)
			found, err := p.Probe(within)
			cancel()
			report(checked{what: "inbox " + p.Inbox + ", " + p.What, found: found, err: err})
		}
		for _, s := range w.scanners {
			within, cancel := context.WithTimeout(ctx, checkWithin)
			found, err := s.Probe.Probe(within)
			cancel()
			report(checked{what: "scanner " + s.Name, found: found, err: err})
		}
	}
	if bad > 0 {
		return finding{fmt.Errorf("%d of the connections failed", bad)}
	}
	return nil
}

// checkDatabase connects and compares the schema. A SQLite file that is not there yet is no fault:
// the first start makes it.
func checkDatabase(ctx context.Context, c configs.Config) checked {
	what := "database"
	options, err := storeOptions(c, false)
	var none *noDatabaseError
	if errors.As(err, &none) {
		return checked{what: what, found: "none yet; the first start makes it"}
	}
	if err != nil {
		return checked{what: what, err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, checkWithin)
	defer cancel()
	pending, err := store.PendingMigrations(ctx, options)
	if err != nil {
		return checked{what: what, err: err}
	}
	if err := store.Opens(ctx, options); err != nil {
		return checked{what: what, err: fmt.Errorf("a start would not open it: %w", err)}
	}
	if len(pending) > 0 {
		return checked{what: what, found: fmt.Sprintf("connected; %d migrations pending, 'frontdesk migrate' applies them", len(pending))}
	}
	return checked{what: what, found: "connected, schema up to date"}
}

// checkRedis proves that Redis takes tasks.
func checkRedis(ctx context.Context, c configs.Config) checked {
	if c.Redis.Embedded() {
		return checked{what: "redis", found: "in this process"}
	}
	ctx, cancel := context.WithTimeout(ctx, checkWithin)
	defer cancel()
	server, err := redisConfig(c.Redis, c.CAFile)
	if err != nil {
		return checked{what: "redis", err: err}
	}
	evicts, err := engine.Prove(ctx, server)
	out := checked{what: "redis", found: "connected, takes tasks", err: err}
	if evicts != "" {
		out.warning = fmt.Sprintf("maxmemory-policy is %s: when it is full it throws tasks away, and what they were for waits a minute to be rung for again; set maxmemory-policy noeviction there", evicts)
	}
	return out
}
