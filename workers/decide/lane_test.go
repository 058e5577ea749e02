package decide

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/channels"
	"frontdesk/workers"
	"frontdesk/workers/engine"
	"frontdesk/workers/workerstest"
)

func TestWhoJoinsIsAnsweredByALookThatBeganAfterHim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLane()
		looks := 0
		look := func() {
			end := l.begin()
			looks++
			time.Sleep(time.Second)
			end(fmt.Errorf("look %d", looks))
		}
		got := make([]string, 4)
		var wg sync.WaitGroup
		for i, at := range []time.Duration{0, 500 * time.Millisecond, 900 * time.Millisecond, 1500 * time.Millisecond} {
			wg.Go(func() {
				time.Sleep(at)
				got[i] = l.join(t.Context()).Error()
			})
		}
		for range 3 {
			<-l.woken
			look()
		}
		wg.Wait()
		if want := []string{"look 1", "look 2", "look 2", "look 3"}; !slices.Equal(got, want) {
			t.Errorf("answered %q, want %q", got, want)
		}
	})
}

func TestNobodyWaitsForALaneThatHasStopped(t *testing.T) {
	l := newLane()
	waits := make(chan error, 1)
	go func() { waits <- l.join(t.Context()) }()
	<-l.woken
	l.stop()
	if first, second := <-waits, l.join(t.Context()); !errors.Is(first, errStopped) || !errors.Is(second, errStopped) {
		t.Errorf("who waited got %v, who came later %v", first, second)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newLane().join(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("an impatient one got %v", err)
	}
}

// working runs the rig's processor until the test ends.
func (r *rig) working(local workers.Local) (stop func()) {
	ctx, cancel := context.WithCancel(r.T.Context())
	var all sync.WaitGroup
	all.Go(func() { r.processor.Run(ctx) })
	all.Go(func() { r.notifier.Run(ctx, local) })
	return func() { cancel(); all.Wait() }
}

// TestWhatIsCommittedHereIsDecidedWithoutTheQueue, a task waits for it, and an older program's task is one, too.
func TestWhatIsCommittedHereIsDecidedWithoutTheQueue(t *testing.T) {
	r := newRig(t)
	decided := make(chan int64, 10)
	r.processor.watch = func(p Passed) { decided <- p.ID }
	stop := r.working(workers.Local{Process: r.processor.Wake})
	id := r.Accept(r.Delivery("hotline", "k1", letter{From: "+8613800138000", Text: payment}))[0]
	r.Same("decided", id, <-decided)
	stop()
	older := r.Accept(r.Delivery("hotline", "k2", letter{From: "+8613800138000", Text: "And?"}))
	r.Must(r.Store.Backlog.Later(t.Context(), older, r.Time().Add(time.Minute))) // as it records
	r.processor = r.newProcessor()
	stop = r.working(workers.Local{})
	defer stop()
	r.Must(r.processor.Handle(t.Context(), engine.Work{Kind: engine.Process, IDs: older}))
	r.Same("states", []string{"ticketed", "appended"}, r.States(id, older[0]))
}

// hung is a Redis that answers nothing.
type hung struct{}

func (hung) Enqueue(ctx context.Context, _ engine.Task) error {
	<-ctx.Done()
	return ctx.Err()
}

// TestMessagesAreDecidedWhileRedisHangs, however many tasks wait for it.
func TestMessagesAreDecidedWhileRedisHangs(t *testing.T) {
	r := newRig(t)
	r.notifier = workers.NewNotifier(hung{}, r.Logger)
	r.processor, r.Recorded = r.newProcessor(), r.notifier.Notify
	decided := make(chan int64, 10)
	r.processor.watch = func(p Passed) { decided <- p.ID }
	defer r.working(workers.Local{Process: r.processor.Wake})()
	for i := range 1000 { // none of which is dropped
		r.notifier.Notify(engine.Task{Kind: engine.Deliver, IDs: []int64{int64(i)}})
	}
	for i := range 3 {
		id := r.Accept(r.Delivery("hotline", fmt.Sprint("k", i), letter{From: "+8613800138000", Text: payment}))[0]
		r.Same("decided", id, <-decided)
	}
}

// TestAConversationIsDecidedInItsOrder: each message is accepted when the one before is recorded, while batches are decided.
func TestAConversationIsDecidedInItsOrder(t *testing.T) {
	const people, messages = 20, 12
	r := newRig(t)
	var mu sync.Mutex
	got := map[string][]string{}
	decided := make(chan struct{}, people*messages)
	r.processor.watch = func(p Passed) {
		mu.Lock()
		defer mu.Unlock()
		from := p.Plan.Row.From.Value
		got[from] = append(got[from], fmt.Sprint(p.ID))
		decided <- struct{}{}
	}
	defer r.working(workers.Local{Process: r.processor.Wake})()
	want := map[string][]string{}
	var all sync.WaitGroup
	for i := range people {
		from := fmt.Sprintf("+861380013%04d", i)
		all.Go(func() {
			for n := range messages {
				id := r.Accept(r.Delivery("hotline", fmt.Sprint(i, "-", n), letter{From: from, Text: payment}))[0]
				mu.Lock()
				want[from] = append(want[from], fmt.Sprint(id))
				mu.Unlock()
			}
		})
	}
	all.Wait()
	for range people * messages {
		<-decided
	}
	r.Same("order of each conversation", want, got)
}

// TestOneFaultHoldsNobodyUp: the storage refuses one message's file, however often it is tried.
func TestOneFaultHoldsNobodyUp(t *testing.T) {
	r := newRig(t)
	refused := r.Delivery("support", "k1", letter{From: "li@customer.example", Text: payment, Files: map[string]string{"bill.txt": "200 USD"}})
	ids := r.Accept(refused, r.Delivery("hotline", "k2", letter{From: "+8613800138001", Text: payment}))
	r.Blobs.FailNext(3)
	for range 2 {
		if _, err := r.processor.next(t.Context(), false); !errors.Is(err, workerstest.ErrFull) {
			t.Errorf("error is %v", err)
		}
		r.Pass(2 * time.Second)
	}
	r.Same("after two tries", []string{"recorded", "ticketed"}, r.States(ids...))
	later := r.Accept(r.Delivery("hotline", "k3", letter{From: "+8613800138002", Text: payment}))
	if _, err := r.processor.next(t.Context(), false); !errors.Is(err, workerstest.ErrFull) {
		t.Errorf("error is %v", err)
	}
	r.Same("what came later", []string{"ticketed"}, r.States(later...))
	r.Pass(time.Minute)
	r.next()
	r.Same("when the storage works again", []string{"ticketed"}, r.States(ids[0]))
}

// TestABatchTakesFromEachInboxInTurn, live messages and an import apart.
func TestABatchTakesFromEachInboxInTurn(t *testing.T) {
	r := newRig(t)
	r.processor.weights = map[string]int{"bot": 2}
	for inbox, n := range map[string]int{"hotline": 600, "bot": 300, "support": 3} {
		var all []channels.Delivery
		for i := range n {
			all = append(all, r.Delivery(inbox, fmt.Sprint(i), letter{Cause: "unparsable"}))
		}
		r.Accept(all...)
	}
	more, err := r.processor.next(t.Context(), false)
	r.Must(err)
	r.Same("more", true, more)
	seen := map[string]int{}
	for _, m := range r.Messages() {
		if m.State != "recorded" {
			seen[m.Inbox]++
		}
	}
	r.Same("of each inbox", map[string]int{"support": 3, "bot": 189, "hotline": 64}, seen)
}
