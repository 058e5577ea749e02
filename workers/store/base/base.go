package base

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/workers/store/keyring"
	"frontdesk/workers/store/sql"
)

// List runs calls that only read, in one transaction; what names the list in an error.
func (s *Store) List(ctx context.Context, what string, calls ...sql.Call) error {
	err := s.DB.Read(ctx, func(t sql.Tx) error { return t.Run(ctx, calls...) })
	if err != nil {
		return fmt.Errorf("listing %s: %w", what, err)
	}
	return nil
}

// Dialect is "sqlite" or "postgres".
func (s *Store) Dialect() string { return s.DB.Name() }

// Keyring is the attached keyring: digests, tokens, sealing.
func (s *Store) Keyring() *keyring.Ring { return s.Ring }

// Digest is the keyed digest of the parts (see keyring.Ring.Digest).
func (s *Store) Digest(parts ...[]byte) string { return s.Ring.Digest(parts...) }

// Token is the keyed digest of the parts for use outside (see keyring.Ring.Token).
func (s *Store) Token(parts ...[]byte) string { return s.Ring.Token(parts...) }

// attempts is how often a write is tried whose transaction another one has thrown over, and calm how long it waits before it
// is tried for the second time; twice as long each further time. One that began again at once would lock its first row before
// the other one, which waited for it, has woken up, and both would stand in each other's way again.
const (
	attempts = 6
	calm     = 50 * time.Millisecond
)

// Write is one transaction that depends on nothing read before: two that stood in each other's way
// are simply done again. f must begin anew at each call.
func (s *Store) Write(ctx context.Context, f func(sql.Tx) error) error {
	for n := 1; ; n++ {
		err := s.DB.Write(ctx, f)
		if n == attempts || !errors.Is(err, sql.ErrConflict) {
			return err
		}
		if sql.Pause(ctx, calm<<(n-1)) != nil {
			return err
		}
	}
}
