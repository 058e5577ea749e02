package telegram

import (
	"strings"
	"time"

	"frontdesk/channels/descriptor"
	"frontdesk/pipeline/message"
)

// Channel is the channel's name.
const Channel = "telegram"

// address is the kind of a chat's address: the numeric id of a user or a chat.
const address message.AddressKind = "telegram"

// Kind is a Telegram bot.
// It is what the registry (channels/kinds) lists.
func Kind() descriptor.Kind {
	return descriptor.Kind{Name: Channel, Section: func() descriptor.Section { return &Section{} }, Open: open, Traits: descriptor.Traits{
		Traits:     message.Traits{Address: address, Words: message.WordsChat, Continues: 72 * time.Hour},
		InKey:      inKey,
		InOriginal: inUpdate,
	}}
}

// inKey reports whether a delivery is of that chat: its key begins with the chat's id.
func inKey(key, id string) bool { return strings.HasPrefix(key, id+":") }

// inUpdate reports whether an update names that chat or user: as an id, not as a number in a text.
func inUpdate(raw []byte, id string) bool {
	_, rest, found := strings.Cut(string(raw), `"id":`+id)
	return found && (rest == "" || rest[0] < '0' || rest[0] > '9')
}
