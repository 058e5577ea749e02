// Package check is the command that checks the configuration and proves each connection, and what serve refuses before it starts.
package check

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/channels"
	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/cmd/frontdesk/policy"
	"frontdesk/cmd/frontdesk/wiring"
	"frontdesk/configs"
	"frontdesk/workers/engine"
	"frontdesk/workers/store"
)

// Command is frontdesk check. A deployment runs it before it restarts the service: exit code 0 means that a start
// will not fail for the sake of the configuration, and that each connection worked a moment ago.
func Command(o *command.Options) *cobra.Command {
	var offline bool
	c := &cobra.Command{
		Use:   "check",
		Short: "Check the configuration, then prove each connection",
		Long: `Check the configuration file: every problem is reported with its line. Read the texts and the master keys
that it names, as a start would. Report secrets that can be guessed, files that others may read or change, and
connections to other hosts without TLS, and what would be accepted instead. Then prove each connection: database, Redis, IMAP (that each
folder is there and the post-action can be done), SMTP relay (sign-in, envelope sender, the address at which bounces come back), provider
tokens, scanners; tell until when certificates count, and whether the ports are free. Nothing is changed and nothing is sent.

Lines begin with ok, with note (what works less well than it could), WARNING (what a start takes and does not do what was meant), WEAK or FAILED,
and end with the line of the file. Exit code 1 says that something is weak, failed, or would be refused by a start.
With --json each line is an object with level (ok, note, warning, weak, failed, error), what, file, line, column, path, text, fix.`,
		Example: `  frontdesk check --config frontdesk.yaml
  frontdesk check --config frontdesk.yaml --offline    only the file, and the files it names
  frontdesk check --config frontdesk.yaml --json`,
		Args: command.NoArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r := &report{o: o, to: cmd.OutOrStdout(), json: o.JSON}
			return r.end(r.run(cmd.Context(), offline))
		},
	}
	o.JSONFlag(c)
	c.Flags().BoolVar(&offline, "offline", false, "check the file and the files it names, connect to nothing")
	return c
}

// run goes from what costs nothing to what needs the network: the file, what a start would refuse, remarks,
// connections. Weak places are told even when the file is wrong, all in one go, so that nobody mends them one by one.
// An error that is not of the configuration (no such file) ends it at once.
func (r *report) run(ctx context.Context, offline bool) error {
	c, err := r.o.Load()
	problems, readable := errors.AsType[configs.Problems](err)
	if err != nil && !readable {
		return err
	}
	weak, unread := r.o.Review(c)
	switch {
	case unread != nil:
		return unread
	case err != nil:
		return problems.With(weak)
	}
	for _, p := range weak {
		r.problem(levelWeak, "", p)
	}
	if err := errors.Join(Refused(r.o.Config, c), installation.CheckKeys(c)); err != nil {
		return err
	}
	if len(weak) == 0 {
		r.add(levelOK, "configuration", "", "")
	}
	r.remarks(c)
	if !offline {
		err = r.connections(ctx, c)
	}
	if len(weak) > 0 {
		return errors.Join(err, command.Finding(fmt.Errorf("%d places are weak; each line says what would be accepted", len(weak))))
	}
	return err
}

// remarks are what the file alone tells and a start takes. Without a file (the embedded default) there is nobody to
// warn of mail that stays in the sink: that is what it is for.
func (r *report) remarks(c configs.Config) {
	if warning := installation.TooMuchKnown(c); warning != "" {
		r.add(levelWarning, "keys", "keys.master", warning)
	}
	if r.o.Config != "" {
		for _, p := range unheardWarnings(c) {
			r.add(levelWarning, "", p.Path, p.Text)
		}
	}
	for _, p := range slices.Concat(notes(c), formatNotes(c), policy.AnswersNotes(c), policy.PromiseNotes(c)) {
		r.add(levelNote, "", p.Path, p.Text)
	}
}

// formatNotes says what it costs that no form of order numbers is declared.
func formatNotes(c configs.Config) configs.Problems {
	if len(c.Redaction.OrderFormats) > 0 {
		return nil
	}
	return configs.Problems{{Path: "redaction.order_formats", Text: `redaction.order_formats is empty: of order numbers of 16 to 19 digits, up to 12 of 100 look like a card number by chance and are masked. ` +
		`If yours have 12 digits or more and do not begin with their day (20261122…), write their form, such as ['TX\d{16}']`}}
}

