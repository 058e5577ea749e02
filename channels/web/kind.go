package web

import (
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/message"
)

// Names of the channels.
const (
	FormChannel = "form"
	APIChannel  = "api"
)

// FormKind is the hosted contact form.
func FormKind() channels.Kind {
	return channels.Kind{Name: FormChannel, Section: func() channels.Section { return &FormSection{} }, Open: openForm, Traits: channels.Traits{Traits: message.Traits{Typed: true, Words: message.WordsMail}, Opaque: true}}
}

// APIKind is the generic HTTP door.
func APIKind() channels.Kind {
	return channels.Kind{Name: APIChannel, Section: func() channels.Section { return &APISection{} }, Open: openAPI, Traits: channels.Traits{Traits: message.Traits{Typed: true, Words: message.WordsMail, Continues: 72 * time.Hour}}}
}
