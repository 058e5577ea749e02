// Package machine holds what a state machine is: a table.
package machine

// A Table is a state machine as a table: one row for each event that means something in a state. Every other
// pair leaves the state as it is. docs/architecture.md shows the tables.
type Table[State, Event comparable] []Step[State, Event]

// Step is one row of the table.
type Step[State, Event comparable] struct {
	From State
	On   Event
	To   State
}

// Next returns the state after an event; ok is false where the event means nothing in that state.
func (m Table[State, Event]) Next(from State, on Event) (to State, ok bool) {
	for _, s := range m {
		if s.From == from && s.On == on {
			return s.To, true
		}
	}
	return from, false
}
