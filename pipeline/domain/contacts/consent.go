package contacts

import (
	"frontdesk/pipeline/domain/machine"
	"frontdesk/pipeline/message"
)

// Consent is whether anything may be sent to an address.
type Consent string

// The states of consent.
const (
	OptedIn  Consent = "opted-in"  // nobody has said otherwise
	OptedOut Consent = "opted-out" // the person said STOP there, or the provider says that he did
)

// Event is what is said about writing to an address.
type Event string

// The events of consent.
const (
	Stop  Event = "stop"
	Start Event = "start"
)

// Machine is the state machine of consent. The last word counts, whoever it comes from, and may come twice.
var Machine = machine.Table[Consent, Event]{
	{From: OptedIn, On: Stop, To: OptedOut},
	{From: OptedIn, On: Start, To: OptedIn},
	{From: OptedOut, On: Stop, To: OptedOut},
	{From: OptedOut, On: Start, To: OptedIn},
}

// Address is an address to which the desk may write or not.
type Address struct {
	Key      string           // of the store, or of who decides a batch: equal ones mean the same
	Identity message.Identity // zero: the key alone is known
	Consent  Consent
}

// ConsentOf is the consent of an address at which the person said STOP, or did not.
func ConsentOf(optedOut bool) Consent {
	if optedOut {
		return OptedOut
	}
	return OptedIn
}
