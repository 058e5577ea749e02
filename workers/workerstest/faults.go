package workerstest

import (
	"bytes"
	"context"
	"errors"
	"sync"

	"frontdesk/workers/engine"
	"frontdesk/workers/store/blobs"
)

// Queue is an engine that only writes down what it is asked for.
type Queue struct {
	mu    sync.Mutex
	tasks []engine.Task
}

// Enqueue writes a task down.
func (q *Queue) Enqueue(_ context.Context, t engine.Task) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.tasks = append(q.tasks, t)
	return nil
}

// Heard takes what was written down, and what the notifier still has: run is its Run, which at its end hands on what waits.
func (q *Queue) Heard(run func(ctx context.Context)) []engine.Task {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	run(ctx)
	q.mu.Lock()
	defer q.mu.Unlock()
	out := q.tasks
	q.tasks = nil
	return out
}

// Log is a log that tests may read while others write.
type Log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write appends to it.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// String is all of it.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// Blobs refuses as many puts as it is told to, and counts the others.
type Blobs struct {
	blobs.Store
	mu     sync.Mutex
	refuse int
	puts   int
}

// ErrFull is how it refuses.
var ErrFull = errors.New("the disk is full")

// Put keeps a blob, or refuses it.
func (b *Blobs) Put(ctx context.Context, digest string, sealed []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refuse > 0 {
		b.refuse--
		return ErrFull
	}
	b.puts++
	return b.Store.Put(ctx, digest, sealed)
}

// FailNext has the next n puts refused.
func (b *Blobs) FailNext(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refuse = n
}

// Puts is how many were taken.
func (b *Blobs) Puts() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.puts
}
