package worldtest

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var (
	seeds   = flag.Int("seeds", 0, "how many worlds to run; 0: as many as suit a normal test run")
	verbose = flag.Bool("logs", false, "print the processes' log lines of a world that failed")
	most    = flag.Int("most", 5, "how many failing worlds are enough")
	first   = flag.Uint64("seed", 0, "the first seed, or the only one with -seeds 1")
)

// most of the story is told of a failing world.
const tellLines = 400

// TestWorld runs one world a seed.
func TestWorld(t *testing.T) {
	n := *seeds
	switch {
	case n > 0:
	case testing.Short():
		n = 6
	default:
		n = 400
	}
	begun := time.Now()
	// A world is small and soon over: memory is cheaper than looking for what of it is free.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	r := newReady(t)
	bad := 0
	var people answered
	for i := range n {
		seed := *first + uint64(i)
		w := runSeed(t, r, seed)
		if w == nil {
			continue
		}
		if people.add(w); w.failed() {
			report(t, w)
			if bad++; bad >= *most {
				t.Fatalf("%d of %d worlds failed; that is enough", bad, i+1)
			}
		}
	}
	t.Logf("%d worlds from seed %d, %s each; %s", n, *first, (time.Since(begun) / time.Duration(n)).Round(10*time.Microsecond), people)
}

// runSeed runs one world on a clock of its own. One processor and one world at a time: as much as can
// be had of the same story from the same seed.
func runSeed(t *testing.T, r *ready, seed uint64) (out *world) {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if err := r.file.renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
		watchdog := time.AfterFunc(frozen, func() { panic("the world's clock stands still; what keeps it:\n" + keepers()) })
		defer watchdog.Stop()
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(seed, r)
			w.judge = newJudge(w)
			defer w.judge.close()
			w.liveOn()
			out = w
			if w.failed() {
				t.Fail()
			}
		})
	})
	return out
}

// frozen is the time, on a clock outside, after which a world's own clock is taken to stand still: a world takes a tenth
// of a second.
const frozen = 2 * time.Minute

// keepers are the stacks of the goroutines that keep a world's clock from moving on: they wait for a lock, or for
// something outside, while others of the world sleep.
func keepers() string {
	buf := make([]byte, 8<<20)
	var out []string
	for _, stack := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if head, _, _ := strings.Cut(stack, "\n"); strings.Contains(head, "synctest bubble") && !strings.Contains(head, "(durable)") {
			out = append(out, stack)
		}
	}
	return strings.Join(out, "\n\n")
}

// memory is a folder in memory where there is one: a world writes to disk all the time.
func memory() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return ""
}

func report(t *testing.T, w *world) {
	t.Helper()
	for _, b := range w.broken {
		t.Errorf("seed %d: %s: %s", w.seed, b.invariant, b.how)
	}
	for _, l := range w.story.lines(tellLines) {
		t.Log(l)
	}
	if *verbose {
		t.Log(w.logs.buf.String())
	}
	t.Logf("again: go test ./workers/worldtest -run TestWorld -seeds 1 -seed %d -v", w.seed)
}
