package base

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"frontdesk/pipeline"
	"frontdesk/workers/store/sql"
)

// blockSize is how many ids a process takes from the database at a time: a round trip for 512 ids, and so many are
// skipped at most after a crash.
const (
	blockSize = 512
)

// Sequences hands out ids from blocks that this process took from the database, so that an id
// costs no round trip and no two processes hand out the same.
type Sequences struct {
	DB sql.DB

	// asking is full while the database is asked for a block: whoever waits for that waits no longer than his
	// deadline. mu is never held then: transactions take ids that were reserved for them, and what holds mu must not
	// wait for the writer that they hold.
	asking chan struct{}
	Mu     sync.Mutex
	free   map[string]*block
}

// block is the unused rest of what was taken, as ranges in ascending order.
type block struct {
	spans    []span
	left     int64
	reserved int64
}

// span is a range of ids: next is free, end is not in it.
type span struct{ next, end int64 }

// NewSequences takes blocks of ids from d.
func NewSequences(d sql.DB) *Sequences {
	return &Sequences{DB: d, asking: make(chan struct{}, 1), free: map[string]*block{}}
}

func (q *Sequences) block(name string) *block {
	b := q.free[name]
	if b == nil {
		b = &block{}
		q.free[name] = b
	}
	return b
}

// reserve makes sure that n ids can be taken without asking the database.
// The write that takes a block is a transaction of its own, beside that of the caller: an id that is taken is taken,
// whatever becomes of him.
func (q *Sequences) reserve(ctx context.Context, name string, n int64) error {
	if q.spare(name, n) {
		return nil
	}
	done, err := q.ask(ctx)
	if err != nil {
		return err
	}
	defer done()
	missing := q.claim(name, n)
	if missing <= 0 {
		return nil
	}
	size, end := max(missing+n, blockSize), int64(0) // as much again: the next one need not ask, nor wait for the writer
	err = q.DB.Write(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Ask(sql.Into(&end), `INSERT INTO sequences (name, next) VALUES ($1, CAST($2 AS bigint) + 1)
ON CONFLICT (name) DO UPDATE SET next = sequences.next + CAST($2 AS bigint) RETURNING next`, name, size))
	})
	if err != nil {
		q.release(name, n)
		return fmt.Errorf("taking ids: %w", err)
	}
	q.Mu.Lock()
	defer q.Mu.Unlock()
	q.block(name).add(span{end - size, end})
	return nil
}

// ask waits for its turn to ask the database, until ctx ends.
func (q *Sequences) ask(ctx context.Context) (done func(), err error) {
	select {
	case q.asking <- struct{}{}:
		return func() { <-q.asking }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for ids: %w", context.Cause(ctx))
	}
}

// spare reserves n ids if there are so many that nobody has reserved.
func (q *Sequences) spare(name string, n int64) bool {
	q.Mu.Lock()
	defer q.Mu.Unlock()
	b := q.block(name)
	if b.reserved+n > b.left {
		return false
	}
	b.reserved += n
	return true
}

// claim reserves n ids and tells how many of them there are not yet.
func (q *Sequences) claim(name string, n int64) (missing int64) {
	q.Mu.Lock()
	defer q.Mu.Unlock()
	b := q.block(name)
	b.reserved += n
	return b.reserved - b.left
}

func (b *block) add(s span) {
	b.left += s.end - s.next
	if last := len(b.spans) - 1; last >= 0 && b.spans[last].end == s.next {
		b.spans[last].end = s.end
		return
	}
	b.spans = append(b.spans, s)
}

// take uses up one reserved id.
func (q *Sequences) take(name string) int64 {
	q.Mu.Lock()
	defer q.Mu.Unlock()
	b := q.block(name)
	if b.left == 0 {
		panic("store: more ids of sequence " + name + " taken than reserved")
	}
	id := b.spans[0].next
	b.spans[0].next++
	if b.spans[0].next == b.spans[0].end {
		b.spans = b.spans[1:]
	}
	b.left--
	b.reserved--
	return id
}

func (q *Sequences) release(name string, n int64) {
	q.Mu.Lock()
	defer q.Mu.Unlock()
	q.block(name).reserved -= n
}

// TakeAll reserves and takes n ids at once.
func (q *Sequences) TakeAll(ctx context.Context, name string, n int) ([]int64, error) {
	if err := q.reserve(ctx, name, int64(n)); err != nil {
		return nil, err
	}
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = q.take(name)
	}
	return ids, nil
}

// GiveBack returns the last block's rest if nobody has taken ids since, so that restarts do not
// leave gaps in the ticket numbers. It locks the rows in the order of their names: another process may stop at the same time.
func (q *Sequences) GiveBack(ctx context.Context) error {
	done, err := q.ask(ctx)
	if err != nil {
		return err
	}
	defer done()
	rest := q.drain()
	return q.DB.Write(ctx, func(t sql.Tx) error {
		for _, name := range slices.Sorted(maps.Keys(rest)) {
			for _, last := range slices.Backward(rest[name]) {
				if err := t.Run(ctx, sql.Do(`UPDATE sequences SET next = $2 WHERE name = $1 AND next = $3`, name, last.next, last.end)); err != nil {
					return fmt.Errorf("handing back ids: %w", err)
				}
			}
		}
		return nil
	})
}

// drain takes all that is left out.
func (q *Sequences) drain() map[string][]span {
	q.Mu.Lock()
	defer q.Mu.Unlock()
	rest := map[string][]span{}
	for name, b := range q.free {
		rest[name] = b.spans
		*b = block{}
	}
	return rest
}

// IDs hands out ids for the plans of one batch. It implements pipeline.IDs and is for one goroutine.
type IDs struct {
	from *Sequences
	left map[string]int64
}

// effectsPerMessage is how many outbox rows the plan of one message can have at most.
const effectsPerMessage = 16

// IDs reserves the ids that the plans of so many messages can need. Done must be called once the
// plans are made; what was not used is kept for the next batch.
func (s *Store) IDs(ctx context.Context, messages int) (*IDs, error) {
	n := int64(messages)
	return s.Ids(ctx, map[string]int64{
		pipeline.SequenceContact: n, pipeline.SequenceTicket: n, pipeline.SequenceEffect: n * effectsPerMessage,
	})
}

// Ids reserves as many ids of each name as are wanted. Those that are left go back with Done.
func (s *Store) Ids(ctx context.Context, wanted map[string]int64) (*IDs, error) {
	ids := &IDs{from: s.Sequences, left: map[string]int64{}}
	for name, n := range wanted {
		if err := s.Sequences.reserve(ctx, name, n); err != nil {
			ids.Done()
			return nil, err
		}
		ids.left[name] = n
	}
	return ids, nil
}

// Next returns a fresh id. Asking for more than were reserved is a programming error and panics.
func (i *IDs) Next(sequence string) int64 {
	if i.left[sequence] == 0 {
		panic("store: more ids of sequence " + sequence + " asked for than reserved")
	}
	i.left[sequence]--
	return i.from.take(sequence)
}

// Done keeps what was not used for others. It may be called twice.
func (i *IDs) Done() {
	for name, n := range i.left {
		i.from.release(name, n)
		delete(i.left, name)
	}
}
