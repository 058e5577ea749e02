package base

import "sync/atomic"

// Bell says that a transaction has ended that may have changed something. A nil one says nothing.
type Bell struct{ told atomic.Pointer[func()] }

// Tell has f called from now on, by whoever has committed: it must not block. nil: nobody is called.
func (b *Bell) Tell(f func()) {
	if f == nil {
		b.told.Store(nil)
		return
	}
	b.told.Store(&f)
}

// Ring rings.
func (b *Bell) Ring() {
	if b == nil {
		return
	}
	if f := b.told.Load(); f != nil {
		(*f)()
	}
}
