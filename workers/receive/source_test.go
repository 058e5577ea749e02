package receive

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/channels"
	"frontdesk/workers"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/service"
	"frontdesk/workers/workerstest"
)

// inBubble runs a test on a clock of its own, which begins at noon.
func inBubble(t *testing.T, f func(t *testing.T, r *rig)) {
	workerstest.InBubble(t, func(t *testing.T) {
		r := newRig(t)
		r.RealTime()
		f(t, r)
	})
}

// tape is a source that does what its script says at each call, and then waits for ever.
type tape struct {
	script []func(ctx context.Context, after channels.Cursor) (channels.Batch, error)

	mu     sync.Mutex
	at     []time.Time
	after  []string
	closed int
}

func (f *tape) Fetch(ctx context.Context, after channels.Cursor) (channels.Batch, error) {
	f.mu.Lock()
	n := len(f.at)
	f.at, f.after = append(f.at, time.Now()), append(f.after, string(after))
	f.mu.Unlock()
	if n >= len(f.script) {
		<-ctx.Done()
		return channels.Batch{}, ctx.Err()
	}
	return f.script[n](ctx, after)
}

func (f *tape) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed++
	return nil
}

func (f *tape) calls() ([]time.Time, []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]time.Time(nil), f.at...), append([]string(nil), f.after...)
}

// seconds are the times of the calls since noon.
func (f *tape) seconds() (out []int) {
	at, _ := f.calls()
	for _, t := range at {
		out = append(out, int(t.Sub(noon)/time.Second))
	}
	return out
}

func brings(b channels.Batch) func(context.Context, channels.Cursor) (channels.Batch, error) {
	return func(context.Context, channels.Cursor) (channels.Batch, error) { return b, nil }
}

func fails(err error) func(context.Context, channels.Cursor) (channels.Batch, error) {
	return func(context.Context, channels.Cursor) (channels.Batch, error) { return channels.Batch{}, err }
}

func (r *rig) sources(holder string, limit int, alarm func(service.InboxStatus)) *Sources {
	return NewSources(r.Store, r.intake, workers.NewHealth(r.Store, r.Logger, alarm), holder, limit, r.meter, r.Logger)
}

// fetching runs a source until stop is called.
func (r *rig) fetching(s *Sources, f channels.Fetcher) (stop func()) {
	ctx, cancel := context.WithCancel(r.T.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx, Source{Inbox: "support", Channel: "email", Stream: "INBOX", Fetcher: f})
	}()
	return func() { cancel(); <-done }
}

func TestTheCursorMovesOnlyAfterTheCommit(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		large := letter{From: "li@customer.example", Text: string(make([]byte, 300<<10))}
		batch := channels.Batch{Deliveries: []channels.Delivery{r.Delivery("support", "k1", letter{}), r.Delivery("support", "k2", large)}, Next: channels.Cursor(`{"uid":2}`)}
		r.Blobs.FailNext(1)
		f := &tape{script: []func(context.Context, channels.Cursor) (channels.Batch, error){brings(batch), brings(batch), brings(channels.Batch{Deliveries: batch.Deliveries})}}
		stop := r.fetching(r.sources("one", 0, nil), f)
		time.Sleep(time.Minute)
		stop()
		_, after := f.calls()
		r.Same("asked after", []string{"", "", `{"uid":2}`, `{"uid":2}`}, after)
		cursor, err := r.Store.Intake.Cursor(t.Context(), "support", "INBOX")
		r.Must(err)
		r.Same("cursor, messages, closed", []any{`{"uid":2}`, 2, 1}, []any{string(cursor), len(r.Messages()), f.closed})
		if len(r.tasks()) != 1 {
			t.Error("the workers were woken for repeats")
		}
	})
}

func TestPausesGrowAndASourceRecoversByItself(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		down := fails(errors.New("connection refused"))
		quiet := func(context.Context, channels.Cursor) (channels.Batch, error) {
			time.Sleep(9 * time.Minute)
			return channels.Batch{}, nil
		}
		f := &tape{script: []func(context.Context, channels.Cursor) (channels.Batch, error){down, down, down, down, down, down, down, down, down, down,
			fails(&channels.Error{Op: "fetching", Class: channels.Throttled, After: 7 * time.Minute, Err: errors.New("too many")}),
			quiet, quiet, down}}
		alarms := 0
		s := r.sources("one", 0, func(service.InboxStatus) { alarms++ })
		stop := r.fetching(s, f)
		time.Sleep(90 * time.Minute)
		var pauses []int
		at := f.seconds()
		for i := range at[1:] {
			pauses = append(pauses, at[i+1]-at[i])
		}
		r.Same("pauses in seconds", []int{2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 420, 540, 540, 2}, pauses)
		r.Same("alarms", 2, alarms)
		stop()
	})
}

