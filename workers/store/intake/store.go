// Package intake records what was received, with bookmarks and receipts, before anybody is told that we have it.
package intake

import (
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/files"
	"frontdesk/workers/store/plans"
)

// Store is this room of the store. It is safe for concurrent use.
type Store struct {
	base  *base.Store
	files *files.Store
	plans *plans.Store
}

// New makes the room.
func New(b *base.Store, f *files.Store, p *plans.Store) *Store {
	return &Store{base: b, files: f, plans: p}
}
