package view

import (
	"context"

	"frontdesk/pipeline"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
)

// Exception is a sender or subject that a person has let out of the parked messages: what looks like a machine's is
// not set aside for that any more.
type Exception struct {
	ID      int64      `json:"id"`
	Kind    string     `json:"kind"`  // sender, subject
	Value   string     `json:"value"` // as the released message has it; empty once that was erased
	Inbox   string     `json:"inbox"`
	Cause   string     `json:"cause"` // for which it was parked
	Message int64      `json:"message"`
	MadeAt  base.Stamp `json:"made_at"`
	MadeBy  string     `json:"made_by"`
}

// Exceptions lists what was learned, newest first.
func (s *Store) Exceptions(ctx context.Context, p Page) ([]Exception, error) {
	out := []Exception{}
	where, args := p.where(listed{"", "e.id", "e.kind", "", "e.inbox"}, 0)
	err := s.base.Read(ctx, "listing exceptions", sql.Ask(func(row sql.Row) error {
		var e Exception
		var at int64
		var sender, subject string
		err := row.Scan(&e.ID, &e.Kind, &e.Inbox, &e.Cause, &e.Message, &at, &e.MadeBy, &sender, &subject)
		e.MadeAt, e.Value = base.StampOf(at), sender
		if e.Kind == pipeline.ExceptSubject {
			e.Value = subject
		}
		out = append(out, e)
		return err
	}, `SELECT e.id, e.kind, e.inbox, e.cause, e.message, e.made_at, e.made_by, coalesce(m.sender_value, ''), coalesce(m.subject, '')
FROM exceptions e LEFT JOIN messages m ON m.id = e.message`+where, args...))
	return out, err
}
