package email

import (
	"sync"
	"time"

	"frontdesk/channels"
)

// smtpLends is the part of ReadTimeout after which a message that stands still lends the room that it
// has not filled to others: 30 s of five minutes.
const smtpLends = 10

// smtpRoom is what a message has of the memory budget. A declared size is taken at once, so that of
// many large messages some come in whole and the others are refused at their beginning. Who declares
// and then sends nothing keeps it from the others for a short while only.
type smtpRoom struct {
	mu       sync.Mutex
	hold     *channels.Hold
	declared int64
	filled   int64
	lent     bool
	after    time.Duration
	idle     *time.Timer
}

// declare takes the declared size, if there is as much.
func (r *smtpRoom) declare(size int64, after time.Duration) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.hold.Reach(size) {
		return false
	}
	r.declared, r.after = size, after
	if size > smtpStep {
		r.idle = time.AfterFunc(after, r.lend)
	}
	return true
}

// lend gives back what is not filled.
func (r *smtpRoom) lend() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lent = true
	r.hold.Shrink(r.filled)
}

// moved notes progress. What was lent is taken again where it is free; where it is not, the message
// takes what it needs as its bytes come.
func (r *smtpRoom) moved() {
	if r.idle == nil {
		return
	}
	r.idle.Reset(r.after)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lent {
		r.lent = !r.hold.Reach(r.declared)
	}
}

// reach holds at least so much, which is filled now.
func (r *smtpRoom) reach(size int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.hold.Reach(size) {
		return false
	}
	r.filled = size
	return true
}

// release gives everything back.
func (r *smtpRoom) release() {
	if r.idle != nil {
		r.idle.Stop()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hold.Release()
}
