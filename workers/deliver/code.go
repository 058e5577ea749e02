package deliver

import (
	"encoding/json"
	"fmt"

	"frontdesk/channels"
	"frontdesk/pipeline/challenge"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/thread"
	"frontdesk/workers/store/checking"
	"frontdesk/workers/store/outbox"
)

// code is a one-time code by which a customer shows who he is. It is made anew each time: the row names the check alone.
func (w *Writer) code(row outbox.EffectRow) (channels.Outbound, error) {
	var p checking.Payload
	if err := json.Unmarshal(row.Payload, &p); err != nil || p.Check == 0 || row.To.IsZero() {
		return channels.Outbound{}, fmt.Errorf("reading which check a code is of: %w", errNoReply)
	}
	told := challenge.Text
	if p.Joins {
		told = challenge.Joining
	}
	subject, text := told(p.Language, challenge.Code(challenge.MAC(w.MAC), p.Check), message.Named(w.Names, p.Language, w.DeskName))
	out := channels.Outbound{Inbox: row.Inbox, To: row.To, Text: text, Automatic: true, Language: p.Language, Skip: row.PartsDone}
	if row.To.Kind != message.Email {
		return out, nil
	}
	out.Subject = subject
	if p.Joins { // whoever reads it may have nothing to do with the ticket: he gets no reference of it
		out.MessageID = thread.MessageID(w.MAC, "code", 0, row.Key, w.Domain)
		return out, nil
	}
	out.Subject += " " + thread.SubjectToken(w.MAC, row.Ticket)
	out.MessageID = thread.MessageID(w.MAC, "code", row.Ticket, row.Key, w.Domain)
	if own := w.Inboxes[row.Inbox].Address; w.SignReply && own != "" {
		out.ReplyTo = thread.ReplyAddress(w.MAC, own, row.Ticket)
	}
	return out, nil
}

// hidden is what was handed over of a code's row, as it is kept.
func (w *Writer) hidden(row outbox.EffectRow, text string) string {
	var p checking.Payload
	if json.Unmarshal(row.Payload, &p) != nil {
		return ""
	}
	return challenge.Hide(text, challenge.Code(challenge.MAC(w.MAC), p.Check))
}
