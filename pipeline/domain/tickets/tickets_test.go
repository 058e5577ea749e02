package tickets

import (
	"testing"

	"frontdesk/pipeline/domain/machine/machinetest"
)

func TestTheMachineOfATicket(t *testing.T) {
	machinetest.Walk(t, Machine, []Event{Close, Continue, Reopen}, map[State][]State{
		Open:   {Closed, Open, ""},
		Closed: {"", Open, Open},
	})
}
