package domain

import (
	"encoding/json"
	"time"

	"frontdesk/pipeline/message"
)

// EffectPlan is one outbox row.
type EffectPlan struct {
	ID      int64
	Key     string // assigned from kind and ticket if empty
	Kind    string // acknowledgement, digest, mark, media, notice
	Inbox   string // account it goes out by
	Channel string
	To      message.Address
	Payload json.RawMessage
	Due     time.Time
	Cause   string // withheld with this cause; empty: it is due
	Print   string // fingerprint of the message it answers, for the caps
	Part    string // which of the day's digests it is
	// Unproven says that nobody has proven the address: it is counted apart from proven ones.
	Unproven bool
}

// Start is the state in which the row begins.
func (e EffectPlan) Start() EffectState {
	if e.Cause != "" {
		return EffectWithheld
	}
	return EffectDue
}
