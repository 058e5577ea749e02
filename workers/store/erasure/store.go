// Package erasure erases a person, and proves that nothing is left.
//
// Two halves do that. The sweep walks over all tables and finds what is the person's and what names him; the eraser
// mends what the sweep has found, in short transactions, and sweeps again until nothing is found. Nothing hangs on
// the eraser's memory: if the process dies, the next run sweeps and finds the rest. The proof is one more sweep, and
// not the list of what was changed.
package erasure

import (
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/find"
	"frontdesk/workers/store/outbox"
	"frontdesk/workers/store/plans"
)

// Store is this room of the store. It is safe for concurrent use.
type Store struct {
	base   *base.Store
	find   *find.Store
	outbox *outbox.Store
	plans  *plans.Store
}

// New makes the room.
func New(b *base.Store, f *find.Store, o *outbox.Store, p *plans.Store) *Store {
	return &Store{base: b, find: f, outbox: o, plans: p}
}
