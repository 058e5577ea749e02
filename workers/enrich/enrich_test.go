package enrich

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/pipeline/screen"
	"frontdesk/workers/store"
	"frontdesk/workers/store/backlog"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/storetest"
)

// witness is a source that says what the test has it say.
type witness struct {
	name    string
	wait    time.Duration
	ask     func(ctx context.Context, key string, try int) (settled bool, err error) // nil: settled at once
	mu      sync.Mutex
	tries   int
	answers []time.Duration // left until the deadline of each asking
}

func (w *witness) Wait(backlog.Pending) time.Duration { return w.wait }

func (w *witness) Ask(ctx context.Context, p backlog.Pending) ([]backlog.Opinion, bool, error) {
	w.mu.Lock()
	w.tries++
	try := w.tries
	until, _ := ctx.Deadline()
	w.answers = append(w.answers, time.Until(until))
	w.mu.Unlock()
	settled, err := true, error(nil)
	if w.ask != nil {
		settled, err = w.ask(ctx, p.Key, try)
	}
	return []backlog.Opinion{{Opinion: screen.Opinion{Scanner: w.name, Verdict: screen.OpinionClean, Detail: fmt.Sprint("asked ", try)}}}, settled, err
}

func (w *witness) Unheard(backlog.Pending) []screen.Opinion {
	return []screen.Opinion{{Scanner: w.name, Verdict: screen.OpinionTimeout}}
}

// bench is a store with messages, and steps over it.
type bench struct {
	t     *testing.T
	store *store.Store
	logs  bytes.Buffer // read once nobody writes any more
	wrote signal       // whenever something is logged
	went  chan []int64
}

// signal is told of each write.
type signal chan struct{}

func (s signal) Write(p []byte) (int, error) {
	s <- struct{}{}
	return len(p), nil
}

func newBench(t *testing.T) *bench {
	t.Helper()
	return &bench{t: t, store: storetest.SQLite(t), went: make(chan []int64, 10), wrote: make(signal, 100)}
}

func (b *bench) step(c Config) *Step {
	c.Ring = func(ids []int64) { b.went <- ids }
	return New(b.store, c, slog.New(slog.NewTextHandler(io.MultiWriter(&b.logs, b.wrote), nil)))
}

// record records a message of an inbox, and returns it as it waits for its decision.
func (b *bench) record(key string) backlog.Pending {
	b.t.Helper()
	d := channels.Delivery{Inbox: "support", Channel: "email", Key: key, At: time.Now(), Raw: []byte("Subject: " + key + "\r\n\r\nHello")}
	got, err := b.store.Intake.Record(b.t.Context(), intake.Lot{Items: []intake.Item{{Delivery: d}}}, time.Now())
	if err != nil {
		b.t.Fatal(err)
	}
	return b.pending(got[0].ID)
}

func (b *bench) pending(id int64) backlog.Pending {
	b.t.Helper()
	got, err := b.store.Backlog.Undecided(b.t.Context(), []int64{id})
	if err != nil || len(got) != 1 {
		b.t.Fatalf("message %d: %v, %v", id, got, err)
	}
	return got[0]
}

// hold asks what is ready, and returns the ids.
func (b *bench) hold(s *Step, pending ...backlog.Pending) (ids []int64) {
	b.t.Helper()
	ready, err := s.Hold(b.t.Context(), pending, time.Now())
	if err != nil {
		b.t.Fatal(err)
	}
	for _, p := range ready {
		ids = append(ids, p.ID)
	}
	return ids
}

// heard is what the decision is told of a message.
func (b *bench) heard(s *Step, id int64) (out []string) {
	b.t.Helper()
	got, err := s.Heard(b.t.Context(), b.store, []backlog.Pending{b.pending(id)})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, o := range got[id] {
		out = append(out, strings.TrimSpace(o.Scanner+" "+o.Verdict+" "+o.Detail))
	}
	return out
}

