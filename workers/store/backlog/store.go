// Package backlog holds the messages that wait for their decision, and what others say of them meanwhile.
package backlog

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
