package acts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

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
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 3)
	if err != nil {
		return err
	}
	err = s.base.Write(ctx, func(t sql.Tx) error {
		count := base.Tally{}
		d, err := s.plans.Carry(ctx, t, []domain.Command{commands.ReleaseMessage{Message: id, Actor: who}}, ids[:1], now, count)
		if err != nil {
			return err
		}
		lessons, err := s.learned(d.Known.Messages[id], learn, ids[1], ids[2], now, who)
		if err != nil {
			return err
		}
		return t.Run(ctx, slices.Concat(d.Calls, lessons, []sql.Call{count.Call()})...)
	})
	if err != nil {
		return fmt.Errorf("releasing message %d: %w", id, err)
	}
	return nil
}

// Dismiss drops a parked message after a person has looked at it. Its original expires like that of
// any decided one. ErrNotFound: it is not parked.
func (s *Store) Dismiss(ctx context.Context, id int64, now time.Time, who string) error {
	if err := s.plans.Act(ctx, commands.DismissMessage{Message: id, Actor: who}, now); err != nil {
		return fmt.Errorf("dismissing message %d: %w", id, err)
	}
	return nil
}

// TakeOut takes a message out of the ticket that it continued: it is decided anew, apart from that ticket. ErrNotFound: it continues
// none, has no original any more, or is what the ticket is about.
func (s *Store) TakeOut(ctx context.Context, id int64, now time.Time, who string) error {
	if err := s.plans.Act(ctx, commands.TakeOutMessage{Message: id, Actor: who}, now); err != nil {
		return fmt.Errorf("taking message %d out of its ticket: %w", id, err)
	}
	return nil
}

// CloseTicket closes an open ticket. ErrNotFound: there is no such open ticket.
func (s *Store) CloseTicket(ctx context.Context, id int64, now time.Time, who string) error {
	if err := s.plans.Act(ctx, commands.CloseTicket{Ticket: id, Actor: who}, now); err != nil {
		return fmt.Errorf("closing ticket %d: %w", id, err)
	}
	return nil
}

// Looked writes into the journal that somebody has read a message's original, or a file of it.
func (s *Store) Looked(ctx context.Context, message int64, what string, now time.Time, who string) error {
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 1)
	if err != nil {
		return err
	}
	if err := s.base.Write(ctx, func(t sql.Tx) error { return t.Run(ctx, base.Note(ids[0], now, who, "look", message, 0, what)) }); err != nil {
		return fmt.Errorf("noting who read message %d: %w", message, err)
	}
	return nil
}
