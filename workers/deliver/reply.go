package deliver

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"frontdesk/channels"
	"frontdesk/pipeline/domain/replies"
	letters "frontdesk/pipeline/letter"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/thread"
	"frontdesk/workers/store/answering"
	"frontdesk/workers/store/outbox"
)

// errNoReply says that the row of an answer has no answer: its person was erased meanwhile.
var errNoReply = errors.New("what was written is not there any more")

// reply is an agent's answer as its channel takes it: his words, as he sent them, and for mail all that joins the answer to it to the
// ticket. It is a person's, so nothing marks it as automatic.
func (w *Writer) reply(row outbox.EffectRow) (channels.Outbound, error) {
	r := row.Reply
	if r == nil || strings.TrimSpace(r.Text) == "" || row.To.IsZero() {
		return channels.Outbound{}, errNoReply
	}
	var p answering.Payload
	if err := json.Unmarshal(row.Payload, &p); err != nil {
		return channels.Outbound{}, fmt.Errorf("reading the payload of an answer: %w", err)
	}
	out := channels.Outbound{Inbox: row.Inbox, To: row.To, Thread: p.Thread, Language: r.Language, Skip: row.PartsDone}
	whole := letters.Whole{Text: r.Text, Plain: r.Markup != replies.Markdown, Signature: r.Signature, Quote: r.Quote}
	if out.Text = whole.Said(); w.Channels[row.Channel].Carries.HTML {
		out.HTML = whole.HTML(nil)
	}
	if row.To.Kind != message.Email {
		return out, nil
	}
	out.Subject = strings.TrimSpace(r.Subject + " " + thread.SubjectToken(w.MAC, row.Ticket))
	out.MessageID = thread.MessageID(w.MAC, "reply", row.Ticket, row.Key, w.Domain)
	out.InReplyTo, out.References = p.InReplyTo, p.References
	out.Cc = copies(r.Recipients.Cc)
	if own := w.Inboxes[row.Inbox].Address; w.SignReply && own != "" {
		out.ReplyTo = thread.ReplyAddress(w.MAC, own, row.Ticket)
	}
	return out, nil
}

// copies are those who get one. Who was erased meanwhile has no address any more.
func copies(all []message.Address) []message.Address {
	return slices.DeleteFunc(slices.Clone(all), func(a message.Address) bool { return a.Domain() == "" })
}
