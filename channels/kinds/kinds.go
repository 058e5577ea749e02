// Package kinds is the registry: the one place outside of a channel's own folder that names it.
package kinds

import (
	"frontdesk/channels/descriptor"
	"frontdesk/channels/email"
	"frontdesk/channels/telegram"
	"frontdesk/channels/twilio"
	"frontdesk/channels/web"
)

// All are the channels of this program. A new channel is one folder below channels and one line here.
func All() descriptor.Kinds {
	return descriptor.Kinds{
		email.Kind(),
		twilio.Kind(),
		telegram.Kind(),
		web.FormKind(),
		web.APIKind(),
	}
}
