package decide

import (
	"context"
	"errors"
	"sync"
)

// errStopped says that nobody works in this process any more.
var errStopped = errors.New("the worker has stopped")

// lane is one worker with what wakes it. A look is one round of its work; whoever asks for one is answered when a look has
// ended that began after he asked.
type lane struct {
	woken chan struct{} // holds one

	mu      sync.Mutex
	waiting []chan error
	stopped bool
}

func newLane() *lane { return &lane{woken: make(chan struct{}, 1)} }

// wake asks for a look and does not wait for it.
func (l *lane) wake() {
	select {
	case l.woken <- struct{}{}:
	default:
	}
}

// join asks for a look and waits for its end.
func (l *lane) join(ctx context.Context) error {
	done := make(chan error, 1)
	l.mu.Lock()
	if l.stopped {
		l.mu.Unlock()
		return errStopped
	}
	l.waiting = append(l.waiting, done)
	l.mu.Unlock()
	l.wake()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// begin begins a look. Whoever waits for one by now is answered by end, which is to be called however the look ends.
func (l *lane) begin() (end func(error)) {
	l.mu.Lock()
	waiting := l.waiting
	l.waiting = nil
	l.mu.Unlock()
	return func(err error) {
		for _, done := range waiting {
			done <- err
		}
	}
}

// stop answers those who wait in vain.
func (l *lane) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stopped = true
	for _, done := range l.waiting {
		done <- errStopped
	}
	l.waiting = nil
}
