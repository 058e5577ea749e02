// Package find finds tickets by words, and keeps the index of words.
package find

import (
	"frontdesk/pipeline/search"
	"frontdesk/workers/store/base"
)

// Store is this room of the store. It is safe for concurrent use.
type Store struct {
	base   *base.Store
	folder *search.Folder
	// NewestOf is how many of the newest tickets a search on PostgreSQL looks through first; 0: it asks the index at once.
	NewestOf int
}

// New makes the room.
func New(b *base.Store) *Store {
	return &Store{base: b, folder: search.New(), NewestOf: newestFirst}
}