// running runs a step until stop is called, which waits for its end.
func running(t *testing.T, s *Step) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); s.Run(ctx) }()
	return func() { cancel(); <-done }
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestAMessageWaitsOnceForAllWhoAreAsked(t *testing.T) {
	b := newBench(t)
	scan, opinion := &witness{name: "a", wait: time.Minute}, &witness{name: "b", wait: time.Minute}
	sender := &witness{name: "c", wait: time.Minute, ask: func(_ context.Context, _ string, try int) (bool, error) { return try == 3, nil }}
	nobody := &witness{name: "d"}
	s := b.step(Config{Once: []Source{scan, nobody, opinion}, Again: []Source{sender}, Pause: time.Millisecond})
	p := b.record("k1")
	same(t, "ready at first", []int64(nil), b.hold(s, p))
	same(t, "ready while it waits for its turn", []int64(nil), b.hold(s, p))
	same(t, "lined up", 1, len(s.live.waiting))
	stop := running(t, s)
	same(t, "went on", []int64{p.ID}, <-b.went)
	stop()
	same(t, "heard", []string{"a clean asked 1", "b clean asked 1", "c clean asked 3"}, b.heard(s, p.ID))
	same(t, "ready at last", []int64{p.ID}, b.hold(s, b.pending(p.ID)))
	same(t, "asked whom nobody waits for", 0, nobody.tries)
	same(t, "waiting here", 0, len(s.known))
}

func TestWhomNobodyAsksAboutIsReady(t *testing.T) {
	b := newBench(t)
	p := b.record("k1")
	if s := b.step(Config{}); s != nil {
		t.Error("a step that asks nobody")
	}
	var none *Step
	none.Run(t.Context())
	same(t, "without a step", []int64{p.ID}, b.hold(none, p))
	same(t, "heard without a step", []string(nil), b.heard(none, p.ID))
	s := b.step(Config{Once: []Source{&witness{wait: time.Minute}}})
	for name, change := range map[string]func(*backlog.Pending){
		"it cannot be opened":            func(p *backlog.Pending) { p.Shut = "damaged" },
		"a person let it out":            func(p *backlog.Pending) { p.Released = true },
		"its deadline has passed":        func(p *backlog.Pending) { p.Awaiting, p.AwaitUntil = true, time.Now().Add(-time.Second) },
		"all have answered":              func(p *backlog.Pending) { p.AwaitUntil = time.Now() },
		"nobody else is asked about it":  func(p *backlog.Pending) { p.AwaitUntil = time.Now().Add(time.Minute) },
		"it was shut while it was asked": func(p *backlog.Pending) { p.Shut, p.AwaitUntil = "damaged", time.Now() },
	} {
		changed := p
		change(&changed)
		same(t, name, []int64{p.ID}, b.hold(s, changed))
	}
	same(t, "lined up", 0, len(s.live.waiting))
}

func TestTwoProcessesAskOnce(t *testing.T) {
	b := newBench(t)
	w := &witness{name: "a", wait: time.Minute}
	p := b.record("k1")
	var stops []func()
	for range 2 {
		s := b.step(Config{Once: []Source{w}})
		b.hold(s, p)
		stops = append(stops, running(t, s))
	}
	same(t, "went on", []int64{p.ID}, <-b.went)
	for _, stop := range stops {
		stop()
	}
	same(t, "asked", 1, w.tries)
}

func TestWhenTheProcessDiesTheOthersAreUnheard(t *testing.T) {
	b := newBench(t)
	s := b.step(Config{Once: []Source{&witness{name: "a", wait: time.Minute}}, Again: []Source{&witness{name: "b", wait: time.Minute}}})
	p := b.record("k1")
	if _, err := b.store.Backlog.Await(t.Context(), []int64{p.ID}, time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	same(t, "ready while another process asks", []int64(nil), b.hold(s, b.pending(p.ID)))
	same(t, "lined up", 0, len(s.live.waiting))
	same(t, "heard", []string{"a timeout", "b timeout"}, b.heard(s, p.ID))
}

// Each source has its own time; what is left of it is less than that by what recording may take.
func TestEachSourceHasItsOwnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		once := &witness{name: "a", wait: 5 * time.Second}
		again := &witness{name: "b", wait: 40 * time.Second, ask: func(context.Context, string, int) (bool, error) { return false, nil }}
		s := b.step(Config{Once: []Source{once}, Again: []Source{again}})
		p := b.record("k1")
		b.hold(s, p)
		begun := time.Now()
		stop := running(t, s)
		same(t, "went on", []int64{p.ID}, <-b.went)
		same(t, "waited", 21*time.Second, time.Since(begun)) // 3 + 6 + 12; another 24 would be too late
		stop()
		same(t, "time of who is asked once", []time.Duration{4500 * time.Millisecond}, once.answers)
		same(t, "time of who is asked again", []time.Duration{39 * time.Second, 36 * time.Second, 30 * time.Second, 18 * time.Second}, again.answers)
		same(t, "deadline of the message", true, b.pending(p.ID).AwaitUntil.Before(begun.Add(45*time.Second)))
	})
}

