package crashloop

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the database as an auditor sees it
	_ "modernc.org/sqlite"

	"frontdesk/channels/channelstest/dovecot"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if err := given.settle(flag.CommandLine); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	_ = flag.Set("test.parallel", "64") // worlds wait far more than they work
	os.Exit(m.Run())
}

// TestCrashLoop breaks everything that can break, and asks for what was promised.
func TestCrashLoop(t *testing.T) {
	if testing.Short() {
		t.Skip("the crash loop takes a minute; run it without -short")
	}
	o := given
	prepare(t, o)
	box := dovecot.Start(t)
	t.Logf("seed %d, worlds in %s", o.seed, o.dir)
	var mu sync.Mutex
	var all []result
	t.Run("worlds", func(t *testing.T) {
		for i := range o.lite + o.posts {
			name, p := o.of(i)
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				r := newWorld(t, o, name, i < o.lite, p, box).run()
				if len(r.Violations) > 0 {
					t.Errorf("%d violations", len(r.Violations))
				}
				mu.Lock()
				all = append(all, r)
				mu.Unlock()
			})
		}
	})
	var table strings.Builder
	slices.SortFunc(all, func(a, b result) int { return strings.Compare(a.World, b.World) })
	print(&table, all)
	t.Logf("\n%s", table.String())
	if o.report != "" {
		check(t, save(o.report, o, all))
	}
}

// of is the name and the plan of the i-th world.
func (o *options) of(i int) (string, plan) {
	n := o.lite + o.posts
	p := plan{kills: share(o.kills, n, i), migrations: o.migrations, freezes: share(o.freezes, n, i)}
	if i < o.lite {
		p.disks = share(o.disks, o.lite, i)
		return fmt.Sprintf("lite%d", i+1), p
	}
	j := i - o.lite
	p.flushes, p.redisAway, p.databaseAway = share(o.flushes, o.posts, j), share(o.redisAway, o.posts, j), share(o.databaseAway, o.posts, j)
	return fmt.Sprintf("post%d", j+1), p
}

// prepare makes the folder and the program.
func prepare(t *testing.T, o *options) {
	t.Helper()
	if o.dir == "" {
		dir, err := os.MkdirTemp("", "crashloop") // short: it holds sockets, whose paths have a limit of 107 bytes
		check(t, err)
		o.dir = dir
		t.Cleanup(func() {
			if t.Failed() || o.keep {
				t.Logf("data and logs are in %s", dir)
				return
			}
			_ = os.RemoveAll(dir)
		})
	}
	if o.binary != "" {
		return
	}
	o.binary = filepath.Join(o.dir, "frontdesk")
	out, err := exec.Command("go", "build", "-o", o.binary, "frontdesk/cmd/frontdesk").CombinedOutput()
	if err != nil {
		t.Fatalf("building the program: %v\n%s", err, out)
	}
}

// run lets the world live until every fault has been, and tells how it went.
func (w *world) run() result {
	begin := time.Now()
	w.life, w.end = context.WithCancel(w.t.Context())
	defer w.end()
	ctx := w.life
	if w.plan.disks > 0 && !w.mount() {
		w.t.Logf("%s: no disk is filled up: only root may mount a small file system", w.name)
		w.plan.disks = 0
	}
	w.audits = exec.Command(w.binary, "audit", "--help").Run() == nil
	w.migrate(ctx)
	patience, done := context.WithCancel(ctx)
	defer done()
	w.patience = patience
	halt := w.start(ctx)
	traffic, hush := context.WithCancel(ctx)
	defer hush()
	w.traffic.Store(true)
	var customers sync.WaitGroup
	for _, d := range []struct {
		share float64
		one   func(context.Context)
	}{{0.35, w.bySMTP}, {0.25, w.byIMAP}, {0.2, w.bySMS}, {0.2, w.byTelegram}} {
		customers.Go(func() { w.write(traffic, patience, d.share, d.one) })
	}
	w.running.Go(func() { w.providers.callBack(patience) })
	w.misfortune(ctx)
	hush()
	w.traffic.Store(false)
	last := time.Now()
	w.settle(ctx, &customers)
	rest := time.Since(last)
	done()
	w.running.Wait()
	w.audit(ctx, true)
	r := w.verify(ctx)
	halt()
	for _, m := range w.members {
		r.Ready = max(r.Ready, m.longest.Seconds())
	}
	r.Seconds, r.Rest, r.Violations = time.Since(begin).Seconds(), rest.Seconds(), w.violations
	r.figures()
	return r
}

// start starts the processes and waits until what arrives now is news to them. The function that it
// returns stops them as a deploy does.
func (w *world) start(ctx context.Context) (halt func()) {
	alive, stop := context.WithCancel(ctx)
	var all sync.WaitGroup
	for _, m := range w.members {
		all.Go(func() { m.supervise(alive) })
	}
	for _, m := range w.members {
		w.up(ctx, m)
	}
	what := w.eventually(ctx, time.Minute, func() string {
		n, err := w.number(ctx, `SELECT count(*) FROM cursors WHERE inbox IN ('mailbox', 'hotline')`)
		if err != nil || n < 2 {
			return fmt.Sprintf("%d of 2 sources have a bookmark, %v", n, err)
		}
		return ""
	})
	if what != "" {
		w.t.Errorf("%s: %s", w.name, what)
	}
	return func() { stop(); all.Wait() }
}

// misfortune lets everything go wrong that the plan holds, and audits after each.
func (w *world) misfortune(ctx context.Context) {
	var freezes sync.WaitGroup
	if !w.lite {
		freezes.Go(func() {
			for range w.plan.freezes {
				pause(ctx, 2*time.Second)
				w.freeze(ctx)
			}
		})
	}
	for _, f := range w.lane() {
		f(ctx)
		w.audit(ctx, false)
		pause(ctx, w.between(0, 300*time.Millisecond))
	}
	freezes.Wait()
}

// settle restarts everything in an orderly way, which also asks Twilio's list, and waits for rest.
func (w *world) settle(ctx context.Context, customers *sync.WaitGroup) {
	customers.Wait()
	for _, m := range w.members {
		m.stopped(ctx)
	}
	for _, m := range w.members {
		w.up(ctx, m)
	}
	if w.opt.hurry && !w.lite {
		w.hurry(ctx)
	}
	if what := w.eventually(ctx, w.opt.rest, func() string { return w.open(ctx) }); what != "" {
		w.violate("no rest after %s: %s", w.opt.rest, what)
	}
}

// hurry lets the claims of dead processes run out at once, when those of the living are through.
func (w *world) hurry(ctx context.Context) {
	before, since := "", time.Now()
	w.eventually(ctx, time.Minute, func() string {
		if now := w.open(ctx); now != before {
			before, since = now, time.Now()
		}
		if before != "" && time.Since(since) < 5*time.Second {
			return "work goes on"
		}
		return ""
	})
	db, err := w.books()
	check(w.t, err)
	defer db.Close()
	now := time.Now().UnixMicro()
	_, err = db.ExecContext(ctx, `UPDATE outbox SET next_at = $1, wake_at = $1 WHERE state = 'sending' AND next_at > $1`, now)
	check(w.t, err)
}
