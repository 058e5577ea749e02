// Package fates counts what becomes of messages, and tells when that is unusual.
package fates

import (
	"frontdesk/workers/store/base"
)

// Store is this room of the store. It is safe for concurrent use.
type Store struct {
	base   *base.Store
	shares keptShares
}

// New makes the room.
func New(b *base.Store) *Store {
	return &Store{base: b}
}
