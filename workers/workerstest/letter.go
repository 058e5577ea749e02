package workerstest

import (
	"encoding/json"
	"errors"

	"frontdesk/channels"
	"frontdesk/channels/kinds"
	"frontdesk/pipeline/message"
)

// Letter is the tests' raw form of a message.
type Letter struct {
	Proven                                 bool
	From, Subject, Text, MessageID, Thread string
	To, Cc, ReplyTo                        []string          // of mail
	Also                                   []string          // further telephone numbers that are claimed
	References                             []string          // nearest last
	Files                                  map[string]string // name → content
	Refs                                   []string          // files that the provider keeps
	Panic, Die                             bool              // of the decoder
	Cause                                  string            // parking cause that the decoder finds
}

// Raw is the letter's bytes.
func (l Letter) Raw() []byte {
	b, err := json.Marshal(l)
	if err != nil {
		panic(err)
	}
	return b
}

// Letters decodes them.
type Letters struct{ Die func() }

// Decode does what the letter says.
func (d Letters) Decode(in channels.Delivery) (message.Message, error) {
	var l Letter
	if err := json.Unmarshal(in.Raw, &l); err != nil {
		return message.Message{}, &channels.Error{Op: "reading letter", Class: channels.Permanent, Err: errors.New("no letter")}
	}
	switch {
	case l.Panic:
		panic("the decoder trips")
	case l.Die:
		d.Die()
	case l.Cause != "":
		return message.Message{}, &channels.Error{Op: "reading letter", Cause: l.Cause, Err: errors.New("refused")}
	}
	m := message.Message{Channel: in.Channel, From: message.Address{Kind: kinds.All().Line()[in.Channel].Address, Value: l.From}, Subject: l.Subject, Text: l.Text,
		Thread: l.Thread, MessageID: l.MessageID, References: l.References, Proven: in.Channel != "email" || l.Proven}
	if in.Channel != "email" && m.Thread == "" {
		m.Thread = l.From
	}
	if in.Channel == "email" {
		m.Envelope = message.Envelope{MailFrom: l.From, HasMailFrom: true, Recipients: []string{"support@desk.example"}}
		m.Headers = message.Headers{{Name: "From", Value: l.From}, {Name: "To", Value: "support@desk.example"}}
	}
	for out, in := range map[*[]message.Address][]string{&m.To: l.To, &m.Cc: l.Cc, &m.ReplyTo: l.ReplyTo} {
		for _, a := range in {
			*out = append(*out, message.Address{Kind: message.Email, Value: a})
		}
	}
	for _, a := range l.Also {
		m.Also = append(m.Also, message.Address{Kind: message.Phone, Value: a})
	}
	for name, content := range l.Files {
		m.Attachments = append(m.Attachments, message.Attachment{Name: name, MediaType: "text/plain", Content: []byte(content)})
	}
	for _, ref := range l.Refs {
		m.Attachments = append(m.Attachments, message.Attachment{Name: ref, MediaType: "image/png", Ref: ref})
	}
	return m, nil
}

// Decoders are the decoders of the rig's inboxes.
func Decoders() map[string]channels.Decoder {
	return map[string]channels.Decoder{"support": Letters{}, "hotline": Letters{}, "bot": Letters{}}
}
