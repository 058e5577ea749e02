// Package decided reads messages with all that is needed to decide them again.
package decided

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
