package scanners

import (
	"context"
	"sync"
	"time"
)

// Breaker stands before a scanner and counts its failures in a row. After Threshold of them nobody is
// made to wait for it: Ask says no at once. When the pause is over, one caller probes it briefly; the
// pause doubles with each probe that fails, and ends with one that succeeds. It is safe for
// concurrent use.
type Breaker struct {
	probe     func(context.Context) error
	threshold int
	first     time.Duration
	longest   time.Duration
	patience  time.Duration // of one probe
	now       func() time.Time

	mu      sync.Mutex
	failed  int           // in a row
	pause   time.Duration // 0 while closed
	until   time.Time     // of the pause
	probing bool
}

// Bounds of every breaker.
const (
	breakAfter    = 3
	firstPause    = 5 * time.Second
	longestPause  = time.Minute
	probePatience = 2 * time.Second
)

// NewBreaker makes a closed breaker. now is the clock; nil for the real one.
func NewBreaker(p Prober, now func() time.Time) *Breaker {
	if now == nil {
		now = time.Now
	}
	probe := func(ctx context.Context) error {
		_, err := p.Probe(ctx)
		return err
	}
	return &Breaker{probe: probe, threshold: breakAfter, first: firstPause, longest: longestPause, patience: probePatience, now: now}
}

// Ask reports whether the scanner may be asked now. It may probe, for two seconds at most.
func (b *Breaker) Ask(ctx context.Context) bool {
	if open, due := b.look(); !open || !due {
		return !open
	}
	within, cancel := context.WithTimeout(ctx, b.patience)
	defer cancel()
	err := b.probe(within)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.probing = false
	switch {
	case err == nil:
		b.failed, b.pause = 0, 0
		return true
	case ctx.Err() == nil: // else it was the caller who had no time
		b.wait(min(2*b.pause, b.longest))
	}
	return false
}

// look reports whether the breaker is open, and whether this caller is to probe.
func (b *Breaker) look() (open, due bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pause == 0 {
		return false, false
	}
	due = !b.probing && !b.now().Before(b.until)
	b.probing = b.probing || due
	return true, due
}

func (b *Breaker) wait(pause time.Duration) {
	b.pause, b.until = pause, b.now().Add(pause)
}

// Done tells the breaker how a scan ended. The result says that it has opened just now.
func (b *Breaker) Done(ok bool) (opened bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if ok {
		b.failed = 0
		return false
	}
	b.failed++
	if b.failed < b.threshold || b.pause != 0 {
		return false
	}
	b.wait(b.first)
	return true
}

// Open reports whether the scanner is passed over at present.
func (b *Breaker) Open() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.pause != 0
}
