package decided

import (
	"context"
	"math"

	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
)

// Said is what a customer wrote: words to learn from.
type Said struct {
	ID      int64
	At      base.Stamp
	Subject string // as it is kept: without what is masked; so the text
	Text    string
}

// Said are messages of customers below an id, or from the top where it is 0, the newest first; at most so many. Parked ones and repeated ones are
// left out, those that were erased, and what third parties wrote.
func (s *Store) Said(ctx context.Context, before int64, limit int) (out []Said, err error) {
	if before == 0 {
		before = math.MaxInt64
	}
	err = s.base.Read(ctx, "listing what customers wrote", sql.Ask(func(row sql.Row) error {
		var m Said
		var at int64
		err := row.Scan(&m.ID, &at, &m.Subject, &m.Text)
		m.At = base.Stamp{Time: sql.Moment(at)}
		out = append(out, m)
		return err
	}, `SELECT id, decided_at, subject, visible FROM messages
WHERE id < $1 AND state IN ('ticketed', 'appended') AND ticket <> 0 AND erased_at = 0 AND visible <> '' ORDER BY id DESC LIMIT $2`, before, int64(limit)))
	return out, err
}
