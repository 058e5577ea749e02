package outbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
)

// Settle writes the outcomes of many rows in one transaction. A receipt that came meanwhile and says more than the
// outcome wins. A sent acknowledgement keeps its ticket's promise, a sent digest those of the tickets that it covers.
// Each outcome is one attempt in the row's story.
//
// What an outcome does is decided by the domain (commands.SendEnded); plans.Carry locks what that needs, in sorted
// order. It may be repeated: an outcome whose attempt is older than the row's changes nothing. outcomes get the ids
// of fallback rows.
func (s *Store) Settle(ctx context.Context, outcomes []commands.SendEnded, now time.Time) error {
	if len(outcomes) == 0 {
		return nil
	}
	if err := s.fallbackIDs(ctx, outcomes); err != nil {
		return err
	}
	ends := slices.Clone(outcomes)
	commands.SortEnds(ends)
	happened := make([]domain.Command, len(ends))
	for i, o := range ends {
		o.ProviderID = s.base.Bound(o.ProviderID)
		happened[i] = o
	}
	err := s.base.Write(ctx, func(t sql.Tx) error {
		count := base.Tally{}
		d, err := s.plans.Carry(ctx, t, happened, nil, now, count)
		if err != nil {
			return err
		}
		return t.Last(ctx, slices.Concat(d.Calls, s.plans.MarkAddresses(d.Plan, now), []sql.Call{count.Call()})...)
	})
	if err != nil {
		return fmt.Errorf("settling %d effects: %w", len(outcomes), err)
	}
	return nil
}

// fallbackIDs gives ids to the fallback rows that have none, so that the caller can ring for them.
// A fallback is rare, so they are taken one by one.
func (s *Store) fallbackIDs(ctx context.Context, outcomes []commands.SendEnded) error {
	for _, o := range outcomes {
		if o.Fallback == nil || o.Fallback.ID != 0 {
			continue
		}
		ids, err := s.base.Sequences.TakeAll(ctx, pipeline.SequenceEffect, 1)
		if err != nil {
			return err
		}
		o.Fallback.ID = ids[0]
	}
	return nil
}

// Addresses are where an acknowledgement of that message may go, for the fallback chain: first what the
// contact has proven, in the order in which it became known, then what the message itself claims and nobody
// else has proven.
func (s *Store) Addresses(ctx context.Context, contact, message int64) ([]contacts.Identity, error) {
	var out []contacts.Identity
	err := s.base.DB.Read(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Ask(func(row sql.Row) error {
			var i contacts.Identity
			err := row.Scan(&i.Kind, &i.Value, &i.Verified, &i.OptedOut, &i.Failed)
			out = append(out, i)
			return err
		}, `SELECT kind, value, contact <> 0, opted_out, failed FROM identities WHERE address {in SELECT address FROM identities WHERE contact <> 0 AND contact = $1 UNION
SELECT address FROM claims WHERE message = $2} AND (contact = 0 OR contact = $1) ORDER BY contact DESC, created_at, address`, contact, message))
	})
	if err == nil {
		err = s.base.HeedTombs(ctx, out)
	}
	if err != nil {
		return nil, fmt.Errorf("reading addresses: %w", err)
	}
	return out, nil
}
