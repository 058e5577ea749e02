package acknowledge

import (
	"strings"

	"frontdesk/pipeline/message"
)

// Mailbox is the identity by which acknowledgements to an address are counted: in mail without the
// part after a plus sign, at Gmail without dots too, since all of those arrive in one mailbox.
// Other addresses stand for themselves.
func Mailbox(id message.Identity) message.Identity {
	at := strings.LastIndexByte(id.Value, '@')
	if id.Kind != message.Email || at < 0 {
		return id
	}
	local, domain := strings.ToLower(id.Value[:at]), strings.ToLower(id.Value[at+1:])
	if name, _, tagged := strings.Cut(local, "+"); tagged && name != "" {
		local = name
	}
	if domain == "googlemail.com" {
		domain = "gmail.com"
	}
	if name := strings.ReplaceAll(local, ".", ""); domain == "gmail.com" && name != "" {
		local = name
	}
	return message.Identity{Kind: id.Kind, Value: local + "@" + domain}
}
