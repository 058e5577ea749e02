package effects

import (
	"encoding/json"
	"fmt"
	"time"

	"frontdesk/pipeline/message"
)

// Kinds of effect.
const (
	KindAcknowledgement = "acknowledgement"
	KindDigest          = "digest"
	KindMark            = "mark"
	KindMedia           = "media"
	KindNotice          = "notice"
	KindReply           = "reply"   // what an agent answers
	KindForward         = "forward" // what an agent asks a third party
	KindAlert           = "alert"   // what somebody at the desk is told outside of it
	KindCode            = "code"    // a one-time code by which a customer shows who he is
)

// Plan is one outbox row that is to be written.
type Plan struct {
	ID      int64
	Key     string // assigned from kind and ticket if empty
	Kind    string // one of those above
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
func (p Plan) Start() State {
	if p.Cause != "" {
		return Withheld
	}
	return Due
}

// AcknowledgementKey is the key of a ticket's first acknowledgement.
func AcknowledgementKey(ticket int64) string {
	return fmt.Sprintf("%s:%d", KindAcknowledgement, ticket)
}

// FallbackKey is the key of an acknowledgement that goes on at another address.
func FallbackKey(ticket int64, to message.Identity, digest func(...[]byte) string) string {
	return fmt.Sprintf("%s:%s:%s", AcknowledgementKey(ticket), to.Kind, digest([]byte(to.Value))[:12])
}
