// Package erasure erases a person, and proves that nothing is left.
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
