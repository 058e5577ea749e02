package acts

import (
	"context"
	"fmt"
	"time"

	"frontdesk/pipeline/domain/commands"
)

// Undismiss sets a dismissed message aside again, for the cause for which it was, as long as its original is here: without it
// nothing could be decided anew. ErrNotFound: it is not dismissed, was dismissed by nobody, or has no original any more.
func (s *Store) Undismiss(ctx context.Context, id int64, now time.Time, who string) error {
	if err := s.plans.Act(ctx, commands.UndismissMessage{Message: id, Actor: who}, now); err != nil {
		return fmt.Errorf("taking back the dismissal of message %d: %w", id, err)
	}
	return nil
}

// ReopenTicket takes the closing of a ticket by a person back: it is open again, and what its closing has settled counts again
// from when it was due. ErrNotFound: it is not closed, or no person has closed it.
func (s *Store) ReopenTicket(ctx context.Context, id int64, now time.Time, who string) error {
	if err := s.plans.Act(ctx, commands.ReopenTicket{Ticket: id, Actor: who}, now); err != nil {
		return fmt.Errorf("reopening ticket %d: %w", id, err)
	}
	return nil
}
