// Package domain is the domain: what the desk owes and has done, the states in which that stands, and the commands that
// change it. It is pure: a value and a command go in, the changed value comes out. Whoever keeps the values (the store, or
// the view of one batch) applies what it returns and adds no rule of his own.
package domain

// A Machine is a state machine as a table: one row for each event that means something in a state. Every other
// pair leaves the state as it is. docs/architecture.md shows the tables.
type Machine[State, Event comparable] []Step[State, Event]

// Step is one row of the table.
type Step[State, Event comparable] struct {
	From State
	On   Event
	To   State
}

// Next returns the state after an event; ok is false where the event means nothing in that state.
func (m Machine[State, Event]) Next(from State, on Event) (to State, ok bool) {
	for _, s := range m {
		if s.From == from && s.On == on {
			return s.To, true
		}
	}
	return from, false
}
