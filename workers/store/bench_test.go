package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/workers/store"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/storetest"
)

// databases runs a benchmark on each database.
func databases(b *testing.B, run func(b *testing.B, s *store.Store)) {
	b.Run("sqlite", func(b *testing.B) { run(b, openSQLite(b)) })
	b.Run("postgres", func(b *testing.B) {
		run(b, storetest.Open(b, store.Options{URL: durable.Database(b), Dir: b.TempDir()}))
	})
}

// salad is text that compresses like people's.
func salad(size int) []byte {
	words := strings.Fields("refund order payment card hello please where money thanks account login error transfer received bank update 退款 订单 支付 你好 请问")
	var b strings.Builder
	for b.Len() < size {
		fmt.Fprintf(&b, "%s%d ", words[rand.IntN(len(words))], rand.IntN(1000))
	}
	return []byte(b.String()[:size])
}

func items(n, size int, next *int) []intake.Item {
	out := make([]intake.Item, n)
	for i := range out {
		*next++
		out[i] = intake.Item{Delivery: channels.Delivery{Inbox: "hotline", Channel: "sms", Key: fmt.Sprintf("SM%032d", *next), At: time.Now(), Raw: salad(size)}}
	}
	return out
}

func rate(b *testing.B, rows int) {
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkRecord(b *testing.B) {
	for _, group := range []int{1, 16, 64, 128} {
		for _, size := range []int{300, 4096} {
			b.Run(fmt.Sprintf("group=%d/bytes=%d", group, size), func(b *testing.B) {
				databases(b, func(b *testing.B, s *store.Store) {
					next := 0
					lots := make([][]intake.Item, 64)
					for i := range lots {
						lots[i] = items(group, size, &next)
					}
					b.ResetTimer()
					for i := range b.N {
						lot := lots[i%len(lots)]
						for j := range lot {
							next++
							lot[j].Key = fmt.Sprintf("SM%032d", next)
						}
						if _, err := s.Intake.Record(context.Background(), intake.Lot{Items: lot}, time.Now()); err != nil {
							b.Fatal(err)
						}
					}
					rate(b, group)
				})
			})
		}
	}
}

// decided records a group and makes the plans of first messages.
func decided(b *testing.B, s *store.Store, group int, next *int) []commit.Decision {
	recorded, err := s.Intake.Record(context.Background(), intake.Lot{Items: items(group, 300, next)}, time.Now())
	if err != nil {
		b.Fatal(err)
	}
	ids := make([]int64, group)
	for i, r := range recorded {
		ids[i] = r.ID
	}
	pending, err := s.Backlog.Undecided(context.Background(), ids)
	if err != nil {
		b.Fatal(err)
	}
	out := make([]commit.Decision, group)
	for i, p := range pending {
		out[i] = storetest.Opening(b, s, p, storetest.Phone(*next-group+i), time.Now())
	}
	return out
}

func BenchmarkCommit(b *testing.B) {
	for _, group := range []int{1, 64} {
		b.Run(fmt.Sprintf("group=%d", group), func(b *testing.B) {
			databases(b, func(b *testing.B, s *store.Store) {
				next := 0
				for range b.N {
					b.StopTimer()
					decisions := decided(b, s, group, &next)
					b.StartTimer()
					if err := s.Commit.Commit(context.Background(), decisions, time.Now()); err != nil {
						b.Fatal(err)
					}
				}
				rate(b, group)
			})
		})
	}
}

func BenchmarkFacts(b *testing.B) {
	databases(b, func(b *testing.B, s *store.Store) {
		next := 0
		for range 32 {
			if err := s.Commit.Commit(context.Background(), decided(b, s, 64, &next), time.Now()); err != nil {
				b.Fatal(err)
			}
		}
		asks := make([]pipeline.Asks, 64)
		for i := range asks {
			who := storetest.Phone(i * 2) // known ones
			asks[i] = pipeline.Asks{From: who.Identity(), Proven: true, Recipient: who.Identity(), Thread: "hotline|" + who.Value, Print: "f00d"}
		}
		b.ResetTimer()
		for range b.N {
			if _, err := s.Facts.Facts(context.Background(), asks, []int64{1, 2, 3}, []string{"hotline"}, time.Now()); err != nil {
				b.Fatal(err)
			}
		}
		rate(b, 64)
	})
}

func BenchmarkWholeWay(b *testing.B) {
	databases(b, func(b *testing.B, s *store.Store) {
		next := 0
		for range b.N {
			decisions := decided(b, s, 64, &next)
			if err := s.Commit.Commit(context.Background(), decisions, time.Now()); err != nil {
				b.Fatal(err)
			}
			ids := make([]int64, len(decisions))
			outcomes := make([]commands.SendEnded, len(decisions))
			for i, d := range decisions {
				ids[i] = d.Plan.Effects[0].ID
				outcomes[i] = commands.SendEnded{ID: ids[i], State: effects.Sent, ProviderID: fmt.Sprintf("SM%d", ids[i])}
			}
			if _, err := s.Outbox.ClaimEffects(context.Background(), ids, "b", time.Now(), time.Now().Add(time.Minute)); err != nil {
				b.Fatal(err)
			}
			if err := s.Outbox.Settle(context.Background(), outcomes, time.Now()); err != nil {
				b.Fatal(err)
			}
		}
		rate(b, 64)
	})
}
