package web

import (
	"errors"

	"frontdesk/channels"
	"frontdesk/channels/meta"
	"frontdesk/pipeline/message"
)

// Keys of Message.Fields that the form fills. order-number is the fact of that name that
// categories ask for.
const (
	fieldTopic = "topic"
	fieldOrder = "order-number"
	fieldEmail = "email" // as typed, when nothing could be sent there
	fieldPhone = "phone" // as typed, when it is no number that could be called
	fieldName  = "name"  // where there is no address that could carry it
)

// Decode makes the normalized message of a posted form. Nothing proves the visitor's addresses, so
// they are claims. A parked form decodes too, for the person who looks at it.
// It is pure and asks nothing of the configuration but the inbox's own, so that a form which has lost its topics or fields
// still reads what was posted before. Bounds of text are not applied again.
func (f *Form) Decode(d channels.Delivery) (message.Message, error) {
	p, err := readPost(d.Meta[meta.Content], d.Raw, 0)
	if err != nil {
		return message.Message{}, &channels.Error{Op: "decoding form", Class: channels.Permanent, Cause: "unparsable", Err: errors.New(err.Error())}
	}
	m := message.Message{
		Inbox: d.Inbox, Channel: d.Channel, Key: d.Key, At: d.At,
		Text: clean(p.values["text"]), Language: d.Meta[meta.Language], Attachments: p.files,
		Envelope: message.Envelope{Remote: d.Meta[meta.Remote]},
	}
	all := addresses(email(p.values["email"]), phone(p.values["phone"]), "", cleanLine(p.values["name"]))
	if len(all) > 0 {
		m.From = all[0]
		m.Also = append(m.Also, all[1:]...)
	}
	m.Fields = f.fields(p)
	return m, nil
}

// fields are the facts beside the text, nil for none. Fields of the post that the page does not have are ignored: anybody can add some.
func (f *Form) fields(p post) map[string]string {
	out := map[string]string{}
	for key, value := range map[string]string{fieldTopic: p.values["topic"], fieldOrder: p.values["order"]} {
		if value = cleanLine(value); value != "" {
			out[key] = value
		}
	}
	unread(out, p.values["email"], p.values["phone"], "", p.values["name"])
	if len(out) == 0 {
		return nil
	}
	return out
}

// unread keeps for people what was typed as an address and can't be read as one, and a name that no address carries.
// A field that has a value keeps it: what the caller named so himself goes before what was typed as an address.
func unread(fields map[string]string, mail, number, chat, name string) {
	read := len(addresses(email(mail), phone(number), cleanLine(chat), "")) > 0
	for key, typed := range map[string]string{fieldEmail: mail, fieldPhone: number, fieldName: name} {
		typed = cleanLine(typed)
		known := key == fieldEmail && email(typed) != "" || key == fieldPhone && phone(typed) != "" || key == fieldName && read
		if typed != "" && !known && fields[key] == "" {
			fields[key] = typed
		}
	}
}

// name is the topic's name in a language, else in any that has one, else its key.
func (t Topic) name(tag string) string {
	for _, l := range []string{tag, "en", "zh-Hans", "zh-Hant"} {
		if name := t.Names[l]; name != "" {
			return name
		}
	}
	return t.Key
}
