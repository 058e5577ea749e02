package second

import "time"

// Bounds of the breaker.
const (
	breakAfter   = 3
	firstPause   = 30 * time.Second
	longestPause = 10 * time.Minute
)

// breaker keeps away from an endpoint that has failed breakAfter times in a row: for a pause, after which one question tries it. The pause doubles with each
// try that fails, and ends with one that succeeds. Its owner has the lock.
type breaker struct {
	failed int // in a row
	pause  time.Duration
	until  time.Time
	trying bool
}

// open reports whether nothing is asked now.
func (b *breaker) open(now time.Time) bool { return b.pause > 0 && (b.trying || now.Before(b.until)) }

// begin is told that a question is asked.
func (b *breaker) begin() { b.trying = b.pause > 0 }

// end is told how a question has ended. It is the pause that begins now; 0: none does.
func (b *breaker) end(ok bool, now time.Time) time.Duration {
	tried := b.trying
	b.trying = false
	if ok {
		*b = breaker{}
		return 0
	}
	b.failed++
	if b.failed < breakAfter || b.pause > 0 && !tried {
		return 0
	}
	b.pause = min(max(firstPause, 2*b.pause), longestPause)
	b.until = now.Add(b.pause)
	return b.pause
}
