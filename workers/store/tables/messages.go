package tables

import (
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store/sql"
)

// MessageRow is a row of the table messages.
type MessageRow struct {
	ID                             int64
	Inbox, Channel                 string
	State                          messages.State
	Cause, Evidence                string
	Contact, Ticket, DuplicateOf   int64
	Kind, Sender                   string
	SenderKind                     message.AddressKind
	SenderValue, SenderName        string
	Subject, Visible, Quoted       string
	Language, Category             string
	Thread, Content                string
	Fingerprint, Reference         string
	Redacted                       map[string]int
	Counted                        bool
	DecidedAt, ExpiresAt, ErasedAt time.Time
	Proven                         bool
	SentAt                         time.Time
	Fields                         string
}

// InsertMessages writes new messages.
var InsertMessages = sql.Inserting[MessageRow]("messages", "")

// MessageOf is the row of a message that is decided now.
func MessageOf(id int64, p pipeline.Plan, inbox, channel string, now time.Time) MessageRow {
	row := p.Row
	out := MessageRow{ID: id, Inbox: inbox, Channel: channel, State: p.State, Cause: p.Cause, Evidence: p.Evidence, Contact: p.Person(),
		Ticket: p.Ticket.ID, DuplicateOf: p.Duplicate, Kind: row.Kind, SenderKind: row.From.Identity().Kind, SenderValue: row.From.Value,
		SenderName: row.From.Name, Subject: row.Subject, Visible: row.Visible, Quoted: row.Quoted, Language: row.Language, Category: row.Category,
		Thread: row.Thread, Content: row.Content, Fingerprint: sql.Clip(row.Fingerprint), Reference: row.Reference, Redacted: row.Redacted,
		DecidedAt: now, Proven: row.Proven && !p.Erased, SentAt: row.SentAt, Fields: fieldsText(row.Fields)}
	if p.Erased { // it is forgotten as soon as it is decided
		out.ErasedAt = now
	}
	return out
}
