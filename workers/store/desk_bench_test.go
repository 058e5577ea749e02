package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/route/assign"
	"frontdesk/workers/store"
	"frontdesk/workers/store/desk"
	"frontdesk/workers/store/viewer"
)

// BenchmarkDesk measures what agents look at, on as many open tickets as BENCH_TICKETS says, in nine queues and three languages. Nothing is
// asserted: plans_test.go holds that each statement runs on an index.
func BenchmarkDesk(b *testing.B) {
	databases(b, func(b *testing.B, s *store.Store) {
		ctx, now := context.Background(), time.Now()
		for next, all := 0, searchTickets(b); next < all; {
			many := decided(b, s, 256, &next)
			for i := range many {
				t := &many[i].Plan.Ticket
				at := now.Add(-time.Duration((next-i)%5000) * time.Minute)
				t.At, t.Open.OpenedAt, t.Open.LastAt = at, at, at
				t.Open.Queue, t.Open.Language, t.Open.Priority = fmt.Sprint("queue", i%9), []string{"en", "zh", "de"}[i%3], []string{"normal", "normal", "high", "low", "urgent"}[i%5]
				many[i].Plan.Promises = append(many[i].Plan.Promises, promises.Plan{Kind: "first-reply", Due: at.Add(24 * time.Hour)})
			}
			if err := s.Commit.Commit(ctx, many, now); err != nil {
				b.Fatal(err)
			}
		}
		v := viewer.Viewer{User: 7, Login: "zhou", Grants: []viewer.Grant{{Role: viewer.Lead, Queue: viewer.Every}}}
		for range 200 {
			if _, err := s.Dispatch.Next(ctx, v, assign.Rules{}, now); err != nil {
				b.Fatal(err)
			}
		}
		for _, list := range desk.Lists() {
			b.Run(string(list), func(b *testing.B) {
				for b.Loop() {
					if _, err := s.Desk.List(ctx, v, desk.Seek{List: list}, now); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		for name, do := range map[string]func() error{
			"counts":   func() error { now = now.Add(time.Second); _, err := s.Desk.Counts(ctx, v, now); return err }, // of which nobody has asked in that moment
			"next":     func() error { _, err := s.Dispatch.Next(ctx, v, assign.Rules{}, now); return err },
			"ticket":   func() error { _, err := s.Desk.Ticket(ctx, v, 77); return err },
			"timeline": func() error { _, _, err := s.Desk.Timeline(ctx, v, 77, desk.Mark{}, 50); return err },
			"a walk": func() error {
				var w desk.Walk
				for {
					now = now.Add(time.Hour)
					if _, done, err := s.Desk.Step(ctx, &w, now); err != nil || done {
						return err
					}
				}
			},
		} {
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					if err := do(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	})
}