func TestAConnectorThatTripsTakesNobodyWithIt(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		f := &tape{script: []func(context.Context, channels.Cursor) (channels.Batch, error){
			func(context.Context, channels.Cursor) (channels.Batch, error) { panic("the parser trips") },
			brings(channels.Batch{Deliveries: []channels.Delivery{r.Delivery("support", "k1", letter{})}})}}
		var failures []string
		stop := r.fetching(r.sources("one", 0, func(s service.InboxStatus) { failures = append(failures, s.Err) }), f)
		time.Sleep(time.Minute)
		stop()
		r.Same("failures and messages", []any{[]string{errPanicked.Error()}, 1}, []any{failures, len(r.Messages())})
	})
}

func TestTheLeaseMovesToAnotherProcess(t *testing.T) {
	for _, c := range []struct {
		name  string
		first func(r *rig) // the first holder, gone after a while
		by    time.Duration
	}{
		{"when the first one has died", func(r *rig) {
			_, err := r.Store.Service.Lease(r.T.Context(), "source:support:INBOX", "dead", time.Now(), leaseFor)
			r.Must(err)
		}, leaseFor + leaseRenew},
		{"when the first one stops", func(r *rig) {
			stop := r.fetching(r.sources("one", 0, nil), &tape{})
			time.Sleep(time.Second)
			go func() { time.Sleep(10 * time.Minute); stop() }()
		}, 10*time.Minute + leaseRenew},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *rig) {
				c.first(r)
				f := &tape{}
				stop := r.fetching(r.sources("two", 0, nil), f)
				time.Sleep(c.by - leaseRenew - 2*time.Second)
				r.Same("early calls", 0, len(f.seconds()))
				time.Sleep(leaseRenew + 5*time.Second)
				r.Same("calls", 1, len(f.seconds()))
				stop()
			})
		})
	}
}

func TestAProcessThatLosesItsLeaseStopsFetching(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		f := &tape{}
		alarms := 0
		s := r.sources("one", 0, func(service.InboxStatus) { alarms++ })
		ctx, cancel := context.WithCancel(t.Context())
		go s.health.Run(ctx)
		stop := r.fetching(s, f)
		time.Sleep(time.Second)
		r.Database(fmt.Sprintf(`UPDATE leases SET holder = 'other', until_at = %d`, time.Now().Add(time.Hour).UnixMicro()))
		time.Sleep(30 * time.Minute)
		r.Same("calls and alarms while another one fetches", []int{1, 0}, []int{len(f.seconds()), alarms})
		time.Sleep(31 * time.Minute)
		r.Same("calls when the other is gone", 2, len(f.seconds()))
		stop()
		cancel()
	})
}

func TestASourceIsNotReadFurtherWhileTooMuchIsUndecided(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		var many []channels.Delivery
		for i := range 3 {
			many = append(many, r.Delivery("support", fmt.Sprint("k", i), letter{From: "li@customer.example", Text: payment}))
		}
		f := &tape{script: []func(context.Context, channels.Cursor) (channels.Batch, error){brings(channels.Batch{Deliveries: many, Next: channels.Cursor(`{"uid":3}`)})}}
		stop := r.fetching(r.sources("one", 3, nil), f)
		time.Sleep(time.Minute)
		r.Same("calls while three wait", 1, len(f.seconds()))
		r.Process(r.tasks()[0].IDs[:1]...)
		time.Sleep(time.Second)
		r.Same("calls once one is decided", 2, len(f.seconds()))
		stop()
	})
}

// TestAnImportHoldsUpNoSourceOfItsInbox: what waits in the slow lane is not what the source brought.
func TestAnImportHoldsUpNoSourceOfItsInbox(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		var lot intake.Lot
		for i := range 5 {
			lot.Items = append(lot.Items, intake.Item{Delivery: r.Delivery("support", fmt.Sprint("old", i), letter{From: "li@customer.example", Text: payment}), Imported: true})
		}
		_, err := r.intake.Lot(t.Context(), lot, true)
		r.Must(err)
		f := &tape{script: []func(context.Context, channels.Cursor) (channels.Batch, error){brings(channels.Batch{
			Deliveries: []channels.Delivery{r.Delivery("support", "new", letter{From: "li@customer.example", Text: payment})}, Next: channels.Cursor(`{"uid":1}`)})}}
		stop := r.fetching(r.sources("one", 3, nil), f)
		time.Sleep(time.Minute)
		r.Same("calls while five imported ones wait", 2, len(f.seconds()))
		stop()
	})
}

