package tables

import (
	"time"

	"frontdesk/pipeline/domain/alerts"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/workers/store/sql"
)

// ChangeRow is a row of the table changes, whose place the database gives: a ticket has changed, or has left a queue.
type ChangeRow struct {
	At     time.Time
	Ticket int64  // 0 where one has left a queue
	Queue  string // that it has left; else empty: whoever reads the row looks where the ticket is
	Kind   string // that of the entry (package entries), or one of those below
	Actor  string // who has done it
	Effect int64  // of what did not go out: the outbox row; else 0
}

// Kinds of changes that are no entries, besides some of package alerts: an answer did not go out (alerts.Failed), what is promised is about to break
// (alerts.Risk), somebody is named in a note (alerts.Named).
const (
	ChangeSent = "sent" // an agent's answer has come further on its way
	ChangeLeft = "left" // a ticket has left the queue
)

// InsertChanges writes what has changed, in the transaction that changes it.
var InsertChanges = sql.Inserting[ChangeRow]("changes", "")

// Changed are the changes that entries tell of.
func Changed(noted []entries.Entry, now time.Time) (out []ChangeRow) {
	for _, e := range noted {
		if e.Ticket == 0 {
			continue
		}
		out = append(out, ChangeRow{At: now, Ticket: e.Ticket, Kind: e.Kind, Actor: e.Actor})
		if e.Before.Queue != "" && e.Before.Queue != e.After.Queue {
			out = append(out, ChangeRow{At: now, Queue: sql.Clip(e.Before.Queue), Kind: ChangeLeft, Actor: e.Actor})
		}
	}
	return out
}

// Sent is the change of a ticket whose answer has come further; false for what no agent wrote.
func Sent(e effects.Effect, now time.Time) (ChangeRow, bool) {
	row := ChangeRow{At: now, Ticket: e.Ticket, Kind: ChangeSent, Actor: entries.Service}
	if e.State == effects.Failed {
		row.Kind, row.Effect = string(alerts.Failed), e.ID
	}
	return row, e.Ticket != 0 && (e.Kind == effects.KindReply || e.Kind == effects.KindForward)
}
