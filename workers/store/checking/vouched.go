package checking

import (
	"context"
	"fmt"
	"time"

	"frontdesk/pipeline/message"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/viewer"
)

// Known is an address of a ticket's customer as far as we know it.
type Known struct {
	Address message.Address
	Proven  bool // it is proven to be his; else a message claims it
}

// Known are the addresses by which a system of the company's can tell who a ticket's customer is: those that he has proven, and of a ticket that nothing proves the one that
// opened it. sql.ErrNotFound: the viewer may not answer the ticket.
func (s *Store) Known(ctx context.Context, v viewer.Viewer, ticket int64) (out []Known, err error) {
	every := func(string, message.AddressKind) (string, string, bool) { return "", "", true }
	err = s.base.DB.Read(ctx, func(t sql.Tx) error {
		out = nil
		of, all, err := s.addresses(ctx, t, v, every, ticket)
		if err != nil {
			return err
		}
		for _, a := range all {
			if !of.claimed {
				out = append(out, Known{Address: a, Proven: true})
			}
		}
		if !of.opener.IsZero() {
			out = append(out, Known{Address: message.Address{Kind: of.opener.Kind, Value: of.opener.Value}})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading what is known of the customer of ticket %d: %w", ticket, err)
	}
	return out, nil
}

// settled is how long the row of a code is left as it is behind the end of its check: a provider may still say what became of it.
const settled = time.Hour

// Forget takes the addresses that a system of the company's has named out of rows whose checks are over, at most so many, and says how many.
func (s *Store) Forget(ctx context.Context, now time.Time, most int) (gone int, err error) {
	err = s.base.Write(ctx, func(t sql.Tx) error {
		var checks, rows []int64
		if err := t.Run(ctx, sql.Ask(sql.Pair(func(check, effect int64) { checks, rows = append(checks, check), append(rows, effect) }),
			`SELECT c.id, c.effect FROM checks c JOIN outbox o ON o.id = c.effect WHERE c.vouched AND c.ends_at < $1 AND o.state NOT IN ('due', 'sending') ORDER BY c.ends_at LIMIT $2`, sql.Micros(now.Add(-settled)), int64(most))); err != nil || len(checks) == 0 {
			return err
		}
		gone = len(checks)
		return t.Run(ctx, sql.Do(`UPDATE checks SET vouched = false WHERE id = ANY($1)`, sql.Sorted(checks)),
			sql.Do(`UPDATE outbox SET recipient = '', to_value = '', to_name = '', last_error = '', domain = '', domain_print = '', counted_as = '' WHERE id = ANY($1)`, sql.Sorted(rows)),
			sql.Do(`UPDATE outbox_attempts SET detail = '', words = NULL WHERE effect = ANY($1)`, sql.Sorted(rows)))
	})
	if err != nil {
		return 0, fmt.Errorf("forgetting where codes went: %w", err)
	}
	return gone, nil
}
