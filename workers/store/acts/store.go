// Package acts carries out what people do with messages, tickets and acknowledgements.
package acts

import (
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/plans"
)

// Store is this room of the store. It is safe for concurrent use.
type Store struct {
	base  *base.Store
	plans *plans.Store
}

// New makes the room.
func New(b *base.Store, p *plans.Store) *Store {
	return &Store{base: b, plans: p}
}
