package twilio

import (
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/message"
)

// Channel is the channel's name: it is that of the medium, not of the provider.
const Channel = "sms"

// Kind is SMS by Twilio.
func Kind() channels.Kind {
	return channels.Kind{Name: Channel, Section: func() channels.Section { return &Section{} }, Open: open, Traits: channels.Traits{
		Traits: message.Traits{Address: message.Phone, Carrier: true, Words: message.WordsSMS, Continues: 72 * time.Hour},
		// Invalid number, not a mobile number, unknown destination, landline.
		Dead:   []string{"21211", "21214", "21217", "21614", "30005", "30006"},
		Opaque: true,
	}}
}
