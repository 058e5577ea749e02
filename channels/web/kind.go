package web

import (
	"iter"
	"strings"
	"time"

	"frontdesk/channels/descriptor"
	"frontdesk/channels/internal/escapes"
	"frontdesk/channels/meta"
	"frontdesk/pipeline/message"
)

// Names of the channels.
const (
	FormChannel = "form"
	APIChannel  = "api"
)

// FormKind is the hosted contact form.
func FormKind() descriptor.Kind {
	return descriptor.Kind{Name: FormChannel, Section: func() descriptor.Section { return &FormSection{} }, Open: openForm, Traits: descriptor.Traits{Traits: message.Traits{Typed: true, Words: message.WordsMail}, Opaque: true, Texts: plain}}
}

// APIKind is the generic HTTP door.
func APIKind() descriptor.Kind {
	return descriptor.Kind{Name: APIChannel, Section: func() descriptor.Section { return &APISection{} }, Open: openAPI, Traits: descriptor.Traits{Traits: message.Traits{Typed: true, Words: message.WordsMail, Continues: 72 * time.Hour}, Texts: plain}}
}

// plain is a post without its escapes. In multipart/form-data there are none (RFC 7578 §4.7): a percent or a plus sign there is one.
func plain(raw []byte, facts map[string]string) iter.Seq[string] {
	if strings.HasPrefix(strings.ToLower(facts[meta.Content]), "multipart/") {
		return func(func(string) bool) {}
	}
	return escapes.Body(raw)
}
