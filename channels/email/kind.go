package email

import (
	"iter"

	"frontdesk/channels/descriptor"
	"frontdesk/channels/email/compose"
	"frontdesk/channels/email/parse"
	"frontdesk/channels/email/relay"
	"frontdesk/pipeline/message"
)

// Channel is the channel's name.
const Channel = "email"

// Kind is mail.
func Kind() descriptor.Kind {
	return descriptor.Kind{Name: Channel, Section: func() descriptor.Section { return &Section{} }, Shared: func() descriptor.Shared { return &Shared{} }, Trial: trial, Returned: relay.ParseVERP, Open: open, Traits: descriptor.Traits{
		Traits: message.Traits{Address: message.Email, Mail: true, Words: message.WordsMail, Carries: compose.Carries()},
		Dead:   message.DeadCodes(),
		Opaque: true,
		Texts:  func(raw []byte, _ map[string]string) iter.Seq[string] { return parse.Texts(raw) },
	}}
}

// trial is an inbox that whoever is on this machine can write to by SMTP.
func trial() descriptor.Peer {
	return descriptor.Peer{Inbox: "support", Address: "support@desk.example", Section: &Section{SMTPDoor: true}}
}
