package email

import (
	"frontdesk/channels"
	"frontdesk/channels/email/relay"
	"frontdesk/pipeline/message"
)

// Channel is the channel's name.
const Channel = "email"

// Kind is mail.
func Kind() channels.Kind {
	return channels.Kind{Name: Channel, Section: func() channels.Section { return &Section{} }, Shared: func() channels.Shared { return &Shared{} }, Trial: trial, Returned: relay.ParseVERP, Open: open, Traits: channels.Traits{
		Traits: message.Traits{Address: message.Email, Mail: true, Words: message.WordsMail},
		Dead:   message.DeadCodes(),
		Opaque: true,
	}}
}

// trial is an inbox that whoever is on this machine can write to by SMTP.
func trial() channels.Peer {
	return channels.Peer{Inbox: "support", Address: "support@desk.example", Section: &Section{SMTPDoor: true}}
}
