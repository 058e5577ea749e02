package email

import (
	"frontdesk/channels"
	"frontdesk/pipeline/message"
)

// Channel is the channel's name.
const Channel = "email"

// Kind is mail.
func Kind() channels.Kind {
	return channels.Kind{Name: Channel, Traits: channels.Traits{
		Traits: message.Traits{Address: message.Email, Mail: true, Words: message.WordsMail},
		Dead:   message.DeadCodes(),
		Opaque: true,
	}}
}
