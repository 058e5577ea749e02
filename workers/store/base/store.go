// Package base is what all rooms of the store share: the database and its transactions, the keys under which things lie sealed, ids,
// counters, and the names under which customers and messages are kept.
package base

import (
	"slices"
	"time"

	"frontdesk/channels/descriptor"
	"frontdesk/workers/store/blobs"
	"frontdesk/workers/store/keyring"
	"frontdesk/workers/store/sql"
)

// Store is the ground of every room. It is safe for concurrent use.
type Store struct {
	DB        sql.DB
	Ring      *keyring.Ring
	Blobs     blobs.Store
	Channels  map[string]descriptor.Traits // of all channels, by name
	Retention time.Duration                // how long an original is kept after its decision
	Sequences *Sequences
	Bell      *Bell // rung when the desk has changed
	Changed   *Bell // rung when something has changed that pages are told (tables.InsertChanges)
}

// On is the same ground over other connections to the same database.
// Keys, ids and blobs are shared; it is how the view gets sessions of its own.
func (s *Store) On(db sql.DB) *Store {
	out := *s
	out.DB = db
	return &out
}

// ChannelsThat names the channels whose traits say so, in order; none is an empty list.
func (s *Store) ChannelsThat(say func(descriptor.Traits) bool) []string {
	out := []string{}
	for name, t := range s.Channels {
		if say(t) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
