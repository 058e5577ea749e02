package deliver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"frontdesk/channels"
	"frontdesk/channels/attach"
	"frontdesk/pipeline/domain/replies"
	letters "frontdesk/pipeline/letter"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/thread"
	"frontdesk/workers/store"
	"frontdesk/workers/store/answering"
	"frontdesk/workers/store/blobs"
	"frontdesk/workers/store/outbox"
)

// errNoReply says that the row of an answer has no answer: its person was erased meanwhile.
var errNoReply = errors.New("what was written is not there any more")

// reply is an agent's answer as its channel takes it: his words, as he sent them, and for mail all that joins the answer to it to the
// ticket. It is a person's, so nothing marks it as automatic.
func (w *Writer) reply(row outbox.EffectRow) (channels.Outbound, error) {
	r := row.Reply
	out, p, err := w.written(row)
	if err != nil || row.To.Kind != message.Email {
		return out, err
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

// written is what an agent wrote as its channel takes it, and where in a conversation it stands.
func (w *Writer) written(row outbox.EffectRow) (out channels.Outbound, p answering.Payload, err error) {
	r := row.Reply
	if r == nil || strings.TrimSpace(r.Text) == "" || row.To.IsZero() {
		return out, p, errNoReply
	}
	if err := json.Unmarshal(row.Payload, &p); err != nil {
		return out, p, fmt.Errorf("reading the payload of an answer: %w", err)
	}
	out = channels.Outbound{Inbox: row.Inbox, To: row.To, Thread: p.Thread, Language: r.Language, Skip: row.PartsDone}
	whole := letters.Whole{Text: r.Text, Plain: r.Markup != replies.Markdown, Signature: r.Signature, Quote: r.Quote}
	var shown map[string]string
	if out.Files, shown, err = w.files(r.Files, row.Ticket); err != nil {
		return out, p, err
	}
	if out.Text = whole.Said(); w.Channels[row.Channel].Carries.HTML {
		out.HTML = whole.HTML(func(name string) string { return shown[name] })
	}
	return out, p, nil
}

// forward is what an agent asks a third party. Nothing in it leads into the ticket as a customer's answer would: no token of it, none of its
// references, no copy to anybody. The signed address and the Message-ID are the side thread's.
func (w *Writer) forward(row outbox.EffectRow) (channels.Outbound, error) {
	out, p, err := w.written(row)
	if err != nil {
		return out, err
	}
	if row.Reply.Side == 0 || row.To.Kind != message.Email {
		return out, fmt.Errorf("%w: it goes to a third party in no side thread, or not by mail", errNoReply)
	}
	out.Subject = row.Reply.Subject
	out.MessageID = thread.SideMessageID(w.MAC, row.Reply.Side, row.Key, w.Domain)
	out.InReplyTo, out.References = p.InReplyTo, p.References
	if own := w.Inboxes[row.Inbox].Address; w.SignReply && own != "" {
		out.ReplyTo = thread.SideAddress(w.MAC, own, row.Reply.Side)
	}
	return out, nil
}

// files are what goes out beside a text, and the addresses under which a formatted text shows those that stand in it (RFC 2392), by the names
// that the text has for them.
func (w *Writer) files(all []outbox.Enclosed, ticket int64) (out []attach.File, shown map[string]string, err error) {
	shown = map[string]string{}
	for _, f := range all {
		if w.Content == nil {
			return nil, nil, errNoContent
		}
		file := attach.File{Name: f.Name, Type: f.Type, Size: f.Size, Open: func(ctx context.Context) (io.ReadCloser, error) {
			content, err := w.Content(ctx, f.Digest)
			if errors.Is(err, store.ErrNotFound) || errors.Is(err, blobs.ErrNotFound) {
				return nil, &channels.Error{Op: "opening a file of an answer", Class: channels.Permanent, Code: "file-gone", Err: err}
			}
			return io.NopCloser(bytes.NewReader(content)), err
		}}
		if f.Shown {
			file.ContentID = fmt.Sprintf("file.%d.%d@%s", ticket, f.ID, w.Domain)
			shown[strconv.FormatInt(f.ID, 10)] = "cid:" + file.ContentID
		}
		out = append(out, file)
	}
	return out, shown, nil
}

// errNoContent says that a program without a store is to send files.
var errNoContent = errors.New("there is nowhere to read files from")

// copies are those who get one. Who was erased meanwhile has no address any more.
func copies(all []message.Address) []message.Address {
	return slices.DeleteFunc(slices.Clone(all), func(a message.Address) bool { return a.Domain() == "" })
}
