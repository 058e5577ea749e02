// Package view reads what pages and lists show.
package view

import (
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/outbox"
)

// Store is this room of the store. It is safe for concurrent use. It only reads, and on PostgreSQL on sessions of its
// own (sql.OpenLists), whose planner is free: a list may look at a large part of a table.
type Store struct {
	base   *base.Store
	outbox *outbox.Store
}

// New makes the room.
func New(b *base.Store, o *outbox.Store) *Store {
	return &Store{base: b, outbox: o}
}
