package decide

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"frontdesk/workers/store"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/storetest"
	"frontdesk/workers/store/storetest/postgres"
)

var durable = postgres.Server{Durable: true, Own: true}

func TestMain(m *testing.M) { os.Exit(postgres.Main(m, &durable)) }

// BenchmarkBatch is the whole line of 128 messages of as many customers: recorded in one commit,
// decided in another. Besides the time it tells the processor's, with that of PostgreSQL's processes.
func BenchmarkBatch(b *testing.B) {
	const items = 128
	for _, kind := range []string{"sqlite", "postgres"} {
		b.Run(kind, func(b *testing.B) {
			r := newRig(b)
			r.Pass(time.Hour)
			if kind == "postgres" {
				r.Store = storetest.Open(b, store.Options{URL: durable.Database(b), Dir: b.TempDir()})
				r.processor = r.newProcessor()
			}
			next := 0
			round := func() (recording, deciding time.Duration) {
				lot := intake.Lot{}
				for range items {
					next++
					d := r.Delivery("hotline", fmt.Sprint("SM", next), letter{From: fmt.Sprintf("+861380%07d", next), Text: payment + strconv.Itoa(next)})
					lot.Items = append(lot.Items, intake.Item{Delivery: d})
				}
				start := time.Now()
				recorded, err := r.Store.Intake.Record(b.Context(), lot, time.Now())
				r.Must(err)
				ids := make([]int64, len(recorded))
				for i := range recorded {
					ids[i] = recorded[i].ID
				}
				middle := time.Now()
				r.Must(r.processor.batch(b.Context(), ids, mode{}))
				return middle.Sub(start), time.Since(middle)
			}
			for range 5 {
				round()
			}
			var recording, deciding time.Duration
			own, theirs := usage(syscall.RUSAGE_SELF), postgresCPU()
			b.ResetTimer()
			for range b.N {
				r, d := round()
				recording, deciding = recording+r, deciding+d
			}
			b.StopTimer()
			per := func(d time.Duration) float64 { return float64(d.Microseconds()) / float64(b.N*items) }
			b.ReportMetric(per(recording), "µs-record/message")
			b.ReportMetric(per(deciding), "µs-decide/message")
			b.ReportMetric(per(usage(syscall.RUSAGE_SELF)-own), "µs-cpu/message")
			b.ReportMetric(per(postgresCPU()-theirs), "µs-postgres-cpu/message")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func usage(who int) time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(who, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// postgresCPU is the processor time of all PostgreSQL processes of this machine.
func postgresCPU() time.Duration {
	var ticks int64
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		b, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		head, rest, _ := strings.Cut(string(b), ") ")
		if !strings.HasSuffix(head, "(postgres") {
			continue
		}
		f := strings.Fields(rest)
		user, _ := strconv.ParseInt(f[11], 10, 64)
		system, _ := strconv.ParseInt(f[12], 10, 64)
		ticks += user + system
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}
