package tickets

import (
	"testing"

	"frontdesk/pipeline/domain/machine/machinetest"
)

func TestTheMachineOfATicket(t *testing.T) {
	machinetest.Walk(t, Machine, []Event{Close, Continue, Reopen, Merge, Unmerge}, map[State][]State{
		Open:   {Closed, Open, "", Closed, ""},
		Closed: {"", Open, Open, Closed, Open},
	})
}
