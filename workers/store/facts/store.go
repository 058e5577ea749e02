// Package facts reads what the decisions of a batch need to know.
package facts

import (
	"frontdesk/workers/store/base"
)

// Store is this room of the store. It is safe for concurrent use.
type Store struct {
	base *base.Store
}

// New makes the room.
func New(b *base.Store) *Store {
	return &Store{base: b}
}
