package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"frontdesk/workers/store"
	"frontdesk/workers/store/find"
)

// searchTickets are as many tickets as are searched; BENCH_TICKETS makes it another number.
func searchTickets(b *testing.B) int {
	n, err := strconv.Atoi(os.Getenv("BENCH_TICKETS"))
	if err != nil {
		return 20_000
	}
	return n
}

// BenchmarkSearch measures searches in an index of many tickets, and how it is filled.
func BenchmarkSearch(b *testing.B) {
	databases(b, func(b *testing.B, s *store.Store) {
		begun := time.Now()
		tickets := searchTickets(b)
		for next := 0; next < tickets; {
			many := decided(b, s, 256, &next)
			for i := range many {
				many[i].Plan.Row.Visible = letterOf(30)
				if rand.IntN(20) == 0 {
					many[i].Plan.Row.Visible += "我要申请提现，请尽快处理"
				}
				many[i].Plan.Row.Visible += fmt.Sprintf(" TP%07d", rand.IntN(10_000_000))
			}
			if err := s.Commit.Commit(context.Background(), many, time.Now()); err != nil {
				b.Fatal(err)
			}
		}
		b.Logf("%d tickets written in %v", tickets, time.Since(begun))
		begun = time.Now()
		for waiting := true; waiting; {
			if _, err := s.Find.Index(context.Background()); err != nil {
				b.Fatal(err)
			}
			waiting, _ = s.Find.Unfound(context.Background())
		}
		size, err := store.IndexBytes(context.Background(), s)
		if err != nil {
			b.Fatal(err)
		}
		b.Logf("indexed in %v, %.0f a second, %d bytes a ticket", time.Since(begun), float64(tickets)/time.Since(begun).Seconds(), size/int64(tickets))
		for _, q := range []struct{ name, typed, state string }{
			{"two Han characters, common", "退款", ""}, {"two Han characters, 1 in 20", "提现", ""}, {"two Han characters, nowhere", "龙虾", ""}, {"four Han characters", "尽快处理", "open"},
			{"a number", "TP%07d", ""}, {"a number's ticket", "%d", ""}, {"an address", "030 %09d", ""}, {"a common word", "refund", ""}, {"a common beginning", "ref", ""}, {"three common words", "refund order 退款", "open"},
		} {
			b.Run(q.name, func(b *testing.B) { searches(b, s, q.typed, q.state, tickets) })
		}
	})
}

// letterOf is a text of so many words, half of them from a vocabulary like people's.
func letterOf(n int) string {
	common := strings.Fields("refund order payment payments card hello please where money thanks account login error transfer received bank update 退款 订单 支付 你好 请问")
	var out strings.Builder
	for range n {
		if rand.IntN(2) == 0 {
			out.WriteString(common[rand.IntN(len(common))] + " ")
		} else {
			fmt.Fprintf(&out, "w%c%c%d ", 'a'+rune(rand.IntN(26)), 'a'+rune(rand.IntN(26)), rand.IntN(30))
		}
	}
	return out.String()
}

func searches(b *testing.B, s *store.Store, typed, state string, tickets int) {
	var took []time.Duration
	for b.Loop() {
		text := typed
		if slices.Contains([]byte(typed), '%') {
			text = fmt.Sprintf(typed, rand.IntN(tickets)+1)
		}
		begun := time.Now()
		if _, err := s.Find.Search(context.Background(), find.Seek{Query: s.Find.Reader().Read(text), State: state}); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
}