// TestBackPressureIsNoSilence: a source that we do not ask for an hour has not failed.
func TestBackPressureIsNoSilence(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		var alarms []service.InboxStatus
		f := &tape{script: []func(context.Context, channels.Cursor) (channels.Batch, error){brings(channels.Batch{
			Deliveries: []channels.Delivery{r.Delivery("support", "new", letter{From: "li@customer.example", Text: payment})}, Next: channels.Cursor(`{"uid":1}`)})}}
		sources := r.sources("one", 1, func(st service.InboxStatus) { alarms = append(alarms, st) })
		ctx, cancel := context.WithCancel(t.Context())
		go sources.health.Run(ctx)
		stop := r.fetching(sources, f)
		time.Sleep(time.Hour)
		r.Same("calls while one waits", 1, len(f.seconds()))
		r.Same("alarms", 0, len(alarms))
		r.Process(r.tasks()[0].IDs...)
		time.Sleep(15 * time.Minute)
		synctest.Wait()
		r.Same("alarms once it is asked again and says nothing", 1, len(alarms))
		stop()
		cancel()
	})
}

// ledger is a source that keeps a list.
type ledger struct {
	tape
	holds []channels.Delivery
	most  int // of one answer
	fails int
	since []time.Time
}

func (l *ledger) Reconcile(ctx context.Context, since time.Time, recorded func(context.Context, []string) (map[string]bool, error)) (channels.Batch, channels.Count, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.since = append(l.since, since)
	if l.fails > 0 {
		l.fails--
		return channels.Batch{}, channels.Count{}, errors.New("the provider is away")
	}
	var keys []string
	for _, d := range l.holds {
		keys = append(keys, d.Key)
	}
	have, err := recorded(ctx, keys)
	if err != nil {
		return channels.Batch{}, channels.Count{}, err
	}
	var b channels.Batch
	n := 0
	for _, d := range l.holds {
		switch {
		case have[d.Key]:
			n++
		case l.most > 0 && len(b.Deliveries) == l.most:
			b.More = true
		default:
			b.Deliveries = append(b.Deliveries, d)
		}
	}
	return b, channels.Count{Source: len(l.holds), Recorded: n}, nil
}

func (l *ledger) asked() []time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]time.Time(nil), l.since...)
}

func TestReconciliationFindsWhatIsMissing(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		l := &ledger{most: 2}
		for i := range 6 {
			l.holds = append(l.holds, r.Delivery("support", fmt.Sprint("k", i), letter{}))
		}
		r.accept(l.holds[2])
		s := r.sources("one", 0, nil)
		stop := r.fetching(s, l)
		time.Sleep(time.Minute)
		r.Same("messages", 6, len(r.Messages()))
		r.Must(s.health.Flush(t.Context()))
		list, err := r.Store.View.Inboxes(t.Context())
		r.Must(err)
		r.Same("counts", []int{6, 6}, []int{list[0].SourceCount, list[0].RecordedCount})
		r.Same("looks back", reconcileSince, noon.Add(reconcileFirst).Sub(l.asked()[0]))
		stop()
	})
}

func TestAReconciliationThatComesToNoEndIsAFailure(t *testing.T) {
	r := newRig(t)
	_, _, err := reconcile(t.Context(), endless{}, "support", noon, r.Store, r.intake)
	if !errors.Is(err, errEndless) {
		t.Errorf("error is %v", err)
	}
}

type endless struct{}

func (endless) Reconcile(context.Context, time.Time, func(context.Context, []string) (map[string]bool, error)) (channels.Batch, channels.Count, error) {
	return channels.Batch{More: true}, channels.Count{}, nil
}

// catching runs the catch-up of a webhook's inbox until stop is called.
func (r *rig) catching(s *Sources, l *ledger) (stop func()) {
	ctx, cancel := context.WithCancel(r.T.Context())
	done := make(chan struct{})
	go func() { defer close(done); s.Catchup(ctx, "hotline", l) }()
	return func() { cancel(); <-done }
}

