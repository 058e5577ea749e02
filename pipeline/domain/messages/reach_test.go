package messages

import (
	"slices"
	"testing"
)

var all = []State{Recorded, Awaiting, Ticketed, Appended, Duplicate, Suppressed, Parked, Dismissed}

// from are the states that something leads to out of a state, directly or not.
func from(begin State) []State {
	reached := []State{begin}
	for i := 0; i < len(reached); i++ {
		for _, s := range Machine {
			if s.From == reached[i] && !slices.Contains(reached, s.To) {
				reached = append(reached, s.To)
			}
		}
	}
	return reached
}

func TestEveryStateIsReached(t *testing.T) {
	reached := from(Recorded)
	for _, s := range all {
		if !slices.Contains(reached, s) {
			t.Errorf("nothing leads to %s", s)
		}
	}
}

// TestWherePeopleMayTakeAMessage: from what is set aside, dropped or appended, and back to where the line decides; never straight
// to what only the line may find; but for one that is moved with others, which stays with a ticket, or opens the one that a person makes of it.
func TestWherePeopleMayTakeAMessage(t *testing.T) {
	people := []Event{LetOut, Dismiss, Undismiss, TakeOut, Split, Move}
	for _, s := range Machine {
		byPerson := slices.Contains(people, s.On)
		if byPerson != slices.Contains([]State{Parked, Dismissed, Appended}, s.From) {
			t.Errorf("%s of one that is %s is done by a person: %t", s.On, s.From, byPerson)
		}
		moved := s.On == Split && s.To == Ticketed || s.On == Move && s.To == Appended
		if byPerson && !moved && !slices.Contains([]State{Recorded, Parked, Dismissed}, s.To) {
			t.Errorf("a person makes it %s", s.To)
		}
	}
	for _, final := range []State{Ticketed, Duplicate, Suppressed} {
		if got := from(final); len(got) != 1 {
			t.Errorf("one that is %s becomes %v", final, got[1:])
		}
	}
}

// TestADecisionLeadsToTheSameStateFromBoth states in which it is undecided.
func TestADecisionLeadsToTheSameStateFromBoth(t *testing.T) {
	for _, on := range []Event{open, add, fold, suppress, park} {
		asked, _ := Machine.Next(Awaiting, on)
		if to, means := Machine.Next(Recorded, on); !means || to != asked {
			t.Errorf("%s leads to %s, and where others were asked to %s", on, to, asked)
		}
	}
}
