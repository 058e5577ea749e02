package parse

import (
	"frontdesk/channels/meta"
	"frontdesk/pipeline/message"
)

// Judgement is what is known of who really sent a message. Empty verdicts mean that nobody checked. Only identifiers that are aligned with
// the domain of From count for DKIM, DMARC, Proven and Open (RFC 7489 §3.1): what others sign, and their name
// servers, neither help a message nor harm it.
type Judgement struct {
	SPF   message.Verdict // of the envelope sender, whoever that is
	DKIM  message.Verdict // of the aligned signatures together; none when there is no such
	DMARC message.Verdict // temperror only when the policy or an aligned identifier could not be asked
	// Proven says that the domain of From vouches for the message: DMARC passed, or the domain has no DMARC policy
	// and an aligned signature or the aligned envelope passed.
	Proven bool
	// Open says that the message is not proven and that something about it could not be asked just now.
	Open bool
}

// Values of meta.Proven.
const (
	provenYes  = "yes"
	ProvenOpen = "open" // something could not be asked just now
	provenNot  = "no"
)

// Note writes a judgement into a delivery's Meta. What nobody checked leaves nothing.
// The door calls it before the delivery is recorded; readVerdicts reads it back.
func (j Judgement) Note(facts map[string]string) {
	if j == (Judgement{}) {
		return
	}
	for key, v := range map[string]message.Verdict{meta.SPF: j.SPF, meta.DKIM: j.DKIM, meta.DMARC: j.DMARC} {
		if v != "" {
			facts[key] = string(v)
		}
	}
	facts[meta.Proven] = provenNot
	switch {
	case j.Proven:
		facts[meta.Proven] = provenYes
	case j.Open:
		facts[meta.Proven] = ProvenOpen
	}
}
