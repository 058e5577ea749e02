package decide

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"frontdesk/pipeline/causes"
	"frontdesk/workers/store"
)

// maxClaims is after how many deaths of its process a message is parked.
const maxClaims = 3

// Quarantine is how messages are worked on of which one may have killed the last process (poison messages): one at a time in
// this process and with nothing read beside it, so that a death is counted against nobody but the
// message that was under work. A death is what ends the whole process (its stack, its memory); a panic
// is caught and parks the message at once.
type Quarantine struct {
	store   *store.Store
	reading *semaphore.Weighted // who reads takes 1 of it, a message in quarantine all

	mu     sync.Mutex
	stands map[int64]bool // messages that are not under work and whose claim could not be taken back
}

const wholeReading = math.MaxInt32 // more than there are who read

// NewQuarantine makes the quarantine of a process.
func NewQuarantine(s *store.Store) *Quarantine {
	return &Quarantine{store: s, reading: semaphore.NewWeighted(wholeReading), stands: map[int64]bool{}}
}

// MayRead waits until nothing is claimed in this process, which holds until release is called. Its
// holder waits for nobody meanwhile. Whoever decodes a message asks for it.
func (q *Quarantine) MayRead(ctx context.Context) (release func(), err error) {
	for {
		if err := q.reading.Acquire(ctx, 1); err != nil {
			return nil, err
		}
		if len(q.standing()) == 0 {
			return func() { q.reading.Release(1) }, nil
		}
		q.reading.Release(1)
		if err := q.alone(ctx, func() error { return q.unclaimAllBut(ctx, 0) }); err != nil {
			return nil, err
		}
	}
}

// alone calls f while nothing is read in this process but by f.
func (q *Quarantine) alone(ctx context.Context, f func() error) error {
	if err := q.reading.Acquire(ctx, wholeReading); err != nil {
		return err
	}
	defer q.reading.Release(wholeReading)
	return f()
}

// claim counts one more try at a message in the database, before the work that may kill the process. open is false when it was
// decided meanwhile; stuck says that the process has died too often.
func (q *Quarantine) claim(ctx context.Context, id int64, now time.Time) (open, stuck bool, err error) {
	if err := q.unclaimAllBut(ctx, id); err != nil {
		return false, false, err
	}
	if len(q.standing()) > 0 { // this try is counted already
		return true, false, nil
	}
	claims, err := q.store.Backlog.Claim(ctx, []int64{id}, now)
	if err != nil {
		q.note(id, true) // it may be counted all the same
		return false, false, fmt.Errorf("claiming message: %w", err)
	}
	n, open := claims[id]
	return open, n > maxClaims, nil
}

// unclaimAllBut takes back what stands of claims, except on one message.
func (q *Quarantine) unclaimAllBut(ctx context.Context, but int64) error {
	for _, id := range q.standing() {
		if id == but {
			continue
		}
		if err := q.unclaim(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// unclaim takes a claim back: the process lives, so what failed was no fault of the message's. One
// that can't be taken back stands.
func (q *Quarantine) unclaim(ctx context.Context, id int64) error {
	err := q.store.Backlog.Unclaim(context.WithoutCancel(ctx), id)
	q.note(id, err != nil)
	return err
}

func (q *Quarantine) note(id int64, stands bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if stands {
		q.stands[id] = true
	} else {
		delete(q.stands, id)
	}
}

func (q *Quarantine) standing() []int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	var ids []int64
	for id := range q.stands {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// carefully works on one message in quarantine: each try is counted in the database first, so that one
// that kills the process is found out and parked.
func (p *Processor) carefully(ctx context.Context, id int64, bulk bool) error {
	return p.quarantine.alone(ctx, func() error {
		if awaits, err := p.awaits(ctx, id); err != nil || awaits {
			return err
		}
		open, stuck, err := p.quarantine.claim(ctx, id, p.now())
		switch {
		case err != nil || !open:
			return err
		case stuck:
			return p.parkStuck(ctx, id)
		}
		if err := p.batch(ctx, []int64{id}, mode{bulk: bulk, alone: true}); err != nil {
			return errors.Join(err, p.quarantine.unclaim(ctx, id))
		}
		p.quarantine.note(id, false)
		return nil
	})
}

// awaits reports whether a message waits for scanners, so that no try at it is counted meanwhile.
func (p *Processor) awaits(ctx context.Context, id int64) (bool, error) {
	if p.enrich == nil {
		return false, nil
	}
	pending, err := p.store.Backlog.Undecided(ctx, []int64{id})
	if err != nil {
		return false, fmt.Errorf("reading undecided message: %w", err)
	}
	ready, err := p.enrich.Hold(ctx, pending, p.now())
	return len(ready) < len(pending), err
}

func (p *Processor) parkStuck(ctx context.Context, id int64) error {
	pending, err := p.store.Backlog.Undecided(ctx, []int64{id})
	if err != nil || len(pending) == 0 {
		return err
	}
	c := parkedCase(pending[0], causes.Unparsable, fmt.Sprintf("the process died %d times while it was being decided", maxClaims))
	c.Plan.Trace[0].Stage = StageClaim
	return p.commitAlone(ctx, p.decision(pending[0], c))
}
