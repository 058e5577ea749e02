package telegram

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"frontdesk/channels"
)

// update is one item of getUpdates, or the body of a webhook call:
//
//	{"update_id":10001,"message":{"message_id":1365,"date":1777898400,"text":"hello",
//	 "from":{"id":111,"is_bot":false,"first_name":"Li","language_code":"zh-hans"},
//	 "chat":{"id":111,"type":"private","first_name":"Li"}}}
type update struct {
	// One of the four is there in an update that brings a message; its bytes are kept as they came.
	ID                int64           `json:"update_id"`
	Message           json.RawMessage `json:"message"`
	EditedMessage     json.RawMessage `json:"edited_message"`
	ChannelPost       json.RawMessage `json:"channel_post"`
	EditedChannelPost json.RawMessage `json:"edited_channel_post"`
}

// body returns the message of an update, and whether it is a later version of one; nil for none.
func (u update) body() (raw json.RawMessage, edited bool) {
	switch {
	case u.Message != nil:
		return u.Message, false
	case u.EditedMessage != nil:
		return u.EditedMessage, true
	case u.ChannelPost != nil:
		return u.ChannelPost, false
	}
	return u.EditedChannelPost, u.EditedChannelPost != nil
}

// silent lists the updates that are no words of a customer's: presses, votes, memberships, payments.
// They come only if somebody asks Telegram for them. Kinds that are in neither list, and messages on
// behalf of a business account, which need an answer by another way, are parked.
func silent() []string {
	return []string{
		"business_connection", "deleted_business_messages", "message_reaction", "message_reaction_count",
		"inline_query", "chosen_inline_result", "callback_query", "shipping_query", "pre_checkout_query",
		"purchased_paid_media", "poll", "poll_answer", "my_chat_member", "chat_member", "chat_join_request",
		"chat_boost", "removed_chat_boost", "managed_bot",
	}
}

// isSilent reports whether all that an update holds is of those kinds.
func isSilent(raw []byte) bool {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return false
	}
	delete(fields, "update_id")
	for name := range fields {
		if !slices.Contains(silent(), name) {
			return false
		}
	}
	return len(fields) > 0
}

// head is what names and dates a message.
type head struct {
	// MessageID is unique within its chat. Date and EditDate are seconds since 1970; EditDate is 0 before the first edit.
	MessageID int64 `json:"message_id"`
	Date      int64 `json:"date"`
	EditDate  int64 `json:"edit_date"`
	Chat      struct {
		ID int64 `json:"id"`
	} `json:"chat"`
}

// delivery makes one of an update; ok is false for a silent one, and for an event that Telegram tells as a message. What cannot be read is returned with
// a cause. The key is that of the message, since update ids start anew after a week without any. An
// edit is dated by itself: that is when Telegram received those words.
func (c *Connector) delivery(raw []byte, now time.Time) (d channels.Delivery, ok bool) {
	d = channels.Delivery{Inbox: c.cfg.Inbox, Channel: "telegram", Raw: raw, At: now}
	var u update
	err := json.Unmarshal(raw, &u)
	body, edited := u.body()
	if err == nil && body == nil {
		if isSilent(raw) {
			return d, false
		}
		return c.unreadable(d, "the update is of a kind that this connector does not read"), true
	}
	var h struct {
		head
		Location *location `json:"location"`
	}
	if err == nil {
		err = json.Unmarshal(body, &h)
	}
	if err != nil || h.MessageID == 0 || h.Chat.ID == 0 || h.Date <= 0 {
		return c.unreadable(d, "the message has no readable id, chat or date"), true
	}
	switch kind, name := contentOf(body); {
	case kind == event, edited && h.Location != nil: // nothing but a live location is edited so: it was told where he is, and not each step
		return d, false
	case kind == unknown:
		return c.unreadable(d, "the message holds nothing that this version knows: its field is "+name), true
	}
	d.Key, d.At = fmt.Sprintf("%d:%d", h.Chat.ID, h.MessageID), time.Unix(h.Date, 0).UTC()
	if edited {
		d.Key = fmt.Sprintf("%s:%d", d.Key, h.EditDate)
		d.At = time.Unix(max(h.EditDate, h.Date), 0).UTC()
	}
	if d.At.After(now) {
		d.At = now
	}
	return d, true
}

// unreadable parks an update under a digest of its bytes: the same one is the same when it comes again.
func (c *Connector) unreadable(d channels.Delivery, why string) channels.Delivery {
	d.Key, d.Cause, d.Evidence = c.digest(d.Raw), "unparsable", why
	return d
}
