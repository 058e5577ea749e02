package engine

import (
	"context"
	"testing"
)

// BenchmarkTask carries tasks through the in-process Redis: enqueued, taken, done.
func BenchmarkTask(b *testing.B) {
	r, err := StartEmbedded(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	e, err := New(Config{Redis: r.Client()})
	if err != nil {
		b.Fatal(err)
	}
	done := make(chan struct{}, 1024)
	if err := e.Start(b.Context(), func(context.Context, Work) error { done <- struct{}{}; return nil }); err != nil {
		b.Fatal(err)
	}
	defer func() { e.Stop(); e.Close() }()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		if err := e.Enqueue(b.Context(), Task{Kind: Process, IDs: []int64{int64(i)}}); err != nil {
			b.Fatal(err)
		}
		if i > 256 {
			<-done
		}
	}
}
