// Package users keeps the people who work at the desk: who they are, what they may and what they can. Every change of one is a line of
// the journal. How they sign in is kept by package signins.
package users

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// Store is this room of the store. It is safe for concurrent use.
type Store struct {
	base *base.Store
}

// New makes the room.
func New(b *base.Store) *Store { return &Store{base: b} }

// Errors of changes.
var (
	// ErrTaken says that somebody has that login.
	ErrTaken = errors.New("somebody has that login")
	// ErrForm says that what is to be kept of a user is not what it should be: a login, an address, a language.
	ErrForm = errors.New("that cannot be kept")
	// ErrLast says that nobody would be left who looks after the desk.
	ErrLast = errors.New("this is the last administrator of all queues; make another one first")
)

// act is what is done with a user, as the journal names it.
type act string

const (
	actAdd     act = "user-add"
	actChange  act = "user-change"
	actEnable  act = "user-enable"
	actDisable act = "user-disable"
	actGrant   act = "user-grant"
	actMember  act = "user-member"
	actAbility act = "user-ability"
)

// noted is one transaction that changes a user, with its line in the journal, whose detail f returns. f may run again.
func (s *Store) noted(ctx context.Context, doing, who string, act act, now time.Time, f func(sql.Tx) (detail string, err error)) error {
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 1)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	stale := false
	err = s.base.Write(ctx, func(t sql.Tx) error {
		detail, err := f(t)
		if stale = errors.Is(err, errStale); stale || err != nil {
			return err
		}
		return t.Run(ctx, base.Note(ids[0], now, who, string(act), 0, 0, detail))
	})
	if stale {
		err = sql.ErrConflict // Write would do it again
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// errStale says that a user was changed by somebody else since he was read.
var errStale = errors.New("the user was changed meanwhile")
