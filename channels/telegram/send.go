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
	"frontdesk/pipeline/message"
)

// maxText is the most UTF-16 code units of one message.
const maxText = 4096

type outgoing struct {
	ChatID int64  `json:"chat_id"`
	Text   string `json:"text"` // without parse_mode: the text is shown as it is
}

// Send hands one text over, in as many messages as it needs, starting behind the Skip first ones.
// Error.Done counts the parts that Telegram has, those skipped included, so it is the next Skip. The
// Bot API takes no idempotency key and cannot be asked what it has sent.
func (c *Connector) Send(ctx context.Context, key string, out channels.Outbound) (channels.Receipt, error) {
	chat, texts, err := plan(out)
	if err != nil {
		return channels.Receipt{}, err
	}
	last := channels.Receipt{Key: key, Status: channels.StatusSent, At: time.Now()}
	for i := out.Skip; i < len(texts); i++ {
		var id int64
		id, chat, err = c.sendPart(ctx, chat, texts[i])
		if err != nil {
			e := fail("sending a Telegram message", err, true)
			e.Done = i
			return channels.Receipt{}, e
		}
		last.ProviderID, last.At = fmt.Sprintf("%d:%d", chat, id), time.Now()
	}
	return last, nil
}

// plan finds the chat and cuts the text, without parts that would be blank.
func plan(out channels.Outbound) (int64, []string, error) {
	chat, err := strconv.ParseInt(cmp.Or(out.Thread, out.To.Value), 10, 64)
	blank := func(s string) bool { return strings.TrimSpace(s) == "" }
	texts := slices.DeleteFunc(parts.Split(out.Text, func() parts.Meter { return parts.Units(maxText) }), blank)
	var why string
	switch {
	case err != nil || out.Thread == "" && out.To.Kind != message.Telegram:
		why = "the recipient is no Telegram chat"
	case len(texts) == 0:
		why = "the text is empty"
	case out.Skip < 0 || out.Skip > len(texts):
		why = "more parts are to be skipped than there are"
	default:
		return chat, texts, nil
	}
	return 0, nil, &channels.Error{Op: "sending a Telegram message", Class: channels.Permanent, Done: out.Skip, Err: errors.New(why)}
}

// sendPart sends one message and follows a group to its new id.
func (c *Connector) sendPart(ctx context.Context, chat int64, text string) (id, at int64, err error) {
	raw, err := c.call(ctx, "sendMessage", outgoing{chat, text})
	if f, ok := err.(*failure); ok && f.migrate != 0 {
		chat = f.migrate
		raw, err = c.call(ctx, "sendMessage", outgoing{chat, text})
	}
	if err != nil {
		return 0, chat, err
	}
	var m head
	if err := json.Unmarshal(raw, &m); err != nil {
		return 0, chat, &failure{sent: true, why: "the answer names no message"}
	}
	return m.MessageID, chat, nil
}
