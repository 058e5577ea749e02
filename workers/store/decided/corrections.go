package decided

import (
	"context"
	"math"

	"frontdesk/pipeline/domain/entries"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
)

// Correction is what a person has said of where a ticket belongs, with the words by which it was decided: an example to learn from.
type Correction struct {
	ID       int64      `json:"id"` // of its entry
	Ticket   int64      `json:"ticket"`
	At       base.Stamp `json:"at"`
	Who      string     `json:"who"`
	Queue    [2]string  `json:"queue"` // before and after; so the next two
	Category [2]string  `json:"category"`
	Language string     `json:"language"`
	Subject  string     `json:"subject"` // of the message that opened the ticket, as it is kept: without what is masked, and empty where it is erased
	Text     string     `json:"text"`    // likewise
}

// Corrections are those below an id, or from the top where it is 0, the newest first; at most so many. What the desk has moved by itself is none.
func (s *Store) Corrections(ctx context.Context, before int64, limit int) (out []Correction, err error) {
	if before == 0 {
		before = math.MaxInt64
	}
	err = s.base.Read(ctx, "listing corrections", sql.Ask(func(row sql.Row) error {
		var c Correction
		var at int64
		var before, is string
		if err := row.Scan(&c.ID, &c.Ticket, &at, &c.Who, &before, &is, &c.Language, &c.Subject, &c.Text); err != nil {
			return err
		}
		c.At = base.Stamp{Time: sql.Moment(at)}
		for i, text := range []string{before, is} {
			was, err := entries.Read(text)
			if err != nil {
				return err
			}
			c.Queue[i], c.Category[i] = was.Queue, was.Category
		}
		out = append(out, c)
		return nil
	}, `SELECT j.id, j.ticket, j.at, j.who, e.before, e.after, t.language, coalesce(m.subject, ''), coalesce(m.visible, '') FROM journal j
JOIN entries e ON e.ticket = j.ticket AND e.id = j.id JOIN tickets t ON t.id = j.ticket
LEFT JOIN messages m ON m.id = (SELECT min(n.id) FROM messages n WHERE n.ticket <> 0 AND n.ticket = j.ticket AND n.state = 'ticketed')
WHERE j.id < $1 AND j.act = '`+entries.ActRoute+`' AND j.who <> '`+entries.Service+`' ORDER BY j.id DESC LIMIT $2`, before, int64(limit)))
	return out, err
}
