package twilio

import (
	"iter"
	"time"

	"frontdesk/channels/descriptor"
	"frontdesk/channels/internal/escapes"
	"frontdesk/pipeline/message"
)

// Channel is the channel's name: it is that of the medium, not of the provider.
const Channel = "sms"

// Kind is SMS by Twilio.
// It is what the registry (channels/kinds) lists.
func Kind() descriptor.Kind {
	return descriptor.Kind{Name: Channel, Section: func() descriptor.Section { return &Section{} }, Open: open, Traits: descriptor.Traits{
		Traits: message.Traits{Address: message.Phone, Carrier: true, Words: message.WordsSMS, Continues: 72 * time.Hour, Carries: carries()},
		// Invalid number, not a mobile number, unknown destination, landline.
		Dead:         []string{"21211", "21214", "21217", "21614", "30005", "30006"},
		Opaque:       true,
		Conversation: func(ours, theirs string) string { return conversation(phone(ours).Value, phone(theirs).Value) },
		Texts:        func(raw []byte, _ map[string]string) iter.Seq[string] { return escapes.Body(raw) },
	}}
}
