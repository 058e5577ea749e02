package workers_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/channels"
	"frontdesk/channels/kinds"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/pipelinetest"
	"frontdesk/templates"
	"frontdesk/workers"
	"frontdesk/workers/decide"
	"frontdesk/workers/deliver"
	"frontdesk/workers/engine"
	"frontdesk/workers/receive"
	"frontdesk/workers/store"
	"frontdesk/workers/store/storetest"
	"frontdesk/workers/store/storetest/postgres"
	"frontdesk/workers/sweep"
	"frontdesk/workers/workerstest"
)

var durable = postgres.Server{Durable: true, Own: true}

func TestMain(m *testing.M) { os.Exit(postgres.Main(m, &durable)) }

// line is what a process with all roles runs behind its doors, on the in-process Redis.
type line struct {
	*workerstest.Rig
	engine    *engine.Engine
	notifier  *workers.Notifier
	meter     *workers.Meter
	courtesy  *workers.Courtesy
	intake    *receive.Intake
	processor *decide.Processor
	deliverer *deliver.Deliverer
}

// newLine makes the line over the rig's store, or another one. Nobody decides before Run, and nothing is sent without a sender.
func newLine(b *testing.B, other *store.Store, watch func(decide.Passed), sender channels.Sender) *line {
	b.Helper()
	l := &line{Rig: workerstest.New(b), meter: workers.NewMeter(prometheus.NewRegistry()), courtesy: &workers.Courtesy{}}
	l.RealTime()
	if other != nil {
		l.Store = other
	}
	l.engine = runningEngine(b, l.handle)
	l.notifier = workers.NewNotifier(l.engine, l.Logger)
	l.intake = receive.NewIntake(receive.IntakeConfig{Store: l.Store, Notifier: l.notifier, Courtesy: l.courtesy, Meter: l.meter, Logger: l.Logger})
	l.processor = decide.NewProcessor(decide.ProcessorConfig{Store: l.Store, Notifier: l.notifier, Decoders: workerstest.Decoders(), Settings: l.Settings,
		Quarantine: decide.NewQuarantine(l.Store), Courtesy: l.courtesy, Meter: l.meter, Logger: l.Logger, Watch: watch})
	if sender != nil {
		texts, err := templates.New(nil)
		l.Must(err)
		writer := &deliver.Writer{Channels: kinds.All().Traits(), Texts: texts, DeskName: "Acme", Domain: "desk.example", Language: "en", Zone: time.UTC, Short: []string{"sms"},
			Inboxes: l.Settings.Inboxes, Answering: l.Settings.Answering, Fallback: []message.AddressKind{message.Email, message.Phone}, MAC: pipelinetest.MAC}
		out := deliver.Outlets{Senders: map[string]channels.Sender{"hotline": sender}, Courtesy: l.courtesy}
		l.deliverer = deliver.NewDeliverer(l.Store, l.notifier, "worker-1", out, writer, l.meter, l.Logger)
	}
	return l
}

func (l *line) handle(ctx context.Context, w engine.Work) error {
	switch {
	case w.Kind != engine.Deliver:
		return l.processor.Handle(ctx, w)
	case l.deliverer != nil:
		return l.deliverer.Handle(ctx, w)
	}
	return nil
}

// service runs all workers until stop is called.
func (l *line) service(b *testing.B) (stop func()) {
	b.Helper()
	s := sweep.New(sweep.Config{Store: l.Store, Notifier: l.notifier, Process: l.processor.Wake, Engine: l.engine,
		Checks: deliver.NewChecks(l.Store, l.intake.Lot, nil, l.Logger), Meter: l.meter, Logger: l.Logger})
	ctx, cancel := context.WithCancel(b.Context())
	var all sync.WaitGroup
	for _, run := range []func(context.Context){l.processor.Run, s.Run, sweep.NewSearch(l.Store, l.courtesy, l.Logger).Run,
		func(ctx context.Context) {
			l.notifier.Run(ctx, workers.Local{Process: l.processor.Wake, Deliver: l.deliverer.Begin})
		}} {
		all.Go(func() { run(ctx) })
	}
	return func() { cancel(); all.Wait(); l.deliverer.Stop() }
}

