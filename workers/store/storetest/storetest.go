// Package storetest is the suite that the store passes on each database, and what other tests need
// to have a store.
package storetest

import (
	"context"
	"testing"
	"time"

	"frontdesk/channels/kinds"
	"frontdesk/workers/store"
	"frontdesk/workers/store/blobs"
	"frontdesk/workers/store/keyring"
)

// Start is the time at which the suite's stores are opened.
var start = time.Date(2026, 5, 6, 8, 0, 0, 0, time.UTC)

// Keyring is a ring with a master key that is no secret.
func Keyring(t testing.TB) *keyring.Ring {
	t.Helper()
	ring, err := keyring.Open([]keyring.Master{{Name: "test", Key: make([]byte, keyring.KeySize)}})
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// SQLite opens an empty store in a file of the test's own. A nil option is left as it is.
func SQLite(t testing.TB, change ...func(*store.Options)) *store.Store {
	t.Helper()
	return Open(t, store.Options{Dir: t.TempDir()}, change...)
}

// Open opens and migrates a store with a test keyring and blobs in memory, closed at the test's end.
func Open(t testing.TB, o store.Options, change ...func(*store.Options)) *store.Store {
	t.Helper()
	o.Channels = kinds.All().Traits()
	o.Migrate, o.Keyring, o.Blobs = true, Keyring(t), blobs.NewMemory()
	for _, f := range change {
		f(&o)
	}
	s, err := store.Open(context.Background(), o, start)
	if err != nil {
		t.Fatalf("opening store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Errorf("closing store: %v", err)
		}
	})
	return s
}
