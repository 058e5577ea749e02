package messages

import (
	"slices"
	"testing"

	"frontdesk/pipeline/domain/machine/machinetest"
)

func TestTheMachineOfAMessage(t *testing.T) {
	decided := []State{Ticketed, Appended, Duplicate, Suppressed, Parked}
	row := func(ask, heard State, out, drop, back, apart, split, move State, decisions bool) []State {
		of := make([]State, len(decided))
		if decisions {
			copy(of, decided)
		}
		return slices.Concat([]State{ask, heard}, of, []State{out, drop, back, apart, split, move})
	}
	machinetest.Walk(t, Machine, []Event{askOthers, heard, open, add, fold, suppress, park, LetOut, Dismiss, Undismiss, TakeOut, Split, Move}, map[State][]State{
		Recorded: row(Awaiting, "", "", "", "", "", "", "", true), Awaiting: row("", Recorded, "", "", "", "", "", "", true),
		Ticketed: row("", "", "", "", "", "", "", "", false), Appended: row("", "", "", "", "", Recorded, Ticketed, Appended, false),
		Duplicate: row("", "", "", "", "", "", "", "", false), Suppressed: row("", "", "", "", "", "", "", "", false),
		Parked: row("", "", Recorded, Dismissed, "", "", "", "", false), Dismissed: row("", "", "", "", Parked, "", "", "", false),
	})
}
