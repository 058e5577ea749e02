package crashloop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
)

// fault is one thing that goes wrong. It returns when that is over, and counts itself.
type fault func(ctx context.Context)

// lane is what goes wrong one after the other, in random order; freezes of one of several processes
// are a lane of their own, so that they meet everything else.
func (w *world) lane() []fault {
	var out []fault
	add := func(n int, f fault) {
		for range n {
			out = append(out, f)
		}
	}
	for range w.plan.kills {
		switch w.roll(10) {
		case 0, 1:
			add(1, w.killStarting)
		case 2, 3:
			add(1, w.killStopping)
		default:
			add(1, w.killRunning)
		}
	}
	if w.lite {
		add(w.plan.freezes, w.freeze)
		add(w.plan.disks, w.diskFull)
	} else {
		add(w.plan.flushes, w.flush)
		add(w.plan.redisAway, w.redisDown)
		add(w.plan.databaseAway/2, w.databaseFrozen)
		add(w.plan.databaseAway-w.plan.databaseAway/2, w.databaseCrashed)
	}
	w.dice.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

func (w *world) between(least, most time.Duration) time.Duration {
	return least + time.Duration(w.roll(int(most-least)))
}

// roll is a number below n.
func (w *world) roll(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dice.IntN(n)
}

// victim takes hold of one process that nobody else is doing something to.
func (w *world) victim() *member {
	first := w.roll(len(w.members))
	for i := range w.members {
		if m := w.members[(first+i)%len(w.members)]; m.faults.TryLock() {
			return m
		}
	}
	w.members[first].faults.Lock()
	return w.members[first]
}

// up waits until a process is ready. Where nothing it needs is broken it has to be, soon.
func (w *world) up(ctx context.Context, m *member) {
	if !m.isReady(ctx, 90*time.Second) && ctx.Err() == nil {
		w.violate("%s was not ready after 90 s", m.name)
		w.hopeless()
	}
}

// killRunning kills a process at any moment of its work.
func (w *world) killRunning(ctx context.Context) {
	m := w.victim()
	defer m.faults.Unlock()
	w.up(ctx, m)
	pause(ctx, w.between(200*time.Millisecond, 3*time.Second))
	if m.kill(ctx) {
		w.count("kill -9 while running")
	}
	w.up(ctx, m)
}

// killStarting kills a process, and the next one before it is ready, or just after.
func (w *world) killStarting(ctx context.Context) {
	m := w.victim()
	defer m.faults.Unlock()
	w.up(ctx, m)
	m.mu.Lock()
	starts := m.starts
	m.mu.Unlock()
	pause(ctx, w.between(0, time.Second))
	m.kill(ctx)
	w.count("kill -9 while running")
	if m.until(ctx, 10*time.Second, func() bool { return m.starts > starts && m.cmd != nil }) {
		pause(ctx, w.between(0, 400*time.Millisecond))
		if m.kill(ctx) {
			w.count("kill -9 while starting")
		}
	}
	w.up(ctx, m)
}

// killStopping asks a process to stop, and kills it before it has, unless it is faster.
func (w *world) killStopping(ctx context.Context) {
	m := w.victim()
	defer m.faults.Unlock()
	w.up(ctx, m)
	pause(ctx, w.between(200*time.Millisecond, 2*time.Second))
	m.mu.Lock()
	starts := m.starts
	m.mu.Unlock()
	m.signal(syscall.SIGTERM)
	gone := m.until(ctx, w.between(0, 150*time.Millisecond), func() bool { return m.cmd == nil || m.starts > starts })
	if gone || !m.kill(ctx) {
		w.count("stop that was faster than its kill")
	} else {
		w.count("kill -9 while stopping")
	}
	w.up(ctx, m)
}

// freeze stops a process for a long time.
func (w *world) freeze(ctx context.Context) {
	m := w.victim()
	defer m.faults.Unlock()
	w.up(ctx, m)
	m.signal(syscall.SIGSTOP)
	pause(ctx, w.opt.freezeFor)
	m.signal(syscall.SIGCONT)
	w.count("SIGSTOP")
	pause(ctx, time.Second)
}

func (w *world) flush(ctx context.Context) {
	client := redis.NewClient(&redis.Options{Addr: w.redis.Addr})
	defer client.Close()
	if err := client.FlushAll(ctx).Err(); err != nil && ctx.Err() == nil {
		w.t.Errorf("%s: emptying Redis: %v", w.name, err)
	}
	w.count("FLUSHALL")
	pause(ctx, w.between(0, time.Second))
}

// redisDown takes Redis away for some seconds; it comes back empty.
func (w *world) redisDown(ctx context.Context) {
	defer w.outage()()
	w.redis.Down()
	pause(ctx, w.between(500*time.Millisecond, 5*time.Second))
	w.redis.Up()
	w.count("Redis away")
}

func (w *world) databaseCrashed(ctx context.Context) {
	defer w.outage()()
	w.server.Crash(w.t)
	pause(ctx, w.between(300*time.Millisecond, 4*time.Second))
	w.server.Restart(w.t)
	w.count("PostgreSQL crashed")
}

func (w *world) databaseFrozen(ctx context.Context) {
	defer w.outage()()
	thaw := w.server.Freeze(w.t)
	pause(ctx, w.between(time.Second, 8*time.Second))
	thaw()
	w.count("PostgreSQL frozen")
}

// diskFull fills the file system under the data directory and frees it again; every other time the
// process is killed meanwhile, so that it has to start on a full disk.
func (w *world) diskFull(ctx context.Context) {
	m := w.victim()
	defer m.faults.Unlock()
	w.up(ctx, m)
	defer w.outage()()
	filler := w.path("data", "filler")
	hold, cancel := context.WithTimeout(ctx, w.between(time.Second, 4*time.Second))
	defer cancel()
	kill := w.roll(3) == 0
	for hold.Err() == nil {
		if err := growUntilFull(filler); err != nil {
			w.t.Errorf("%s: filling the disk: %v", w.name, err)
		}
		if kill {
			m.kill(hold)
			kill = false
		}
		pause(hold, 50*time.Millisecond)
	}
	if err := os.Remove(filler); err != nil {
		w.t.Errorf("%s: freeing the disk: %v", w.name, err)
	}
	w.count("disk full")
	w.up(ctx, m)
}

// growUntilFull makes a file grow until the disk is full.
func growUntilFull(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		if errors.Is(err, syscall.ENOSPC) {
			return nil
		}
		return err
	}
	defer f.Close()
	for size := 1 << 20; size > 0; {
		if _, err := io.CopyN(f, zeros{}, int64(size)); err == nil {
			continue
		} else if !errors.Is(err, syscall.ENOSPC) {
			return err
		}
		size /= 16
	}
	return nil
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// migrate kills processes while they make a fresh database, and then lets one make it.
func (w *world) migrate(ctx context.Context) {
	for range w.plan.migrations {
		m := w.members[w.roll(len(w.members))]
		alone, stop := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() { defer close(done); m.supervise(alone) }()
		for range 2 { // the second meets what the first has left
			m.until(ctx, 10*time.Second, func() bool { return m.cmd != nil })
			pause(ctx, w.between(0, 120*time.Millisecond))
			if m.kill(ctx) {
				w.count("kill -9 while migrating")
			}
		}
		w.up(ctx, m)
		stop()
		<-done
		w.fresh(ctx)
	}
}

// fresh empties the database, so that the next process has to make it anew.
func (w *world) fresh(ctx context.Context) {
	if w.lite {
		for _, name := range []string{"frontdesk.db", "frontdesk.db-wal", "frontdesk.db-shm"} {
			_ = os.Remove(w.path("data", name)) // it may not be there yet
		}
		return
	}
	db, err := w.books()
	if err == nil {
		defer db.Close()
		_, err = db.ExecContext(ctx, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
	}
	if err != nil {
		w.t.Fatalf("%s: emptying the database: %v", w.name, err)
	}
}

// audit runs the program's own proof of its books. Now and then, and at the end, mail servers and
// providers are asked as well; while faults last, that they could not be asked (4) is no violation.
func (w *world) audit(ctx context.Context, last bool) {
	if !w.audits || ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	providers := last || w.roll(5) == 0
	args := []string{"audit", "--config", w.config(), "--json", "--providers=" + strconv.FormatBool(providers)}
	cmd := exec.CommandContext(ctx, w.binary, args...)
	cmd.Env = append(os.Environ(), "CRASHLOOP_DIR="+w.members[0].dir)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	w.mu.Lock()
	w.calls++
	n := w.calls
	w.mu.Unlock()
	var exit *exec.ExitError
	switch {
	case err == nil:
	case !last && errors.As(err, &exit) && exit.ExitCode() == 4:
		w.count("audits that could not ask a provider")
	default:
		file := w.path(fmt.Sprintf("audit-%d.json", n))
		_ = os.WriteFile(file, out.Bytes(), 0o600) // the violation says enough without it
		w.violate("audit: %v, in %s: %s", err, file, strings.TrimSpace(errs.String()))
	}
}