func TestCatchingUpAsksForEverythingSinceTheLastTime(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		l := &ledger{}
		stop := r.catching(r.sources("one", 0, nil), l)
		time.Sleep(time.Minute)
		r.Same("at first nothing before the first time", []time.Time{noon}, l.asked())
		time.Sleep(reconcileEvery)
		stop()
		time.Sleep(10 * 24 * time.Hour)
		l.holds = []channels.Delivery{r.Delivery("hotline", "k1", letter{})}
		stop = r.catching(r.sources("two", 0, nil), l)
		time.Sleep(time.Minute)
		stop()
		asked := l.asked()
		want := noon.Add(reconcileEvery).Add(-catchupOverlap)
		if want.Before(noon) {
			want = noon
		}
		r.Same("after ten days away", want, asked[2])
		r.Same("found", 1, len(r.Messages()))
		stop = r.catching(r.sources("three", 0, nil), l)
		time.Sleep(time.Minute)
		stop()
		asked = l.asked()
		if back := time.Since(asked[len(asked)-1]); back > catchupOverlap+5*time.Minute {
			t.Errorf("the next one looks back %s", back)
		}
	})
}

func TestAFailedCatchUpIsTriedAgainFromWhereItWas(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		l := &ledger{fails: 3}
		var alarms []string
		s := r.sources("one", 0, func(st service.InboxStatus) { alarms = append(alarms, st.Inbox) })
		stop := r.catching(s, l)
		time.Sleep(3*time.Minute + time.Second)
		stop()
		r.Same("calls and alarms", []any{4, []string{"hotline"}}, []any{len(l.asked()), alarms})
		if !strings.Contains(r.Logs.String(), "catching up failed") {
			t.Error("the log says nothing")
		}
	})
}

func TestOnlyOneProcessCatchesUp(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		one, two := &ledger{}, &ledger{}
		stopOne := r.catching(r.sources("one", 0, nil), one)
		time.Sleep(time.Second)
		stopTwo := r.catching(r.sources("two", 0, nil), two)
		time.Sleep(3*reconcileEvery + time.Minute)
		r.Same("calls: each at its start, then one of them", []int{4, 1}, []int{len(one.asked()), len(two.asked())})
		stopOne()
		time.Sleep(2 * reconcileEvery)
		if n := len(two.asked()); n < 2 {
			t.Errorf("the second process asked %d times", n)
		}
		stopTwo()
	})
}

func TestACrashWhileCatchingUpHoldsTheNextProcessUpOnlyBriefly(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		_, err := r.Store.Service.Lease(t.Context(), "catchup:hotline", "dead", time.Now(), catchupWithin)
		r.Must(err)
		l := &ledger{}
		stop := r.catching(r.sources("one", 0, nil), l)
		time.Sleep(catchupWithin - time.Second)
		r.Same("calls while the dead one's lease runs", 0, len(l.asked()))
		time.Sleep(catchupAgain + 2*time.Second)
		r.Same("calls after it", 1, len(l.asked()))
		stop()
	})
}

func TestAReconciliationThatFailedIsTriedAgainSoon(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		l := &ledger{fails: 2, holds: []channels.Delivery{r.Delivery("support", "k1", letter{})}}
		stop := r.fetching(r.sources("one", 0, nil), l)
		time.Sleep(2*reconcileAgain + time.Minute)
		stop()
		r.Same("messages", 1, len(r.Messages()))
	})
}

// TestCatchUpsInTheFutureAreNotBelieved: a clock that was ahead wrote down when the source was asked.
func TestCatchUpsInTheFutureAreNotBelieved(t *testing.T) {
	now := noon
	for name, c := range map[string]struct{ was, want caughtUp }{
		"as ever":                        {caughtUp{At: now.Add(-time.Hour), First: now.Add(-1000 * time.Hour)}, caughtUp{At: now.Add(-time.Hour), First: now.Add(-1000 * time.Hour)}},
		"first and last ahead":           {caughtUp{At: now.Add(8 * time.Hour), First: now.Add(7 * time.Hour)}, caughtUp{At: now.Add(-catchupOverlap), First: now.Add(-catchupOverlap)}},
		"only the last ahead":            {caughtUp{At: now.Add(8 * time.Hour), First: now.Add(-time.Hour)}, caughtUp{At: now.Add(-catchupOverlap), First: now.Add(-time.Hour)}},
		"the first time, at this moment": {caughtUp{At: now, First: now}, caughtUp{At: now, First: now}},
	} {
		if got := c.was.believed(now); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
