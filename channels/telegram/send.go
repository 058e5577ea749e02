package telegram

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/internal/parts"
)

// maxText is the most UTF-16 code units of one message.
// The Bot API counts after parsing entities; we send none, so the text itself is counted.
const maxText = 4096

// outgoing are the parameters of sendMessage.
type outgoing struct {
	ChatID int64  `json:"chat_id"`
	Topic  int64  `json:"message_thread_id,omitempty"`
	Text   string `json:"text"` // without parse_mode: the text is shown as it is
}

// place is where a message goes.
type place struct {
	chat, topic int64 // topic 0: none
}

// Send hands one text over, in as many messages as it needs, starting behind the Skip first ones.
// Error.Done counts the parts that Telegram has, those skipped included, so it is the next Skip. The
// Bot API takes no idempotency key and cannot be asked what it has sent.
func (c *Connector) Send(ctx context.Context, key string, out channels.Outbound) (channels.Receipt, error) {
	at, texts, err := plan(out)
	if err != nil {
		return channels.Receipt{}, err
	}
	last := channels.Receipt{Key: key, Status: channels.StatusSent, At: time.Now()}
	for i := out.Skip; i < len(texts); i++ {
		var id int64
		id, at, err = c.sendPart(ctx, at, texts[i])
		if err != nil {
			e := fail("sending a Telegram message", err, true)
			if e.Class == channels.Gone && strconv.FormatInt(at.chat, 10) != out.To.Value {
				e.Class = channels.Permanent // a group that we are not in says nothing of the person who wrote there
			}
			e.Done = i
			return channels.Receipt{}, e
		}
		last.ProviderID, last.At = fmt.Sprintf("%d:%d", at.chat, id), time.Now()
	}
	return last, nil
}

// where reads a conversation: a chat's id, and behind a slash its topic.
func where(thread string) (place, error) {
	chat, topic, inTopic := strings.Cut(thread, "/")
	var at place
	var err error
	if at.chat, err = strconv.ParseInt(chat, 10, 64); err == nil && inTopic {
		at.topic, err = strconv.ParseInt(topic, 10, 64)
	}
	return at, err
}

// plan finds the chat and cuts the text, without parts that would be blank.
func plan(out channels.Outbound) (place, []string, error) {
	at, err := where(cmp.Or(out.Thread, out.To.Value))
	blank := func(s string) bool { return strings.TrimSpace(s) == "" }
	texts := slices.DeleteFunc(parts.Split(out.Text, func() parts.Meter { return parts.Units(maxText) }), blank)
	var why string
	switch {
	case err != nil || out.Thread == "" && out.To.Kind != address:
		why = "the recipient is no Telegram chat"
	case len(texts) == 0:
		why = "the text is empty"
	case out.Skip < 0 || out.Skip > len(texts):
		why = "more parts are to be skipped than there are"
	default:
		return at, texts, nil
	}
	return place{}, nil, &channels.Error{Op: "sending a Telegram message", Class: channels.Permanent, Done: out.Skip, Err: errors.New(why)}
}

// sendPart sends one message. It follows a group to its new id, and leaves a topic that is no more for the chat around it: there
// the customer still reads it.
func (c *Connector) sendPart(ctx context.Context, at place, text string) (int64, place, error) {
	raw, err := c.call(ctx, "sendMessage", outgoing{at.chat, at.topic, text})
	for range 2 {
		f, ok := errors.AsType[*failure](err)
		switch {
		case ok && f.migrate != 0:
			at.chat = f.migrate
		case ok && at.topic != 0 && f.why == whyNoTopic:
			at.topic = 0
		default:
			ok = false
		}
		if !ok {
			break
		}
		raw, err = c.call(ctx, "sendMessage", outgoing{at.chat, at.topic, text})
	}
	if err != nil {
		return 0, at, err
	}
	var m head
	if err := json.Unmarshal(raw, &m); err != nil {
		return 0, at, &failure{sent: true, why: "the answer names no message"}
	}
	return m.MessageID, at, nil
}
