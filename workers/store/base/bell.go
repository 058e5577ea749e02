package base

import (
	"context"
	"sync"

	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// Bell tells those who listen in this process that the desk has changed: somebody waits, has room, or is there. It says no more; what has
// changed is read. The zero Bell has no listener. It is safe for concurrent use.
type Bell struct {
	mutex sync.Mutex
	heard []chan struct{}
}

// Ring rings it. It waits for nobody.
func (b *Bell) Ring() {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for _, c := range b.heard {
		select {
		case c <- struct{}{}:
		default: // he has not come to the last one yet
		}
	}
}

// Listen gives a channel that has something in it after a ring. leave ends it.
func (b *Bell) Listen() (heard <-chan struct{}, leave func()) {
	c := make(chan struct{}, 1)
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.heard = append(b.heard, c)
	return c, func() {
		b.mutex.Lock()
		defer b.mutex.Unlock()
		for i, other := range b.heard {
			if other == c {
				b.heard = append(b.heard[:i], b.heard[i+1:]...)
				return
			}
		}
	}
}

// ringing is a transaction of Write that knows whether it is to ring.
type ringing struct {
	sql.Tx
	rings bool // Bell
	tells bool // Changed
}

// Run notes whether something changes that pages are told.
func (r *ringing) Run(ctx context.Context, calls ...sql.Call) error {
	r.look(calls)
	return r.Tx.Run(ctx, calls...)
}

// Last likewise.
func (r *ringing) Last(ctx context.Context, calls ...sql.Call) error {
	r.look(calls)
	return r.Tx.Last(ctx, calls...)
}

func (r *ringing) look(calls []sql.Call) {
	for _, c := range calls {
		r.tells = r.tells || c.Of(tables.InsertChanges)
	}
}

// Inner is the transaction itself.
func (r *ringing) Inner() sql.Tx { return r.Tx }

// Rings has a transaction of Write ring the bell when it is committed.
func Rings(t sql.Tx) {
	if r, ok := t.(*ringing); ok {
		r.rings = true
	}
}
