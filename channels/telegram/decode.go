package telegram

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"frontdesk/channels"
	"frontdesk/pipeline/message"
)

// maxTag bounds a language tag (RFC 5646 §4.4.1); a longer one is nobody's language.
const maxTag = 35

// incoming is a message of the Bot API, as far as it is read.
type incoming struct {
	head
	// From is nil in a channel's posts; SenderChat stands for a group or a channel as whose voice somebody writes. Text is a message's own, Caption
	// that of its file. ReplyTo is the message that is answered.
	From       *user  `json:"from"`
	SenderChat *chat  `json:"sender_chat"`
	Chat       chat   `json:"chat"`
	Text       string `json:"text"`
	Caption    string `json:"caption"`
	MediaGroup string `json:"media_group_id"`
	ReplyTo    *head  `json:"reply_to_message"`
	media
	shared
	// Topic is a forum's topic, or a topic of a private chat, where IsTopic says so; in groups without topics it
	// names the message that is answered.
	Topic   int64 `json:"message_thread_id"`
	IsTopic bool  `json:"is_topic_message"`
	// Forwarded says that Telegram itself has copied a channel's post into the channel's discussion group.
	Forwarded bool `json:"is_automatic_forward"`
}

// user is a person or a bot. Username and LastName may be empty; Language is an IETF tag, and only what the app is set to.
type user struct {
	ID        int64  `json:"id"`
	IsBot     bool   `json:"is_bot"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Username  string `json:"username"`
	Language  string `json:"language_code"`
}

// chat is a conversation: private, group, supergroup or channel by Type. Groups and channels have negative ids and a Title.
type chat struct {
	ID    int64  `json:"id"`
	Type  string `json:"type"`
	Title string `json:"title"`

	FirstName string `json:"first_name"`
}

// Decode reads a delivery of Fetch or Receive. Telegram vouches for the sender. A message of another
// bot is marked as generated, as a mail would be (RFC 3834 §5); one of our own bot is an echo.
func (c *Connector) Decode(d channels.Delivery) (message.Message, error) {
	var u update
	var in incoming
	err := json.Unmarshal(d.Raw, &u)
	body, edited := u.body()
	if err == nil && body == nil {
		err = errors.New("the update holds no message")
	} else if err == nil {
		err = json.Unmarshal(body, &in)
	}
	if err == nil && (in.MessageID == 0 || in.Chat.ID == 0) {
		err = errors.New("the message has no id or no chat")
	}
	if err != nil {
		return message.Message{}, &channels.Error{Op: "decoding a Telegram message", Class: channels.Permanent, Cause: "unparsable", Err: plain(err)}
	}
	return c.message(d, in, edited), nil
}

// plain keeps what a JSON error quotes of a message out of its text.
func plain(err error) error {
	if _, ok := errors.AsType[*json.SyntaxError](err); ok {
		return errors.New("the JSON is broken")
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("the field %q has another type", e.Field)
	}
	return err
}

// message makes the normalized message. From is proven by Telegram, who alone can call us; Also is a claim.
func (c *Connector) message(d channels.Delivery, in incoming, edited bool) message.Message {
	id := strconv.FormatInt(in.Chat.ID, 10)
	m := message.Message{
		Inbox: d.Inbox, Channel: d.Channel, Key: d.Key, At: d.At,
		From:        in.sender(),
		To:          []message.Address{{Kind: address, Value: c.bot}},
		Envelope:    message.Envelope{Recipients: []string{id}},
		Thread:      in.thread(),
		Text:        in.words(),
		Attachments: in.attachments(),
		Also:        in.claims(),
		Version:     fmt.Sprintf("%d:%d", in.Chat.ID, in.MessageID),
		Edited:      edited,
		OwnPost:     in.ownPost(),
		About:       in.about(),
	}
	m.Proven = !m.From.IsZero()
	if in.From != nil {
		if len(in.From.Language) <= maxTag {
			m.Language = in.From.Language
		}
		m.Echo = strconv.FormatInt(in.From.ID, 10) == c.bot
		if in.From.IsBot && in.SenderChat == nil {
			m.Headers = message.Headers{{Name: "Auto-Submitted", Value: "auto-generated"}}
		}
	}
	if m.Text == "" && len(m.Attachments) == 0 && !in.ownContact() {
		m.Problems = append(m.Problems, "the message has no text and no file that can be read here")
	}
	return m
}

// sender is the user, or the group or channel on whose behalf an administrator writes.
func (in incoming) sender() message.Address {
	switch {
	case in.SenderChat != nil:
		return message.Address{Kind: address, Value: strconv.FormatInt(in.SenderChat.ID, 10), Name: in.SenderChat.Title}
	case in.From != nil && in.From.ID != 0:
		return message.Address{Kind: address, Value: strconv.FormatInt(in.From.ID, 10), Name: join(" ", in.From.FirstName, in.From.LastName)}
	}
	return message.Address{}
}

// ownPost reports whether a channel or a group wrote it as itself: a channel's post, also as Telegram copies it into the
// channel's discussion group, and what an anonymous administrator says in the group. Who writes as a channel of his own is a person.
func (in incoming) ownPost() bool {
	return in.Forwarded || in.SenderChat != nil && in.SenderChat.ID == in.Chat.ID
}

// general is the topic that every forum has. It is addressed by no number.
const general = 1

// thread is the conversation: the chat, or a topic of it.
func (in incoming) thread() string {
	id := strconv.FormatInt(in.Chat.ID, 10)
	if in.IsTopic && in.Topic > general {
		id += "/" + strconv.FormatInt(in.Topic, 10)
	}
	return id
}

// words puts into text what a person would read: text or caption, then what else was shared.
func (in incoming) words() string {
	s := in.shared
	if in.ownContact() {
		s.Contact = nil // who he is, not what he wants: see fields
	}
	return join("\n", append([]string{cmp.Or(in.Text, in.Caption, in.emoji())}, s.lines()...)...)
}

// ownContact reports whether the sender shares himself, as bots ask for by a button.
func (in incoming) ownContact() bool {
	return in.Contact != nil && in.From != nil && in.Contact.UserID == in.From.ID
}

// claims is the sender's own number, if that is the contact he shares.
// The number was typed into an address book and may be anybody's: a claim.
func (in incoming) claims() []message.Address {
	if !in.ownContact() {
		return nil
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, in.Contact.Phone)
	if digits == "" {
		return nil
	}
	return []message.Address{{Kind: message.Phone, Value: "+" + digits}}
}

// about is what Telegram says of the sender and the chat.
// It is shown beside the ticket. Empty values are left out.
func (in incoming) about() map[string]string {
	f := map[string]string{"chat_type": in.Chat.Type}
	if in.From != nil {
		f["username"] = in.From.Username
	}
	if in.ownContact() {
		f["phone"], f["name"] = in.Contact.Phone, join(" ", in.Contact.FirstName, in.Contact.LastName)
	}
	if in.ReplyTo != nil {
		f["reply_to"] = fmt.Sprintf("%d:%d", in.Chat.ID, in.ReplyTo.MessageID)
	}
	f["media_group"] = in.MediaGroup
	for k, v := range f {
		if v == "" {
			delete(f, k)
		}
	}
	return f
}

// join leaves empty parts out.
func join(sep string, texts ...string) string {
	var out []string
	for _, t := range texts {
		if t != "" {
			out = append(out, t)
		}
	}
	return strings.Join(out, sep)
}
