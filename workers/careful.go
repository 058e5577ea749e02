package workers

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"golang.org/x/sync/semaphore"
)

// care is how messages are worked on of which one may have killed the last process: one at a time in
// this process and with nothing read beside it, so that a death is counted against nobody but the
// message that was under work. A death is what ends the whole process (its stack, its memory); a panic
// is caught and parks the message at once.
type care struct {
	reading *semaphore.Weighted // a batch that reads takes 1 of it, a message under care all

	mu     sync.Mutex
	stands map[int64]bool // messages that are not under work and whose claim could not be taken back
}

const wholeCare = math.MaxInt32 // more than there are batches

func newCare() *care {
	return &care{reading: semaphore.NewWeighted(wholeCare), stands: map[int64]bool{}}
}

func (c *care) note(id int64, stands bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if stands {
		c.stands[id] = true
	} else {
		delete(c.stands, id)
	}
}

func (c *care) standing() []int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	var ids []int64
	for id := range c.stands {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

type carefulKey struct{}

// isCareful reports whether ctx is that of a message under care.
func isCareful(ctx context.Context) bool { return ctx.Value(carefulKey{}) != nil }

// carefully works on messages one at a time, counting each try in the database first, so that one
// that kills the process is found out and parked.
func (p *Processor) carefully(ctx context.Context, ids []int64) error {
	var failed error
	for _, id := range ids {
		failed = errors.Join(failed, p.alone(ctx, func(ctx context.Context) error { return p.one(ctx, id) }))
		if ctx.Err() != nil {
			break
		}
	}
	return failed
}

// alone calls f while nothing is read in this process but by f.
func (p *Processor) alone(ctx context.Context, f func(context.Context) error) error {
	if err := p.care.reading.Acquire(ctx, wholeCare); err != nil {
		return err
	}
	defer p.care.reading.Release(wholeCare)
	return f(context.WithValue(ctx, carefulKey{}, true))
}

// MayRead waits until nothing is claimed in this process, which holds until release is called. Its
// holder waits for nobody meanwhile. Whoever decodes a message outside a batch asks for it, too.
func (p *Processor) MayRead(ctx context.Context) (release func(), err error) {
	if isCareful(ctx) {
		return func() {}, nil
	}
	for {
		if err := p.care.reading.Acquire(ctx, 1); err != nil {
			return nil, err
		}
		if len(p.care.standing()) == 0 {
			return func() { p.care.reading.Release(1) }, nil
		}
		p.care.reading.Release(1)
		if err := p.alone(ctx, func(ctx context.Context) error { return p.unclaimAllBut(ctx, 0) }); err != nil {
			return nil, err
		}
	}
}

func (p *Processor) one(ctx context.Context, id int64) error {
	if awaits, err := p.awaits(ctx, id); err != nil || awaits {
		return err
	}
	if err := p.unclaimAllBut(ctx, id); err != nil {
		return err
	}
	if len(p.care.standing()) == 0 { // or this try is counted already
		claims, err := p.store.Claim(ctx, []int64{id}, p.now())
		if err != nil {
			p.care.note(id, true) // it may be counted all the same
			return fmt.Errorf("claiming message: %w", err)
		}
		n, open := claims[id]
		if !open {
			return nil
		}
		if n > maxClaims {
			return p.parkStuck(ctx, id)
		}
	}
	if err := p.rest(ctx, []int64{id}, 1); err != nil {
		return errors.Join(err, p.unclaim(ctx, id))
	}
	p.care.note(id, false)
	return nil
}

// unclaimAllBut takes back what stands of claims, except on one message.
func (p *Processor) unclaimAllBut(ctx context.Context, but int64) error {
	for _, id := range p.care.standing() {
		if id == but {
			continue
		}
		if err := p.unclaim(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// unclaim takes a claim back: the process lives, so what failed was no fault of the message's. One
// that can't be taken back stands.
func (p *Processor) unclaim(ctx context.Context, id int64) error {
	err := p.store.Unclaim(context.WithoutCancel(ctx), id)
	p.care.note(id, err != nil)
	return err
}
