// Package bench measures Frontdesk from outside: it runs the real service as a process of its own,
// writes to it as providers and customers do, and plays the providers that it answers through. What
// the service uses of the machine is told apart from what the measuring uses.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// options say what is measured, and how long.
type options struct {
	Only  []string // names of sections; none: all
	Quick bool     // a figure of everything within two minutes
	Runs  int      // how often each section is measured; the median counts
	// Scale shortens everything, for tests: 1 is as documented.
	Scale float64
	Dir   string // where databases are put; empty: the folder for temporary files
	// Profiles is a folder that gets a CPU profile of the service for each section; empty: none.
	Profiles string
	// Servers starts a PostgreSQL and a Redis to run on. Else both URLs name some, or neither does: then SQLite and the Redis in the process.
	Servers               bool
	DatabaseURL, RedisURL string
	Force                 bool // takes a database that has tables, or a Redis that has keys
	// Program is `frontdesk` with these arguments.
	Program  func(args ...string) *exec.Cmd
	Progress io.Writer
}

// section is one part of the bench. name is what --only takes and the begin of every key; both stay, since figures of
// years are compared by them. A new section is one line in sections, a function, and a paragraph in docs/bench.md.
type section struct {
	name, title string
	measure     func(context.Context, *run) error
}

// sections lists them in the order of the table.
func sections() []section {
	return []section{
		{"accept", "Durable accepts of signed SMS webhooks, intake alone (closed loop)", accepts},
		{"line", "Whole line: accepted, decided, ticket, promise, acknowledgement row", wholeLine},
		{"smtp", "Mails of 12 KB taken by SMTP (closed loop)", smtp},
		{"imap", "Mails of 12 KB from an IMAP server (Dovecot) into tickets", imap},
		{"latency", "From the webhook's answer to the acknowledgement at the provider (open loop)", latencies},
		{"memory", "Memory of the service", memories},
		{"fair", "SMS at 50/s beside an import of mails into another inbox", fair},
		{"desk", "The agents' pages, with many tickets stored", theDesk},
		{"size", "With many tickets stored", sizes},
	}
}

// sectionNames are what options.Only may hold, in order.
func sectionNames() []string {
	var out []string
	for _, s := range sections() {
		out = append(out, s.name)
	}
	return out
}

// run is one run of the bench. It is for one goroutine; sections run one after the other, each on installations of
// its own.
type run struct {
	options
	// dir holds all sites of the run, and is removed at its end.
	dir       string
	databases databases
	// provider and relay take what the service sends. They live for the whole run, in this process.
	provider *provider
	relay    *relay
	report   *Report
	section  section
	// turn counts the repetitions (--runs), from 0; profiles are taken in the first one only.
	turn   int
	groups int // of customers, given out until now
}

// measureAll measures, and returns what it has even when it fails.
func measureAll(ctx context.Context, o options) (_ *Report, err error) {
	r := &run{options: o, report: newReport(o)}
	if r.databases, err = o.open(ctx); err != nil {
		return r.report, err
	}
	defer func() { err = errors.Join(err, r.databases.close()) }()
	if r.dir, err = os.MkdirTemp(o.Dir, "frontdesk-bench-"); err != nil {
		return r.report, fmt.Errorf("making a folder for the bench: %w", err)
	}
	defer os.RemoveAll(r.dir) // what is left of it is in the folder for temporary files
	if r.provider, err = startProvider(); err != nil {
		return r.report, err
	}
	defer r.provider.close()
	if r.relay, err = startRelay(); err != nil {
		return r.report, err
	}
	defer r.relay.close()
	r.report.Machine = machine(r.dir)
	for r.turn = range max(o.Runs, 1) {
		for _, s := range sections() {
			if len(o.Only) > 0 && !slices.Contains(o.Only, s.name) {
				continue
			}
			r.section = s
			if err := r.one(ctx); err != nil {
				return r.report, err
			}
		}
	}
	return r.report, nil
}

// errMissing says that a section needs a server that is not installed here: it is skipped.
var errMissing = errors.New("not installed here")

// one measures the section at hand. A server that is not installed skips it: figures of the others count nonetheless.
func (r *run) one(ctx context.Context) error {
	r.say("%s", r.section.title)
	begin := time.Now()
	err := r.section.measure(ctx, r)
	if errors.Is(err, errMissing) {
		r.report.skip(r.section, err.Error())
		r.say("  skipped: %v", err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("measuring %s: %w", r.section.name, err)
	}
	r.say("  %s took %.1f s", r.section.name, time.Since(begin).Seconds())
	return nil
}

func (r *run) say(format string, args ...any) {
	if r.Progress != nil {
		fmt.Fprintf(r.Progress, format+"\n", args...)
	}
}

// put notes a figure under a key that never changes, and shows it as progress. A key that comes again, in the next
// turn, adds to the first one.
func (r *run) put(key, label, unit string, value float64) {
	r.report.add(r.section, r.section.name+"."+key, label, unit, value)
	r.say("  %-52s %12s %s", label, figure(value), unit)
}

// count is how many of something to do, at the scale of the run: full is so much that one slow moment of the machine
// is lost in it; quick is for an impression. Eight at least, so that every part is walked through.
func (r *run) count(quick, full int) int {
	n := full
	if r.Quick {
		n = quick
	}
	if r.Scale > 0 {
		n = int(float64(n) * r.Scale)
	}
	return max(n, 8)
}

// with runs the service on an empty installation for the time of f. held keeps its workers back, so that the intake
// is measured alone.
func (r *run) with(ctx context.Context, held bool, f func(*process) error) (err error) {
	s, err := r.newSite(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.remove(ctx)) }()
	v, err := startService(ctx, s, held)
	if err != nil {
		return err
	}
	defer v.stop()
	return f(v)
}

// profiled writes a CPU profile of the service while f runs, and what it has allocated since its start, when profiles
// are wanted. Profiling costs time itself, so figures of a run with profiles are not for comparison.
func (r *run) profiled(ctx context.Context, v *process, name string, f func() error) error {
	// One profile a measurement is enough, and further turns stay comparable.
	if r.Profiles == "" || r.turn > 0 {
		return f()
	}
	if _, err := v.ask(ctx, "POST", "/profile/start", nil); err != nil {
		return err
	}
	if err := f(); err != nil {
		return err
	}
	cpu, err := v.ask(ctx, "POST", "/profile/stop", nil)
	if err != nil {
		return err
	}
	allocs, err := v.ask(ctx, "GET", "/profile/allocs", nil)
	if err != nil {
		return err
	}
	name = r.section.name + "-" + strings.ReplaceAll(strings.TrimSuffix(name, "."), " ", "-")
	for kind, body := range map[string][]byte{"cpu": cpu, "allocs": allocs} {
		if err := os.WriteFile(filepath.Join(r.Profiles, name+"."+kind+".pprof"), body, 0o600); err != nil {
			return fmt.Errorf("writing profile: %w", err)
		}
	}
	return nil
}
