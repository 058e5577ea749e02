package outbox

import (
	"context"
	"slices"
	"time"

	"frontdesk/pipeline/causes"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
)

// Held is what is withheld for one cause and inbox until a person lets it go.
type Held struct {
	Cause string     `json:"cause"`
	Inbox string     `json:"inbox"`
	Count int64      `json:"count"`
	Since base.Stamp `json:"since"` // when the oldest was withheld
}

// HeldCauses is the condition of the partial index outbox_kept, word for word: both databases take the index only
// then. A cause that causes.Held gains needs a migration with a new index, and a word here.
const HeldCauses = `state = 'withheld' AND cause IN ('stranger-cap', 'digest-cap', 'no-service-area', 'unproven-number', 'sms-prefix-cap', 'sms-budget')`

// Held lists what is withheld, since that time, for one of causes.Held. The cost grows with what
// is withheld, not with what was sent.
func (s *Store) Held(ctx context.Context, since time.Time) ([]Held, error) {
	out := []Held{}
	err := s.base.Read(ctx, "reading what is held", sql.Ask(func(row sql.Row) error {
		var h Held
		var at int64
		err := row.Scan(&h.Cause, &h.Inbox, &h.Count, &at)
		h.Since = base.StampOf(at)
		out = append(out, h)
		return err
	}, `SELECT cause, inbox, count(*), min(created_at) FROM outbox WHERE `+HeldCauses+` AND created_at >= $1 GROUP BY cause, inbox ORDER BY cause, inbox`, sql.Micros(since)))
	return out, err
}

// Releasable reports whether a cause is one that a person may let go.
// It says nothing of the address: to some numbers nothing may ever go, see policy.MayGo.
func Releasable(cause string) bool { return slices.Contains(causes.Held(), cause) }
