package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain"
)

// note is one line of the journal: what a person did.
func note(id int64, now time.Time, who, act string, message, ticket int64, detail string) call {
	return do(`INSERT INTO journal (id, at, who, act, message, ticket, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		id, micros(now), clean(who), act, message, ticket, clean(detail))
}

// Release lets a parked message out: it is undecided again, marked as released, and decided anew
// from its original. Where it was parked as a machine's, its sender is let in from now on, or, where it has none,
// whatever has its subject. ErrNotFound: it is not parked.
func (s *Store) Release(ctx context.Context, id int64, now time.Time, who string) error {
	err := s.ReleaseLearning(ctx, id, LearnSender, now, who)
	if errors.Is(err, ErrLearn) {
		err = s.ReleaseLearning(ctx, id, LearnSubject, now, who)
	}
	if errors.Is(err, ErrLearn) {
		err = s.ReleaseLearning(ctx, id, LearnNothing, now, who)
	}
	return err
}

// ReleaseLearning is Release with what is to be learned from it. ErrLearn: the message has nothing of that kind.
func (s *Store) ReleaseLearning(ctx context.Context, id int64, learn Learn, now time.Time, who string) error {
	ids, err := s.sequences.takeAll(ctx, sequenceOther, 3)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(t tx) error {
		var was lesson
		cause, err := unpark(ctx, t, id, `DELETE FROM messages WHERE id = $1 AND state = 'parked' RETURNING cause, inbox, sender_kind, sender_value, subject`,
			&was.inbox, &was.from.Kind, &was.from.Value, &was.subject)
		if err != nil {
			return err
		}
		was.cause = cause
		lessons, err := s.learned(was, learn, ids[1], ids[2], id, now, who)
		if err != nil {
			return err
		}
		return reopen(ctx, t, id, cause, true, note(ids[0], now, who, "release", id, 0, cause), now, lessons...)
	})
	if err != nil {
		return fmt.Errorf("releasing message %d: %w", id, err)
	}
	return nil
}

// unpark changes a parked message by the statement, and returns the cause for which it was parked; further columns
// that the statement returns go into more.
func unpark(ctx context.Context, t tx, id int64, statement string, more ...any) (cause string, err error) {
	return unparkBy(ctx, t, statement, []any{id}, more...)
}

func unparkBy(ctx context.Context, t tx, statement string, args []any, more ...any) (cause string, err error) {
	found := false
	err = t.run(ctx, ask(func(row scanner) error {
		found = true
		return row.Scan(append([]any{&cause}, more...)...)
	}, statement, args...))
	if err == nil && !found {
		err = ErrNotFound
	}
	return cause, err
}

// Dismiss drops a parked message after a person has looked at it. Its original expires like that of
// any decided one. ErrNotFound: it is not parked.
func (s *Store) Dismiss(ctx context.Context, id int64, now time.Time, who string) error {
	ids, err := s.sequences.takeAll(ctx, sequenceOther, 1)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(t tx) error {
		cause, err := unparkBy(ctx, t, `UPDATE messages SET state = 'dismissed', expires_at = $2 WHERE id = $1 AND state = 'parked' RETURNING cause`,
			[]any{id, micros(now.Add(s.retention))})
		if err != nil {
			return err
		}
		count := tally{}
		count.move("message", string(pipeline.Parked), string(pipeline.Dismissed))
		count.move("parked", cause, "")
		return t.run(ctx, note(ids[0], now, who, "dismiss", id, 0, cause), count.call())
	})
	if err != nil {
		return fmt.Errorf("dismissing message %d: %w", id, err)
	}
	return nil
}

// CloseTicket closes an open ticket. ErrNotFound: there is no such open ticket.
func (s *Store) CloseTicket(ctx context.Context, id int64, now time.Time, who string) error {
	ids, err := s.sequences.takeAll(ctx, sequenceOther, 1)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(t tx) error {
		var changed int64
		if err := t.run(ctx, call{text: `UPDATE tickets SET status = 'closed', version = version + 1 WHERE id = $1 AND status = 'open'`,
			args: []any{id}, done: &changed}); err != nil {
			return err
		}
		if changed == 0 {
			return ErrNotFound
		}
		count := tally{}
		count.move("ticket", "open", "closed")
		owed := promises{count: count}
		onClose := func(p domain.Promise) (domain.Promise, bool) { return domain.OnClose(p, now) }
		if err := owed.each(ctx, t, onClose, promisesOfTicket, id); err != nil {
			return err
		}
		return t.run(ctx, owed.call(), note(ids[0], now, who, "close", 0, id, ""), indexAnew(id), count.call())
	})
	if err != nil {
		return fmt.Errorf("closing ticket %d: %w", id, err)
	}
	return nil
}
