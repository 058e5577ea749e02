package contacts

import (
	"testing"

	"frontdesk/pipeline/domain/machine/machinetest"
)

func TestTheMachineOfConsent(t *testing.T) {
	machinetest.Walk(t, Machine, []Event{Stop, Start}, map[Consent][]Consent{OptedIn: {OptedOut, OptedIn}, OptedOut: {OptedOut, OptedIn}})
	if ConsentOf(true) != OptedOut || ConsentOf(false) != OptedIn {
		t.Error("who said STOP has not opted out, or somebody else has")
	}
}
