package telegram

import (
	"bytes"
	"iter"
	"strings"
	"time"

	"frontdesk/channels/descriptor"
	"frontdesk/channels/internal/escapes"
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
		Traits:       message.Traits{Address: address, Words: message.WordsChat, Continues: 72 * time.Hour, Carries: carries()},
		Conversation: func(_, theirs string) string { return theirs },
		InKey:        inKey,
		InOriginal:   inUpdate,
		Texts:        func(raw []byte, _ map[string]string) iter.Seq[string] { return escapes.Body(raw) },
	}}
}

// inKey reports whether a delivery is of that chat: its key begins with the chat's id.
func inKey(key, id string) bool { return strings.HasPrefix(key, id+":") }

// inUpdate reports whether an update names that chat or user: as an id, not as a number in a text. All places are looked at, since the
// chat of an update comes behind its author.
// In a text a quotation mark is escaped, so that what looks like a field is one.
func inUpdate(raw []byte, id string) bool {
	for rest := raw; id != ""; {
		at := bytes.Index(rest, []byte(`id"`))
		if at < 0 {
			return false
		}
		name, value := rest[:at], rest[at+len(`id"`):]
		rest = value
		if namesOne(name) && isNumber(value, id) {
			return true
		}
	}
	return false
}

// namesOne reports whether a field that ends in id is that of a user or a chat: id, user_id of a contact, chat_id and what ends so.
// The id of a message or a file is another matter.
func namesOne(before []byte) bool {
	name := before[bytes.LastIndexByte(before, '"')+1:]
	return len(name) == 0 || bytes.HasSuffix(name, []byte("user_")) || bytes.HasSuffix(name, []byte("chat_"))
}

// isNumber reports whether the value of a field, behind its name, is that number and no longer one.
func isNumber(value []byte, number string) bool {
	value, found := bytes.CutPrefix(bytes.TrimLeft(value, " \t\r\n"), []byte(":"))
	if !found {
		return false
	}
	value, found = bytes.CutPrefix(bytes.TrimLeft(value, " \t\r\n"), []byte(number))
	return found && (len(value) == 0 || value[0] < '0' || value[0] > '9')
}