// checked is what came of one connection or file: err, or warning, or found alone. Each becomes at most two lines of
// the report.
type checked struct {
	// what is the head of the line (database, "inbox support, IMAP"), found what was learned ("connected, schema up to
	// date").
	what, found string
	path        string // where the configuration names it
	warning     string // what works less well than it could
	err         error
}

// checkWithin bounds each single connection: a host that swallows packets must not hold up the lines of the others
// for long.
const checkWithin = 30 * time.Second

// connections proves each connection, and looks at files and ports, one after the other: their lines come in the
// order of the configuration, and a provider sees one sign-in at a time. When an inbox cannot even be wired, nothing
// of the wiring is asked.
func (r *report) connections(ctx context.Context, c configs.Config) error {
	for _, found := range slices.Concat(certificates(c, time.Now()), doors(c)) {
		r.checked(found)
	}
	r.checked(database(ctx, c))
	r.checked(redis(ctx, c))
	w, err := wiring.All(wiring.Dry(c))
	if err != nil {
		r.checked(checked{what: "inboxes", path: "inboxes", err: err})
	} else {
		defer w.Close()
		for _, p := range w.Probes {
			r.checked(proven(ctx, "inbox "+p.Inbox+", "+p.What, p.At, p))
		}
		for _, s := range w.Scanners {
			r.checked(proven(ctx, "scanner "+s.Name, "scanners."+s.Name, s.Probe))
		}
	}
	if r.bad > 0 {
		return command.Finding(fmt.Errorf("%d of the connections failed", r.bad))
	}
	return nil
}

// proven proves one connection. Probe signs in and looks, sends nothing, and leaves nothing behind (channels.Prober).
func proven(ctx context.Context, what, path string, p channels.Prober) checked {
	ctx, cancel := context.WithTimeout(ctx, checkWithin)
	defer cancel()
	found, err := p.Probe(ctx)
	return checked{what: what, path: path, found: found, err: err}
}

// database connects and compares the schema, and opens the keys, by the same calls as a start, without migrating. A
// SQLite file that is not there yet is no fault: the first start makes it.
func database(ctx context.Context, c configs.Config) checked {
	what := "database"
	options, err := installation.StoreOptions(c, false)
	if _, ok := errors.AsType[*installation.NoDatabaseError](err); ok {
		return checked{what: what, path: "database", found: "none yet; the first start makes it"}
	}
	if err != nil {
		return checked{what: what, path: "database", err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, checkWithin)
	defer cancel()
	pending, err := store.PendingMigrations(ctx, options)
	if err != nil {
		return checked{what: what, path: "database", err: err}
	}
	if err := store.Opens(ctx, options); err != nil {
		return checked{what: what, path: "database", err: fmt.Errorf("a start would not open it: %w", err)}
	}
	if len(pending) > 0 {
		return checked{what: what, path: "database", found: fmt.Sprintf("connected; %d migrations pending, 'frontdesk migrate' applies them", len(pending))}
	}
	return checked{what: what, path: "database", found: "connected, schema up to date"}
}

// redis proves that Redis takes tasks. A policy that evicts is a warning, no failure: the database is the truth, so
// lost tasks are found by the sweep, only later.
func redis(ctx context.Context, c configs.Config) checked {
	if c.Redis.Embedded() {
		return checked{what: "redis", path: "redis", found: "in this process"}
	}
	ctx, cancel := context.WithTimeout(ctx, checkWithin)
	defer cancel()
	server, err := installation.RedisConfig(c.Redis, c.CAFile)
	if err != nil {
		return checked{what: "redis", path: "redis", err: err}
	}
	evicts, err := engine.Prove(ctx, server)
	out := checked{what: "redis", path: "redis", found: "connected, takes tasks", err: err}
	if evicts != "" {
		out.warning = fmt.Sprintf("maxmemory-policy is %s: when it is full it throws tasks away, and what they were for waits a minute to be rung for again; set maxmemory-policy noeviction there", evicts)
	}
	return out
}
