// Package auditing makes the books and tells whether every sum in them holds.
package auditing

import (
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/files"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/logbook"
)

// Store is this room of the store. It is safe for concurrent use.
type Store struct {
	base   *base.Store
	files  *files.Store
	intake *intake.Store
	log    *logbook.Store
}

// New makes the room.
func New(b *base.Store, f *files.Store, i *intake.Store, l *logbook.Store) *Store {
	return &Store{base: b, files: f, intake: i, log: l}
}
