package screen

import (
	"strings"

	"frontdesk/pipeline/message"
)

// SenderOpinion is the name under which it is recorded what came of asking again about a sender.
const SenderOpinion = "sender"

// Sender is what the sender checks said when they were asked again.
type Sender struct {
	// Verdicts are empty where nobody checked; Proven is what parse.Judgement says of them.
	SPF    message.Verdict `json:"spf,omitempty"`
	DKIM   message.Verdict `json:"dkim,omitempty"`
	DMARC  message.Verdict `json:"dmarc,omitempty"`
	Proven bool            `json:"proven,omitempty"`
}

// Resolve returns the message as its sender is known since he was asked about again; as it is, when he was not.
func Resolve(m message.Message, opinions []Opinion) message.Message {
	for _, o := range opinions {
		if o.Sender != nil {
			m.Envelope.SPF, m.Envelope.DKIM, m.Envelope.DMARC = o.Sender.SPF, o.Sender.DKIM, o.Sender.DMARC
			m.Proven = o.Sender.Proven
		}
	}
	return m
}

// Words are the verdicts as the trace says them.
func (s Sender) Words() string {
	var out []string
	for _, v := range []struct {
		name    string
		verdict message.Verdict
	}{{"spf", s.SPF}, {"dkim", s.DKIM}, {"dmarc", s.DMARC}} {
		if v.verdict != "" {
			out = append(out, v.name+"="+string(v.verdict))
		}
	}
	if s.Proven {
		return strings.Join(append(out, "proven"), " ")
	}
	return strings.Join(append(out, "not proven"), " ")
}
