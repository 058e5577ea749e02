// Package storetest is the suite that the store passes on each database, and what other tests need
// to have a store.
package storetest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
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
	own := o.Keyring
	for _, f := range change {
		f(&o)
	}
	if o.URL == "" && o.Dir != "" && o.Connector == nil && o.Keyring == own {
		copyEmpty(t, o.Dir)
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

// empty is a migrated database of SQLite: migrations take most of a short test's time, so they are done once a process.
var empty struct {
	once sync.Once
	file []byte
	err  error
}

// copyEmpty puts it into a directory that has no database yet.
func copyEmpty(t testing.TB, dir string) {
	t.Helper()
	path := filepath.Join(dir, "frontdesk.db")
	if _, err := os.Stat(path); err == nil {
		return
	}
	empty.once.Do(func() { empty.file, empty.err = migrated(Keyring(t), t.TempDir()) })
	if empty.err != nil {
		t.Fatalf("making an empty database: %v", empty.err)
	}
	if err := os.WriteFile(path, empty.file, 0o600); err != nil {
		t.Fatal(err)
	}
}

func migrated(ring *keyring.Ring, dir string) ([]byte, error) {
	s, err := store.Open(context.Background(), store.Options{Dir: dir, Migrate: true, Keyring: ring, Blobs: blobs.NewMemory()}, start)
	if err != nil {
		return nil, err
	}
	if err := s.Close(context.Background()); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, "frontdesk.db"))
}
