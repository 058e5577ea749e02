package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

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
		count := tally{}
		d, err := s.carry(ctx, t, []domain.Command{domain.ReleaseMessage{Message: id, Actor: who}}, ids[:1], now, count)
		if err != nil {
			return err
		}
		lessons, err := s.learned(d.known.Messages[id], learn, ids[1], ids[2], now, who)
		if err != nil {
			return err
		}
		return t.run(ctx, slices.Concat(d.calls, lessons, []call{count.call()})...)
	})
	if err != nil {
		return fmt.Errorf("releasing message %d: %w", id, err)
	}
	return nil
}

// Dismiss drops a parked message after a person has looked at it. Its original expires like that of
// any decided one. ErrNotFound: it is not parked.
func (s *Store) Dismiss(ctx context.Context, id int64, now time.Time, who string) error {
	if err := s.act(ctx, domain.DismissMessage{Message: id, Actor: who}, now); err != nil {
		return fmt.Errorf("dismissing message %d: %w", id, err)
	}
	return nil
}

// TakeOut takes a message out of the ticket that it continued: it is decided anew, apart from that ticket. ErrNotFound: it continues
// none, has no original any more, or is what the ticket is about.
func (s *Store) TakeOut(ctx context.Context, id int64, now time.Time, who string) error {
	if err := s.act(ctx, domain.TakeOutMessage{Message: id, Actor: who}, now); err != nil {
		return fmt.Errorf("taking message %d out of its ticket: %w", id, err)
	}
	return nil
}

// CloseTicket closes an open ticket. ErrNotFound: there is no such open ticket.
func (s *Store) CloseTicket(ctx context.Context, id int64, now time.Time, who string) error {
	if err := s.act(ctx, domain.CloseTicket{Ticket: id, Actor: who}, now); err != nil {
		return fmt.Errorf("closing ticket %d: %w", id, err)
	}
	return nil
}
