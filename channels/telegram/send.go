package telegram

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/attach"
	"frontdesk/channels/internal/parts"
	"frontdesk/pipeline/message"
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

// carries is what the Bot API takes beside a text. Files of up to 50 MB are uploaded one by one, so all together are bounded by what one
// send has time for.
func carries() message.Carries {
	return message.Carries{Files: 10, FileMax: 50_000_000, FilesMax: 100_000_000}
}

// part is one message of those that an answer takes: a piece of the text, or a file where file is set.
type part struct {
	text string
	file *attach.File
}

// Send hands a text over, in as many messages as it needs, and then each file as a message of its own, starting behind the Skip first
// ones. The text is no caption of a file: it would be bounded by 1 024 units, and a file that has to be sent again would bring it again.
// Error.Done counts the parts that Telegram has, those skipped included, so it is the next Skip. The
// Bot API takes no idempotency key and cannot be asked what it has sent.
func (c *Connector) Send(ctx context.Context, key string, out channels.Outbound) (channels.Receipt, error) {
	at, all, err := plan(out)
	if err != nil {
		return channels.Receipt{}, err
	}
	if err := ready(ctx, all[out.Skip:]); err != nil {
		e := failSend(err)
		e.Done = out.Skip
		return channels.Receipt{}, e
	}
	last := channels.Receipt{Key: key, Status: channels.StatusSent, At: time.Now()}
	for i := out.Skip; i < len(all); i++ {
		var id int64
		id, at, err = c.sendPart(ctx, at, all[i])
		if err != nil {
			e := failSend(err)
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

// ready finds out whether there are all the files, before the first part goes out.
func ready(ctx context.Context, all []part) error {
	for _, p := range all {
		if p.file == nil {
			continue
		}
		r, err := p.file.Content(ctx)
		if err != nil {
			return &unread{err}
		}
		_ = r.Close()
	}
	return nil
}

// failSend makes the error of a send. A file that cannot be read is no fault of Telegram's, and says nothing of the chat.
func failSend(err error) *channels.Error {
	const op = "sending a Telegram message"
	u, ours := errors.AsType[*unread](err)
	if !ours {
		return fail(op, err, true)
	}
	e := &channels.Error{Op: op, Code: "file", Err: u}
	if source, ok := errors.AsType[*channels.Error](u.err); ok {
		e.Class, e.After = source.Class, source.After
	}
	if e.Class == channels.Gone {
		e.Class = channels.Permanent // the file is, not the chat
	}
	return e
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

// plan finds the chat and cuts the text, without parts that would be blank. Files come behind it.
func plan(out channels.Outbound) (place, []part, error) {
	if err := out.Fits(carries()); err != nil {
		return place{}, nil, err
	}
	at, err := where(cmp.Or(out.Thread, out.To.Value))
	var all []part
	for _, text := range parts.Split(out.Text, func() parts.Meter { return parts.Units(maxText) }) {
		if strings.TrimSpace(text) != "" {
			all = append(all, part{text: text})
		}
	}
	for i := range out.Files {
		all = append(all, part{file: &out.Files[i]})
	}
	var why string
	switch {
	case err != nil || out.Thread == "" && out.To.Kind != address:
		why = "the recipient is no Telegram chat"
	case len(all) == 0:
		why = "the text is empty"
	case out.Skip < 0 || out.Skip > len(all):
		why = "more parts are to be skipped than there are"
	default:
		return at, all, nil
	}
	return place{}, nil, &channels.Error{Op: "sending a Telegram message", Class: channels.Permanent, Done: out.Skip, Err: errors.New(why)}
}

// sendPart sends one message. It follows a group to its new id, and leaves a topic that is no more for the chat around it: there
// the customer still reads it.
func (c *Connector) sendPart(ctx context.Context, at place, p part) (int64, place, error) {
	raw, err := c.put(ctx, at, p)
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
		raw, err = c.put(ctx, at, p)
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

// put does the call that a part needs.
func (c *Connector) put(ctx context.Context, at place, p part) (json.RawMessage, error) {
	if p.file != nil {
		return c.upload(ctx, at, *p.file)
	}
	return c.call(ctx, "sendMessage", outgoing{at.chat, at.topic, p.text})
}
