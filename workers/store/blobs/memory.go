package blobs

import (
	"context"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"
)

// Memory keeps blobs in the process, for tests. It is safe for concurrent use, as every Store.
type Memory struct {
	mu    sync.Mutex
	blobs map[string]memoryBlob
}

// memoryBlob is what was put, and when.
type memoryBlob struct {
	sealed []byte
	at     time.Time
}

// NewMemory returns an empty store.
func NewMemory() *Memory { return &Memory{blobs: map[string]memoryBlob{}} }

// Put keeps a copy.
func (m *Memory) Put(_ context.Context, digest string, sealed []byte) error {
	if err := checkName(digest); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.blobs[digest] = memoryBlob{slices.Clone(sealed), time.Now()}
	return nil
}

// Get returns a copy.
func (m *Memory) Get(_ context.Context, digest string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, ok := m.blobs[digest]
	if !ok {
		return nil, ErrNotFound
	}
	return slices.Clone(b.sealed), nil
}

// Delete forgets a blob.
func (m *Memory) Delete(_ context.Context, digest string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.blobs, digest)
	return nil
}

// List walks over a snapshot in the order of the names.
func (m *Memory) List(context.Context) iter.Seq2[Blob, error] {
	m.mu.Lock()
	defer m.mu.Unlock()
	names := slices.Sorted(maps.Keys(m.blobs))
	copies := maps.Clone(m.blobs)
	return func(yield func(Blob, error) bool) {
		for _, name := range names {
			b := copies[name]
			if !yield(Blob{Digest: name, PutAt: b.at, Size: int64(len(b.sealed))}, nil) {
				return
			}
		}
	}
}
