package store

import (
	"context"
	"fmt"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain"
)

// What takes back is named in the journal after what it takes back.
const (
	actUndismiss = "undismiss"
	actReopen    = "reopen"
)

// Undismiss sets a dismissed message aside again, for the cause for which it was, as long as its original is here: without it
// nothing could be decided anew. ErrNotFound: it is not dismissed, was dismissed by nobody, or has no original any more.
func (s *Store) Undismiss(ctx context.Context, id int64, now time.Time, who string) error {
	ids, err := s.sequences.takeAll(ctx, sequenceOther, 1)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(t tx) error {
		cause, err := unpark(ctx, t, id, `UPDATE messages SET state = 'parked', expires_at = 0 WHERE id = $1 AND state = 'dismissed' AND erased_at = 0
AND EXISTS (SELECT 1 FROM originals o WHERE o.id = messages.id)
AND EXISTS (SELECT 1 FROM journal j WHERE j.message <> 0 AND j.message = messages.id AND j.act = 'dismiss') RETURNING cause`)
		if err != nil {
			return err
		}
		count := tally{}
		count.move("message", string(pipeline.Dismissed), string(pipeline.Parked))
		count.move("parked", "", cause)
		return t.run(ctx, note(ids[0], now, who, actUndismiss, id, 0, cause), count.call())
	})
	if err != nil {
		return fmt.Errorf("taking back the dismissal of message %d: %w", id, err)
	}
	return nil
}

// ReopenTicket takes the closing of a ticket by a person back: it is open again, and what its closing has settled counts again
// from when it was due. ErrNotFound: it is not closed, or no person has closed it.
func (s *Store) ReopenTicket(ctx context.Context, id int64, now time.Time, who string) error {
	ids, err := s.sequences.takeAll(ctx, sequenceOther, 1)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(t tx) error {
		var closed int64
		if err := t.run(ctx, ask(into(&closed), `SELECT max(at) FROM journal WHERE ticket <> 0 AND ticket = $1 AND act = 'close' HAVING max(at) IS NOT NULL`, id)); err != nil {
			return err
		}
		if closed == 0 {
			return ErrNotFound
		}
		var changed int64
		if err := t.run(ctx, call{text: `UPDATE tickets SET status = 'open', version = version + 1 WHERE id = $1 AND status = 'closed'`, args: []any{id}, done: &changed}); err != nil {
			return err
		}
		if changed == 0 {
			return ErrNotFound
		}
		count := tally{}
		count.move("ticket", "closed", "open")
		owed := promises{count: count}
		onReopen := func(p domain.Promise) (domain.Promise, bool) { return domain.OnReopen(p, moment(closed), now) }
		if err := owed.each(ctx, t, onReopen, promisesOfTicket, id); err != nil {
			return err
		}
		return t.run(ctx, owed.call(), note(ids[0], now, who, actReopen, 0, id, ""), indexAnew(id), count.call())
	})
	if err != nil {
		return fmt.Errorf("reopening ticket %d: %w", id, err)
	}
	return nil
}

// TicketActs are what people have done with a ticket, the oldest first, at most a hundred.
func (s *Store) TicketActs(ctx context.Context, ticket int64) ([]Act, error) {
	out := []Act{}
	err := s.list(ctx, "acts", ask(func(row scanner) error {
		var a Act
		var at int64
		err := row.Scan(&at, &a.Who, &a.Act, &a.Detail)
		a.At = stamp(at)
		out = append(out, a)
		return err
	}, `SELECT at, who, act, detail FROM journal WHERE ticket <> 0 AND ticket = $1 ORDER BY id LIMIT 100`, ticket))
	return out, err
}
