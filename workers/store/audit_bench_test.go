package store_test

import (
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"frontdesk/workers/store"
	"frontdesk/workers/store/auditing"
	"frontdesk/workers/store/fill"
)

// BenchmarkAudit makes the books of FRONTDESK_AUDIT_TICKETS tickets (10 000 by default), each of one
// message that was acknowledged: of everything, and of nothing new.
func BenchmarkAudit(b *testing.B) {
	tickets, err := strconv.ParseInt(os.Getenv("FRONTDESK_AUDIT_TICKETS"), 10, 64)
	if err != nil {
		tickets = 10_000
	}
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": openSQLite, "postgres": openPostgres} {
		b.Run(name, func(b *testing.B) {
			s := open(b)
			village(b, s, 100)
			f, err := fill.NewFiller(b.Context(), s.Base)
			if err != nil {
				b.Fatal(err)
			}
			if err := f.Fill(b.Context(), tickets, func(int64) {}); err != nil {
				b.Fatal(err)
			}
			if err := f.Done(b.Context()); err != nil {
				b.Fatal(err)
			}
			for what, o := range map[string]auditing.AuditOptions{"whole": {}, "hasty": {Hasty: true}, "nothing-new": {From: time.Now().Add(time.Minute)}} {
				b.Run(what, func(b *testing.B) {
					before := cpu(b)
					for range b.N {
						books, err := s.Auditing.Audit(b.Context(), o, time.Now())
						if err != nil {
							b.Fatal(err)
						}
						if len(books.Findings) > 0 {
							b.Fatalf("%v", books.Findings)
						}
					}
					b.ReportMetric((cpu(b)-before).Seconds()/float64(b.N), "cpu-s/op")
				})
			}
		})
	}
}

// cpu is what this process has used so far; a database server's own is not in it.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
