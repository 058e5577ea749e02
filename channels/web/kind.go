package web

import (
	"time"

	"frontdesk/channels/descriptor"
	"frontdesk/pipeline/message"
)

// Names of the channels.
const (
	FormChannel = "form"
	APIChannel  = "api"
)

// FormKind is the hosted contact form.
func FormKind() descriptor.Kind {
	return descriptor.Kind{Name: FormChannel, Section: func() descriptor.Section { return &FormSection{} }, Open: openForm, Traits: descriptor.Traits{Traits: message.Traits{Typed: true, Words: message.WordsMail}, Opaque: true}}
}

// APIKind is the generic HTTP door.
func APIKind() descriptor.Kind {
	return descriptor.Kind{Name: APIChannel, Section: func() descriptor.Section { return &APISection{} }, Open: openAPI, Traits: descriptor.Traits{Traits: message.Traits{Typed: true, Words: message.WordsMail, Continues: 72 * time.Hour}}}
}
