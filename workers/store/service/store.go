// Package service keeps what processes tell each other: the state of inboxes, leases, saved tokens, dead letters, and whose installation this is.
package service

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