// BenchmarkAccept is one message from the door to its commit, with so many callers at a time.
func BenchmarkAccept(b *testing.B) {
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("%d callers", callers), func(b *testing.B) {
			l := newLine(b, nil, nil, nil)
			var n atomic.Int64
			b.ResetTimer()
			var wg sync.WaitGroup
			for range callers {
				wg.Go(func() {
					for i := n.Add(1); i <= int64(b.N); i = n.Add(1) {
						d := l.Delivery("hotline", fmt.Sprint("k", i), workerstest.Letter{From: fmt.Sprintf("+861380%07d", i), Text: workerstest.Payment})
						if _, err := l.intake.Accept(b.Context(), d); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}

// BenchmarkLine is the whole line from the door to the decision, through the in-process Redis.
func BenchmarkLine(b *testing.B) {
	for _, callers := range []int{1, 64, 256} {
		b.Run(fmt.Sprintf("%d callers", callers), func(b *testing.B) {
			decided := make(chan struct{}, 1<<20)
			var other *store.Store
			if os.Getenv("LINE_POSTGRES") != "" {
				other = storetest.Open(b, store.Options{URL: durable.Database(b), Dir: b.TempDir()})
			}
			l := newLine(b, other, func(decide.Passed) { decided <- struct{}{} }, nil)
			ctx, stop := context.WithCancel(b.Context())
			defer stop()
			go l.processor.Run(ctx)
			go l.notifier.Run(ctx, workers.Local{Process: l.processor.Wake})
			var n atomic.Int64
			b.ResetTimer()
			for range callers {
				go func() {
					for i := n.Add(1); i <= int64(b.N); i = n.Add(1) {
						l.intake.Accept(b.Context(), l.Delivery("hotline", fmt.Sprint("k", i), workerstest.Letter{From: fmt.Sprintf("+861380%07d", i), Text: workerstest.Payment}))
					}
				}()
			}
			for range b.N {
				<-decided
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}

// BenchmarkWake is the way from the commit of a message to the hand-over of its acknowledgement, at 50 messages a second of
// as many customers. It tells how long half and all but a hundredth of them take.
//
//	go test ./workers -run '^$' -bench BenchmarkWake -benchtime 500x
func BenchmarkWake(b *testing.B) {
	var mu sync.Mutex
	committed, took := map[string]time.Time{}, []time.Duration{}
	handed := map[string]time.Time{}
	done := make(chan struct{}, b.N)
	l := newLine(b, nil, nil, sendFunc(func(_ context.Context, key string, out channels.Outbound) (channels.Receipt, error) {
		mu.Lock()
		handed[out.To.Value] = time.Now()
		mu.Unlock()
		done <- struct{}{}
		return wellDone(key)
	}))
	stop := l.service(b)
	defer stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var all sync.WaitGroup
	for i := range b.N {
		<-tick.C
		all.Go(func() {
			from := fmt.Sprintf("+861380%07d", i)
			_, err := l.intake.Accept(b.Context(), l.Delivery("hotline", "k"+strconv.Itoa(i), workerstest.Letter{From: from, Text: workerstest.Payment}))
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
	l := newLine(b, nil, nil, sendFunc(func(_ context.Context, key string, _ channels.Outbound) (channels.Receipt, error) {
		return wellDone(key)
	}))
	stop := l.service(b)
	defer stop()
	time.Sleep(2 * time.Second) // its start
	begun := usage()
	time.Sleep(time.Duration(b.N) * time.Second)
	b.ReportMetric(100*(usage()-begun).Seconds()/float64(b.N), "%-of-a-core")
	b.ReportMetric(0, "ns/op")
}

func runningEngine(b *testing.B, h engine.Handler) *engine.Engine {
	b.Helper()
	redis, err := engine.StartEmbedded(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(redis.Close)
	e, err := engine.New(engine.Config{Redis: redis.Client(), Grace: time.Second, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { e.Stop(); e.Close() })
	if err := e.Start(b.Context(), h); err != nil {
		b.Fatal(err)
	}
	return e
}

// sendFunc is a sender that does what the benchmark says.
type sendFunc func(ctx context.Context, key string, out channels.Outbound) (channels.Receipt, error)

func (f sendFunc) Send(ctx context.Context, key string, out channels.Outbound) (channels.Receipt, error) {
	return f(ctx, key, out)
}

func wellDone(key string) (channels.Receipt, error) {
	return channels.Receipt{Key: key, ProviderID: "P-" + key, Status: channels.StatusSent}, nil
}

func usage() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
