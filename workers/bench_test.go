package workers

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/workers/engine"
	"frontdesk/workers/store"
	"frontdesk/workers/store/storetest"
)

// BenchmarkAccept is one message from the door to its commit, with so many callers at a time.
func BenchmarkAccept(b *testing.B) {
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("%d callers", callers), func(b *testing.B) {
			r := newRig(b)
			ctx, stop := context.WithCancel(b.Context())
			defer stop()
			go r.notifier.Run(ctx, Local{})
			var n atomic.Int64
			b.ResetTimer()
			var wg sync.WaitGroup
			for range callers {
				wg.Go(func() {
					for i := n.Add(1); i <= int64(b.N); i = n.Add(1) {
						d := r.delivery("hotline", fmt.Sprint("k", i), letter{From: fmt.Sprintf("+861380%07d", i), Text: payment})
						if _, err := r.intake.Accept(b.Context(), d); err != nil {
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
			r := newRig(b)
			if os.Getenv("LINE_POSTGRES") != "" {
				r.store = storetest.Open(b, store.Options{URL: durable.Database(b), Dir: b.TempDir()})
				r.intake, r.processor = r.newIntake(nil), r.newProcessor()
			}
			decided := make(chan struct{}, 1<<20)
			r.processor.watch = func(Passed) { decided <- struct{}{} }
			e := runningEngine(b, func(ctx context.Context, w engine.Work) error {
				if w.Kind == engine.Deliver {
					return nil
				}
				return r.processor.Handle(ctx, w)
			})
			r.notifier.to = e
			ctx, stop := context.WithCancel(b.Context())
			defer stop()
			go r.processor.Run(ctx)
			go r.notifier.Run(ctx, Local{Process: r.processor.Wake})
			var n atomic.Int64
			b.ResetTimer()
			for range callers {
				go func() {
					for i := n.Add(1); i <= int64(b.N); i = n.Add(1) {
						r.intake.Accept(b.Context(), channels.Delivery{Inbox: "hotline", Channel: "sms", Key: fmt.Sprint("k", i), At: noon,
							Raw: letter{From: fmt.Sprintf("+861380%07d", i), Text: payment}.raw()})
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
