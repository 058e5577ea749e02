package workers

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/workers/engine"
)

// service runs what a process with all roles runs behind its doors, on the in-process Redis.
func (r *rig) service(b *testing.B) (stop func()) {
	d := r.deliverer()
	e := runningEngine(b, func(ctx context.Context, w engine.Work) error {
		if w.Kind == engine.Deliver {
			return d.Handle(ctx, w)
		}
		return r.processor.Handle(ctx, w)
	})
	r.notifier.to = e
	sweep := NewSweep(SweepConfig{Store: r.store, Notifier: r.notifier, Process: r.processor.Wake, Engine: e, Checks: NewChecks(r.store, r.intake, r.senders, r.logger),
		Meter: r.meter, Logger: r.logger})
	ctx, cancel := context.WithCancel(b.Context())
	var all sync.WaitGroup
	for _, run := range []func(context.Context){r.processor.Run, sweep.Run, NewSearch(r.store, r.processor.courtesy, r.logger).Run,
		func(ctx context.Context) {
			r.notifier.Run(ctx, Local{Process: r.processor.Wake, Deliver: d.Begin})
		}} {
		all.Go(func() { run(ctx) })
	}
	return func() { cancel(); all.Wait(); d.Stop() }
}

// BenchmarkWake is the way from the commit of a message to the hand-over of its acknowledgement, at 50 messages a second of
// as many customers. It tells how long half and all but a hundredth of them take.
//
//	go test ./workers -run '^$' -bench BenchmarkWake -benchtime 500x
func BenchmarkWake(b *testing.B) {
	r := newRig(b)
	r.now = time.Time{}
	var mu sync.Mutex
	committed, took := map[string]time.Time{}, []time.Duration{}
	handed := map[string]time.Time{}
	done := make(chan struct{}, b.N)
	r.senders["hotline"] = sendFunc(func(ctx context.Context, key string, out channels.Outbound) (channels.Receipt, error) {
		mu.Lock()
		handed[out.To.Value] = time.Now()
		mu.Unlock()
		done <- struct{}{}
		return wellDone(ctx, key, out)
	})
	stop := r.service(b)
	defer stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var all sync.WaitGroup
	for i := range b.N {
		<-tick.C
		all.Go(func() {
			from := fmt.Sprintf("+861380%07d", i)
			_, err := r.intake.Accept(b.Context(), r.delivery("hotline", "k"+strconv.Itoa(i), letter{From: from, Text: payment}))
			now := time.Now()
			if err != nil {
				b.Error(err)
			}
			mu.Lock()
			committed[from] = now
			mu.Unlock()
		})
	}
	all.Wait()
	for range b.N {
		<-done
	}
	for from, at := range handed {
		took = append(took, at.Sub(committed[from]))
	}
	slices.Sort(took)
	ms := func(share float64) float64 {
		return float64(took[int(share*float64(len(took)-1))].Microseconds()) / 1000
	}
	b.ReportMetric(ms(0.5), "ms-p50")
	b.ReportMetric(ms(0.99), "ms-p99")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkRest is a process with nothing to do for as many seconds: what it takes of a core.
//
//	go test ./workers -run '^$' -bench BenchmarkRest -benchtime 20x
func BenchmarkRest(b *testing.B) {
	r := newRig(b)
	r.now = time.Time{}
	stop := r.service(b)
	defer stop()
	time.Sleep(2 * time.Second) // its start
	begun := usage(syscall.RUSAGE_SELF)
	time.Sleep(time.Duration(b.N) * time.Second)
	b.ReportMetric(100*(usage(syscall.RUSAGE_SELF)-begun).Seconds()/float64(b.N), "%-of-a-core")
	b.ReportMetric(0, "ns/op")
}
