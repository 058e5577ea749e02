package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/cmd/frontdesk/bench"
	"frontdesk/cmd/frontdesk/command"
	"frontdesk/workers/store/pgserver"
)

// benchRun runs the command as this test binary, and returns what it says. Nothing may be left in
// its folder.
func benchRun(t *testing.T, ctx context.Context, args ...string) (code int, out, errs string) {
	t.Helper()
	t.Setenv(asProgram, "1")
	dir := t.TempDir()
	var o, e bytes.Buffer
	code = run(ctx, append([]string{"bench", "--dir", dir, "--scale", "0.01", "--quick"}, args...), &o, &e)
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("the bench leaves %v behind (%v)", left, err)
	}
	return code, o.String(), e.String()
}

// benchKeys are the keys that a report must have, one a line; -update is not needed: a key is for ever.
func benchKeys(t *testing.T, only ...string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "bench-keys.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(text)) {
		section, _, _ := strings.Cut(line, ".")
		if len(only) == 0 || slices.Contains(only, section) {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out
}

func reportOf(t *testing.T, out string) bench.Report {
	t.Helper()
	var r bench.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("the report is no JSON: %v\n%s", err, out)
	}
	return r
}

// TestBenchMeasuresEverything runs each section with a hundredth of its messages.
func TestBenchMeasuresEverything(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the service some fifteen times")
	}
	code, out, errs := benchRun(t, t.Context(), "--json")
	if code != 0 {
		t.Fatalf("exit code %d:\n%s", code, errs)
	}
	r := reportOf(t, out)
	var got, want []string
	for _, x := range r.Results {
		got = append(got, x.Key)
		if x.Value < 0 || x.Label == "" || len(x.All) != 1 {
			t.Errorf("%s is %+v", x.Key, x)
		}
		if strings.HasSuffix(x.Key, "rate") && x.Value <= 0 {
			t.Errorf("%s is %v", x.Key, x.Value)
		}
	}
	for _, key := range benchKeys(t) {
		if strings.HasPrefix(key, "imap.") && skippedHere(t, r, "imap", "dovecot") {
			continue
		}
		want = append(want, key)
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	if m := r.Machine; m.Cores == 0 || m.Version == "" || m.Database == "" || m.Redis == "" || m.Go == "" {
		t.Errorf("the machine is %+v", m)
	}
}

// skippedHere reports whether a section was rightly skipped for want of a program.
func skippedHere(t *testing.T, r bench.Report, section, program string) bool {
	t.Helper()
	if _, err := exec.LookPath(program); err == nil {
		return false
	}
	if os.Getenv("FRONTDESK_REQUIRE_SERVERS") == "1" {
		t.Fatalf("%s is not installed", program)
	}
	return slices.ContainsFunc(r.Skipped, func(s bench.Skip) bool { return s.Section == section })
}

// TestBenchRunsOnServers measures on a PostgreSQL and a Redis of its own, and tells their shares.
func TestBenchRunsOnServers(t *testing.T) {
	if c, err := pgserver.New("", true); errors.Is(err, pgserver.ErrMissing) && os.Getenv("FRONTDESK_REQUIRE_SERVERS") != "1" {
		t.Skip(err)
	} else if err == nil {
		c.Remove()
	}
	code, out, errs := benchRun(t, t.Context(), "--servers", "--only", "line,size", "--json")
	if code != 0 {
		t.Fatalf("exit code %d:\n%s", code, errs)
	}
	r := reportOf(t, out)
	if !strings.HasPrefix(r.Machine.Database, "PostgreSQL ") || !strings.HasSuffix(r.Machine.Database, "fsync on") || !strings.HasPrefix(r.Machine.Redis, "Redis ") {
		t.Errorf("it ran on %q and %q", r.Machine.Database, r.Machine.Redis)
	}
	var parts []string
	for _, x := range r.Results {
		if strings.HasPrefix(x.Key, "line.sms.steady.cpu.") {
			parts = append(parts, x.Key)
		}
	}
	if diff := cmp.Diff([]string{"line.sms.steady.cpu.service", "line.sms.steady.cpu.database", "line.sms.steady.cpu.redis"}, parts); diff != "" {
		t.Error(diff)
	}
}

func TestBenchStopsWhenItIsTold(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	code, _, errs := benchRun(t, ctx, "--scale", "1", "--only", "accept,line")
	if code != command.ExitFinding || !strings.Contains(errs, "stopped") {
		t.Errorf("exit code %d:\n%s", code, errs)
	}
}

func TestBenchRefusesWrongUse(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"a section that does not exist", []string{"--only", "speed"}, "--only takes accept, line"},
		{"no runs", []string{"--runs", "0"}, "--runs"},
		{"servers of its own and given ones", []string{"--servers", "--redis-url", "redis://127.0.0.1:1"}, "--servers"},
		{"a database without Redis", []string{"--database-url", "postgres://127.0.0.1:1/x"}, "go together"},
		{"another database", []string{"--database-url", "mysql://x", "--redis-url", "redis://127.0.0.1:1"}, "postgres://"},
	} {
		var out, errs bytes.Buffer
		if code := run(t.Context(), append([]string{"bench"}, c.args...), &out, &errs); code != command.ExitUsage || !strings.Contains(errs.String(), c.want) {
			t.Errorf("%s: exit code %d: %s", c.name, code, errs.String())
		}
	}
}
