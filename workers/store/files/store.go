// Package files keeps attachments and originals, and forgets them in time.
package files

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
