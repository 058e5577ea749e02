package base

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/workers/store/sql"
)

// Read runs calls that only read, once and on one connection, each with its own view; an error names what was being done, such as "listing tickets".
func (s *Store) Read(ctx context.Context, doing string, calls ...sql.Call) error {
	if err := s.DB.Read(ctx, func(t sql.Tx) error { return t.Run(ctx, calls...) }); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// Do is Write for calls that may simply be done again; an error names what was being done.
func (s *Store) Do(ctx context.Context, doing string, calls ...sql.Call) error {
	if err := s.Write(ctx, func(t sql.Tx) error { return t.Run(ctx, calls...) }); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// Dialect is "sqlite" or "postgres".
func (s *Store) Dialect() string { return s.DB.Name() }

// Digest is the keyed digest of the parts (see keyring.Ring.Digest).
func (s *Store) Digest(parts ...[]byte) string { return s.Ring.Digest(parts...) }

// attempts is how often a write is tried whose transaction another one has thrown over, and calm how long it waits before it
// is tried for the second time; twice as long each further time. One that began again at once would lock its first row before
// the other one, which waited for it, has woken up, and both would stand in each other's way again.
const (
	attempts = 6
	calm     = 50 * time.Millisecond
)

// Write is one transaction that depends on nothing read before: two that stood in each other's way
// are simply done again. f must begin anew at each call.
//
// Where it has changed who has what at the desk, or who is there (see Rings), it rings the bell afterwards.
func (s *Store) Write(ctx context.Context, f func(sql.Tx) error) error {
	for n := 1; ; n++ {
		var heard *ringing
		err := s.DB.Write(ctx, func(t sql.Tx) error {
			heard = &ringing{Tx: t}
			return f(heard)
		})
		if err == nil && heard.rings {
			s.Bell.Ring()
		}
		if err == nil && heard.tells {
			s.Changed.Ring()
		}
		if n == attempts || !errors.Is(err, sql.ErrConflict) {
			return err
		}
		if sql.Pause(ctx, calm<<(n-1)) != nil {
			return err
		}
	}
}
