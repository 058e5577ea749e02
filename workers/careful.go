package workers

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// care is how messages are worked on of which one may have killed the last process: one at a time in
// this process, so that a death is counted against nobody but the message that was under work, and
// each counted once for as long as this process lives, whatever fails meanwhile.
type care struct {
	turn chan struct{} // holds one token

	mu      sync.Mutex
	counted map[int64]bool // claims of this process that were not taken back
}

func newCare() *care { return &care{turn: make(chan struct{}, 1), counted: map[int64]bool{}} }

// first reports whether this process has not counted the message yet, and notes that it does now.
func (c *care) first(id int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	first := !c.counted[id]
	c.counted[id] = true
	return first
}

func (c *care) forget(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.counted, id)
}

// carefully works on messages one at a time, counting each try in the database first, so that one
// that kills the process is found out and parked.
func (p *Processor) carefully(ctx context.Context, ids []int64) error {
	var failed error
	for _, id := range ids {
		select {
		case p.care.turn <- struct{}{}:
		case <-ctx.Done():
			return errors.Join(failed, ctx.Err())
		}
		err := p.inTurn(ctx, id)
		failed = errors.Join(failed, err)
	}
	return failed
}

func (p *Processor) inTurn(ctx context.Context, id int64) error {
	defer func() { <-p.care.turn }()
	if err := ctx.Err(); err != nil {
		return err
	}
	return p.one(ctx, id)
}

func (p *Processor) one(ctx context.Context, id int64) error {
	if awaits, err := p.awaits(ctx, id); err != nil || awaits {
		return err
	}
	if p.care.first(id) {
		claims, err := p.store.Claim(ctx, []int64{id}, p.now())
		if err != nil {
			return fmt.Errorf("claiming message: %w", err) // it may be counted all the same
		}
		n, open := claims[id]
		if !open {
			p.care.forget(id)
			return nil
		}
		if n > maxClaims {
			p.care.forget(id) // should parking fail, it is not to be decided after all
			return p.parkStuck(ctx, id)
		}
	}
	if err := p.rest(ctx, []int64{id}, 1); err != nil {
		return errors.Join(err, p.unclaim(ctx, id))
	}
	p.care.forget(id)
	return nil
}

// unclaim takes a claim back: the process lives, so what failed was no fault of the message's.
func (p *Processor) unclaim(ctx context.Context, id int64) error {
	if err := p.store.Unclaim(context.WithoutCancel(ctx), id); err != nil {
		return err
	}
	p.care.forget(id)
	return nil
}
