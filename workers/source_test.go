package workers

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
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/service"
)

// inBubble runs a test on a clock of its own, which begins at noon.
func inBubble(t *testing.T, f func(t *testing.T, r *rig)) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(noon))
		r := newRig(t)
		r.now = time.Time{}
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
	return NewSources(r.store, r.intake, NewHealth(r.store, r.logger, alarm), holder, limit, r.meter, r.logger)
}

// fetching runs a source until stop is called.
func (r *rig) fetching(s *Sources, f channels.Fetcher) (stop func()) {
	ctx, cancel := context.WithCancel(r.t.Context())
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
		batch := channels.Batch{Deliveries: []channels.Delivery{r.delivery("support", "k1", letter{}), r.delivery("support", "k2", large)}, Next: channels.Cursor(`{"uid":2}`)}
		r.blobs.failNext(1)
		f := &tape{script: []func(context.Context, channels.Cursor) (channels.Batch, error){brings(batch), brings(batch), brings(channels.Batch{Deliveries: batch.Deliveries})}}
		stop := r.fetching(r.sources("one", 0, nil), f)
		time.Sleep(time.Minute)
		stop()
		_, after := f.calls()
		r.same("asked after", []string{"", "", `{"uid":2}`, `{"uid":2}`}, after)
		cursor, err := r.store.Intake.Cursor(t.Context(), "support", "INBOX")
		r.must(err)
		r.same("cursor, messages, closed", []any{`{"uid":2}`, 2, 1}, []any{string(cursor), len(r.messages()), f.closed})
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
		r.same("pauses in seconds", []int{2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 420, 540, 540, 2}, pauses)
		r.same("alarms", 2, alarms)
		stop()
	})
}

func TestAConnectorThatTripsTakesNobodyWithIt(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		f := &tape{script: []func(context.Context, channels.Cursor) (channels.Batch, error){
			func(context.Context, channels.Cursor) (channels.Batch, error) { panic("the parser trips") },
			brings(channels.Batch{Deliveries: []channels.Delivery{r.delivery("support", "k1", letter{})}})}}
		var failures []string
		stop := r.fetching(r.sources("one", 0, func(s service.InboxStatus) { failures = append(failures, s.Err) }), f)
		time.Sleep(time.Minute)
		stop()
		r.same("failures and messages", []any{[]string{errPanicked.Error()}, 1}, []any{failures, len(r.messages())})
	})
}

func TestTheLeaseMovesToAnotherProcess(t *testing.T) {
	for _, c := range []struct {
		name  string
		first func(r *rig) // the first holder, gone after a while
		by    time.Duration
	}{
		{"when the first one has died", func(r *rig) {
			_, err := r.store.Service.Lease(r.t.Context(), "source:support:INBOX", "dead", time.Now(), leaseFor)
			r.must(err)
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
				r.same("early calls", 0, len(f.seconds()))
				time.Sleep(leaseRenew + 5*time.Second)
				r.same("calls", 1, len(f.seconds()))
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
		r.database(fmt.Sprintf(`UPDATE leases SET holder = 'other', until_at = %d`, time.Now().Add(time.Hour).UnixMicro()))
		time.Sleep(30 * time.Minute)
		r.same("calls and alarms while another one fetches", []int{1, 0}, []int{len(f.seconds()), alarms})
		time.Sleep(31 * time.Minute)
		r.same("calls when the other is gone", 2, len(f.seconds()))
		stop()
		cancel()
	})
}

func TestASourceIsNotReadFurtherWhileTooMuchIsUndecided(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		var many []channels.Delivery
		for i := range 3 {
			many = append(many, r.delivery("support", fmt.Sprint("k", i), letter{From: "li@customer.example", Text: payment}))
		}
		f := &tape{script: []func(context.Context, channels.Cursor) (channels.Batch, error){brings(channels.Batch{Deliveries: many, Next: channels.Cursor(`{"uid":3}`)})}}
		stop := r.fetching(r.sources("one", 3, nil), f)
		time.Sleep(time.Minute)
		r.same("calls while three wait", 1, len(f.seconds()))
		r.process(r.tasks()[0].IDs[:1]...)
		time.Sleep(time.Second)
		r.same("calls once one is decided", 2, len(f.seconds()))
		stop()
	})
}