// A stop hands back what waits, whoever is being asked.
func TestAStopHandsBackWhatWaits(t *testing.T) {
	for name, c := range map[string]func(*witness) Config{
		"for who is asked once":  func(w *witness) Config { return Config{Once: []Source{w}} },
		"for who is asked again": func(w *witness) Config { return Config{Again: []Source{w}} },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			begun := make(chan struct{}, 1)
			w := &witness{name: "a", wait: time.Hour, ask: func(ctx context.Context, _ string, _ int) (bool, error) {
				begun <- struct{}{}
				<-ctx.Done()
				return false, ctx.Err()
			}}
			s := b.step(c(w))
			p := b.record("k1")
			b.hold(s, p)
			stop := running(t, s)
			<-begun
			same(t, "meanwhile", true, b.pending(p.ID).Awaiting)
			stop()
			same(t, "afterwards", p, b.pending(p.ID))
			same(t, "went on", 0, len(b.went))
			same(t, "logged", "", b.logs.String())
		})
	}
}

func TestTooManyThatAreAskedAgainGoOnAsTheyAre(t *testing.T) {
	b := newBench(t)
	w := &witness{name: "a", wait: time.Hour}
	s := b.step(Config{Again: []Source{w}})
	for range againWaiting {
		s.again.waiting <- struct{}{}
	}
	p := b.record("k1")
	b.hold(s, p)
	stop := running(t, s)
	same(t, "went on", []int64{p.ID}, <-b.went)
	stop()
	same(t, "asked", 0, w.tries)
}

// Whoever fails leaves the message to its deadline, and his lane to others.
func TestASourceThatFailsHoldsNobodyUp(t *testing.T) {
	away := errors.New("away")
	for name, c := range map[string]struct {
		fail  func() error
		says  string
		lines int // that are logged before it waits for its deadline
	}{
		"with an error": {func() error { return away }, "error=away", 1},
		"with a panic":  {func() error { panic("out of range") }, "out of range", 2},
	} {
		for kind, config := range map[string]func(*witness) Config{
			"asked once":  func(w *witness) Config { return Config{Once: []Source{w}} },
			"asked again": func(w *witness) Config { return Config{Again: []Source{w}} },
		} {
			t.Run(kind+" "+name, func(t *testing.T) {
				b := newBench(t)
				var once sync.Once
				asked := make(chan struct{})
				w := &witness{name: "a", wait: time.Hour, ask: func(_ context.Context, key string, _ int) (bool, error) {
					if key == "k1" {
						once.Do(func() { close(asked) })
						return false, c.fail()
					}
					return true, nil
				}}
				s := b.step(config(w))
				s.live.lanes, s.bulk.lanes = 1, 0
				first, second := b.record("k1"), b.record("k2")
				b.hold(s, first)
				stop := running(t, s)
				<-asked
				b.hold(s, second)
				same(t, "went on", []int64{second.ID}, <-b.went)
				for range c.lines { // a stop before the last one hands it back
					<-b.wrote
				}
				stop()
				same(t, "it waits for its deadline", true, b.pending(first.ID).Awaiting)
				if !strings.Contains(b.logs.String(), c.says) || !strings.Contains(b.logs.String(), fmt.Sprint("message=", first.ID)) {
					t.Errorf("logged is %q", b.logs.String())
				}
			})
		}
	}
}
