// Package domain is the domain: what the desk owes and has done, the states in which that stands, and the commands that
// change it. It is pure: a value and a command go in, the changed value comes out. Whoever keeps the values (the store, or
// the view of one batch) applies what it returns and adds no rule of his own.
//
// The things have rooms of their own, each with its state machine: messages, tickets, effects, promises, contacts, desk. What was
// done with them is in entries, what may be done in commands. This package knows the things and not the commands: it decides
// whatever is a Command upon what is known, and gives a plan.
package domain

import (
	"errors"
	"fmt"
	"time"

	"frontdesk/pipeline/domain/promises"
)

// Command is something that happened, or that a person wants, and that changes what the desk keeps.
type Command interface {
	// Needs names what must be known beyond what is known already. It is asked again with the answer, until it names
	// nothing new.
	Needs(k *Known) Needs
	// Decide says what becomes of what is known. ErrNotSo: it means nothing in the state in which things are.
	Decide(d *Draft) error
}

// ErrNotSo says that a command means nothing in the state in which things are: a ticket that is closed cannot be closed.
var ErrNotSo = errors.New("it is not in a state in which that could be done")

// ErrOvertaken says that somebody has written in the ticket since the agent looked at it.
var ErrOvertaken = fmt.Errorf("somebody has written since: %w", ErrNotSo)

// ErrOriginalGone says that a message cannot be decided anew.
var ErrOriginalGone = fmt.Errorf("its original is gone: %w", ErrNotSo)

// Why an act about who has a ticket means nothing.
var (
	ErrOwned   = fmt.Errorf("somebody else has it: %w", ErrNotSo)
	ErrFull    = fmt.Errorf("his hands are full: %w", ErrNotSo) // he has as much in hand as he should
	ErrAbsent  = fmt.Errorf("he is not there: %w", ErrNotSo)
	ErrInOrder = fmt.Errorf("the tickets of its queue are taken in their order: %w", ErrNotSo)
)

// ErrMerged says that the ticket is merged into another one, in which it is worked on.
var ErrMerged = fmt.Errorf("it is merged into another ticket: %w", ErrNotSo)

// Decide says what becomes of commands, each decided upon what those before it have made of what is known. known has all that
// they need, and is as after the plan when it returns. The first command that means nothing ends it with ErrNotSo.
func Decide(commands []Command, known *Known, now time.Time) (Plan, error) {
	d := &Draft{Known: known, Now: now, commands: len(commands), effects: make(map[int64]int, len(commands)), promises: make(map[promises.Key]int, len(commands))}
	for _, c := range commands {
		if err := c.Decide(d); err != nil {
			return Plan{}, err
		}
	}
	return d.Plan, nil
}