// TestAnImportHoldsUpNoSourceOfItsInbox: what waits in the slow lane is not what the source brought.
func TestAnImportHoldsUpNoSourceOfItsInbox(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		var lot intake.Lot
		for i := range 5 {
			lot.Items = append(lot.Items, intake.Item{Delivery: r.delivery("support", fmt.Sprint("old", i), letter{From: "li@customer.example", Text: payment}), Imported: true})
		}
		_, err := r.intake.Lot(t.Context(), lot, true)
		r.must(err)
		f := &tape{script: []func(context.Context, channels.Cursor) (channels.Batch, error){brings(channels.Batch{
			Deliveries: []channels.Delivery{r.delivery("support", "new", letter{From: "li@customer.example", Text: payment})}, Next: channels.Cursor(`{"uid":1}`)})}}
		stop := r.fetching(r.sources("one", 3, nil), f)
		time.Sleep(time.Minute)
		r.same("calls while five imported ones wait", 2, len(f.seconds()))
		stop()
	})
}

// TestBackPressureIsNoSilence: a source that we do not ask for an hour has not failed.
func TestBackPressureIsNoSilence(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		var alarms []service.InboxStatus
		f := &tape{script: []func(context.Context, channels.Cursor) (channels.Batch, error){brings(channels.Batch{
			Deliveries: []channels.Delivery{r.delivery("support", "new", letter{From: "li@customer.example", Text: payment})}, Next: channels.Cursor(`{"uid":1}`)})}}
		sources := r.sources("one", 1, func(st service.InboxStatus) { alarms = append(alarms, st) })
		stop := r.fetching(sources, f)
		for range 30 {
			time.Sleep(2 * time.Minute)
			sources.health.silence(time.Now())
		}
		r.same("calls while one waits", 1, len(f.seconds()))
		r.same("alarms", 0, len(alarms))
		r.process(r.tasks()[0].IDs...)
		time.Sleep(time.Second)
		sources.health.silence(time.Now().Add(silentAfter + time.Second))
		r.same("alarms once it is asked again and says nothing", 1, len(alarms))
		stop()
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
			l.holds = append(l.holds, r.delivery("support", fmt.Sprint("k", i), letter{}))
		}
		r.accept(l.holds[2])
		s := r.sources("one", 0, nil)
		stop := r.fetching(s, l)
		time.Sleep(time.Minute)
		r.same("messages", 6, len(r.messages()))
		s.health.mu.Lock()
		st := s.health.state["support"]
		s.health.mu.Unlock()
		r.same("counts", []int{6, 6}, []int{st.Source, st.Recorded})
		r.same("looks back", reconcileSince, noon.Add(reconcileFirst).Sub(l.asked()[0]))
		stop()
	})
}

func TestAReconciliationThatComesToNoEndIsAFailure(t *testing.T) {
	r := newRig(t)
	_, _, err := reconcile(t.Context(), endless{}, "support", noon, r.store, r.intake)
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
	ctx, cancel := context.WithCancel(r.t.Context())
	done := make(chan struct{})
	go func() { defer close(done); s.Catchup(ctx, "hotline", l) }()
	return func() { cancel(); <-done }
}

func TestCatchingUpAsksForEverythingSinceTheLastTime(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		l := &ledger{}
		stop := r.catching(r.sources("one", 0, nil), l)
		time.Sleep(time.Minute)
		r.same("at first nothing before the first time", []time.Time{noon}, l.asked())
		time.Sleep(reconcileEvery)
		stop()
		time.Sleep(10 * 24 * time.Hour)
		l.holds = []channels.Delivery{r.delivery("hotline", "k1", letter{})}
		stop = r.catching(r.sources("two", 0, nil), l)
		time.Sleep(time.Minute)
		stop()
		asked := l.asked()
		want := noon.Add(reconcileEvery).Add(-catchupOverlap)
		if want.Before(noon) {
			want = noon
		}
		r.same("after ten days away", want, asked[2])
		r.same("found", 1, len(r.messages()))
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
		r.same("calls and alarms", []any{4, []string{"hotline"}}, []any{len(l.asked()), alarms})
		if !strings.Contains(r.logs.String(), "catching up failed") {
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
		r.same("calls: each at its start, then one of them", []int{4, 1}, []int{len(one.asked()), len(two.asked())})
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
		_, err := r.store.Service.Lease(t.Context(), "catchup:hotline", "dead", time.Now(), catchupWithin)
		r.must(err)
		l := &ledger{}
		stop := r.catching(r.sources("one", 0, nil), l)
		time.Sleep(catchupWithin - time.Second)
		r.same("calls while the dead one's lease runs", 0, len(l.asked()))
		time.Sleep(catchupAgain + 2*time.Second)
		r.same("calls after it", 1, len(l.asked()))
		stop()
	})
}

func TestAReconciliationThatFailedIsTriedAgainSoon(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		l := &ledger{fails: 2, holds: []channels.Delivery{r.delivery("support", "k1", letter{})}}
		stop := r.fetching(r.sources("one", 0, nil), l)
		time.Sleep(2*reconcileAgain + time.Minute)
		stop()
		r.same("messages", 1, len(r.messages()))
	})
}
